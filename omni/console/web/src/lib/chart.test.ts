import { expect, it } from "vitest";
import { drawnOf, POINTS_MOST, toAppend, toStart, type Drawn } from "./chart";
import type { Tail } from "./protocol";

interface Point {
  time_ns: string;
}
const list = (first: number, end: number, base = 1_000): Tail<Point> => ({
  first,
  items: Array.from({ length: end - first }, (_, i) => ({ time_ns: String(base + first + i) })),
});
const times = (items: Point[] | null) => items?.map((item) => item.time_ns);

it("appends only what is new", () => {
  const drawn = drawnOf(undefined, "7", list(0, 3), true);
  expect(times(toAppend(drawn, "7", list(0, 5)))).toEqual(["1003", "1004"]);
  expect(toAppend(drawn, "7", list(0, 3))).toEqual([]);
});

it("starts over for another list, after a gap, and when the node began again", () => {
  const drawn = drawnOf(undefined, "7", list(0, 10), true);
  expect(toAppend(undefined, "7", list(0, 1))).toBeNull();
  expect(toAppend(drawn, "8", list(0, 11))).toBeNull();
  expect(toAppend(drawn, "7", list(12, 15))).toBeNull();
  expect(toAppend(drawn, "7", list(0, 4))).toBeNull();
  expect(toAppend(drawn, "7", list(0, 30, 5))).toBeNull();
});

it("never holds more than its window, however long the day, and seldom starts over", () => {
  let drawn: Drawn | undefined;
  let held = 0;
  let restarts = 0;
  for (let end = 1; end <= 20_000; end += 53) {
    const now = list(Math.max(0, end - POINTS_MOST), end);
    const items = toAppend(drawn, "7", now);
    held = items ? held + items.length : toStart(now).length;
    restarts += items ? 0 : 1;
    drawn = drawnOf(drawn, "7", now, items === null);
    expect(held).toBeLessThanOrEqual(POINTS_MOST);
    expect(held).toBe(drawn.end - drawn.start);
  }
  expect(restarts).toBeLessThan(40);
});
