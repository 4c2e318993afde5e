/** Sums over the strategies' accounts, exact, one currency at a time. */
import { add, type Decimal, parse, subtract, sum } from "./decimal";
import type { Account, EquityPoint } from "./protocol";

export interface Totals {
  currency: string;
  equity: Decimal;
  realised: Decimal;
  unrealised: Decimal;
  /** Realised and unrealised, less fees. */
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
  const [equity, realised, unrealised, fees] = [total("equity"), total("realised"), total("unrealised"), total("fees")];
  const profit = subtract(add(realised, unrealised), fees);
  return { currency, equity, realised, unrealised, profit, fees, gross: total("gross_exposure"), capital: subtract(equity, profit) };
}

/** Returns what an account has made: the engine's realised profit is before fees. */
export const profitOf = (account: Account): Decimal => subtract(add(parse(account.realised), parse(account.unrealised)), parse(account.fees));

/** Returns one point of a curve as a float: for drawing only. */
export function drawnEquity(point: EquityPoint, accounts: readonly number[]): number {
  return accounts.reduce((total, account) => total + Number(point.equity[account] ?? 0), 0);
}
