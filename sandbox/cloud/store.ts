import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export type Properties = Record<string, unknown>;

/** One thing that exists in the stored cloud. */
export interface CloudObject {
  readonly id: string;
  readonly provider: string;
  /** Pulumi's type token. */
  readonly type: string;
  readonly name: string;
  /** What was last asked for. */
  readonly inputs: Properties;
  /** What the provider reads back. */
  readonly outputs: Properties;
}

export type FaultKind = "429" | "500" | "crash" | "slow" | "late" | "deployment";
export type Operation = "create" | "read" | "update" | "delete";

/** A fault that waits for its turn; written by `sandbox:cloud fail`. */
export interface Fault {
  readonly id: number;
  readonly type: string;
  readonly operation: Operation;
  readonly kind: FaultKind;
  /** The fault strikes after the effect: what was asked for happened, and the reply is lost. */
  readonly after: boolean;
  readonly details: { readonly phase?: string; readonly log?: readonly string[]; readonly seconds?: number };
}

/** One attempt of an app to go live. */
export interface Deployment {
  readonly id: string;
  readonly phase: "ACTIVE" | "ERROR";
  /** The step that failed, or nothing. */
  readonly failedIn: string;
  readonly log: readonly string[];
}

/** Without a seed of its own a sandbox makes the same ids and passwords everywhere. */
export const defaultSeed = "groundwork";

/**
 * The stored cloud: one SQLite file that any number of plugins and commands use at once. A transaction either happened
 * or did not, so whatever is killed at whatever moment, the file stays readable.
 */
export class CloudStore {
  readonly #database: DatabaseSync;
  readonly seed: string;

