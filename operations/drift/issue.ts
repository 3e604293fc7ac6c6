import type { DriftFinding } from "../github/drift-issue.ts";
import type { Scrub } from "../scrub.ts";
import { adopt, type Keeping } from "./adopt.ts";
import type { Drift } from "./drift.ts";
import { dangerWords, headlineOf, inOrder } from "./harm.ts";
import type { Finding, Property } from "./judge.ts";
import { nothing } from "./shown.ts";
import { block, code, cut, html, plural } from "../comment/markdown.ts";
import type { StackOptions } from "./stack-options.ts";
import { placeWords, thingText } from "./unmanaged.ts";
import { keyOf, type Remedy, restore } from "./remedies.ts";
import { carried, type Marks, marksOf, renderMarks, sinceKey, worseThan } from "./standing.ts";

/** What an issue tells beside the findings. */
export interface Telling {
  readonly system: string;
  /** Words of the command line that choose the system. */
  readonly choice: string;
  readonly now: Date;
  /** Address of the run that looked. */
  readonly run?: string | undefined;
  /** What the issue holds already; empty where there is none, or where it was all gone. */
  readonly standing: Marks;
  /** What the stack file can say. */
  readonly options: StackOptions;
  /** Takes secrets out of all that leaves. */
  readonly scrub: Scrub;
}

/** GitHub takes 65,536 characters; what is before the body, and a closing word, need some. */
const room = 60_000;

/** By it the issue of a stack is found again. */
export const markerOf = (system: string, stack: string): string => `<!-- groundwork: drift of ${slug(system)}/${slug(stack)} -->`;
const slug = (text: string): string => text.replaceAll(/[^\w./-]/g, "_").replaceAll("--", "__");

/** The issue of one stack. What could not be read is no drift: it opens nothing, and closes nothing. Pure. */
export function issueOf(drift: Drift, telling: Telling): DriftFinding & { readonly marks: Marks } {
  const { stack } = drift;
  const { system, scrub, now, standing } = telling;
  const findings = inOrder(drift.findings.filter(({ kind }) => kind !== "unread"));
  const unread = drift.findings.filter(({ kind }) => kind === "unread");
  const marks = new Map([...marksOf(findings, standing, now), ...carried(unread, standing)]);
  const [worst] = findings.flatMap((finding) => headlineOf(finding) ?? []);
  const what = `${plural(marks.size, "resource")} of ${stack} ${marks.size === 1 ? "is" : "are"} not as deployed`;
  const worse = worseThan(findings, standing).flatMap((finding) => headlineOf(finding) ?? []);
  return {
    marks,
    marker: markerOf(system, stack),
    title: scrub(worst === undefined ? `Drift: ${what}` : `Drift: ${worst} (${what})`),
    body: scrub(renderIssue({ ...drift, findings }, { unread, marks, worst }, telling)),
    labels: [driftLabel],
    found: marks.size > 0,
    // What a look finds again is the same, whenever it looks.
    digest: JSON.stringify([...marks].map(([key, { digest }]) => `${key} ${digest}`).sort()),
    gone: `Everything in \`${slug(stack)}\` is as it was deployed again, as of ${minute(now)}.`,
    back: `Something in \`${slug(stack)}\` is not as it was deployed, as of ${minute(now)}. The text above says what.`,
    ...(worse.length === 0 ? {} : { worse: scrub(worseWords(stack, worse, now)) }),
  };
}

/** What an issue of drift is found by, and called. */
export const driftLabel = { name: "drift", color: "d93f0b", description: "Something in the cloud is not as it was deployed" } as const;

/** Some are enough to come running. */
const mostWorse = 5;

const worseWords = (stack: string, worse: readonly string[], now: Date): string =>
  `Worse than before in ${slug(stack)}, as of ${minute(now)}: ${worse.slice(0, mostWorse).join("; ")}${worse.length > mostWorse ? `; and ${worse.length - mostWorse} more` : ""}. The text of the issue says what to do.`;

interface Beside {
  readonly unread: readonly Finding[];
  readonly marks: Marks;
  /** The worst of it, in few words. */
  readonly worst: string | undefined;
}

function renderIssue({ stack, findings, notes, unmanaged }: Drift, { unread, marks, worst }: Beside, telling: Telling): string {
  const { now, run } = telling;
  const by = run === undefined ? "" : ` by [this run](${run.replaceAll(/[()\s<>]/g, "")})`;
  const head = [
    `${worst === undefined ? "" : `**${plainText(sentence(worst))}.** `}**${plural(marks.size, "resource")} of ${code(stack)} ${marks.size === 1 ? "is" : "are"} not as deployed.** Written ${minute(now)}${by}, and written anew when something else is found; the issue closes itself.`,
    "",
    "Nothing is done by itself: *restore* puts back what was deployed, *adopt* keeps what is there now.",
    "",
    ...renderMarks(marks),
  ];
  const tail = [
    ...renderUnread(unread),
    ...notes.map((note) => `> ${code(note)}\n`),
    ...(unmanaged.length === 0
      ? []
      : [
          `<details><summary>No drift, but in no state either: ${plural(unmanaged.length, "thing")} of ${html(stack)}</summary>\n`,
          ...[...Map.groupBy(unmanaged, ({ where }) => where)].flatMap(([where, things]) => [
            `${sentence(placeWords[where])}:\n`,
            ...things.map((thing) => `- ${code(thingText(thing))}`),
            "",
          ]),
          "\n</details>",
        ]),
  ];
  const summary = summaryOf(findings, telling);
  const parts = findings.map((finding) => renderFinding(stack, finding, telling));
  let length = [...head, ...summary, ...tail].join("\n").length;
  const fit = parts.filter((part) => (length += part.length + 2) < room);
  const left = parts.length - fit.length;
  const rest =
    left === 0
      ? []
      : [
          `${plural(left, "further resource")}, the least harmful ones, found no room here: ${code(`npm run ops -- drift --stack ${stack}`)} tells all.\n`,
        ];
  return [...head, "", ...summary, fit.join("\n\n"), "", ...rest, ...tail].join("\n").trim();
}

