/** Numbers as a trader reads them: grouped, aligned, exact. */
import { type Decimal, multiply, parse, places, round, sign, text } from "./decimal";
import type { Digits, Instrument } from "./protocol";

const MINUS = "\u2212";
const NONE = "\u2013";

/** How an instrument's counts are shown. */
export interface Units {
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Decimals of a price on tick. */
  readonly places: number;
  /** Symbol and venue. */
  readonly label: string;
  readonly symbol: string;
}

export function unitsOf(instrument: Instrument): Units {
  const price = parse(instrument.price_unit);
  const tick = multiply(price, { count: BigInt(instrument.tick), scale: 0 });
  const venue = instrument.venue === "" ? "" : `.${instrument.venue}`;
  return { price, quantity: parse(instrument.quantity_unit), places: Math.max(places(tick), Math.min(2, price.scale)), label: instrument.symbol + venue, symbol: instrument.symbol };
}

function grouped(plain: string): string {
  const negative = plain.startsWith("-");
  const [whole = "", fraction] = (negative ? plain.slice(1) : plain).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return (negative ? MINUS : "") + spaced + (fraction === undefined ? "" : `.${fraction}`);
}

/** Shows a whole count of price units, exactly; `null` is a dash. */
export function price(count: number | null, units: Units): string {
  if (count === null) return NONE;
  if (!Number.isInteger(count)) return averagePrice(count, units);
  const value = multiply({ count: BigInt(count), scale: 0 }, units.price);
  return grouped(text(round(value, Math.max(units.places, places(value)))));
}

/** Shows a fractional number of price units with two decimals more than a tick has. */
export function averagePrice(count: number | null, units: Units): string {
  if (count === null) return NONE;
  const value = multiply(parse(count.toFixed(6)), units.price);
  return grouped(text(round(value, units.places + 2)));
}

/** Shows a whole count of quantity units, exactly. */
export function quantity(count: number, units: Units): string {
  const value = multiply({ count: BigInt(count), scale: 0 }, units.quantity);
  return grouped(text(round(value, places(value))));
}

/** Shows money with two decimals (half to even); the exact text stays in the element's title. */
export function money(value: string | Decimal, decimals = 2): string {
  return grouped(text(round(typeof value === "string" ? parse(value) : value, decimals)));
}

/** Shows money with its sign, which says gain or loss without colour. */
export function signed(value: string | Decimal, decimals = 2): string {
  const exact = typeof value === "string" ? parse(value) : value;
  const rounded = round(exact, decimals);
  return (sign(rounded) > 0 ? "+" : "") + money(rounded, decimals);
}

/** Returns the tone of a gain or loss. */
export function tone(value: string | Decimal): "up" | "down" | "flat" {
  const direction = sign(typeof value === "string" ? parse(value) : value);
  return direction > 0 ? "up" : direction < 0 ? "down" : "flat";
}

/** Shows a whole number, grouped. */
export function count(value: number): string {
  return grouped(String(Math.round(value)));
}

/** Shows a number of things: `1 order`, `2 orders`. */
export function plural(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? "" : "s"}`;
}

/** Shows a rate in three or four characters: `65.2k`. */
export function rate(value: number): string {
  if (value < 1_000) return String(Math.round(value));
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 100_000 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(2)}M`;
}

/** Shows a duration of nanoseconds with its unit: `980 ns`, `2.1 µs`. */
export function duration(ns: number): string {
  if (ns < 1_000) return `${Math.round(ns)} ns`;
  const steps: [number, string][] = [[1_000, "\u00b5s"], [1_000_000, "ms"], [1_000_000_000, "s"]];
  const [divisor, unit] = steps.findLast(([limit]) => ns >= limit) ?? steps[0]!;
  const scaled = ns / divisor;
  return `${scaled >= 10 ? Math.round(scaled) : scaled.toFixed(1)} ${unit}`;
}

/** Names a bar's length: `1 min`, `15 s`. */
export function interval(ns: number): string {
  const seconds = ns / 1_000_000_000;
  if (seconds >= 3_600 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return seconds >= 1 ? `${Number(seconds.toFixed(3))} s` : duration(ns);
}

/** Returns milliseconds since 1970, for a chart's axis. */
export function millis(ns: Digits): number {
  return Number(BigInt(ns) / 1_000_000n);
}

/** Shows the time of day in UTC: `09:30:00`, or with milliseconds. */
export function clockTime(ns: Digits, withMillis = false): string {
  return new Date(millis(ns)).toISOString().slice(11, withMillis ? 23 : 19);
}

export function clockDate(ns: Digits): string {
  return new Date(millis(ns)).toISOString().slice(0, 10);
}

/** Shows how fast simulated time runs. */
export function speed(multiple: number | null): string {
  if (multiple === null) return "max";
  return `${multiple >= 10 ? grouped(String(Math.round(multiple))) : Number(multiple.toFixed(2))}\u00d7`;
}
