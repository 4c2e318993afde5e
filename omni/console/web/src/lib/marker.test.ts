import { expect, it } from "vitest";
import { marks } from "./marker";
import type { Bars, Fill } from "./protocol";

const MINUTE = 60_000_000_000n;
const START = 1_748_871_000_000_000_000n;
const at = (minute: bigint, ns = 0n) => (START + minute * MINUTE + ns).toString();
const bars = { interval_ns: Number(MINUTE), first: 0, items: [1n, 2n, 3n].map((m) => ({ time_ns: at(m), open: 1, high: 1, low: 1, close: 1, volume: 1 })) } as Bars;
const fill = (time_ns: string, side: string, quantity: number, instrument = 7) => ({ time_ns, side, quantity, instrument }) as Fill;

it("sums the fills of a bar by side and puts them at its close", () => {
  const found = marks([fill(at(0n, 1n), "buy", 10), fill(at(0n, 9n), "sell", 1), fill(at(0n, MINUTE - 1n), "buy", 5), fill(at(1n, 1n), "sell", 7)], bars);
  expect(found).toEqual([
    { time_ns: at(1n), side: "buy", quantity: 15 },
    { time_ns: at(1n), side: "sell", quantity: 1 },
    { time_ns: at(2n), side: "sell", quantity: 7 },
  ]);
});

it("puts a fill at the moment of a bar's close into that bar, as fills on recorded bars are", () => {
  expect(marks([fill(at(2n), "buy", 3), fill(at(3n), "buy", 4)], bars).map((m) => [m.time_ns, m.quantity])).toEqual([
    [at(2n), 3],
    [at(3n), 4],
  ]);
});

it("finds the bar also where closes are at no multiple of the interval", () => {
  const close = 7n;
  const odd = { ...bars, items: bars.items.map((bar) => ({ ...bar, time_ns: (BigInt(bar.time_ns) + close).toString() })) };
  expect(marks([fill(at(1n, 1n), "buy", 2), fill(at(1n, close + 1n), "buy", 5)], odd).map((m) => m.time_ns)).toEqual([at(1n, close), at(2n, close)]);
});

it("leaves out bars let go, and the bar that isn't closed yet", () => {
  expect(marks([fill(at(-1n), "buy", 1), fill(at(3n, 1n), "buy", 1)], bars)).toEqual([]);
  expect(marks([fill(at(0n), "buy", 1)], { ...bars, items: [] })).toEqual([]);
});

it("sums over neighbouring bars where there is no room for an arrow each, and loses no quantity", () => {
  const fills = [fill(at(0n, 1n), "buy", 1), fill(at(1n, 1n), "buy", 2), fill(at(1n, 2n), "sell", 3), fill(at(1n, 3n), "buy", 3), fill(at(2n, 1n), "buy", 2)];
  for (const together of [1, 2, 3, 7]) {
    const found = marks(fills, bars, together);
    const total = (side: string) => found.filter((m) => m.side === side).reduce((sum, m) => sum + m.quantity, 0);
    expect([total("buy"), total("sell")]).toEqual([8, 3]);
    expect(found.filter((m) => m.side === "buy").length).toBeLessThanOrEqual(Math.ceil(3 / together) + 1);
  }
  expect(marks(fills, bars, 1_000_000).find((m) => m.side === "buy")).toEqual({ time_ns: at(2n), side: "buy", quantity: 8 });
});
