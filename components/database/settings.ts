import { oneOf, onlyKnown } from "../../config/checks.ts";
import { quote } from "../../config/problems.ts";

/**
 * Settings of PostgreSQL. One that is not stated is the cloud's own; one that leaves the program stays as it is in the cluster, so state
 * the old value to go back. The provider sends no 0, no false and no empty text, so these are refused. Ranges are those of DigitalOcean's API, whose description tells few of the cloud's own values. What can be
 * raised and never lowered again (`max_prepared_transactions`, `max_worker_processes` and their like) is left out.
 */
export interface PostgresSettings {
  /** Time zone of sessions that ask for none, such as `"Europe/Berlin"`. Services should ask for their own. Acts on new sessions. @default the cloud's own */
  readonly timezone?: string;
  /** Memory of one sort or hash table of a query, in MB. More of it for all connections together can exhaust the node. Acts at once. @default 1 and 0.075 % of the node's memory, 32 at most */
  readonly workMem?: number;
  /** Part of the memory that caches pages, in percent. Another value restarts the cluster. @default the cloud's own */
  readonly sharedBuffersPercentage?: number;
  /** Ends sessions that leave a transaction open for so long, in milliseconds. They would keep locks and hold up vacuum. Acts at once. @default the cloud's own */
  readonly idleInTransactionSessionTimeout?: number;
  /** How long a lock is waited for before a deadlock is looked for, in milliseconds. Acts at once. @default the cloud's own; PostgreSQL's is 1000 */
  readonly deadlockTimeout?: number;
  /** Statements that take longer are logged, in milliseconds; -1 none. The log then holds what was asked for, people's data too. Acts at once. @default the cloud's own */
  readonly logMinDurationStatement?: number;
  /** Vacuums that take longer are logged, in milliseconds; -1 none. Acts at once. @default the cloud's own */
  readonly logAutovacuumMinDuration?: number;
  /** How much each line of the log says. Acts at once. @default the cloud's own */
  readonly logErrorVerbosity?: "TERSE" | "DEFAULT" | "VERBOSE";
  /** Part of a table that has changed before it is vacuumed, from 0 to 1. Smaller for large tables. Acts at once. @default 0.2 */
  readonly autovacuumVacuumScaleFactor?: number;
  /** Rows that have changed before a table is vacuumed, added to the part. Acts at once. @default 50 */
  readonly autovacuumVacuumThreshold?: number;
  /** Part of a table that has changed before its statistics are taken anew, from 0 to 1. Acts at once. @default 0.2 */
  readonly autovacuumAnalyzeScaleFactor?: number;
  /** Rows that have changed before the statistics of a table are taken anew, added to the part. Acts at once. @default 50 */
  readonly autovacuumAnalyzeThreshold?: number;
  /** Seconds between two looks at a database for what has to be vacuumed. Acts at once. @default 60 */
  readonly autovacuumNaptime?: number;
  /** Tables that are vacuumed at once. Another value restarts the cluster. @default 3 */
  readonly autovacuumMaxWorkers?: number;
  /** Milliseconds that vacuum pauses to let others work; -1 as elsewhere: 20. Acts at once. @default the cloud's own */
  readonly autovacuumVacuumCostDelay?: number;
  /** Work that vacuum does between two pauses; -1 as elsewhere. Acts at once. @default -1 */
  readonly autovacuumVacuumCostLimit?: number;
  /** Disk that a session may fill with temporary files, in KiB; -1 all of it. Acts at once. @default the cloud's own */
  readonly tempFileLimit?: number;
  /** Processes that work on parts of queries at once. Acts at once. @default the cloud's own */
  readonly maxParallelWorkers?: number;
  /** Processes that work on one part of one query. Acts at once. @default the cloud's own */
  readonly maxParallelWorkersPerGather?: number;
  /** Compiles expressions of long queries; false is refused. Acts at once. @default the cloud's own */
  readonly jit?: boolean;
  /** Measures how long reading and writing take. Acts at once. @default "off" */
  readonly trackIoTiming?: "off" | "on";
  /** Counts calls of functions. Acts at once. @default the cloud's own */
  readonly trackFunctions?: "all" | "pl" | "none";
  /** Which statements are counted. Acts at once. @default "top" */
  readonly pgStatStatementsTrack?: "all" | "top" | "none";
  /** How large values are compressed, from then on. Acts at once. @default "lz4" */
  readonly defaultToastCompression?: "lz4" | "pglz";
  /** Hour of the daily backup, in UTC. Acts on the next one. @default the cloud's own */
  readonly backupHour?: number;
  /** Minute of that hour. Acts on the next one. @default the cloud's own */
  readonly backupMinute?: number;
}

