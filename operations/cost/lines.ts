import { type Price, priced, priceOf } from "../../config/prices.ts";

/** A resource as a program registers it, or as a state holds it. */
export interface Resource {
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** So many of one thing, each at the same price. */
export interface CostLine {
  /** The component it belongs to, as the system names it. */
  readonly part: string;
  /** What it is, in the provider's words. */
  readonly item: string;
  /** How many; more than `count` only where something scales by itself. */
  readonly count: number;
  readonly most: number;
  /** Undefined: no source tells. */
  readonly price: Price | undefined;
  /** US dollars a month that all of it costs in any case, where no source tells the price: that of the smallest one of its kind. */
  readonly least?: number;
}

/** What a component of an App says about its size. */
interface AppComponent {
  readonly name: string;
  readonly instanceSizeSlug?: string;
  readonly instanceCount?: number;
  readonly autoscaling?: { readonly minInstanceCount: number; readonly maxInstanceCount: number };
}

/**
 * What a resource costs. Nothing for what is not billed by itself: a database inside its cluster, a record inside its zone, a network.
 * Jobs of an App are billed by the second that they run, which no file tells, so they make no line either.
 */
export function costLines({ type, name, inputs }: Resource): readonly CostLine[] {
  const line = (item: string, count = 1, most = count): CostLine => ({ part: name, item, count, most, price: priceOf(item) });
  const text = (key: string): string => {
    const value = inputs[key];
    return typeof value === "string" ? value : "size not known yet";
  };
  const count = (key: string): number => {
    const value = inputs[key];
    return typeof value === "number" ? value : 1;
  };
  switch (type.split(":").at(-1) ?? "") {
    case "App":
      return appLines(inputs["spec"] as Readonly<Record<string, unknown>> | undefined);
    case "DatabaseCluster": {
      const cluster = line(`${text("engine")} ${text("size")}`, count("nodeCount"));
      const least = leastOf(text("engine"), text("size"));
      // The transcript names the price of the smallest single node, and not whether a standby costs the same.
      const nodes: CostLine =
        cluster.count > 1 || cluster.price === undefined
          ? { ...cluster, price: undefined, ...(least === undefined ? {} : { least }) }
          : cluster;
      return inputs["storageSizeMib"] === undefined ? [nodes] : [nodes, line("storage beyond what the size includes")];
    }
    case "DatabaseReplica":
      return [line(`replica ${text("size")}`)];
    case "SpacesBucket":
      return [line("bucket: storage and transfer")];
    case "ContainerRegistry":
      return [line(`registry ${text("subscriptionTierSlug")}`)];
    case "UptimeCheck":
      return [line("uptime check")];
    case "UptimeAlert":
      return [line("uptime alert")];
    case "MonitorAlert":
      return [line("monitor alert")];
    default:
      return [];
  }
}

/** The price of the largest node of an engine that is known and no larger: what is asked for costs no less. */
function leastOf(engine: string, size: string): number | undefined {
  const memory = (slug: string): number => Number(/-([\d.]+)gb$/.exec(slug)?.[1] ?? Number.NaN);
  const known = priced
    .filter((item) => item.startsWith(`${engine} `) && memory(item) <= memory(size))
    .map((item) => priceOf(item)?.usd ?? 0);
  return known.length === 0 ? undefined : Math.max(...known);
}

function appLines(spec: Readonly<Record<string, unknown>> = {}): readonly CostLine[] {
  const components = (key: string): readonly AppComponent[] => (Array.isArray(spec[key]) ? (spec[key] as AppComponent[]) : []);
  const running = [...components("services"), ...components("workers")].map(
    ({ name, instanceSizeSlug = "size not known yet", instanceCount = 1, autoscaling }): CostLine => ({
      part: name,
      item: instanceSizeSlug,
      count: autoscaling?.minInstanceCount ?? instanceCount,
      most: autoscaling?.maxInstanceCount ?? instanceCount,
      price: priceOf(instanceSizeSlug),
    }),
  );
  const sites = components("staticSites").map(({ name }): CostLine => ({
    part: name,
    item: "static site",
    count: 1,
    most: 1,
    price: undefined,
  }));
  const dedicated = JSON.stringify(spec["egresses"] ?? "").includes("DEDICATED_IP");
  return [...running, ...sites, ...(dedicated ? [{ part: "app", item: "dedicated egress", count: 1, most: 1, price: undefined }] : [])];
}

/** The sum of some lines. */
export interface Total {
  /** US dollars a month, of what is known or certain at least, with the fewest instances. */
  readonly usd: number;
  /** The same with the most instances. */
  readonly most: number;
  /** Some of it has no known price, so the true sum is higher. */
  readonly incomplete: boolean;
}

export function total(lines: readonly CostLine[]): Total {
  const sum = (of: (line: CostLine) => number): number =>
    Math.round(lines.reduce((all, line) => all + (line.price === undefined ? (line.least ?? 0) : of(line) * line.price.usd), 0) * 100) /
    100;
  return { usd: sum((line) => line.count), most: sum((line) => line.most), incomplete: lines.some(({ price }) => price === undefined) };
}

/** `at least 62.15 USD a month`, `24.00 to 48.00 USD a month` */
export function totalText({ usd, most, incomplete }: Total): string {
  const range = most > usd ? `${usd.toFixed(2)} to ${most.toFixed(2)}` : usd.toFixed(2);
  return `${incomplete ? "at least " : ""}${range} USD a month`;
}
