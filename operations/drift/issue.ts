import { createHash } from "node:crypto";
import type { DriftFinding } from "../github/drift-issue.ts";
import type { Scrub } from "../scrub.ts";
import { appType } from "../verify.ts";
import { adopt } from "./adopt.ts";
import type { Drift } from "./drift.ts";
import type { Finding } from "./judge.ts";
import { block, code, html, plural } from "../comment/markdown.ts";
import { holdsData, keyOf, type Remedy, restore } from "./remedies.ts";

/** What an issue tells beside the findings. */
export interface Telling {
  readonly system: string;
  /** Words of the command line that choose the system. */
  readonly choice: string;
  readonly now: Date;
  /** Address of the run that looked. */
  readonly run?: string | undefined;
  /** Since when each finding is known, by its key; what is missing is new. */
  readonly since: ReadonlyMap<string, string>;
  /** Takes secrets out of all that leaves. */
  readonly scrub: Scrub;
}

/** GitHub takes 65,536 characters; what is before the body, and a closing word, need some. */
const room = 60_000;

/** By it the issue of a stack is found again. */
export const markerOf = (system: string, stack: string): string => `<!-- groundwork: drift of ${slug(system)}/${slug(stack)} -->`;
const slug = (text: string): string => text.replaceAll(/[^\w./-]/g, "_").replaceAll("--", "__");

/** The issue of one stack. Pure. */
export function issueOf(drift: Drift, telling: Telling): DriftFinding {
  const { stack, findings } = drift;
  const { system, scrub, now } = telling;
  const ordered = inOrder(findings);
  return {
    marker: markerOf(system, stack),
    title: scrub(`Drift: ${plural(findings.length, "resource")} of ${stack} ${findings.length === 1 ? "is" : "are"} not as deployed`),
    body: scrub(renderIssue({ ...drift, findings: ordered }, telling)),
    labels: [{ name: "drift", color: "d93f0b", description: "Something in the cloud is not as it was deployed" }],
    found: findings.length > 0,
    // What a look finds again is the same, whenever it looks; what cannot be read says so in other words each time.
    digest: JSON.stringify(ordered.map(({ urn, kind, properties }) => [urn, kind, properties])),
    gone: `Everything in \`${slug(stack)}\` is as it was deployed again, as of ${minute(now)}.`,
    back: `Something in \`${slug(stack)}\` is not as it was deployed, as of ${minute(now)}. The text above says what.`,
  };
}

const dangers = [
  "data is gone",
  "who may reach the data is not what was deployed",
  "a secret was replaced, or other code runs",
  "what protects the branches and the deploys is weaker or other",
  // Something else is gone, or differs.
  "",
  "",
] as const;

/** How much a finding hurts: the place in {@link dangers}. */
function dangerOf({ type, kind, properties }: Finding): number {
  const some = (pattern: RegExp): boolean => properties.some(({ path }) => pattern.test(path));
  if (kind === "gone" && holdsData(type)) return 0;
  if (/:(?:DatabaseFirewall|Firewall|SpacesBucketPolicy)$/.test(type) || (/:SpacesBucket$/.test(type) && some(/^acl/))) return 1;
  if (type === appType && some(/\]$|\.image\.|\.runCommand$|envs\[.*\.(?:value|type)$|registryCredentials$/)) return 2;
  if (/Secret$/.test(type)) return 2;
  if (
    /:(?:RepositoryRuleset|RepositoryEnvironment\w*|ActionsRepositoryPermissions|WorkflowRepositoryPermissions|BranchProtection\w*)$/.test(
      type,
    )
  )
    return 3;
  return kind === "gone" ? 4 : 5;
}

const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => dangerOf(a) - dangerOf(b) || (keyOf(a) < keyOf(b) ? -1 : 1));

