import type { CostChange } from "../cost/change.ts";
import type { Total } from "../cost/lines.ts";
import type { Unused } from "../dangers/accepted.ts";
import { type DangerGroup, grouped, namesOf, whatOf } from "../dangers/grouped.ts";
import type { Danger } from "../dangers.ts";
import { isConfiguration, type PlannedStep } from "../plan.ts";
import { changeLines, mostOfText } from "../plan/lines.ts";
import { textDiff } from "../plan/texts.ts";
import { isBudget } from "./budget.ts";
import { block, code, cut, html, plural } from "./markdown.ts";
import { tellingOf } from "./telling.ts";

/** What a pull request would do to one stack. */
export interface StackPreview {
  readonly stack: string;
  /** The commit that was looked at. */
  readonly commit?: string;
  readonly steps: readonly PlannedStep[];
  readonly dangers: readonly Danger[];
  readonly cost?: CostChange;
  /** Where a figure comes from that is not the table's. */
  readonly quoted?: string;
  /** What applies it, and from which commit. */
  readonly applied?: string;
  /** A name of the plan, by which a deploy finds out whether it does what stands here. */
  readonly fingerprint?: readonly string[];
  /** Acceptances in the stack file that are over, or mean nothing in this plan. */
  readonly unused?: readonly Unused[];
  /** Its file is gone, so there is nothing that could be previewed. */
  readonly isOrphaned?: true;
  /** It stands there with nothing in it. */
  readonly isEmptied?: true;
  /** Services whose images are built only after the merge. */
  readonly unbuilt?: readonly string[];
  /** What the program says of the last deployment, where that did not come to serve. */
  readonly again?: string;
  /** Why there is no preview, and what it was at. */
  readonly failure?: {
    readonly phase: string;
    readonly text: string;
    /** The engine refused it because something is protected; what it would have done stands among the steps. */
    readonly isBlocked?: true;
  };
}

/** How much of what is least important is left out: nothing, most lines of long texts, values, properties, everything folded. */
export type Detail = "all" | "values" | "paths" | "resources" | "none";
export const details: readonly Detail[] = ["all", "values", "paths", "resources", "none"];

/** Where what is folded begins and ends, so that it can be left out later. */
export const foldStart = "<!-- groundwork:fold -->";
export const foldEnd = "<!-- groundwork:unfold -->";

/** How bad it is: what is refused or failed first, then warnings, changes, nothing. */
export function rankOf({ failure, dangers, cost, ...preview }: StackPreview): number {
  const steps = resourcesOf(preview.steps);
  const worst = (severity: Danger["severity"]): boolean => dangers.some((one) => one.severity === severity && !one.accepted);
  const over = cost?.over?.over;
  return failure || worst("refusal") || over === "refuse"
    ? 0
    : worst("warning") || over === "warn"
      ? 1
      : dangers.length > 0
        ? 2
        : steps.length > 0
          ? 3
          : 4;
}

/** How a look at stacks ends: 1 where a preview failed, 2 where that is for wrong stack files alone, 7 where a deploy would refuse what it says. Pure. */
export function exitCodeOf(previews: readonly StackPreview[]): number {
  const failures = previews.flatMap(({ failure }) => (failure === undefined || failure.isBlocked ? [] : [failure]));
  if (failures.length > 0) return failures.every(({ phase }) => isConfiguration(phase)) ? 2 : 1;
  const isRefused = previews.some(
    ({ dangers, cost, failure }) =>
      failure !== undefined ||
      dangers.some(({ severity, accepted }) => severity === "refusal" && !accepted) ||
      cost?.over?.over === "refuse",
  );
  return isRefused ? 7 : 0;
}

/** The part of the comment that is about one stack. */
export function renderSection(preview: StackPreview, detail: Detail = "all", mostDangers = 40): string {
  const { stack, failure, dangers, applied } = preview;
  const steps = resourcesOf(preview.steps);
  const title = `### ${code(stack)}`;
  const groups = grouped(dangers);
  const shown = groups.slice(0, mostDangers);
  const left = groups.slice(mostDangers).reduce((sum, { dangers: own }) => sum + own.length, 0);
  const hurts = [
    ...(shown.length === 0 ? [] : [renderDangers(shown, failure !== undefined || preview.isOrphaned === true).join("\n")]),
    ...(left === 0 ? [] : [`… and ${plural(left, "more danger")}, less bad than these: the summary of the run has them.`]),
  ];
  if (failure) {
    const text = cut(failure.text, 6000).split("\n");
    const why = failure.isBlocked
      ? "The preview ended at what is protected, and so does every deploy, whatever is accepted: without the protection it would do this."
      : `It failed while ${failure.phase}. What stood here before is gone, since nobody knows whether it still holds.`;
    return [`${title}: no preview`, why, ...hurts, block(text)].join("\n\n");
  }
  if (preview.isOrphaned)
    return [
      `${title}: its stack file is ${preview.isEmptied ? "empty" : "removed"}`,
      ...(hurts.length > 0 ? hurts : ["The stack holds nothing any more."]),
    ].join("\n\n");
  if (steps.length === 0 && dangers.length === 0 && preview.cost?.over === undefined)
    return `${title}: no changes${costLine(preview) === "" ? "" : ` (${costLine(preview)})`}`;
  return [
    `${title}: ${changesText(steps, dangers)}`,
    ...renderAgain(preview.again),
    ...hurts,
    ...renderCost(preview),
    ...(preview.unused ?? []).map(renderUnused),
    ...(preview.unbuilt
      ? [`No image of ${preview.unbuilt.map(code).join(", ")} is known yet: each stands here with a digest of zeros.`]
      : []),
    ...renderFold(steps, detail),
    ...(applied === undefined || steps.length === 0 ? [] : [applied]),
  ].join("\n\n");
}

