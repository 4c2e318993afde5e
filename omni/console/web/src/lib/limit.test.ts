import { expect, test } from "vitest";
import { use } from "./limit";

test("a limit's use is a part of it, with a level that a person acts on", () => {
  expect(use("250.50", "1002.00")).toEqual({ part: 0.25, level: "calm", text: "25%" });
  expect(use(3, 4)).toEqual({ part: 0.75, level: "near", text: "75%" });
  expect(use("1000", "1000")).toEqual({ part: 1, level: "full", text: "100%" });
});

test("what is beyond a limit is drawn full and told in numbers", () => {
  expect(use("1500", "1000")).toEqual({ part: 1, level: "full", text: "150%" });
});

test("little is not nothing, and a limit of zero is used up by anything", () => {
  expect(use("0.01", "1000000").text).toBe("<0.1%");
  expect(use("0", "1000000").text).toBe("0.0%");
  expect(use("0", "0")).toMatchObject({ part: 0, level: "calm" });
  expect(use("1", "0")).toMatchObject({ part: 1, level: "full" });
});

test("a profit is no use of the drawdown limit", () => {
  expect(use("-5", "10")).toMatchObject({ part: 0, level: "calm" });
});
