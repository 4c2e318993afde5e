/** Light or dark: the system's choice until a person makes their own, which this browser remembers. */

export type Theme = "light" | "dark";
const KEY = "omni-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

class Look {
  #chosen = read();
  #theme = $state<Theme>("light");

  constructor() {
    this.#wear();
    system.addEventListener("change", () => this.#wear());
  }

  get theme(): Theme {
    return this.#theme;
  }

  toggle(): void {
    this.#chosen = this.theme === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, this.#chosen);
    this.#wear();
  }

  /** Changes the page's colours before anybody hears of it: the charts take theirs from the page. */
  #wear(): void {
    const theme = this.#chosen ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset["theme"] = theme;
    this.#theme = theme;
  }
}

function read(): Theme | null {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
}

export const look = new Look();
