import { describe, expect, it } from "vitest";
import { add, parse, round, sum, text } from "./decimal";
import * as format from "./format";
import type { Instrument } from "./protocol";

const units = (price_unit: string, tick = 1, quantity_unit = "1") =>
  format.unitsOf({ symbol: "ES", venue: "XCME", price_unit, quantity_unit, tick } as Instrument);

describe("prices", () => {
  it("show exactly what the counts say", () => {
    expect(format.price(15025, units("0.01"))).toBe("150.25");
    expect(format.price(19241, units("0.25"))).toBe("4,810.25");
    expect(format.price(19240, units("0.25"))).toBe("4,810.00");
    expect(format.price(-3, units("0.01"))).toBe("\u22120.03");
    expect(format.price(null, units("0.01"))).toBe("\u2013");
  });

  it("keep decimals finer than the tick where a price has them", () => {
    expect(format.price(1502500, units("0.0001", 100))).toBe("150.25");
    expect(format.price(1502501, units("0.0001", 100))).toBe("150.2501");
  });

  it("don't drift where a float would", () => {
    expect(0.1 * 3).not.toBe(0.3);
    expect(format.price(3, units("0.1"))).toBe("0.3");
    expect(format.price(9007199254740991, units("0.000000000001"))).toBe("9,007.199254740991");
  });

  it("are the exact product for every count, at any unit", () => {
    for (let places = 0; places <= 8; places += 1) {
      const unit = places === 0 ? "1" : `0.${"0".repeat(places - 1)}1`;
      for (let n = 1; n < 5_000_000; n = n * 3 + 7) {
        const shown = format.price(n, units(unit)).replaceAll(",", "");
        expect(BigInt(shown.replace(".", "")) * 10n ** BigInt(places - (shown.split(".")[1]?.length ?? 0))).toBe(BigInt(n));
      }
    }
  });
});

describe("money", () => {
  it("adds exactly", () => {
    expect(text(sum(["0.1", "0.2", "-0.30000000000000000001"]))).toBe("-0.00000000000000000001");
    expect(text(add(parse("99999999999999999999.99"), parse("0.01")))).toBe("100000000000000000000.00");
  });

  it("rounds half to even on the decimal text", () => {
    for (const [value, want] of [["2.5", "2"], ["3.5", "4"], ["-2.5", "-2"], ["2.51", "3"], ["-0.4", "0"]] as const) {
      expect(text(round(parse(value), 0))).toBe(want);
    }
  });

  it("groups, and signs what is a gain or a loss", () => {
    expect(format.money("1234567.891")).toBe("1,234,567.89");
    expect(format.signed("12.5")).toBe("+12.50");
    expect(format.signed("-1000")).toBe("\u22121,000.00");
    expect(format.signed("0.001")).toBe("0.00");
    expect(format.tone("-0.01")).toBe("down");
  });

  it("refuses what isn't a plain decimal", () => {
    for (const bad of ["", ".", "-", "1e5", "NaN", "1,000", "1.2.3"]) expect(() => parse(bad)).toThrow(/decimal/);
  });
});

describe("time and rates", () => {
  it("keep nanosecond texts whole", () => {
    expect(format.clockTime("1748871000123999999", true)).toBe("13:30:00.123");
    expect(format.clockDate("1748871000000000000")).toBe("2025-06-02");
  });

  it("name their unit", () => {
    expect(["240", "980.4", "2100", "18000", "250000", "3200000", "12000000000"].map((n) => format.duration(Number(n)))).toEqual([
      "240 ns", "980 ns", "2.1 \u00b5s", "18 \u00b5s", "250 \u00b5s", "3.2 ms", "12 s",
    ]);
    expect([60e9, 300e9, 3600e9, 1e9, 90e9, 250e6].map(format.interval)).toEqual(["1 min", "5 min", "1 h", "1 s", "90 s", "250 ms"]);
    expect([512, 65_240, 650_000, 4_100_000].map(format.rate)).toEqual(["512", "65.2k", "650k", "4.10M"]);
    expect([1, 0.5, 400, 23_400, null].map(format.speed)).toEqual(["1\u00d7", "0.5\u00d7", "400\u00d7", "23,400\u00d7", "max"]);
  });
});
