/** Where our fills stand on the price chart: one arrow a side for so many bars as have room for one. */
import type { Bars, Digits, Fill, Side, Tail } from "./protocol";

export interface Mark {
  /** The close of the bar that the fills fell into, or most of them. */
  time_ns: Digits;
  side: Side;
  quantity: number;
}

/** Keeps the fills that this page has seen by instrument, as the node's list holds the newest of all instruments only. */
export class FillBook {
  /** A chart needs no more of one instrument. */
  static readonly MOST = 2_000;
  #next = 0;
  readonly #held = new Map<number, Fill[]>();

  /** Takes what is new; a list that begins again is another run's. */
  take(fills: Tail<Fill>): void {
    const end = fills.first + fills.items.length;
    if (end < this.#next) {
      this.#held.clear();
      this.#next = 0;
    }
    for (const fill of fills.items.slice(Math.max(0, this.#next - fills.first))) this.#put(fill);
    this.#next = end;
  }

  of(instrument: number): readonly Fill[] {
    return this.#held.get(instrument) ?? [];
  }

  #put(fill: Fill): void {
    const held = this.#held.get(fill.instrument);
    if (!held) this.#held.set(fill.instrument, [fill]);
    else if (held.push(fill) > 2 * FillBook.MOST) held.splice(0, FillBook.MOST);
  }
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
