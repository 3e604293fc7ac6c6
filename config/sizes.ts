import { priceOf } from "./prices.ts";

/** What a service wants to run on. */
export interface Scale {
  /** Memory of one instance, in MiB. More of it costs more: 1 GB with a shared vCPU is 12 USD a month. A change restarts. */
  readonly memory: number;
  /** vCPUs of one instance. More of them cost more. A change restarts. @default those of the cheapest size with that memory */
  readonly cpu?: number | undefined;
  /** CPUs of its own instead of shared ones, which costs more: 1 GB is 34 USD a month. A change restarts. */
  readonly dedicated: boolean;
  /**
   * How many instances, or between how many; a range grows above a CPU load in percent. Each one costs as much as the first. A change is
   * a deployment, and restarts. @default cpuPercent 75
   */
  readonly replicas: number | { readonly min: number; readonly max: number; readonly cpuPercent?: number | undefined };
}

/** What a database wants to run on. */
export interface DatabaseSize {
  /**
   * Memory of one node, in MiB. In the cloud more is taken on in place, with a short failover, and costs more: 1 GB is 15.15 USD a month, others are unknown;
   * less is refused. Where the platform runs it, it is a limit, and another one restarts.
   */
  readonly memory: number;
  /**
   * Most vCPUs that it gets where the platform runs it; another number restarts. The cloud's nodes have one number of vCPUs for each
   * memory: any other is refused, and that one changes nothing. @default the node's own, or no limit
   */
  readonly cpu?: number | undefined;
  /** Nodes that stand by to take over. Each costs more, how much is unknown, and one more restarts nothing. Cloud only. */
  readonly standby: number;
}

/** One row of a provider's list. */
export interface Size {
  readonly slug: string;
  /** MiB. */
  readonly memory: number;
  readonly cpu: number;
}

interface InstanceSize extends Size {
  readonly dedicated: boolean;
  /** The provider runs one instance of it, never two. */
  readonly alone?: boolean;
}

const GiB = 1024;

/**
 * App Platform's instances, from the published API description (`GET /v2/apps/tiers/instance_sizes`), read 2026-11.
 * `apps-s-1vcpu-1gb-fixed` is left out: two dollars less, but a second instance would need another size.
 */
const instances: readonly InstanceSize[] = [
  { slug: "apps-s-1vcpu-0.5gb", memory: 0.5 * GiB, cpu: 1, dedicated: false, alone: true },
  { slug: "apps-s-1vcpu-1gb", memory: 1 * GiB, cpu: 1, dedicated: false },
  { slug: "apps-s-1vcpu-2gb", memory: 2 * GiB, cpu: 1, dedicated: false },
  { slug: "apps-s-2vcpu-4gb", memory: 4 * GiB, cpu: 2, dedicated: false },
  { slug: "apps-d-1vcpu-0.5gb", memory: 0.5 * GiB, cpu: 1, dedicated: true, alone: true },
  { slug: "apps-d-1vcpu-1gb", memory: 1 * GiB, cpu: 1, dedicated: true },
  { slug: "apps-d-1vcpu-2gb", memory: 2 * GiB, cpu: 1, dedicated: true },
  { slug: "apps-d-1vcpu-4gb", memory: 4 * GiB, cpu: 1, dedicated: true },
  { slug: "apps-d-2vcpu-4gb", memory: 4 * GiB, cpu: 2, dedicated: true },
  { slug: "apps-d-2vcpu-8gb", memory: 8 * GiB, cpu: 2, dedicated: true },
  { slug: "apps-d-4vcpu-8gb", memory: 8 * GiB, cpu: 4, dedicated: true },
  { slug: "apps-d-4vcpu-16gb", memory: 16 * GiB, cpu: 4, dedicated: true },
  { slug: "apps-d-8vcpu-32gb", memory: 32 * GiB, cpu: 8, dedicated: true },
];

