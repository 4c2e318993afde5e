/** Light or dark: the system's choice until a person makes their own, which this browser remembers. */

export type Theme = "light" | "dark";
const KEY = "omni-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

class Look {
  #chosen = $state<Theme | null>(read());
  #system = $state<Theme>(system.matches ? "dark" : "light");
  readonly theme = $derived<Theme>(this.#chosen ?? this.#system);

  constructor() {
    system.addEventListener("change", (event) => (this.#system = event.matches ? "dark" : "light"));
  }

  toggle(): void {
    this.#chosen = this.theme === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, this.#chosen);
  }
}

function read(): Theme | null {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
}

export const look = new Look();
