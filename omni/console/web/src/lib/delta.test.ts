import { describe, expect, it } from "vitest";
import { apply, extend } from "./delta";
import type { Bar, Fill, Tail, TailDelta, View } from "./protocol";

const tail = (first: number, ...items: number[]): Tail<number> => ({ first, items });
const delta = (first: number, from: number, ...items: number[]): TailDelta<number> => ({ first, from, items });

describe("extend", () => {
  it("appends at the end", () => {
    expect(extend(tail(0, 10, 11), delta(0, 2, 12))).toEqual(tail(0, 10, 11, 12));
  });

  it("replaces what is told again from the middle on", () => {
    expect(extend(tail(0, 10, 11, 12), delta(0, 1, 21, 22, 23))).toEqual(tail(0, 10, 21, 22, 23));
  });

  it("lets go of everything below first", () => {
    expect(extend(tail(3, 13, 14, 15), delta(5, 6, 16))).toEqual(tail(5, 15, 16));
  });

  it("starts over where the items don't join, after a gap and before the start", () => {
    expect(extend(tail(0, 10, 11), delta(7, 7, 17, 18))).toEqual(tail(7, 17, 18));
    expect(extend(tail(9, 19), delta(2, 2, 12, 13))).toEqual(tail(2, 12, 13));
  });

  it("equals a plain list of the newest items however the stream is cut", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = generator(seed);
      let held = tail(0);
      let total = 0;
      for (let step = 0; step < 30; step += 1) {
        const from = total;
        total += random(7);
        const first = Math.max(0, total - 10);
        const start = Math.max(from, first);
        held = extend(held, delta(first, start, ...range(start, total)));
        expect(held, `seed ${seed} step ${step}`).toEqual(tail(first, ...range(first, total)));
      }
    }
  });
});

describe("apply", () => {
  const bar = (close: number): Bar => ({ time_ns: String(close), open: 1, high: 1, low: 1, close, volume: 1 });
  const view = { clock: { seq: 1 }, kill: { on: false }, fills: tail(0), equity: tail(0), bars: {}, watched_fills: {} } as unknown as View;

  it("replaces named sections whole and keeps the identity of the others", () => {
    const next = apply(view, { kill: { on: true, reason: "drill", since_ns: "5" } });
    expect(next.kill.on).toBe(true);
    expect(next.clock).toBe(view.clock);
    expect(next.fills).toBe(view.fills);
    expect(view.kill.on).toBe(false);
  });

  it("adds, extends and removes an instrument's bars", () => {
    const one = apply(view, { bars: { 7: { interval_ns: 60, first: 4, from: 4, items: [bar(1)] } } });
    const two = apply(one, { bars: { 7: { interval_ns: 60, first: 4, from: 5, items: [bar(2)] } } });
    expect(two.bars[7]?.items.map((b) => b.close)).toEqual([1, 2]);
    expect(two.bars[7]?.interval_ns).toBe(60);
    expect(apply(two, { bars: { 7: null } }).bars).toEqual({});
  });

  it("does the same for an instrument's fills", () => {
    const fill = (index: number) => ({ index }) as Fill;
    const one = apply(view, { watched_fills: { 7: { first: 0, from: 0, items: [fill(3)] } } });
    const two = apply(one, { watched_fills: { 7: { first: 0, from: 1, items: [fill(9)] }, 8: { first: 0, from: 0, items: [] } } });
    expect(two.watched_fills).toEqual({ 7: { first: 0, items: [fill(3), fill(9)] }, 8: { first: 0, items: [] } });
    expect(apply(two, { watched_fills: { 7: null } }).watched_fills).toEqual({ 8: { first: 0, items: [] } });
  });
});

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
