import { type Pace, type Question, request, usual } from "./http.ts";

/** What DigitalOcean refused, in whole sentences. */
export class DigitalOceanError extends Error {
  /** 0: nobody answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Nobody gave a token: a call that lacks something, which ends with exit code 2. */
class MissingToken extends DigitalOceanError {
  constructor(message: string) {
    super(401, message);
    this.name = "ConfigError";
  }
}

/** DigitalOcean's API. */
export interface DigitalOcean {
  /** Throws a {@link DigitalOceanError} for everything that is no success. */
  ask<Answered>(method: NonNullable<Question["method"]>, path: string, body?: object, signal?: AbortSignal): Promise<Answered>;
}

/** Where it is: the variable is the provider's own. */
export const apiBase = (environment: NodeJS.ProcessEnv): string => environment["DIGITALOCEAN_API_URL"] ?? "https://api.digitalocean.com";

/** The token that the provider uses too. */
export const tokenOf = (environment: NodeJS.ProcessEnv): string | undefined =>
  environment["DIGITALOCEAN_TOKEN"] || environment["DIGITALOCEAN_ACCESS_TOKEN"] || undefined;

/**
 * With the token and the address that the provider uses too. Throws where there is no token.
 *
 * @param task What it is for, as `an App's logs`: it stands in what is said when something is missing.
 * @param scopes What the token needs for that.
 */
export function openDigitalOcean(
  environment: NodeJS.ProcessEnv,
  task: string,
  scopes: readonly string[],
  pace: Pace = usual,
): DigitalOcean {
  const token = tokenOf(environment);
  const needed = list(scopes);
  if (token === undefined)
    throw new MissingToken(
      `${task} need DIGITALOCEAN_TOKEN, with ${needed}. Set it with: read -rs DIGITALOCEAN_TOKEN && export DIGITALOCEAN_TOKEN`,
    );
  const base = apiBase(environment);
  return {
    async ask<Answered>(method: NonNullable<Question["method"]>, path: string, body?: object, signal?: AbortSignal) {
      const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
      const answer = await request(
        new URL(path, base),
        { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal === undefined ? {} : { signal }) },
        pace,
      );
      const { status, body: answered, error } = answer;
      if (status >= 200 && status < 300) return answered as Answered;
      if (status === 0)
        throw new DigitalOceanError(0, `DigitalOcean's API at ${new URL(base).host} does not answer (${error ?? "no reason"})`);
      if (status === 401)
        throw new DigitalOceanError(401, "DigitalOcean refuses the token in DIGITALOCEAN_TOKEN. npm run ops -- doctor says more");
      if (status === 403) throw new DigitalOceanError(403, `${task}: the token in DIGITALOCEAN_TOKEN is not enough: it needs ${needed}`);
      const { message } = (answered ?? {}) as { message?: unknown };
      const why = typeof message === "string" && message !== "" ? `: ${message}` : "";
      throw new DigitalOceanError(status, `DigitalOcean answers ${status} to ${method} ${path.split("?")[0]}${why}`);
    },
  };
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
