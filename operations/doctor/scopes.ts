import type { Answer } from "../http.ts";
import { type Attempt, scopeFamilies } from "../token-scopes.ts";
import type { Probe } from "./probe.ts";

/** What a token may, of the scopes that were asked about. */
export interface HeldScopes {
  readonly held: readonly string[];
  readonly missing: readonly string[];
  /** The answer told neither: why not. */
  readonly unclear: Readonly<Record<string, string>>;
}

/** The API tells no token's scopes. Each is tried by a request of its own. */
export async function heldScopes(probe: Probe, base: string, token: string, scopes: readonly string[]): Promise<HeldScopes> {
  const ask = (method: Attempt["method"], path: string): Promise<Answer> =>
    probe.ask(new URL(path, base), {
      method,
      headers: { authorization: `Bearer ${token}`, ...(hasBody(method) ? { "content-type": "application/json" } : {}) },
      ...(hasBody(method) ? { body: unreadable } : {}),
    });
  const all = await Promise.all(
    scopes.map(async (scope) => {
      const { attempts = {}, probe: list = "", nothing = "" } = scopeFamilies[scope.split(":")[0] ?? ""] ?? {};
      const attempt = attempts[scope];
      if (attempt === undefined) return { scope, verdict: judge((await ask("GET", list)).status) };
      const { status } = await ask(attempt.method, attempt.path);
      // What is not there may be hidden behind a refusal, too: then it refuses to be looked at as well, and nothing is known.
      const isRefused = async (path: string): Promise<boolean> => (await ask("GET", path)).status === 403;
      const isHidden = status === 403 && attempt.path.startsWith(nothing) && (await isRefused(nothing)) && !(await isRefused(list));
      return { scope, verdict: isHidden ? "what is not there is refused as well" : judge(status) };
    }),
  );
  const by = (wanted: string): string[] => all.flatMap(({ scope, verdict }) => (verdict === wanted ? [scope] : []));
  const unclear = all
    .filter(({ verdict }) => verdict !== "held" && verdict !== "missing")
    .map(({ scope, verdict }) => [scope, verdict] as const);
  return { held: by("held"), missing: by("missing"), unclear: Object.fromEntries(unclear) };
}

/** Nothing that could be made of it, whatever a server fills in. */
const unreadable = "{";
const hasBody = (method: Attempt["method"]): boolean => method !== "GET" && method !== "DELETE";

/** Pure. */
function judge(status: number): string {
  if (status === 403 || status === 401) return "missing";
  // The request itself was looked at, and failed for what it is.
  if ((status >= 200 && status < 300) || [400, 404, 405, 409, 412, 415, 422].includes(status)) return "held";
  return status === 0 ? "nobody answered" : `the answer was ${status}`;
}
