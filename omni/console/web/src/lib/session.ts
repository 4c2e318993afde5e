/** Opens the console: the token in the URL's fragment, or typed, becomes a cookie that scripts can't read. */

const FRAGMENT = /^#token=([0-9a-f]{32})$/;

/** Takes the token out of the address bar, so that it stays out of history and screenshots. */
export function takeFragment(): string | null {
  const match = FRAGMENT.exec(location.hash);
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  return match?.[1] ?? null;
}

/** Exchanges the token for the cookie; returns what went wrong, or null. */
export async function open(token: string): Promise<string | null> {
  const response = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  return response.ok ? null : await explain(response);
}

/** Returns whether this browser already holds the cookie. */
export async function isOpen(): Promise<boolean> {
  return (await fetch("/session")).status !== 401;
}

/** Returns the server's own words for a refused request. */
export async function explain(response: Response): Promise<string> {
  const body = await response.text();
  try {
    const { detail } = JSON.parse(body) as { detail?: string };
    return detail ?? body;
  } catch {
    return body.trim() || `the console answered ${response.status}`;
  }
}
