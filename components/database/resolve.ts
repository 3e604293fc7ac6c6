import { isIPv4, isIPv6 } from "node:net";
import { oneOf, time, whole } from "../../config/checks.ts";
import { list, quote } from "../../config/problems.ts";
import { postgresVersions } from "../../config/versions.ts";
import { type DatabaseSize, memoryText, parseMemory, resolveDatabaseNode, type Size } from "../../config/sizes.ts";
import type { StateResource } from "../../config/state.ts";
import { findResource } from "../../config/state.ts";
import { keepDemand, standbyDemand } from "../../platforms/demands.ts";
import type { Problems } from "../../platforms/gather.ts";
import type { AllowedSource, DatabaseArgs, Maintenance, PoolArgs } from "../database.ts";
import { settingProblems } from "./settings.ts";

/** Name of the database and of the user that there always are. */
export const owner = "app";

/** A database as the cloud will get it, all of it checked. */
export interface Resolved {
  readonly node: Size;
  readonly replicas: Readonly<Record<string, Size>>;
  /** MiB of disk; undefined leaves it to the size. */
  readonly storage: number | undefined;
}

export const clusterType = "digitalocean:index/databaseCluster:DatabaseCluster";
const GiB = 1024;

/** Checks all options of a managed database at once, against each other and against what the state holds. Undefined: it was refused. */
export function resolveManaged(name: string, args: DatabaseArgs): Resolved | undefined {
  const { size, storage, replicas = {}, pools = {}, settings = {}, allow = [], databases = [], users = [] } = args;
  const problems: string[] = [];
  const sized = (result: Size | { readonly problem: string }, where = ""): Size | undefined => {
    if (!isProblem(result)) return result;
    problems.push(`${where}${result.problem}`);
    return undefined;
  };
  const node = sized(resolveDatabaseNode(size));
  const nodes = Object.fromEntries(
    Object.entries(replicas).flatMap(([replica, wish]) => {
      const found = sized(resolveDatabaseNode({ memory: wish.memory ?? size.memory, standby: 0 }), `replicas.${replica}: `);
      if (found !== undefined && node !== undefined && found.memory < node.memory)
        problems.push(
          `replicas.${replica}: ${memoryText(found.memory)} is less than the primary's ${memoryText(node.memory)}. Make it as large.`,
        );
      return found === undefined ? [] : [[replica, found]];
    }),
  );
  problems.push(
    ...nameProblems("databases", databases, /^[a-z_][a-z0-9_-]{0,62}$/, [owner, "defaultdb"]),
    ...nameProblems("users", users, /^[a-z_][a-z0-9_-]{0,62}$/, [owner, "doadmin"]),
    ...nameProblems("replicas", Object.keys(replicas), /^[a-z][a-z0-9-]{2,29}$/, []),
    ...poolProblems(pools, node?.memory, [owner, ...databases], [owner, ...users]),
    ...allow.flatMap(sourceProblems),
    ...settingProblems(settings),
  );
  if (!postgresVersions["app-platform"].some((offered) => offered === args.version))
    problems.push(`version: the cloud has no PostgreSQL ${args.version}. Versions: ${list(postgresVersions["app-platform"])}.`);
  const wanted = storage?.size === undefined ? undefined : parseMemory(storage.size);
  if (storage?.size !== undefined && (wanted === undefined || wanted < GiB))
    problems.push(`storage.size: must be an amount such as "60 GB", is "${storage.size}".`);
  const { increment, threshold } = storage?.autoscale ?? {};
  const step = increment === undefined ? undefined : parseMemory(increment);
  if (increment !== undefined && (step === undefined || step < 10 * GiB || step > 500 * GiB))
    problems.push(`storage.autoscale.increment: must be between "10 GB" and "500 GB", is "${increment}".`);

  const held = findResource(args.platform.held ?? [], clusterType, name);
  if (node !== undefined && held !== undefined)
    problems.push(...shrinking(node, args.version, storage?.autoscale ? undefined : wanted, held));
  const { platform, network, restoreFrom } = args;
  const isRefused = platform.refuse(name, [
    ...problems,
    ...databaseProblems(args),
    whole("storage.autoscale.threshold", threshold, 15, 95),
    restoreFrom?.cluster === "" && "restoreFrom.cluster: names no cluster. Write its name, as the control panel shows it.",
    time("restoreFrom.time", restoreFrom?.time),
    network.cloud === undefined && "network: is another platform's. Make both with the same platform.",
  ]);
  return isRefused || node === undefined
    ? undefined
    : { node, replicas: nodes, storage: storage?.autoscale ? grown(wanted, held) : wanted };
}

/** What is wrong with a database wherever it stands. */
export function databaseProblems({ platform, engine, size, maintenance, keepData }: DatabaseArgs): Problems {
  return [
    oneOf("engine", engine, ["postgres"]),
    ...sizeProblems(size, 2),
    ...maintenanceProblems(maintenance),
    standbyDemand(platform, size.standby),
    keepDemand(platform, keepData),
  ];
}

