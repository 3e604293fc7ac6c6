import { TestEngine } from "../../engine.ts";
import { configure } from "../template.ts";
import type { Change } from "../../systems/options/change.ts";
import type { Row } from "./row.ts";

/** A sandbox in which a stack of the system with every option is up. */
export async function openOptions(stack: string): Promise<TestEngine> {
  const engine = await TestEngine.open("tests/systems/options");
  for (const name of stack === "local" ? [stack] : ["shared", stack]) {
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

/** Steps of a preview by operation, type and name, each with the changed paths; or the words with which it is refused. */
export type Planned = ReadonlyMap<string, ReadonlySet<string>> | { readonly refused: string };

/** What a preview with a change plans. */
export async function preview(engine: TestEngine, stack: string, change: Change): Promise<Planned> {
  configure(engine, stack, ["groundwork:change"], change);
  const { code, stdout, stderr } = await engine.run(["preview", "--stack", stack, "--json"]);
  const { steps = [], diagnostics = [] } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as Digest;
  if (code !== 0) {
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message.trim());
    return { refused: [...errors, stderr].join("\n") };
  }
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
  const result: { rows: Row[]; touched: Set<string> }[] = [];
  for (const row of rows) {
    const touched = [...leaves(row.change), ...placesOf(row)];
    const alone = row.alone === true || !Array.isArray(row.plan) || row.plan.length === 0;
    const fits = result.find(({ touched: taken }) => !alone && touched.every((one) => [...taken].every((other) => apart(one, other))));
    if (fits === undefined) result.push({ rows: [row], touched: new Set(alone ? [""] : touched) });
    else {
      fits.rows.push(row);
      touched.forEach((one) => fits.touched.add(one));
    }
  }
  return result.map(({ rows }) => rows);
}

/** One change that holds all of them. */
export function merged(rows: readonly Row[]): Change {
  const put = (base: unknown, over: unknown): unknown => {
    if (!isObject(base) || !isObject(over)) return over;
    return { ...base, ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, put(base[key], value)])) };
  };
  return rows.reduce<unknown>((all, { change }) => put(all, change), {}) as Change;
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