/** Nothing is known of these: they are named, so that nobody takes them for well. */
function renderUnread(unread: readonly Finding[]): string[] {
  if (unread.length === 0) return [];
  const lines = unread.slice(0, mostRows).map(({ type, name }) => `- ${code(keyOf({ type, name }))}`);
  return [`Could not be read, so nothing is said of ${plural(unread.length, "further resource")}:\n`, ...lines, ""];
}

/** Lines of the table at the top; what hurts most is first. */
const mostLines = 20;

/** What happened, in one line for each resource: that is all that many will read. */
function summaryOf(findings: readonly Finding[], { standing, now }: Telling): string[] {
  if (findings.length < 2) return [];
  const lines = findings.slice(0, mostLines).map((finding) => {
    const [first, ...more] = finding.properties;
    const change =
      first === undefined
        ? states[finding.kind]
        : `${code(first.path)}: ${wayOf(first)}${more.length > 0 ? `, and ${more.length} more` : ""}`;
    const danger = finding.opening ?? dangerWords(finding);
    const known = minute(new Date(standing.get(sinceKey(finding))?.since ?? now.toISOString()));
    return `| ${danger === "" ? "" : `**${sentence(danger)}**`} | ${nameOf(finding)} | ${change} | ${known} |`;
  });
  const left = findings.length - lines.length;
  return [
    "| Danger | Resource | Deployed → there now | Since |",
    "| --- | --- | --- | --- |",
    ...lines,
    ...(left > 0 ? ["", `And ${left} more below.`] : []),
    "",
  ];
}

function wayOf({ expected, actual }: Property): string {
  if (expected === nothing) return `${code(cut(actual, shortest))} came`;
  if (actual === nothing) return `${code(cut(expected, shortest))} went`;
  return `${code(cut(expected, shortest))} → ${code(cut(actual, shortest))}`;
}

/** Enough of a value to know it again. */
const shortest = 40;

const states = { changed: "changed", gone: "gone from the cloud", unread: "not reachable" } as const;

const nameOf = ({ type, name }: Finding): string => `${code(type.split(":").at(-1) ?? "")} ${code(name)}`;

/** Rows of one resource; more say little more. */
const mostRows = 40;

function renderFinding(stack: string, finding: Finding, { choice, standing, now, options }: Telling): string {
  const { kind, properties } = finding;
  const danger = finding.opening ?? dangerWords(finding);
  const first = standing.get(sinceKey(finding))?.since ?? now.toISOString();
  const rows = properties.slice(0, mostRows).map(({ path, expected, actual }) => `| ${code(path)} | ${code(expected)} | ${code(actual)} |`);
  const more = properties.length - rows.length;
  return [
    `### ${nameOf(finding)}: ${states[kind]}${danger ? ` — ${danger}` : ""}`,
    "",
    `Seen since ${minute(new Date(first))}.`,
    ...(rows.length === 0 ? [] : ["", "| Property | Deployed | There now |", "| --- | --- | --- |", ...rows]),
    ...(more > 0 ? ["", `And ${plural(more, "more property", "more properties")}.`] : []),
    ...renderRemedy("Restore", restore(stack, finding, choice)),
    ...renderRemedy("Adopt", adopt(stack, finding, choice, options)),
  ].join("\n");
}

function renderRemedy(name: string, { commands, words, isOffered, reasons = [] }: Remedy & Partial<Pick<Keeping, "reasons">>): string[] {
  if (commands.length === 0 && words === "" && reasons.length === 0) return [];
  const bare = [...Map.groupBy(reasons, ({ why }) => why)].map(
    ([why, all]) =>
      `- ${all
        .slice(0, mostPaths)
        .map(({ path }) => code(path))
        .join(", ")}${all.length > mostPaths ? " and more" : ""}: ${plainText(why)}.`,
  );
  if (bare.length > 0) {
    const rest = commands.length === 0 ? [] : ["", plainText(words), "", block(commands, "sh")];
    return ["", `**${name}.** ${commands.length === 0 ? "No command does" : "Not these"}:`, "", ...bare, ...rest];
  }
  // The verb asks and looks afterwards; what it runs is for those who would rather do it themselves.
  const shown = isOffered ? commands.slice(0, 1) : commands;
  return ["", `**${name}.** ${words === "" ? "" : plainText(words)}`.trim(), ...(shown.length === 0 ? [] : ["", block(shown, "sh")])];
}

/** Properties that are named beside one reason. */
const mostPaths = 6;

/** Our own words, with names and values of others in them: where one of those could be more than a word, all of it is code. */
const plainText = (words: string): string =>
  /^[\w .,:;()[\]'"/-]*$/.test(words) && !words.includes("//") ? words.replaceAll(/[_[\]]/g, String.raw`\$&`) : code(words);

const minute = (time: Date): string => `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
