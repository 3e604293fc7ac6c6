import { openDigitalOcean, tokenOf } from "../digitalocean.ts";
import type { Plan } from "../plan.ts";

/** What the provider itself says that an App costs, in US dollars a month. */
export type Quote = (spec: Readonly<Record<string, unknown>>) => Promise<number | undefined>;

/** DigitalOcean's own answer, with the token and the address that the provider uses too; undefined without a token. */
export function digitalOceanQuote(environment: NodeJS.ProcessEnv): Quote | undefined {
  if (tokenOf(environment) === undefined) return undefined;
  const api = openDigitalOcean(environment, "what an App costs", ["app:read"]);
  return async (spec) => {
    const answer = await api.ask<{ app_cost?: unknown }>("POST", "/v2/apps/propose", { spec });
    const { app_cost: cost } = answer;
    return typeof cost === "number" ? cost : undefined;
  };
}

/** What of an App's spec has a price: never a variable, an image's credentials or a log's key. */
const priced = ["name", "instanceSizeSlug", "instanceCount", "autoscaling", "kind"] as const;

/** An App's spec as the API names it, with nothing in it but what costs. Pure. */
export function pricedSpec(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const programs = (key: string): object[] =>
    (Array.isArray(spec[key]) ? (spec[key] as Readonly<Record<string, unknown>>[]) : []).map((program) => ({
      ...snake(Object.fromEntries(priced.flatMap((name) => (program[name] === undefined ? [] : [[name, program[name]]])))),
      // Nothing is fetched for a proposal; it only wants to know what kind of a source it is.
      ...(key === "staticSites"
        ? {}
        : { image: { registry_type: "DOCKER_HUB", registry: "library", repository: "hello-world", tag: "latest" } }),
    }));
  const [egress] = Array.isArray(spec["egresses"]) ? (spec["egresses"] as object[]) : [];
  return {
    name: spec["name"],
    region: spec["region"],
    services: programs("services"),
    workers: programs("workers"),
    jobs: programs("jobs"),
    ...(egress === undefined ? {} : { egress }),
  };
}

function snake(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      typeof one === "object" && one !== null && !Array.isArray(one) ? snake(one as Readonly<Record<string, unknown>>) : one,
    ]),
  );
}

/** What of a plan decides whether it is asked, and for what. */
interface Asked extends Pick<Plan, "after"> {
  readonly steps: readonly Pick<Plan["steps"][number], "token">[];
}

/** `DigitalOcean itself quotes 27.00 for the App`. Nothing where the App stays as it is: it is not asked then. That it cannot be asked is said, and stops nothing. */
export async function quoteOf({ steps, after }: Asked, ask: Quote | undefined): Promise<string | undefined> {
  const isApp = ({ token }: { readonly token: string }): boolean => token === "digitalocean:index/app:App";
  const app = steps.some(isApp) ? after.find(isApp) : undefined;
  const spec = app?.inputs["spec"];
  if (ask === undefined || typeof spec !== "object" || spec === null) return undefined;
  try {
    const usd = await ask(pricedSpec(spec as Readonly<Record<string, unknown>>));
    return usd === undefined ? undefined : `DigitalOcean itself quotes ${usd.toFixed(2)} for the App`;
  } catch (error) {
    return `DigitalOcean could not be asked: ${error instanceof Error ? error.message : String(error)}`;
  }
}
