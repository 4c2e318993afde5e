/** What both charts share: colours from the page's own tokens, axes in UTC. */
import { ColorType, CrosshairMode, type ChartOptions, type DeepPartial, type UTCTimestamp } from "lightweight-charts";
import { millis } from "./format";
import type { Digits, Tail } from "./protocol";

/** A point further back than this is let go: a chart slows with its length. */
export const POINTS_MOST = 5_000;

/** What of a list is on a chart: items `start` to `end`, the last of them at this time. */
export interface Drawn {
  key: string;
  start: number;
  end: number;
  newest_ns: Digits;
}

/** Returns the items to append, or null where the chart must be drawn anew: another list, a gap, or too long by now. */
export function toAppend<T extends { time_ns: Digits }>(drawn: Drawn | undefined, key: string, list: Tail<T>): T[] | null {
  const end = list.first + list.items.length;
  if (drawn?.key !== key || end - drawn.start > POINTS_MOST) return null;
  const joins = list.items[drawn.end - 1 - list.first]?.time_ns === drawn.newest_ns;
  return joins ? list.items.slice(drawn.end - list.first) : null;
}

/** Returns the items that a chart starts with: not all it can hold, so that it isn't drawn anew with each further one. */
export function toStart<T>(list: Tail<T>): T[] {
  return list.items.slice(-Math.round(POINTS_MOST * 0.9));
}

export function drawnOf<T extends { time_ns: Digits }>(before: Drawn | undefined, key: string, list: Tail<T>, restarted: boolean): Drawn {
  const end = list.first + list.items.length;
  const start = restarted || !before ? end - toStart(list).length : before.start;
  return { key, start, end, newest_ns: list.items.at(-1)?.time_ns ?? "" };
}

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function seconds(ns: Digits): UTCTimestamp {
  return (millis(ns) / 1_000) as UTCTimestamp;
}

export function options(): DeepPartial<ChartOptions> {
  const line = token("line");
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: token("muted"),
      fontFamily: "Inter, system-ui, sans-serif",
      fontSize: 11,
      attributionLogo: false,
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.1 } },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: true, rightOffsetPixels: 20 },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: token("faint"), labelBackgroundColor: token("line-strong") },
      horzLine: { color: token("faint"), labelBackgroundColor: token("line-strong") },
    },
  };
}
