/** How much of a limit is used. */
import { parse, toNumber } from "./decimal";

/** Where an account nears a limit, and where it has reached it. */
const NEAR = 0.75;

export interface Use {
  /** Part of the limit, 0 to 1 for drawing; a limit of zero is all used by anything. */
  part: number;
  level: "calm" | "near" | "full";
  /** `12.3%`; what is used beyond the limit shows as more than 100%. */
  text: string;
}

/** Returns how much of a limit is used; both are exact decimal texts or counts. */
export function use(value: string | number, limit: string | number): Use {
  const [used, most] = [toNumber(parse(String(value))), toNumber(parse(String(limit)))];
  const part = most > 0 ? Math.max(0, used) / most : used > 0 ? 1 : 0;
  return { part: Math.min(part, 1), level: part >= 1 ? "full" : part >= NEAR ? "near" : "calm", text: percent(part) };
}

function percent(part: number): string {
  const hundredths = part * 100;
  if (hundredths > 0 && hundredths < 0.1) return "<0.1%";
  return `${hundredths.toFixed(hundredths < 10 ? 1 : 0)}%`;
}
