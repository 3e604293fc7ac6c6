import { createHash, scryptSync } from "node:crypto";
import { isAttempt } from "./names.ts";
import type { Change, Plan, PlannedStep } from "./steps.ts";
import { Hidden } from "./values.ts";

/** The key that names of secrets are made with; whoever lacks the passphrase can test no guess. Without one, secrets have no names. */
export function fingerprintKey(passphrase: string | undefined, stack: string): string | undefined {
  return passphrase === undefined || passphrase === ""
    ? undefined
    : scryptSync(passphrase, `groundwork plan of ${stack}`, 32).toString("hex");
}

/**
 * Short names of what a plan does, in order; two plans with the same names do the same. Each changed property has one of its own, so that a plan that
 * does a part of another is known for that. What a deploy brings of itself is left out: images, which are built after a pull request was merged,
 * jobs that run them, and the number of an attempt. Pure.
 */
export function fingerprintOf({ steps, loosened }: Pick<Plan, "steps" | "loosened">, key: string | undefined): string[] {
  return [...new Set(namedSteps({ steps, loosened }, key).flatMap(({ names }) => names))].sort();
}

/** A step that counts, with the names of what it does: one of its own, then one for each of its changes that count. */
export interface NamedStep {
  readonly step: PlannedStep;
  readonly names: readonly string[];
  /** The changes behind the names, in their order. */
  readonly changes: readonly Change[];
}

/** The step with what of it nobody has seen; undefined where all of it was seen. */
export function unseenOf({ step, names, changes }: NamedStep, seen: ReadonlySet<string>): PlannedStep | undefined {
  const [itself = "", ...others] = names;
  if (!seen.has(itself)) return step;
  const left = changes.filter((_, at) => !seen.has(others[at] ?? ""));
  return left.length === 0 ? undefined : { ...step, changes: left, paths: left.map(({ path }) => path) };
}

/** The steps that count, with their names. */
export function namedSteps({ steps, loosened }: Pick<Plan, "steps" | "loosened">, key: string | undefined): NamedStep[] {
  const all = [...steps, ...loosened.filter(({ op }) => op === "same")];
  return all.flatMap((step) => {
    const changes = step.changes.filter((change) => !isDeploys(step, change));
    const isMere = step.changes.length > 0 && changes.length === 0;
    // Another version of a provider is the lock file's, and by itself changes nothing in a cloud.
    if (isMere || isJobRun(step) || step.token.startsWith("pulumi:")) return [];
    // What is made has no changes, only what it will be.
    const made = step.op === "create" || step.op === "import" ? withoutImages(step.after) : [];
    const itself = [step.op, step.urn, step.protectAfter, step.retainedAfter, made];
    const told = [
      itself,
      ...changes.map(({ path, kind, from, to }) => [step.op, step.urn, path, kind, withoutImages(from), withoutImages(to)]),
    ];
    return [{ step, names: told.map((one) => nameOf(one, key)), changes }];
  });
}

function nameOf(told: unknown, key: string | undefined): string {
  return createHash("sha256")
    .update(named(JSON.stringify(told), told, key))
    .digest("hex")
    .slice(0, 12);
}

/** The text with the digests of what is hidden behind it, in the order in which it stands there. */
function named(text: string, told: unknown, key: string | undefined): string {
  if (key === undefined) return text;
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (value instanceof Hidden) found.push(value.digest(key));
    else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) walk(one);
  };
  walk(told);
  return `${text}\n${found.join("\n")}`;
}

const image = /(?:^|\.)image(?:\.(?:digest|tag|registry|repository|registryType|registryCredentials))?$/;

const isDeploys = (step: PlannedStep, change: Change): boolean =>
  /^(?:App|Service|Container)$/.test(step.type) &&
  (image.test(change.path) || isAttempt(step, change) || (step.type === "Service" && /^labels\b/.test(change.path)));

/** A container of a Docker host is a job that runs: another image is another run. */
const isJobRun = ({ token, op }: PlannedStep): boolean => token === "docker:index/container:Container" && op === "replace";

function withoutImages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutImages);
  if (typeof value !== "object" || value === null || value instanceof Hidden) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (key === "image" ? [] : [[key, withoutImages(one)]])));
}
