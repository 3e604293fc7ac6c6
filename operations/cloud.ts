import { CloudStore } from "../sandbox/cloud/store.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { DigitalOceanError, openDigitalOcean, tokenOf } from "./digitalocean.ts";
import { type Pace, request } from "./http.ts";

/** One try of an App to go live, as the cloud tells it. */
export interface CloudDeployment {
  readonly id: string;
  readonly phase: string;
  /** The steps that failed, with what the cloud says of them. */
  readonly failed: readonly string[];
  /** The last lines of its log. */
  readonly log: readonly string[];
}

/** What the cloud knows of an App's deployments, newest first; `gone`: it has no such App. */
export type Deployments = readonly CloudDeployment[] | "gone";

/** Who knows Apps. */
export interface Cloud {
  deployments(app: string): Promise<Deployments>;
}

/** The type of what App Platform runs a system in. */
export const appType = "digitalocean:index/app:App";

const shownLines = 20;

/** The stored cloud. `lines` of each log are kept. */
export function storedCloud({ home }: Pick<Sandbox, "home">, lines = shownLines): Cloud {
  const using = <T>(use: (store: CloudStore) => T): Promise<T> => {
    const store = new CloudStore(home.cloud);
    try {
      return Promise.resolve(use(store));
    } finally {
      store.close();
    }
  };
  return {
    deployments: (app) =>
      using((store) =>
        // What an App deployed is remembered for longer than the App.
        store.get(appType, app) === undefined
          ? "gone"
          : store
              .deployments(app)
              .map(({ id, phase, failedIn, log }) => ({ id, phase, failed: failedIn === "" ? [] : [failedIn], log: log.slice(-lines) })),
      ),
  };
}

interface Step {
  readonly name?: string;
  readonly component_name?: string;
  readonly status?: string;
  readonly reason?: { readonly code?: string; readonly message?: string };
  readonly steps?: readonly Step[];
}

/** DigitalOcean's API, with the token and the address that the provider uses too; undefined without a token. */
export function digitalOcean(environment: NodeJS.ProcessEnv, pace?: Pace): Cloud | undefined {
  if (tokenOf(environment) === undefined) return undefined;
  const api = openDigitalOcean(environment, "an App's deployments", ["app:read"], pace);
  const get = <Answered>(path: string): Promise<Answered> => api.ask("GET", path);
  const logOf = async (app: string, id: string): Promise<readonly string[]> => {
    try {
      const { historic_urls: [url] = [] } = await get<{ historic_urls?: readonly string[] }>(
        `/v2/apps/${app}/deployments/${id}/logs?type=DEPLOY`,
      );
      // The address is signed by itself: it gets no token.
      if (url === undefined) return [];
      const { status, text } = await request(url, {}, pace);
      return status === 200 ? text.trim().split("\n").slice(-shownLines) : [];
    } catch {
      return []; // the phase and the failed steps are known all the same
    }
  };
  const deploymentsOf = async (app: string): Promise<readonly CloudDeployment[]> => {
    const { deployments = [] } = await get<{
      deployments?: readonly { readonly id: string; readonly phase: string; readonly progress?: { readonly steps?: readonly Step[] } }[];
    }>(`/v2/apps/${app}/deployments?per_page=20`);
    return Promise.all(
      deployments.map(async ({ id, phase, progress }, index) => ({
        id,
        phase,
        failed: failedSteps(progress?.steps ?? []),
        log: index === 0 && phase === "ERROR" ? await logOf(app, id) : [],
      })),
    );
  };
  return {
    deployments: async (app) => {
      try {
        // Whether the API still lists what a deleted App deployed is not documented, so the App is asked for as well.
        const [deployments] = await Promise.all([deploymentsOf(app), get(`/v2/apps/${app}`)]);
        return deployments;
      } catch (error) {
        if (error instanceof DigitalOceanError && error.status === 404) return "gone";
        throw error;
      }
    },
  };
}

/** The innermost steps that failed. */
function failedSteps(steps: readonly Step[]): string[] {
  return steps.flatMap(({ name = "", component_name: component, status, reason, steps: inner = [] }) => {
    const within = failedSteps(inner);
    if (within.length > 0 || status !== "ERROR") return within;
    const of = component === undefined ? name : `${name} of ${component}`;
    return [reason?.message === undefined ? of : `${of}: ${reason.message}`];
  });
}
