import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestEngine } from "../../engine.ts";
import { configure } from "../template.ts";
import type { Row } from "./row.ts";

/** A sandbox in which a stack of a system is up. */
export async function openOptions(system: string, stack: string): Promise<TestEngine> {
  const engine = await TestEngine.open(`tests/systems/${system}`);
  for (const name of new Set(stack === "local" ? [stack] : ["shared", stack])) {
    await engine.sandbox.ensureStack(name);
    await engine.expect(["up", "--stack", name, "--yes", "--skip-preview"]);
  }
  return engine;
}

interface Digest {
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
  readonly steps?: readonly { op: string; urn: string; detailedDiff?: Record<string, { kind: string }> | null }[];
}

const marks: Readonly<Record<string, string>> = { add: "+", delete: "-", update: "" };

/**
 * What a preview plans: its steps by operation, type and name, each with the changed paths, and what it warns of; or the words with which
 * it is refused.
 */
export type Planned =
  { readonly steps: ReadonlyMap<string, ReadonlySet<string>>; readonly warnings: string } | { readonly refused: string };

/** Runs something with a change in the stack's file, which is what it was afterwards. */
async function withChange<T>(engine: TestEngine, stack: string, change: Row["change"], run: () => Promise<T>): Promise<T> {
  const file = join(engine.home.project(engine.sandbox.system), `Pulumi.${stack}.yaml`);
  const before = readFileSync(file, "utf8");
  // The shared stack has no options of its own: what it makes is said by the common part of its file.
  if (stack !== "shared") configure(engine, stack, ["groundwork:change"], change);
  else for (const [key, value] of Object.entries(change)) configure(engine, stack, [`groundwork:${key}`], value);
  try {
    return await run();
  } finally {
    writeFileSync(file, before);
  }
}

/** Brings a change up, and sees that there is nothing left to do. */
export async function up(engine: TestEngine, stack: string, change: Row["change"]): Promise<void> {
  await withChange(engine, stack, change, async () => {
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
    await engine.expect(["preview", "--stack", stack, "--expect-no-changes"]);
  });
}

/** What a preview with a change plans. */
export async function preview(engine: TestEngine, stack: string, change: Row["change"]): Promise<Planned> {
  const { code, stdout, stderr } = await withChange(engine, stack, change, () => engine.run(["preview", "--stack", stack, "--json"]));
  const { steps = [], diagnostics = [] } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as Digest;
  const said = (wanted: string): string[] => diagnostics.filter(({ severity }) => severity === wanted).map(({ message }) => message.trim());
  if (code !== 0) return { refused: [...said("error"), stderr].join("\n") };
  return { steps: parseSteps(steps), warnings: said("warning").join("\n") };
}

function parseSteps(steps: NonNullable<Digest["steps"]>): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    steps
      .filter(({ op }) => ["create", "update", "replace", "delete"].includes(op))
      .map(({ op, urn, detailedDiff }) => {
        const [, , types = "", name = ""] = urn.split("::");
        const paths = Object.entries(detailedDiff ?? {}).map(([path, { kind }]) => {
          const [verb = "", replace] = kind.split("-");
          return `${marks[verb] ?? verb}${path}${replace === undefined ? "" : "!"}`;
        });
        return [`${op} ${types.split(":").at(-1)} ${name}`, new Set(op === "create" || op === "delete" ? [] : paths)];
      }),
  );
}

/** Lines as rows have them: operation, type, name, paths. */
export function parsePlan(lines: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    lines.map((line) => {
      const [op, type, name, ...paths] = line.split(" ");
      return [`${op} ${type} ${name}`, new Set(paths)];
    }),
  );
}

/** Rows that one preview can hold, because they change different things and none is refused. */
export function batches(rows: readonly Row[]): Row[][] {
  const result: { rows: Row[]; touched: Set<string>; quiet: boolean }[] = [];
  for (const row of rows) {
    const touched = [...leaves(row.change), ...placesOf(row)];
    const alone = row.alone === true || !Array.isArray(row.plan);
    // What plans nothing is seen where nothing is planned.
    const quiet = Array.isArray(row.plan) && row.plan.length === 0;
    const fits = result.find(
      (batch) => !alone && batch.quiet === quiet && touched.every((one) => [...batch.touched].every((other) => apart(one, other))),
    );
    if (fits === undefined) result.push({ rows: [row], touched: new Set(alone ? [""] : touched), quiet });
    else {
      fits.rows.push(row);
      touched.forEach((one) => fits.touched.add(one));
    }
  }
  return result.map(({ rows }) => rows);
}

/** One change that holds all of them. */
export function merged(rows: readonly Row[]): Row["change"] {
  const put = (base: unknown, over: unknown): unknown => {
    if (!isObject(base) || !isObject(over)) return over;
    return { ...base, ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, put(base[key], value)])) };
  };
  return rows.reduce<unknown>((all, { change }) => put(all, change), {}) as Row["change"];
}

/** Where a row plans changes: as paths of resources, without what says how. A list whose length changes is one place. */
function placesOf({ plan }: Row): string[] {
  if (!Array.isArray(plan)) return [];
  return [...parsePlan(plan as string[])].flatMap(([step, paths]) => {
    const resource = step.split(" ").slice(1).join(" ");
    if (paths.size === 0) return [resource];
    return [...paths].map((path) => {
      const place = path.replace(/^[+-]|!$/g, "");
      return `${resource} ${/^[+-]/.test(path) ? place.replace(/\[\d+\][^[]*$/, "") : place}`;
    });
  });
}

function leaves(value: unknown, path = "change"): string[] {
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`)) : [path];
}

/** Neither is the other or in it. */
function apart(a: string, b: string): boolean {
  const within = (inner: string, outer: string): boolean =>
    inner === outer || (inner.startsWith(outer) && /^[.[ ]/.test(inner.slice(outer.length)));
  return a !== "" && b !== "" && !within(a, b) && !within(b, a);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
