import { withChoice } from "../commands.ts";
import { grouped } from "../dangers/grouped.ts";
import { html, plural } from "./markdown.ts";
import { costLine, details, type Figures, foldEnd, foldStart, rankOf, renderSection, resourcesOf, type StackPreview } from "./section.ts";
import type { Total } from "../cost/lines.ts";
import { code } from "./markdown.ts";

/** What the head of the comment needs to know of a stack, and a deploy of what was commented. */
export interface Meta {
  readonly stack: string;
  readonly commit?: string | undefined;
  readonly rank: number;
  /** For the table. */
  readonly changes: string;
  readonly hurts: string;
  readonly cost?: Figures | undefined;
  /** Short names of what the plan does, twelve characters each, in a row. */
  readonly plan?: string | undefined;
  /** There are more of them than a comment has room for. */
  readonly isPlanLeftOut?: true | undefined;
  /** Stacks that the change is meant for too, and that this run did not look at. */
  readonly besides?: readonly string[] | undefined;
  /** The words that choose the system in a command, by {@link withChoice}; undefined: the template. */
  readonly choice?: string | undefined;
}

/** The part of a comment that one run owns. */
export interface Section {
  readonly meta: Meta;
  readonly body: string;
}

/** By this a comment of ours is found again: one for each pull request and system. */
export const markerOf = (system: string): string => `<!-- groundwork: preview of ${html(system)} -->`;

/** GitHub refuses more than 65,536 characters. */
export const room = 65_000;

/** … and one stack leaves some of that to the others. */
const sectionRoom = 56_000;

/** The part about one stack, as long as there is room for. */
export function sectionOf(preview: StackPreview): Section {
  const meta = metaOf(preview);
  for (const detail of details) {
    const body = renderSection(preview, detail);
    if (body.length + wrap({ meta, body }).length - body.length <= sectionRoom) return { meta, body };
  }
  return { meta, body: renderSection(preview, "none", 20) };
}

function metaOf(preview: StackPreview): Meta {
  const { stack, commit, dangers, cost, fingerprint, failure } = preview;
  const steps = resourcesOf(preview.steps);
  // What means the same is one thing to read.
  const groups = grouped(dangers);
  const open = groups.filter(({ accepted }) => !accepted);
  // Who accepted them may not be who reads this.
  const taken = groups.filter(({ accepted, severity }) => accepted && severity !== "note").length;
  const count = (severity: string): number => open.filter((one) => one.severity === severity).length;
  const hurts = [
    count("refusal") > 0 ? `🛑 ${count("refusal")} refused` : "",
    count("warning") > 0 ? `⚠️ ${plural(count("warning"), "warning")}` : "",
    taken > 0 ? `☑️ ${taken} accepted` : "",
    count("note") > 0 ? plural(count("note"), "note") : "",
    cost?.over ? `${cost.over.over === "refuse" ? "🛑" : "⚠️"} over budget` : "",
  ].filter((text) => text !== "");
  return {
    stack,
    ...(commit === undefined ? {} : { commit }),
    rank: rankOf(preview),
    changes: failure
      ? failure.isBlocked
        ? "🛑 cannot be deployed"
        : "🛑 no preview"
      : preview.isOrphaned
        ? `stack file ${preview.isEmptied ? "empty" : "removed"}`
        : steps.length === 0
          ? "no changes"
          : plural(steps.length, "resource"),
    hurts: hurts.join(", "),
    ...(cost && !failure ? { cost: { before: cost.before, after: cost.after, difference: cost.difference, unpriced: cost.unpriced } } : {}),
    // A plan that failed is nobody's promise.
    ...(fingerprint && !failure ? remembered(fingerprint.join("")) : {}),
  };
}

/** So much of a section may be names. */
const planRoom = 24_000;

const remembered = (plan: string): Pick<Meta, "plan" | "isPlanLeftOut"> => (plan.length > planRoom ? { isPlanLeftOut: true } : { plan });

/** The names of a plan. */
export const namesOf = (plan: string): string[] => plan.match(/.{12}/g) ?? [];

const open = /<!-- groundwork:stack ([\w-]+) -->\n/;
const whole = /<!-- groundwork:stack ([\w-]+) -->\n(?:> [^\n]*\n\n)?<!-- groundwork:body -->\n([\s\S]*?)\n<!-- groundwork:end -->/g;

/** Meta stands there as base64, so that nothing in it can end the comment. */
function wrap({ meta, body }: Section, stale = ""): string {
  const hidden = Buffer.from(JSON.stringify(meta)).toString("base64url");
  return [
    `<!-- groundwork:stack ${hidden} -->`,
    ...(stale === "" ? [] : [`> ${stale}\n`]),
    "<!-- groundwork:body -->",
    body,
    "<!-- groundwork:end -->",
  ].join("\n");
}

/** The sections of a comment. What is not ours or cannot be read is left out. Pure. */
export function sectionsOf(comment: string | undefined): Section[] {
  if (comment === undefined || !open.test(comment)) return [];
  return [...comment.matchAll(whole)].flatMap(([, hidden = "", body = ""]) => {
    try {
      const meta = JSON.parse(Buffer.from(hidden, "base64url").toString()) as Meta;
      return typeof meta.stack === "string" && typeof meta.rank === "number" ? [{ meta, body }] : [];
    } catch {
      return [];
    }
  });
}

/**
 * The comment with these sections in it: they take the place of those of the same stacks, and the others stay. What was said of another commit
 * says so. Where all of it has no room, what is folded goes first, from the stack with the least to fear. Pure.
 *
 * @param commit The head of the pull request.
 */
