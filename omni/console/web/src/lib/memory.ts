/** The instrument that this tab shows, by its name: ids are a run's own. */
const KEY = "omni.instrument";

export function remember(instrument: string): void {
  try {
    sessionStorage.setItem(KEY, instrument);
  } catch {
    // A browser that keeps nothing starts anew with each reload.
  }
}

export function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
