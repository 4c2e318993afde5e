/** Where our fills stand on the price chart: one arrow a side for so many bars as have room for one. */
import type { Bars, Digits, Fill, Side } from "./protocol";

export interface Mark {
  /** The close of the bar that the fills fell into, or most of them. */
  time_ns: Digits;
  side: Side;
  quantity: number;
}

/**
 * Returns an instrument's fills summed by side over every `together` bars, oldest first. Both lists are in the order of
 * time, and times are digits of one length, so that they compare as text. Fills outside the bars held are left out.
 */
export function marks(fills: readonly Fill[], bars: Bars, together = 1): Mark[] {
  const found = new Map<string, { sum: Mark; most: number; inBar: Mark }>();
  for (const { fill, place } of placed(fills, bars)) {
    const bar = bars.items[place]!;
    const key = `${Math.floor((bars.first + place) / together)} ${fill.side}`;
    const group = found.get(key) ?? { sum: mark(bar.time_ns, fill.side), most: 0, inBar: mark(bar.time_ns, fill.side) };
    found.set(key, group);
    if (group.inBar.time_ns !== bar.time_ns) group.inBar = mark(bar.time_ns, fill.side);
    group.inBar.quantity += fill.quantity;
    group.sum.quantity += fill.quantity;
    if (group.inBar.quantity > group.most) [group.most, group.sum.time_ns] = [group.inBar.quantity, bar.time_ns];
  }
  const sums = [...found.values()].map((group) => group.sum);
  return sums.sort((a, b) => (a.time_ns < b.time_ns ? -1 : a.time_ns > b.time_ns ? 1 : a.side < b.side ? -1 : 1));
}

const mark = (time_ns: Digits, side: Side): Mark => ({ time_ns, side, quantity: 0 });

/** Yields each fill with the place of its bar: the first that closes at its time or later, if that had begun by then. */
function* placed(fills: readonly Fill[], bars: Bars): Iterable<{ fill: Fill; place: number }> {
  let place = 0;
  for (const fill of fills) {
    while (place < bars.items.length && bars.items[place]!.time_ns < fill.time_ns) place += 1;
    const bar = bars.items[place];
    if (!bar) return;
    if (BigInt(fill.time_ns) >= BigInt(bar.time_ns) - BigInt(bars.interval_ns)) yield { fill, place };
  }
}
