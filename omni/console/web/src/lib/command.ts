/** What an operator can do from the page. Each returns what went wrong, or null. */
import { explain } from "./session";

async function post(path: string, body: unknown): Promise<string | null> {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.ok ? null : await explain(response);
  } catch {
    return "the console doesn't answer; `omni kill` and `omni stop` in a terminal reach the node without it";
  }
}

export const kill = (reason: string) => post("/api/kill", { reason });
export const resume = (reason: string) => post("/api/resume", { reason });
export const stop = () => post("/api/stop", {});
export const speed = (multiple: number | null) => post("/api/speed", { multiple });
export const startStrategy = (session: number) => post(`/api/strategies/${session}/start`, {});
export const stopStrategy = (session: number) => post(`/api/strategies/${session}/stop`, {});