  constructor(folder: string, seed?: string) {
    mkdirSync(folder, { recursive: true });
    this.#database = new DatabaseSync(join(folder, "cloud.sqlite"), { timeout: 20_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS objects (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        type TEXT NOT NULL, id TEXT NOT NULL, provider TEXT NOT NULL, name TEXT NOT NULL, inputs TEXT NOT NULL, outputs TEXT NOT NULL,
        UNIQUE (type, id)
      );
      CREATE TABLE IF NOT EXISTS faults (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        type TEXT NOT NULL, operation TEXT NOT NULL, kind TEXT NOT NULL, after INTEGER NOT NULL, details TEXT NOT NULL,
        skip INTEGER NOT NULL, times INTEGER NOT NULL, struck INTEGER NOT NULL DEFAULT 0
      );
      CREATE TABLE IF NOT EXISTS deployments (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        app TEXT NOT NULL, id TEXT NOT NULL, phase TEXT NOT NULL, progress TEXT NOT NULL, log TEXT NOT NULL
      );
      CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS places (type TEXT NOT NULL, id TEXT NOT NULL, place TEXT NOT NULL, PRIMARY KEY (type, id));
      CREATE TABLE IF NOT EXISTS turns (name TEXT NOT NULL, at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    `);
    this.#database.prepare("INSERT OR IGNORE INTO settings (name, value) VALUES ('seed', ?)").run(seed ?? defaultSeed);
    this.seed = (this.#database.prepare("SELECT value FROM settings WHERE name = 'seed'").get() as { value: string }).value;
  }

  close(): void {
    this.#database.close();
  }

  /** Runs `work` alone: no other command changes the cloud meanwhile; an error undoes everything. */
  transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Everything there is, oldest first. */
  list(type?: string): CloudObject[] {
    const rows =
      type === undefined
        ? this.#database.prepare("SELECT * FROM objects ORDER BY sequence").all()
        : this.#database.prepare("SELECT * FROM objects WHERE type = ? ORDER BY sequence").all(type);
    return rows.map(toObject);
  }

  get(type: string, id: string): CloudObject | undefined {
    const row = this.#database.prepare("SELECT * FROM objects WHERE type = ? AND id = ?").get(type, id);
    return row && toObject(row);
  }

  /** Objects of any type with this id. */
  withId(id: string): CloudObject[] {
    return this.#database.prepare("SELECT * FROM objects WHERE id = ? ORDER BY sequence").all(id).map(toObject);
  }

  put(object: CloudObject): void {
    this.#database
      .prepare(
        `INSERT INTO objects (type, id, provider, name, inputs, outputs) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (type, id) DO UPDATE SET name = excluded.name, inputs = excluded.inputs, outputs = excluded.outputs`,
      )
      .run(object.type, object.id, object.provider, object.name, JSON.stringify(object.inputs), JSON.stringify(object.outputs));
  }

  /** Where an object is real, outside of this file; undefined: nowhere. */
  place(type: string, id: string): string | undefined {
    return (this.#database.prepare("SELECT place FROM places WHERE type = ? AND id = ?").get(type, id) as { place: string } | undefined)
      ?.place;
  }

  setPlace(type: string, id: string, place: string): void {
    this.#database.prepare("INSERT OR REPLACE INTO places (type, id, place) VALUES (?, ?, ?)").run(type, id, place);
  }

  remove(type: string, id: string): boolean {
    this.#database.prepare("DELETE FROM places WHERE type = ? AND id = ?").run(type, id);
    return this.#database.prepare("DELETE FROM objects WHERE type = ? AND id = ?").run(type, id).changes > 0;
  }

  /** The next number of a named row of numbers, from 1. Call inside a transaction. */
  next(name: string): number {
    this.#database.prepare("INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1").run(name);
    return (this.#database.prepare("SELECT value FROM counters WHERE name = ?").get(name) as { value: number }).value;
  }

  /** Bytes that depend only on the seed and on what they are for: equal seeds make equal clouds. */
  derive(...purpose: readonly (string | number)[]): Buffer {
    return createHash("sha512")
      .update([this.seed, ...purpose].join("\0"))
      .digest();
  }

  addFault(fault: Omit<Fault, "id">, nth: number, times: number): void {
    this.#database
      .prepare("INSERT INTO faults (type, operation, kind, after, details, skip, times) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(fault.type, fault.operation, fault.kind, fault.after ? 1 : 0, JSON.stringify(fault.details), nth - 1, times);
  }

  /**
   * Takes one of the requests of a kind that may be made in a time. Returns 0, or how many milliseconds are left until the next may be.
   */
  takeTurn(name: string, requests: number, milliseconds: number, now: number): number {
    return this.transaction(() => {
      this.#database.prepare("DELETE FROM turns WHERE name = ? AND at <= ?").run(name, now - milliseconds);
      const taken = this.#database.prepare("SELECT at FROM turns WHERE name = ? ORDER BY at").all(name) as { at: number }[];
      const [oldest] = taken;
      if (taken.length >= requests && oldest !== undefined) return oldest.at + milliseconds - now;
      this.#database.prepare("INSERT INTO turns (name, at) VALUES (?, ?)").run(name, now);
      return 0;
    });
  }

  /** Forgets which requests were made lately, so that the next need not wait. */
  clearTurns(): void {
    this.#database.exec("DELETE FROM turns");
  }

  /** Counts one operation and returns the fault that strikes it, if any. Requests, waits and deployments fail apart from each other. */
  takeFault(type: string, operation: Operation, of: "request" | "wait" | "deployment"): Fault | undefined {
    const kinds = { request: "NOT IN ('late', 'deployment')", wait: "= 'late'", deployment: "= 'deployment'" };
    return this.transaction(() => {
      const rows = this.#database
        .prepare(
          `SELECT * FROM faults WHERE operation = ? AND (type = '*' OR type = ?) AND kind ${kinds[of]} AND struck < times ORDER BY id`,
        )
        .all(operation, type) as unknown as (Omit<Fault, "details" | "after"> & {
        details: string;
        skip: number;
        after: number;
      })[];
      for (const row of rows) {
        if (row.skip > 0) {
          this.#database.prepare("UPDATE faults SET skip = skip - 1 WHERE id = ?").run(row.id);
          continue;
        }
        this.#database.prepare("UPDATE faults SET struck = struck + 1 WHERE id = ?").run(row.id);
        return { ...row, after: row.after === 1, details: JSON.parse(row.details) as Fault["details"] };
      }
      return undefined;
    });
  }

  /** How often each fault has struck so far. */
  faults(): { type: string; operation: string; kind: string; struck: number; times: number }[] {
    return this.#database.prepare("SELECT type, operation, kind, struck, times FROM faults ORDER BY id").all() as never;
  }

  /** Deployments of one app, newest first. */
  deployments(app: string): Deployment[] {
    return this.#database
      .prepare("SELECT * FROM deployments WHERE app = ? ORDER BY number DESC")
      .all(app)
      .map((row) => ({
        id: row.id as string,
        phase: row.phase as Deployment["phase"],
        failedIn: row.progress as string,
        log: JSON.parse(row.log as string) as string[],
      }));
  }

  addDeployment(app: string, deployment: Deployment): void {
    this.#database
      .prepare("INSERT INTO deployments (app, id, phase, progress, log) VALUES (?, ?, ?, ?, ?)")
      .run(app, deployment.id, deployment.phase, deployment.failedIn, JSON.stringify(deployment.log));
  }

  clearFaults(): void {
    this.#database.exec("DELETE FROM faults");
  }
}

function toObject(row: Record<string, unknown>): CloudObject {
  return {
    id: row.id as string,
    provider: row.provider as string,
    type: row.type as string,
    name: row.name as string,
    inputs: JSON.parse(row.inputs as string) as Properties,
    outputs: JSON.parse(row.outputs as string) as Properties,
  };
}