function renderIssue({ stack, findings, notes, unmanaged }: Drift, telling: Telling): string {
  const { now, run, since } = telling;
  const by = run === undefined ? "" : ` by [this run](${run.replaceAll(/[()\s<>]/g, "")})`;
  const head = [
    `**${plural(findings.length, "resource")} of ${code(stack)} ${findings.length === 1 ? "is" : "are"} not as deployed.** Looked at ${minute(now)}${by}; this text follows each look, and the issue closes itself.`,
    "",
    ...findings.map((finding) => `<!-- since ${sinceKey(finding)} ${since.get(sinceKey(finding)) ?? now.toISOString()} -->`),
  ];
  const tail = [
    ...notes.map((note) => `> ${code(note)}\n`),
    ...(unmanaged.length === 0
      ? []
      : [
          `<details><summary>In the project of ${html(stack)}, and in no state: ${unmanaged.length}</summary>\n`,
          ...unmanaged.map((name) => `- ${code(name)}`),
          "\n</details>",
        ]),
  ];
  const parts = findings.map((finding) => renderFinding(stack, finding, telling));
  let length = [...head, ...tail].join("\n").length;
  const fit = parts.filter((part) => (length += part.length + 2) < room);
  const left = parts.length - fit.length;
  const rest =
    left === 0
      ? []
      : [
          `${plural(left, "further resource")}, the least harmful ones, found no room here: ${code(`npm run ops -- drift --stack ${stack}`)} tells all.\n`,
        ];
  return [...head, "", fit.join("\n\n"), "", ...rest, ...tail].join("\n").trim();
}

/** Rows of one resource; more say little more. */
const mostRows = 40;

function renderFinding(stack: string, finding: Finding, { choice, since, now }: Telling): string {
  const { type, name, kind, properties, why } = finding;
  const danger = dangers[dangerOf(finding)];
  const what = `${code(type.split(":").at(-1) ?? "")} ${code(name)}`;
  const state = { changed: "changed", gone: "gone from the cloud", unread: "not reachable" }[kind];
  const first = since.get(sinceKey(finding)) ?? now.toISOString();
  const rows = properties.slice(0, mostRows).map(({ path, expected, actual }) => `| ${code(path)} | ${code(expected)} | ${code(actual)} |`);
  const more = properties.length - rows.length;
  return [
    `### ${what}: ${state}${danger ? ` — ${danger}` : ""}`,
    "",
    `Seen since ${minute(new Date(first))}.`,
    ...(why === undefined ? [] : ["", block(why.split("\n").slice(0, 5))]),
    ...(rows.length === 0 ? [] : ["", "| Property | Deployed | There now |", "| --- | --- | --- |", ...rows]),
    ...(more > 0 ? ["", `And ${plural(more, "more property", "more properties")}.`] : []),
    ...renderRemedy("Restore", restore(stack, finding, choice)),
    ...renderRemedy("Adopt", adopt(stack, finding, choice)),
  ].join("\n");
}

function renderRemedy(name: string, { commands, words, isOffered }: Remedy): string[] {
  if (commands.length === 0 && words === "") return [];
  // The verb asks and looks afterwards; what it runs is for those who would rather do it themselves.
  const shown = isOffered ? commands.slice(0, 1) : commands;
  return ["", `**${name}.** ${words === "" ? "" : plainText(words)}`.trim(), ...(shown.length === 0 ? [] : ["", block(shown, "sh")])];
}

/** Our own words, with names and values of others in them: where one of those could be more than a word, all of it is code. */
const plainText = (words: string): string =>
  /^[\w .,:;()[\]'"/-]*$/.test(words) && !words.includes("//") ? words.replaceAll(/[_[\]]/g, String.raw`\$&`) : code(words);

const minute = (time: Date): string => `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const sinceKey = ({ urn, kind }: Finding): string => createHash("sha256").update(`${urn} ${kind}`).digest("hex").slice(0, 12);

/** Since when the findings of an issue are known, by its text. Pure. */
export function sinceIn(body: string): Map<string, string> {
  return new Map([...body.matchAll(/<!-- since ([0-9a-f]{12}) (\S+) -->/g)].map(([, key = "", time = ""]) => [key, time]));
}