/** Nodes of managed PostgreSQL (`GET /v2/databases/options`). The API has no prices for them. */
const databaseNodes: readonly Size[] = [
  { slug: "db-s-1vcpu-1gb", memory: 1 * GiB, cpu: 1 },
  { slug: "db-s-1vcpu-2gb", memory: 2 * GiB, cpu: 1 },
  { slug: "db-s-2vcpu-4gb", memory: 4 * GiB, cpu: 2 },
  { slug: "db-s-4vcpu-8gb", memory: 8 * GiB, cpu: 4 },
  { slug: "db-s-6vcpu-16gb", memory: 16 * GiB, cpu: 6 },
];

/** A wish that the table cannot fill; says what comes nearest. */
export interface NoSuchSize {
  readonly problem: string;
}

/** Chooses the App Platform instance for a wish. */
export function resolveInstance(wish: Scale): Size | NoSuchSize {
  const kind = wish.dedicated ? "dedicated instance" : "instance";
  const several = typeof wish.replicas !== "number" || wish.replicas > 1;
  const size = cheapest(
    instances.filter(({ dedicated }) => dedicated === wish.dedicated),
    wish,
    kind,
  );
  if ("problem" in size) return size;
  if (several && size.alone === true) {
    return { problem: `an ${kind} of ${memoryText(size.memory)} runs alone. Ask for "1 GB" or more, or for one replica.` };
  }
  if (typeof wish.replicas !== "number" && !wish.dedicated) {
    return { problem: "a range of replicas needs CPUs of its own. Add dedicated: true, or ask for a fixed number of replicas." };
  }
  return size;
}

/** Chooses the node of a managed PostgreSQL for a wish. */
export function resolveDatabaseNode(wish: DatabaseSize): Size | NoSuchSize {
  const size = cheapest(databaseNodes, wish, "database node");
  if (!("problem" in size) && wish.standby > 0 && size.memory <= GiB) {
    return { problem: 'a database of 1 GB cannot have a standby node. Ask for "2 GB" or more, or for standby: 0.' };
  }
  return size;
}

/** Exactly the memory (and vCPUs) asked for: a size that is merely large enough would cost more than was agreed to. */
function cheapest<T extends Size>(table: readonly T[], wish: { memory: number; cpu?: number | undefined }, kind: string): T | NoSuchSize {
  const fits = table.find(({ memory, cpu }) => memory === wish.memory && (wish.cpu === undefined || cpu === wish.cpu));
  if (fits !== undefined) return fits;
  const smaller = table.filter(({ memory }) => memory < wish.memory).at(-1);
  const same = table.filter(({ memory }) => memory === wish.memory);
  const larger = table.find(({ memory }) => memory > wish.memory);
  const nearest = (same.length > 0 ? same : [smaller, larger]).filter((size) => size !== undefined).map(sizeText);
  const cpu = wish.cpu === undefined ? "" : ` and ${wish.cpu} vCPU`;
  return { problem: `no ${kind} has ${memoryText(wish.memory)}${cpu}. Nearest: ${nearest.join("; ")}.` };
}

function sizeText({ slug, memory, cpu }: Size): string {
  const price = priceOf(slug);
  return `${memoryText(memory)} and ${cpu} vCPU${price === undefined ? "" : ` (${price.usd} USD a month)`}`;
}

/** The size behind what the cloud calls it, an instance's or a database node's; undefined where none of ours is called so. */
export function sizeOfSlug(slug: string): (Size & { readonly dedicated?: boolean }) | undefined {
  return [...instances, ...databaseNodes].find((size) => size.slug === slug);
}

/** `512 MB`, `2 GB`: the way the stack file writes it. */
export function memoryText(mebibytes: number): string {
  return mebibytes % GiB === 0 ? `${mebibytes / GiB} GB` : `${mebibytes} MB`;
}

/** MiB of `"512 MB"` or `"2 GB"`; undefined where the text is neither. */
export function parseMemory(text: string): number | undefined {
  const [, amount, unit] = /^(\d+) ?(MB|GB)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit === "GB" ? GiB : 1);
}
