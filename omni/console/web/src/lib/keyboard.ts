/** One key does one thing, except while a person types or a dialog is open. */

export type Shortcut = "instrument" | "kill" | "stop" | "help" | "theme";
export const shortcuts: Partial<Record<Shortcut, () => void>> = {};

/** Panels by number key, in reading order. */
export const PANELS = ["depth", "price", "equity", "strategies", "risk", "positions", "orders", "fills", "latency"] as const;

export const HELP: [keys: string[], meaning: string][] = [
  [["/"], "Choose an instrument"],
  [["["], "Previous instrument"],
  [["]"], "Next instrument"],
  [["K"], "Kill switch, or resume"],
  [["S"], "Stop the run"],
  [["1"], "Depth"],
  [["2"], "Price"],
  [["3"], "Equity"],
  [["4"], "Strategies"],
  [["5"], "Risk"],
  [["6"], "Positions"],
  [["7"], "Working orders"],
  [["8"], "Fills"],
  [["9"], "Latency"],
  [["T"], "Light or dark"],
  [["?"], "These keys"],
  [["↑", "↓"], "Row of a list"],
  [["Enter"], "Show its instrument"],
  [["Esc"], "Close what is open"],
];

interface Moves {
  step(by: 1 | -1): void;
}

export function listen(moves: Moves): () => void {
  const handler = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (act(event.key, moves)) event.preventDefault();
  };
  addEventListener("keydown", handler);
  return () => removeEventListener("keydown", handler);
}

function act(key: string, moves: Moves): boolean {
  const panel = PANELS[Number(key) - 1];
  if (panel) return focusPanel(panel);
  const actions: Record<string, () => void> = {
    "/": () => shortcuts.instrument?.(),
    "[": () => moves.step(-1),
    "]": () => moves.step(1),
    k: () => shortcuts.kill?.(),
    s: () => shortcuts.stop?.(),
    t: () => shortcuts.theme?.(),
    "?": () => shortcuts.help?.(),
  };
  const action = actions[key.toLowerCase()];
  action?.();
  return action !== undefined;
}

function focusPanel(name: string): boolean {
  const panel = document.getElementById(`panel-${name}`);
  const inner = panel?.querySelector<HTMLElement>("[role=grid]");
  panel?.scrollIntoView({ block: "nearest" });
  (inner ?? panel)?.focus();
  return panel !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