export function mergeComment(system: string, existing: string | undefined, sections: readonly Section[], commit?: string): string {
  const names = new Set(sections.map(({ meta }) => meta.stack));
  const all = inOrder([...sectionsOf(existing).filter(({ meta }) => !names.has(meta.stack)), ...sections]);
  let kept = all;
  for (let at = all.length - 1; at >= 0 && assemble(system, kept, commit).length > room; at -= 1)
    kept = kept.map((section, index) => (index === at ? { ...section, body: withoutFold(section.body) } : section));
  for (let at = all.length - 1; at > 0 && assemble(system, kept, commit).length > room; at -= 1)
    kept = kept.map((section, index) =>
      index === at ? { ...section, body: `### ${code(section.meta.stack)}: ${section.meta.changes}\n\n_${leftOut}_` } : section,
    );
  for (let at = all.length - 1; at >= 0 && assemble(system, kept, commit).length > room; at -= 1)
    kept = kept.map((section, index) => (index === at && section.meta.plan !== undefined ? withoutPlan(section) : section));
  return assemble(system, kept, commit);
}

/** The same without a limit, for who reads it somewhere else than at GitHub. Pure. */
export const wholeComment = (system: string, previews: readonly StackPreview[]): string =>
  assemble(
    system,
    inOrder(previews.map((preview) => ({ meta: metaOf(preview), body: renderSection(preview, "all", Number.POSITIVE_INFINITY) }))),
    undefined,
  );

/** What there is most to fear from comes first. */
const inOrder = (sections: readonly Section[]): Section[] =>
  sections.toSorted((a, b) => a.meta.rank - b.meta.rank || (a.meta.stack < b.meta.stack ? -1 : 1));

const withoutPlan = ({ meta, body }: Section): Section => ({ meta: { ...meta, plan: undefined, isPlanLeftOut: true }, body });

const leftOut = "What it says in detail is left out, since a comment has room for so much only: the summary of its run has it.";

const withoutFold = (body: string): string => {
  const [from, to] = [body.indexOf(foldStart), body.lastIndexOf(foldEnd)];
  return from < 0 || to < from
    ? body
    : `${body.slice(0, from)}_The list of changes is left out, since a comment has room for so much only: the summary of the run has it._${body.slice(to + foldEnd.length)}`;
};

function assemble(system: string, sections: readonly Section[], commit: string | undefined): string {
  const isStale = ({ meta }: Section): boolean => commit !== undefined && meta.commit !== undefined && meta.commit !== commit;
  const parts = sections.map((section) =>
    wrap(
      section,
      isStale(section) ? `As of commit ${section.meta.commit?.slice(0, 7) ?? ""}; the newest one has not been looked at yet.` : "",
    ),
  );
  const [choice = ""] = sections.flatMap(({ meta }) => meta.choice ?? []);
  return withChoice([markerOf(system), ...head(system, sections), ...besides(sections), ...parts].join("\n\n"), choice);
}

/** What is not looked at says so, or the comment would be taken for all of it. */
function besides(sections: readonly Section[]): string[] {
  const looked = new Set(sections.map(({ meta }) => meta.stack));
  const missing = [...new Set(sections.flatMap(({ meta }) => meta.besides ?? []))].filter((stack) => !looked.has(stack)).sort();
  if (missing.length === 0) return [];
  const names = missing.map(code).join(", ");
  return [
    `**Not looked at, though this changes ${missing.length === 1 ? "it" : "them"} too:** ${names}. By hand: ${code(`npm run ops -- comment --dry-run --stack ${missing[0] ?? ""}`)}`,
  ];
}

/** What a tired person reads. */
function head(system: string, sections: readonly Section[]): string[] {
  const title = `## What this changes in ${code(system)}`;
  if (sections.every(({ meta }) => meta.changes === "no changes" && meta.hurts === ""))
    // With one stack, its own line says so.
    return sections.length !== 1 && besides(sections).length === 0 ? [`${title}: nothing`] : [title];
  const rows = sections.map(
    ({ meta }) =>
      `| ${code(meta.stack)} | ${meta.hurts || "–"} | ${meta.changes} | ${meta.cost ? costLine({ cost: meta.cost }).replace(" USD a month", "") : "–"} |`,
  );
  const costs = sections.flatMap(({ meta }) => (meta.cost ? [meta.cost] : []));
  const sum = (side: "before" | "after" | "difference"): Total => ({
    usd: costs.reduce((all, cost) => all + cost[side].usd, 0),
    most: costs.reduce((all, cost) => all + cost[side].most, 0),
    incomplete: costs.some((cost) => cost[side].incomplete),
  });
  const total = {
    before: sum("before"),
    after: sum("after"),
    difference: sum("difference"),
    unpriced: [...new Set(costs.flatMap(({ unpriced = [] }) => unpriced))],
  };
  // A sum that leaves a stack out would be taken for all of them.
  const without = sections.filter(({ meta }) => !meta.cost && meta.changes !== "no changes").map(({ meta }) => code(meta.stack));
  const note = without.length === 0 ? "" : `, without ${without.join(", ")}`;
  const row = costs.length > 1 ? [`| **Total** | | | ${costLine({ cost: total }).replace(" USD a month", "")}${note} |`] : [];
  return [title, ["| Stack | What can hurt | Changes | USD a month |", "| --- | --- | --- | --- |", ...rows, ...row].join("\n")];
}
