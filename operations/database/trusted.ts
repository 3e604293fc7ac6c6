import { CloudStore } from "../../sandbox/cloud/store.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { openDigitalOcean, tokenOf } from "../digitalocean.ts";
import type { Pace } from "../http.ts";
import { isSame, type Rule } from "./rules.ts";

/** The list of who may reach a database. It is read and written whole. */
export interface TrustedSources {
  read(cluster: string): Promise<readonly Rule[]>;
  write(cluster: string, rules: readonly Rule[]): Promise<void>;
  /** The certificate that the server's is signed by; undefined where nothing knows it. */
  certificate(cluster: string): Promise<string | undefined>;
}

/** Those at DigitalOcean. */
export function trustedAtDigitalOcean(environment: NodeJS.ProcessEnv, pace?: Pace): TrustedSources {
  const api = openDigitalOcean(environment, "a database's trusted sources", ["database:read", "database:update"], pace);
  const path = (cluster: string): string => `/v2/databases/${cluster}/firewall`;
  return {
    async read(cluster) {
      const { rules = [] } = await api.ask<{ rules?: readonly Rule[] }>("GET", path(cluster));
      // What can only be read is left out, since all of it is written back.
      return rules.map(({ uuid, type, value, description }) => ({
        ...(uuid ? { uuid } : {}),
        type,
        value,
        ...(description ? { description } : {}),
      }));
    },
    write: async (cluster, rules) => void (await api.ask("PUT", path(cluster), { rules })),
    async certificate(cluster) {
      const { ca } = await api.ask<{ ca?: { certificate?: string } }>("GET", `/v2/databases/${cluster}/ca`);
      return ca?.certificate === undefined ? undefined : Buffer.from(ca.certificate, "base64").toString("utf8");
    },
  };
}

/** Those of the stored cloud. */
export function trustedInSandbox({ home }: Pick<Sandbox, "home">): TrustedSources {
  const using = <T>(use: (store: CloudStore) => T): Promise<T> => {
    const store = new CloudStore(home.cloud);
    try {
      return Promise.resolve(store.transaction(() => use(store)));
    } finally {
      store.close();
    }
  };
  const find = (store: CloudStore, cluster: string) =>
    store.list("digitalocean:index/databaseFirewall:DatabaseFirewall").find(({ outputs }) => outputs["clusterId"] === cluster);
  return {
    read: (cluster) => using((store) => (find(store, cluster)?.outputs["rules"] ?? []) as Rule[]),
    write: (cluster, rules) =>
      using((store) => {
        const firewall = find(store, cluster);
        if (!firewall) throw new Error("the database has no firewall in the sandbox");
        store.put({ ...firewall, outputs: { ...firewall.outputs, rules } });
      }),
    certificate: () => Promise.resolve(undefined),
  };
}

/** Those of the sandbox where one is opened, else those at DigitalOcean; undefined without a token. */
export const trustedOf = (opened: Sandbox | undefined, environment: NodeJS.ProcessEnv): TrustedSources | undefined =>
  opened ? trustedInSandbox(opened) : tokenOf(environment) === undefined ? undefined : trustedAtDigitalOcean(environment);

/** How often a write is tried that somebody else's came between. */
const tries = 6;

/**
 * Changes the list so that it ends up as wished: it is replaced whole, so whoever writes at the same moment may undo this, which is seen by
 * reading again, and done again.
 *
 * @param change Makes the list that is wanted of the one that is there.
 * @param pause Milliseconds before it is read again; somebody else's write may still be under way.
 */
export async function changeRules(
  sources: TrustedSources,
  cluster: string,
  change: (rules: readonly Rule[]) => readonly Rule[],
  pause = 700,
): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    const before = await sources.read(cluster);
    const wanted = change(before);
    if (isEqual(before, wanted)) return;
    await sources.write(cluster, wanted);
    // Not the same time for everybody, or two would go on undoing each other.
    await new Promise((wake) => setTimeout(wake, pause * (0.5 + Math.random())));
    const after = await sources.read(cluster);
    if (isEqual(after, change(after))) return;
  }
  throw new Error("the list of who may reach the database is being changed by somebody else again and again. Try again, or look who does");
}

const isEqual = (a: readonly Rule[], b: readonly Rule[]): boolean =>
  a.length === b.length && a.every((rule) => b.some((other) => isSame(rule, other)));
