/** Exact decimals: a whole count of 10^-scale. No float stands between the node's text and the screen. */

export interface Decimal {
  readonly count: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { count: 0n, scale: 0 };
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** Parses plain decimal text such as `-12.50`. Throws on anything else. */
export function parse(text: string): Decimal {
  const match = FORM.exec(text);
  const whole = match?.[2] ?? "";
  const fraction = match?.[3] ?? "";
  if (!match || whole + fraction === "") throw new Error(`expected a decimal number such as 12.5, found "${text}"`);
  const count = BigInt(whole + fraction);
  return { count: match[1] === "-" ? -count : count, scale: fraction.length };
}

/** Returns the same value with `scale` decimals, which must not be fewer than it has. */
function widen(value: Decimal, scale: number): bigint {
  return value.count * 10n ** BigInt(scale - value.scale);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { count: widen(a, scale) + widen(b, scale), scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { count: -b.count, scale: b.scale });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { count: a.count * b.count, scale: a.scale + b.scale };
}

/** Sums money texts exactly. */
export function sum(texts: Iterable<string>): Decimal {
  let total = ZERO;
  for (const text of texts) total = add(total, parse(text));
  return total;
}

/** Returns the value with exactly `places` decimals, rounded half to even where it has more. */
export function round(value: Decimal, places: number): Decimal {
  if (value.scale <= places) return { count: widen(value, places), scale: places };
  const power = 10n ** BigInt(value.scale - places);
  const magnitude = value.count < 0n ? -value.count : value.count;
  const twice = (magnitude % power) * 2n;
  let count = magnitude / power;
  if (twice > power || (twice === power && count % 2n === 1n)) count += 1n;
  return { count: value.count < 0n ? -count : count, scale: places };
}

/** Returns plain text without loss: `-12.50`. */
export function text(value: Decimal): string {
  const digits = (value.count < 0n ? -value.count : value.count).toString().padStart(value.scale + 1, "0");
  const split = digits.length - value.scale;
  const sign = value.count < 0n ? "-" : "";
  return value.scale === 0 ? sign + digits : `${sign}${digits.slice(0, split)}.${digits.slice(split)}`;
}

/** Returns the fewest decimals that show the value exactly. */
export function places(value: Decimal): number {
  let { count, scale } = value;
  while (scale > 0 && count % 10n === 0n) {
    count /= 10n;
    scale -= 1;
  }
  return scale;
}

/** Returns the nearest float: for drawing a curve, never for text. */
export function toNumber(value: Decimal): number {
  return Number(text(value));
}

export function sign(value: Decimal): -1 | 0 | 1 {
  return value.count < 0n ? -1 : value.count > 0n ? 1 : 0;
}
