/** What both charts share: colours from the page's own tokens, axes in UTC. */
import { ColorType, CrosshairMode, type ChartOptions, type DeepPartial, type UTCTimestamp } from "lightweight-charts";
import { millis } from "./format";
import type { Digits } from "./protocol";

/** A point further back than this is let go: a chart slows with its length. */
export const POINTS_MOST = 5_000;

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
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: true, rightOffset: 3 },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: token("faint"), labelBackgroundColor: token("line-strong") },
      horzLine: { color: token("faint"), labelBackgroundColor: token("line-strong") },
    },
  };
}
