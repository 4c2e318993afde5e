/** Brings a view up to date. Changed sections become new objects, so that a reader sees by identity what changed. */
import type { Changed, Tail, TailDelta, View } from "./protocol";

/** Returns the list after a delta, by the rule of the control protocol; a new one starts empty. */
export function extend<T>(held: Tail<T> | undefined, delta: TailDelta<T>): Tail<T> {
  if (!held) return { first: delta.first, items: delta.items };
  const end = held.first + held.items.length;
  const joins = delta.from >= held.first && delta.from <= end;
  const kept = joins ? held.items.slice(0, delta.from - held.first) : [];
  const start = joins ? held.first : delta.from;
  const items = [...kept, ...delta.items];
  return { first: Math.max(delta.first, start), items: items.slice(Math.max(0, delta.first - start)) };
}

/** Returns the view after a delta; sections that it doesn't name stay the same objects. */
export function apply(view: View, changed: Changed): View {
  const { fills, equity, bars, watched_fills, ...replaced } = changed;
  const next: View = { ...view, ...replaced };
  if (fills) next.fills = extend(view.fills, fills);
  if (equity) next.equity = extend(view.equity, equity);
  if (bars) next.bars = byInstrument(view.bars, bars, (held, delta) => ({ interval_ns: delta.interval_ns, ...extend(held, delta) }));
  if (watched_fills) next.watched_fills = byInstrument(view.watched_fills, watched_fills, (held, delta) => extend(held, delta));
  return next;
}

/** Brings lists by instrument up to date; `null` removes one. */
function byInstrument<L, D>(held: Record<string, L>, changed: Record<string, D | null>, join: (held: L | undefined, delta: D) => L): Record<string, L> {
  const next = { ...held };
  for (const [instrument, delta] of Object.entries(changed)) {
    if (delta === null) delete next[instrument];
    else next[instrument] = join(next[instrument], delta);
  }
  return next;
}
