import type { Pulumi, Variables } from "./pulumi.ts";

/** One thing that a run would do. */
export interface PlannedStep {
  readonly op: string;
  /** Last part of the type's token. */
  readonly type: string;
  readonly name: string;
  /** The inputs that change, as paths. */
  readonly paths: readonly string[];
}

interface Digest {
  readonly steps?: readonly {
    readonly op: string;
    readonly urn: string;
    readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  }[];
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string; readonly prefix?: string }[];
}

/** The preview did not come to an end. Says what Pulumi said. */
export class PlanError extends Error {}

/** What `pulumi up` would do, by a real preview. Nothing: an empty list. */
export async function planOf(pulumi: Pulumi, stack: string, variables: Variables): Promise<readonly PlannedStep[]> {
  const { code, stdout, stderr } = await pulumi.capture(["preview", "--stack", stack, "--json"], variables);
  const digest = parseDigest(stdout);
  if (code !== 0) {
    const errors = (digest?.diagnostics ?? []).filter(({ severity }) => severity === "error").map(({ message }) => withoutColours(message));
    throw new PlanError(`the preview of ${stack} failed:\n${errors.length > 0 ? errors.join("\n") : (stderr || stdout).trim()}`);
  }
  return parseSteps(stdout);
}

/** What a preview or a refresh would do, by its JSON. Pure. */
export function parseSteps(stdout: string): PlannedStep[] {
  const digest = parseDigest(stdout);
  if (digest === undefined) throw new Error("Pulumi ended well, and what it printed is not its JSON");
  return (digest.steps ?? [])
    .filter(({ op }) => op !== "same" && op !== "refresh" && op !== "read")
    .map(({ op, urn, detailedDiff }) => {
      const [, , types = "", name = ""] = urn.split("::");
      return { op, type: types.split(/[$:]/).at(-1) ?? "", name, paths: Object.keys(detailedDiff ?? {}).sort() };
    });
}

/** `update App app (spec.services)` */
export function renderStep({ op, type, name, paths }: PlannedStep): string {
  return `${op} ${type} ${name}${paths.length > 0 ? ` (${paths.join(", ")})` : ""}`;
}

/** A preview prints one JSON document, with words of plugins before it at times. */
function parseDigest(text: string): Digest | undefined {
  try {
    return JSON.parse(text.slice(text.indexOf("{"))) as Digest;
  } catch {
    return undefined;
  }
}

const withoutColours = (text: string): string => text.replaceAll(/<\{%.*?%\}>/g, "").trim();
