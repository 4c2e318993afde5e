/** Brings a view up to date. Changed sections become new objects, so that a reader sees by identity what changed. */
import type { Bars, Changed, Tail, TailDelta, View } from "./protocol";

/** Returns the list after a delta, by the rule of the control protocol. */
export function extend<T>(held: Tail<T>, delta: TailDelta<T>): Tail<T> {
  const end = held.first + held.items.length;
  const joins = delta.from >= held.first && delta.from <= end;
  const kept = joins ? held.items.slice(0, delta.from - held.first) : [];
  const start = joins ? held.first : delta.from;
  const items = [...kept, ...delta.items];
  return { first: Math.max(delta.first, start), items: items.slice(Math.max(0, delta.first - start)) };
}

/** Returns the view after a delta; sections that it doesn't name stay the same objects. */
export function apply(view: View, changed: Changed): View {
  const { fills, equity, bars, ...replaced } = changed;
  const next: View = { ...view, ...replaced };
  if (fills) next.fills = extend(view.fills, fills);
  if (equity) next.equity = extend(view.equity, equity);
  if (bars) next.bars = applyBars(view.bars, bars);
  return next;
}

function applyBars(held: View["bars"], changed: NonNullable<Changed["bars"]>): View["bars"] {
  const next = { ...held };
  for (const [instrument, delta] of Object.entries(changed)) {
    if (delta === null) {
      delete next[instrument];
      continue;
    }
    const before: Bars = next[instrument] ?? { interval_ns: delta.interval_ns, first: delta.from, items: [] };
    next[instrument] = { interval_ns: delta.interval_ns, ...extend(before, delta) };
  }
  return next;
}