/** Least and most of what is a number. Source: DigitalOcean's API description, `postgres_advanced_config`. */
const ranges: Readonly<Partial<Record<keyof PostgresSettings, readonly [number, number]>>> = {
  workMem: [1, 1024],
  sharedBuffersPercentage: [20, 60],
  idleInTransactionSessionTimeout: [0, 604_800_000],
  deadlockTimeout: [500, 1_800_000],
  logMinDurationStatement: [-1, 86_400_000],
  logAutovacuumMinDuration: [-1, 2_147_483_647],
  autovacuumVacuumScaleFactor: [0, 1],
  autovacuumVacuumThreshold: [0, 2_147_483_647],
  autovacuumAnalyzeScaleFactor: [0, 1],
  autovacuumAnalyzeThreshold: [0, 2_147_483_647],
  autovacuumNaptime: [0, 86_400],
  autovacuumMaxWorkers: [1, 20],
  autovacuumVacuumCostDelay: [-1, 100],
  autovacuumVacuumCostLimit: [-1, 10_000],
  tempFileLimit: [-1, 2_147_483_647],
  maxParallelWorkers: [0, 96],
  maxParallelWorkersPerGather: [0, 96],
  backupHour: [0, 23],
  backupMinute: [0, 59],
};

/** Numbers that may have a fraction. */
const fractions: readonly string[] = ["sharedBuffersPercentage", "autovacuumVacuumScaleFactor", "autovacuumAnalyzeScaleFactor"];

/** What each setting is: words to choose from, or anything of a type. */
const kinds: Readonly<Record<keyof PostgresSettings, "string" | "number" | "boolean" | readonly string[]>> = {
  timezone: "string",
  workMem: "number",
  sharedBuffersPercentage: "number",
  idleInTransactionSessionTimeout: "number",
  deadlockTimeout: "number",
  logMinDurationStatement: "number",
  logAutovacuumMinDuration: "number",
  logErrorVerbosity: ["TERSE", "DEFAULT", "VERBOSE"],
  autovacuumVacuumScaleFactor: "number",
  autovacuumVacuumThreshold: "number",
  autovacuumAnalyzeScaleFactor: "number",
  autovacuumAnalyzeThreshold: "number",
  autovacuumNaptime: "number",
  autovacuumMaxWorkers: "number",
  autovacuumVacuumCostDelay: "number",
  autovacuumVacuumCostLimit: "number",
  tempFileLimit: "number",
  maxParallelWorkers: "number",
  maxParallelWorkersPerGather: "number",
  jit: "boolean",
  trackIoTiming: ["off", "on"],
  trackFunctions: ["all", "pl", "none"],
  pgStatStatementsTrack: ["all", "top", "none"],
  defaultToastCompression: ["lz4", "pglz"],
  backupHour: "number",
  backupMinute: "number",
};

/** Values that the provider cannot tell from nothing said, and so keeps to itself. */
export const isNeverSent = (value: unknown): boolean => value === 0 || value === false || value === "";

/** What to do about them. */
export const neverSent = (value: unknown): string =>
  `${JSON.stringify(value)} never reaches the cloud: to the provider it is the same as nothing said. Leave it out, and set it once with doctl databases configuration update.`;

/** What the cloud would refuse, or take otherwise than it is meant. */
export function settingProblems(settings: PostgresSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]: readonly [string, string | number | boolean]) => {
    if (!(name in kinds)) return onlyKnown("settings", { [name]: undefined }, Object.keys(kinds));
    const words = kinds[name as keyof PostgresSettings];
    if (typeof words !== "string") {
      const problem = oneOf(`settings.${name}`, String(value), words);
      return problem === undefined ? [] : [problem];
    }
    if (typeof value !== words) return [`settings.${name}: must be a ${words}, got ${quote(value)}.`];
    const [least, most] = ranges[name as keyof PostgresSettings] ?? [];
    if (least !== undefined && most !== undefined && (Number(value) < least || Number(value) > most))
      return [`settings.${name}: must be between ${least} and ${most}, is ${value}.`];
    if (isNeverSent(value)) return [`settings.${name}: ${neverSent(value)}`];
    if (typeof value !== "number") return [];
    return Number.isInteger(value) || fractions.includes(name) ? [] : [`settings.${name}: must be a whole number, is ${value}.`];
  });
}
