import { severityOf } from "../dangers.ts";
import type { FullState } from "../plan/steps.ts";
import type { Pulumi } from "../pulumi.ts";
import { plural } from "./markdown.ts";
import type { StackPreview } from "./section.ts";

/**
 * What is to be said of a stack that has no file any more, or one with nothing in it. Its state needs no file and no passphrase. Undefined: there is no such stack either, so
 * that its preview may say so.
 */
export async function orphaned(pulumi: Pick<Pulumi, "capture" | "stacks">, stack: string): Promise<StackPreview | undefined> {
  const isEmptied = pulumi.stacks.includes(stack);
  const { code, stdout, stderr } = await pulumi.capture(["stack", "export", "--stack", stack]);
  if (code === 0) return orphanedPreview(stack, countOf(stdout), isEmptied);
  const said = (stderr || stdout).trim();
  return /no stack named|not found/i.test(said) ? undefined : orphanedPreview(stack, undefined, isEmptied);
}

/** What stands in a cloud by the text of a state. */
function countOf(text: string): number {
  const { deployment } = JSON.parse(text) as FullState;
  return (deployment.resources ?? []).filter(
    ({ type, custom, delete: goes }) => custom === true && goes !== true && !type.startsWith("pulumi:"),
  ).length;
}

/** Undefined: nobody could look. Pure. */
export function orphanedPreview(stack: string, count: number | undefined, isEmptied = false): StackPreview {
  const common = { stack, steps: [], isOrphaned: true as const, ...(isEmptied ? { isEmptied } : {}) };
  if (count === 0) return { ...common, dangers: [] };
  const stands =
    count === undefined
      ? "nobody could look what stands there"
      : `${plural(count, "resource")} ${count === 1 ? "stays" : "stay"} in the cloud`;
  return {
    ...common,
    dangers: [
      {
        name: `orphan:${stack}`,
        effect: "protection removed",
        severity: severityOf(stack, "protection removed"),
        what: `Pulumi.${stack}.yaml is ${isEmptied ? "empty" : "removed"}, and ${stands}`,
        says: `Nothing manages that from then on: no deploy, no drift, no alert that is changed, no certificate or secret that is renewed, and it costs what it did. If it is to go, run pulumi destroy --stack ${stack} while the file is there; if it has another name now, keep the file and its name.`,
        accepted: false,
      },
    ],
  };
}