/** Why something is deployed that nobody has changed. */
function renderAgain(again: string | undefined): string[] {
  if (again === undefined) return [];
  const [, ...images] = again.split("\n");
  const why = "⚠️ The last deployment did not come to serve, so the next one deploys again, whatever else changes.";
  return [[why, ...images.map((line) => code(line))].join("<br>")];
}

const signs: Readonly<Record<Danger["severity"], string>> = { refusal: "🛑", warning: "⚠️", note: "▫️" };

/** Each sentence stands once: the worst comes first, and says it. */
function renderDangers(groups: readonly DangerGroup[], isBlocked: boolean): string[] {
  const said = new Set<string>();
  return groups.map((group) => {
    const { severity, effect, says, accepted } = group;
    const names = namesOf(group).map(code).join(", ");
    const isOne = group.dangers.length === 1;
    const stops =
      severity !== "refusal" || isBlocked
        ? ""
        : accepted
          ? " *Accepted.*"
          : ` **The deploy refuses ${isOne ? "this" : "these"}** unless ${names} ${isOne || !names.includes(", ") ? "is" : "are"} accepted.`;
    const sentence = said.has(says) ? "" : says;
    said.add(says);
    const what = whatOf(group).map(code).join("<br>");
    const rest = `${sentence}${stops}`.trim();
    return `- ${accepted ? "☑️" : signs[severity]} **${effect}**: ${what}${rest === "" ? "" : `<br>${rest}`}`;
  });
}

const renderUnused = ({ name, could }: Unused): string =>
  could.length === 0
    ? `\`groundwork:accept\` names ${code(name)}, which is over or means nothing here. Take it out.`
    : `\`groundwork:accept\` names ${code(name)}, and the stack has more than one thing of that name. Say which: ${could.map(code).join(" or ")}.`;

/** What stands in a cloud. Components only hold it together, and make nothing by themselves. */
export const resourcesOf = (steps: readonly PlannedStep[]): PlannedStep[] => steps.filter(({ custom }) => custom);

/** Protection and budget change without a step of the plan. */
const changesText = (steps: readonly PlannedStep[], dangers: readonly Danger[]): string =>
  steps.length > 0
    ? countText(steps)
    : dangers.length === 0
      ? "no changes"
      : dangers.every(isBudget)
        ? "its budget changes"
        : "protection changes";

/** `1 to replace, 2 to delete, 3 to update` */
function countText(steps: readonly PlannedStep[]): string {
  const order = ["replace", "delete", "update", "create", "import"];
  const of = (op: string): number => steps.filter((step) => (order.includes(step.op) ? step.op : "update") === op).length;
  const texts = order.filter((op) => of(op) > 0).map((op) => `${of(op)} to ${op}`);
  return texts.join(", ");
}

const amount = ({ usd, most }: Total): string => (most > usd ? `${usd.toFixed(2)}–${most.toFixed(2)}` : usd.toFixed(2));

const money = (total: Total): string =>
  total.incomplete && total.most === 0 ? "unknown" : `${total.incomplete ? "at least " : ""}${amount(total)}`;

const signed = (usd: number): string => `${usd < 0 ? "−" : "+"}${Math.abs(usd).toFixed(2)}`;

/** `+13.00`, `+13.00 to +26.00`, `+13.00 and what has no known price`; nothing where nothing changes. */
export function costDifference({ usd, most, incomplete }: Total): string {
  const known = usd === most ? signed(usd) : `${signed(usd)} to ${signed(most)}`;
  const isNothing = usd === 0 && most === 0;
  return incomplete ? `${isNothing ? "" : `${known} and `}what has no known price` : isNothing ? "" : known;
}

/** What a line about costs is made of. */
export type Figures = Pick<CostChange, "before" | "after" | "difference"> & { readonly unpriced?: readonly string[] };

const monthly = (amount: string): string => (amount === "unknown" ? amount : `${amount} USD a month`);

