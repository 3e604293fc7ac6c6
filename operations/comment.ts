import type { PlannedStep } from "./plan.ts";

/** What a pull request would do to one stack. */
export interface StackPreview {
  readonly stack: string;
  readonly steps: readonly PlannedStep[];
  /** Why there is no preview. */
  readonly failure?: string;
}

/** By this a comment of ours is found again. Runs that preview other stacks, with credentials of their own, have comments of their own. */
export const marker = (system: string, stacks: readonly string[]): string =>
  `<!-- groundwork: preview of ${system}: ${[...stacks].sort().join(", ")} -->`;

/** What takes something away. */
const dangerous = (step: PlannedStep): boolean => /delete|replace/.test(step.op);

/** Room that GitHub leaves for a comment is 65,536 characters. */
const room = 60_000;

/** The comment on a pull request: stacks in which something goes first, then those that change, then those that do not. Pure. */
export function renderComment(system: string, previews: readonly StackPreview[]): string {
  const rank = ({ steps, failure }: StackPreview): number =>
    failure !== undefined ? 0 : steps.some(dangerous) ? 1 : steps.length > 0 ? 2 : 3;
  const ordered = [...previews].sort((a, b) => rank(a) - rank(b));
  const head = marker(
    system,
    previews.map(({ stack }) => stack),
  );
  const text = [head, `## What this changes in ${system}`, ...ordered.map(renderStack)].join("\n\n");
  return text.length <= room ? text : `${text.slice(0, room)}\n\`\`\`\n\nThe rest is left out: it is in the log of this run.`;
}

function renderStack({ stack, steps, failure }: StackPreview): string {
  if (failure !== undefined) return [`### ${stack}: no preview`, block([failure])].join("\n\n");
  if (steps.length === 0) return `### ${stack}: nothing changes`;
  const [bad, good] = [steps.filter(dangerous), steps.filter((step) => !dangerous(step))];
  return [
    `### ${stack}: ${steps.length} ${steps.length === 1 ? "change" : "changes"}`,
    ...(bad.length === 0 ? [] : [`**Goes or is replaced:**`, block(bad.map(line))]),
    ...(good.length === 0 ? [] : [block(good.map(line))]),
  ].join("\n\n");
}

const line = ({ op, type, name, paths }: PlannedStep): string =>
  `${op.padEnd(7)} ${type} ${name}${paths.length > 0 ? `: ${paths.join(", ")}` : ""}`;

/** What comes from elsewhere stands in a block, whose end it cannot write. */
const block = (lines: readonly string[]): string => ["```", ...lines.map((one) => one.replaceAll("```", "'''")), "```"].join("\n");
