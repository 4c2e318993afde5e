/** Where our fills stand on the price chart: one arrow a side for so many bars as have room for one. */
import type { Bars, Digits, Fill, Side } from "./protocol";

export interface Mark {
  /** The close of the bar that the fills fell into, or most of them. */
  time_ns: Digits;
  side: Side;
  quantity: number;
}

/** Returns an instrument's fills summed by side over every `together` bars, oldest first; fills outside the bars held are left out. */
export function marks(fills: readonly Fill[], bars: Bars, together = 1): Mark[] {
  const found = new Map<string, Mark>();
  for (const mark of byBar(fills, bars)) {
    const group = BigInt(mark.time_ns) / BigInt(bars.interval_ns) / BigInt(together);
    const key = `${group} ${mark.side}`;
    const held = found.get(key);
    if (!held) found.set(key, { ...mark });
    else found.set(key, { ...(mark.quantity > held.quantity ? mark : held), quantity: held.quantity + mark.quantity });
  }
  return [...found.values()].sort((a, b) => (BigInt(a.time_ns) < BigInt(b.time_ns) ? -1 : BigInt(a.time_ns) > BigInt(b.time_ns) ? 1 : a.side < b.side ? -1 : 1));
}

function byBar(fills: readonly Fill[], bars: Bars): Iterable<Mark> {
  const oldest = bars.items[0];
  const newest = bars.items.at(-1);
  if (!oldest || !newest) return [];
  const interval = BigInt(bars.interval_ns);
  const from = BigInt(oldest.time_ns) - interval;
  const until = BigInt(newest.time_ns);
  const found = new Map<string, Mark>();
  for (const fill of fills) {
    const time = BigInt(fill.time_ns);
    if (time < from || time >= until) continue;
    const close = ((time / interval) * interval + interval).toString();
    const key = `${close} ${fill.side}`;
    const mark = found.get(key);
    if (mark) mark.quantity += fill.quantity;
    else found.set(key, { time_ns: close, side: fill.side, quantity: fill.quantity });
  }
  return found.values();
}