/** `27.15 → 65.15 USD a month (+38.00)`; where a price is not known, two sums with the same figures would be taken for no change, so it is said. */
export function costLine({ cost, quoted }: { readonly cost?: Figures | undefined; readonly quoted?: string | undefined }): string {
  if (cost === undefined) return "";
  const { before, after, difference, unpriced = [] } = cost;
  const change = costDifference(difference);
  const withSource = (line: string, joint: string): string => `${line}${quoted === undefined ? "" : `${joint} ${quoted}`}`;
  if (change === "") return withSource(monthly(money(after)), ",");
  if (!difference.incomplete) return withSource(`${money(before)} → ${monthly(money(after))} (${change})`, ",");
  // A sum that only looks smaller because a part of it has no price is none.
  const isBlind = after.incomplete && (after.most === 0 || Math.round((before.most + difference.most - after.most) * 100) > 0);
  const sum = isBlind ? `unknown${after.most === 0 ? "" : `, with ${monthly(amount(after))} of it known`}` : monthly(money(after));
  const known = costDifference({ ...difference, incomplete: false });
  const items = unpriced.length === 0 ? "some of it" : inWords(unpriced.map(code));
  const so = isBlind ? "" : after.incomplete ? ", so it may cost more" : ", so it may have cost more before";
  return withSource(
    `${sum}, before ${money(before)}${known === "" ? "" : ` (${known} known)`}; no price is known here for ${items}${so}`,
    ";",
  );
}

/** `a, b and c` */
const inWords = (words: readonly string[]): string => words.join(", ").replace(/, ([^,]*)$/, " and $1");

/** What one component costs; nothing where another thing costs the same. */
function partText({ part, before, after }: CostChange["parts"][number]): string[] {
  const [former, later] = [money(before), money(after)];
  if (before.incomplete || after.incomplete)
    return [`${code(part)} ${former === later ? `${later} before and after` : `${later}, before ${former}`}`];
  return former === later ? [] : [`${code(part)} ${former} → ${later}`];
}

function renderCost(preview: StackPreview): string[] {
  const { cost } = preview;
  if (cost === undefined) return [];
  const over =
    cost.over === undefined
      ? []
      : [
          `${cost.over.over === "refuse" ? "🛑 **The deploy refuses this:** it" : "⚠️ It"} goes beyond the budget of ${cost.over.monthly} USD a month. Raise \`groundwork:budget\` in the stack file, or make less of it.`,
        ];
  const unchecked =
    cost.unchecked === undefined || preview.steps.length === 0
      ? []
      : [`⚠️ Whether it stays within the budget of ${cost.unchecked.monthly} USD a month nobody here can say: some of it has no price.`];
  const parts = cost.parts.flatMap(partText);
  const unknown = cost.after.incomplete && cost.unpriced.length === 0 ? " No source tells the price of some of it." : "";
  return [`**Cost:** ${costLine(preview)}.${unknown}${parts.length === 0 ? "" : ` ${parts.join("; ")}.`}`, ...over, ...unchecked];
}

/** All that changes, by component, in the colours of a diff. */
function renderFold(steps: readonly PlannedStep[], detail: Detail): string[] {
  if (steps.length === 0) return [];
  if (detail === "none")
    return [
      `_The list of ${plural(steps.length, "resource")} is left out, since a comment has room for so much only: the summary of the run has it._`,
    ];
  const groups = Map.groupBy(steps, ({ component }) => component);
  const lines = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([component, own]) => [`# ${component}`, ...alike(own.map((step) => stepLines(step, detail)))]);
  const missing = { all: "", values: "most lines of texts", paths: "values", resources: "properties" }[detail];
  const less =
    missing === "" ? "" : ` (${missing} are left out, since a comment has room for so much only: the summary of the run has them)`;
  const summary = `<summary>${html(plural(steps.length, "resource"))} in ${html(plural(groups.size, "component"))}${less}</summary>`;
  return [[foldStart, "<details>", summary, "", block(lines, "diff"), "", "</details>", foldEnd].join("\n")];
}

/** One recipient more may change twenty alerts: what is done alike to each of several resources stands below them once. */
function alike(steps: readonly (readonly [head: string, ...lines: string[]])[]): string[] {
  return [...Map.groupBy(steps, ([head, ...lines]) => `${head.split(" ", 3).join(" ")}\n${lines.join("\n")}`).values()].flatMap((same) => {
    const [, ...lines] = same[0] ?? [];
    return [...same.map(([head]) => head), ...(same.length === 1 ? lines : lines.map((line) => line.replace(/^ {4}/, "    each: ")))];
  });
}

const marks: Readonly<Record<string, string>> = { create: "+", import: "+", delete: "-", replace: "-" };

function stepLines(step: PlannedStep, detail: Detail): [head: string, ...lines: string[]] {
  const { op, type, name } = step;
  const line = `${marks[op] ?? "!"} ${op} ${type} ${name}`;
  if (detail === "resources") return [line];
  const hasValues = detail !== "paths";
  const ofText = detail === "all" ? mostOfText : 5;
  const told = tellingOf(step).flatMap(({ path, value, text }) =>
    hasValues && text !== undefined
      ? [`    ${path}:`, ...textDiff("", text, ofText, "    ")]
      : [`    ${path}${!hasValues || value === undefined ? "" : `: ${cut(value, 120)}`}`],
  );
  return [line, ...told, ...changeLines(step, { hasValues, ofText })];
}
