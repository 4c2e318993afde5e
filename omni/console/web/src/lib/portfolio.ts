/** Sums over the strategies' accounts, exact, one currency at a time. */
import { add, type Decimal, parse, subtract, sum } from "./decimal";
import type { Account, EquityPoint } from "./protocol";

export interface Totals {
  currency: string;
  equity: Decimal;
  realised: Decimal;
  unrealised: Decimal;
  /** Realised and unrealised together. */
  profit: Decimal;
  fees: Decimal;
  gross: Decimal;
  /** What the accounts began with: equity less profit. */
  capital: Decimal;
}

export function currencies(accounts: readonly Account[]): string[] {
  return [...new Set(accounts.map((account) => account.currency))];
}

export function totals(accounts: readonly Account[], currency: string): Totals {
  const rows = accounts.filter((account) => account.currency === currency);
  const total = (field: "equity" | "realised" | "unrealised" | "fees" | "gross_exposure") => sum(rows.map((row) => row[field]));
  const [equity, realised, unrealised] = [total("equity"), total("realised"), total("unrealised")];
  const profit = add(realised, unrealised);
  return { currency, equity, realised, unrealised, profit, fees: total("fees"), gross: total("gross_exposure"), capital: subtract(equity, profit) };
}

export const profitOf = (account: Account): Decimal => add(parse(account.realised), parse(account.unrealised));

/** Returns one point of a curve as a float: for drawing only. */
export function drawnEquity(point: EquityPoint, accounts: readonly number[]): number {
  return accounts.reduce((total, account) => total + Number(point.equity[account] ?? 0), 0);
}
