// The server as the page sees it: calls that answer, or say that nobody does.

const PATIENCE_MS = 20_000;

/** Nobody answered: no network, or no server. The same again may help. */
export class Unreachable extends Error {}

/** Post `body`, a text of JSON; `{status, said, waitMs}`. Throws Unreachable. */
export function post(path, body, token = "") {
  // keepalive: what is on its way arrives though the tab is closed meanwhile.
  return call(path, token, { method: "POST", body, keepalive: body.length < 30_000 });
}

/** Whether the server still knows `token`. Throws Unreachable. */
export async function isKnown(token) {
  return (await call("api/v1/me", token, {})).status !== 401;
}

async function call(path, token, options) {
  const headers = { Accept: "application/json" };
  if (options.body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const signal = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE_MS) : undefined;
    const answer = await fetch(path, {
      ...options, headers, signal, cache: "no-store", credentials: "omit", redirect: "error",
    });
    const said = await answer.json();
    return { status: answer.status, said, waitMs: waitOf(answer, said) };
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

function waitOf(answer, said) {
  return said.wait_ms || 1000 * Number(answer.headers.get("Retry-After") || 0);
}