/** What is wrong with a size of a database or a cache on every platform. */
export function sizeProblems({ memory, cpu, standby }: DatabaseSize, mostStandby: number): Problems {
  return [
    whole("size.memory", memory, 1),
    cpu !== undefined && !(Number.isFinite(cpu) && cpu > 0) && `size.cpu: must be a number above 0, got ${quote(cpu)}.`,
    whole("size.standby", standby, 0, mostStandby),
  ];
}

const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function maintenanceProblems(maintenance: Maintenance | undefined): Problems {
  if (maintenance === undefined) return [];
  const { day, hour } = maintenance;
  return [oneOf("maintenance.day", day, days), whole("maintenance.hour", hour, 0, 23)];
}

const isProblem = (result: unknown): result is { readonly problem: string } =>
  typeof result === "object" && result !== null && "problem" in result;

/** Connections that all pools share: 25 for each GB of a node, less 3 (API description, `connection_pool.size`). */
export const connections = (memory: number): number => Math.floor((memory / GiB) * 25) - 3;

/** What is wrong with pools, among them that together they want more connections than there are. */
function poolProblems(
  pools: Readonly<Record<string, PoolArgs>>,
  memory: number | undefined,
  databases: readonly string[],
  users: readonly string[],
): string[] {
  const problems = nameProblems("pools", Object.keys(pools), /^[a-z][a-z0-9_-]{2,59}$/, []);
  for (const [pool, { size, mode, user = owner, database = owner }] of Object.entries(pools)) {
    problems.push(
      ...[whole(`pools.${pool}.size`, size, 1), oneOf(`pools.${pool}.mode`, mode, ["transaction", "session", "statement"])].filter(
        (problem) => problem !== undefined,
      ),
    );
    if (!users.includes(user)) problems.push(`pools.${pool}.user: there is no user "${user}". Add it to users.`);
    if (!databases.includes(database)) problems.push(`pools.${pool}.database: there is no database "${database}". Add it to databases.`);
  }
  const sum = Object.values(pools).reduce((total, { size }) => total + size, 0);
  if (memory !== undefined && sum > connections(memory)) {
    const most = `a node of ${memoryText(memory)} has ${connections(memory)} connections for them`;
    problems.push(`pools: together they want ${sum} connections, and ${most}. Make them smaller, or the node larger.`);
  }
  return problems;
}

function nameProblems(option: string, names: readonly string[], pattern: RegExp, taken: readonly string[]): string[] {
  return names.flatMap((one, index) => {
    if (!pattern.test(one))
      return [`${option}: "${one}" cannot be a name. Use lower-case letters, digits and ${option === "replicas" ? "hyphens" : "_"}.`];
    if (taken.includes(one)) return [`${option}: "${one}" is there already. Remove it from the list.`];
    return names.indexOf(one) === index ? [] : [`${option}: "${one}" stands there twice. Remove one of them.`];
  });
}

/** A source that admits everybody is no firewall; everything that is smaller is the caller's to say. */
export function sourceProblems(source: AllowedSource): string[] {
  if (typeof source !== "string") return [];
  const [address = "", prefix, ...rest] = source.split("/");
  const [bits, least] = isIPv4(address) ? [32, 8] : [128, 16];
  const isRange = prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= bits);
  if (!(isIPv4(address) || isIPv6(address)) || !isRange || rest.length > 0)
    return [`allow: "${source}" is no address. Write one such as "203.0.113.7", or a range such as "203.0.113.0/24".`];
  if (prefix === undefined || Number(prefix) >= least) return [];
  const much = Number(prefix) === 0 ? "the whole world" : "too much of the world";
  return [`allow: "${source}" is ${much}. Name the addresses that may connect.`];
}

/** The cloud only ever lets a cluster grow, and says so half way through an update. */
export function shrinking(node: Size, version: string, storage: number | undefined, { outputs }: StateResource): string[] {
  const problems: string[] = [];
  const before = Number(/(\d+)gb/.exec(String(outputs["size"]))?.[1] ?? 0) * GiB;
  const way = "The cloud takes no disk away. Keep it, or make a smaller database under another name and move the data into it.";
  if (node.memory < before) problems.push(`size: is ${memoryText(node.memory)}, and the cluster has ${memoryText(before)}. ${way}`);
  const disk = Number(outputs["storageSizeMib"] ?? 0);
  if (storage !== undefined && storage < disk)
    problems.push(`storage.size: is ${memoryText(storage)}, and the cluster has ${memoryText(disk)}. ${way}`);
  const running = typeof outputs["version"] === "string" ? outputs["version"] : "";
  if (Number(version) < Number(running))
    problems.push(
      `version: is "${version}", and the cluster runs ${running}. There is no way back but a new database and its data from a dump.`,
    );
  return problems;
}

/** Where the disk grows by itself, what it has grown to stays: the old size would be refused. */
function grown(wanted: number | undefined, held: StateResource | undefined): number | undefined {
  return wanted === undefined ? undefined : Math.max(wanted, Number(held?.outputs["storageSizeMib"] ?? 0));
}
