import { opsCommand, pulumiCommand, withChoice } from "../commands.ts";
import { restoreCommand } from "../remembered.ts";
import type { StackStatus, Verdict } from "./status.ts";
import type { Update } from "../history.ts";
import type { Paint } from "../paint.ts";
import { didSo } from "./words.ts";

const colours: Readonly<Record<Verdict, "green" | "yellow" | "red" | "gray">> = {
  healthy: "green",
  up: "green",
  deploying: "yellow",
  unwell: "red",
  lost: "red",
  unreadable: "red",
  empty: "gray",
  missing: "gray",
};

const words: Readonly<Record<Verdict, string>> = {
  healthy: "healthy",
  up: "up",
  deploying: "deploying",
  unwell: "unwell",
  lost: "state lost",
  unreadable: "unreadable",
  empty: "nothing in it",
  missing: "not made yet",
};

/** One screen. */
export function renderStatus(
  statuses: readonly StackStatus[],
  { now, paint, choice }: { now: Date; paint: Paint; choice: string },
): string {
  const width = Math.max(...statuses.map(({ stack }) => stack.length), 0);
  return statuses.map((status) => renderStack(status, width, { now, paint, choice })).join("\n");
}

function renderStack(status: StackStatus, width: number, { now, paint, choice }: { now: Date; paint: Paint; choice: string }): string {
  const { stack, verdict, cost, serving, broughtBy, last, pending, lock, promotion, problems, unseen } = status;
  const ops = (words: string): string => opsCommand(choice, ...words.split(" "));
  const head = `${paint(colours[verdict], "●")} ${paint("bold", stack.padEnd(width))}  ${paint(colours[verdict], words[verdict].padEnd(12))} `;
  const lines: [string, string][] = [];
  if (serving) {
    const { number, time, commit, run, images } = serving;
    const by = [
      commit === undefined ? undefined : `commit ${short(commit)}`,
      run === undefined ? undefined : `run ${run}`,
      broughtBy && `${whose(broughtBy)}`,
    ];
    lines.push([
      status.isGone === true ? "served" : "serves",
      `release ${number}${time === undefined ? "" : `, since ${didSo(time, now)}`}${joined(by)}`,
    ]);
    lines.push(...aligned(Object.entries(images).map(([service, image]) => [service, shortImage(image)])));
  }
  if (status.hosts.length > 0) lines.push(["at", status.hosts.join("  ")]);
  // The run that brought what serves is told above.
  if (last && last !== broughtBy)
    lines.push([
      "last run",
      `${last.kind} ${last.result === "succeeded" ? "succeeded" : paint("red", last.result)}, ${didSo(last.started, now)}${joined([whose(last)])}`,
    ]);
  lines.push(
    ...problems.map((problem): [string, string] => [
      "problem",
      problem
        .split("\n")
        .map((line) => paint("red", line))
        .join(`\n${" ".repeat(14)}`),
    ]),
  );
  // What is gone has no logs, and its problem names the way out.
  if (problems.length > 0 && verdict === "unwell" && status.isGone !== true) {
    const isFailed = problems.some((problem) => problem.includes("deployment"));
    lines.push([
      "",
      isFailed
        ? `what it said: ${ops(`logs --stack ${stack} --type deploy`)}${serving ? "; the next deployment goes back to what serves" : ""}`
        : `what it says: ${ops(`logs --stack ${stack}`)}; what is wrong: ${ops(`doctor --stack ${stack}`)}`,
    ]);
  }
  if (pending.length > 0) {
    const what = pending.length > 3 ? [...pending.slice(0, 2), `${pending.length - 2} more`] : pending;
    // While a run lives, it is what that does.
    const why = lock?.isAtWork === true ? "the run that holds it is at that" : `a run broke off. ${ops(`unlock --stack ${stack}`)}`;
    lines.push(["pending", `${paint("yellow", what.join(", "))}: ${why}`]);
  }
  if (lock) lines.push(["locked", lockWords(lock, ops(`unlock --stack ${stack}`), paint)]);
  const waiting = Object.entries(promotion?.images ?? {});
  if (promotion && waiting.length > 0) {
    const commit = promotion.commit === undefined ? "" : `, commit ${short(promotion.commit)}`;
    const again = promotion.ranAs === undefined ? "" : `, which ran here as release ${promotion.ranAs} and was taken back`;
    lines.push([
      "promotion",
      `${paint("yellow", `would bring release ${promotion.release} of ${promotion.from}${commit}${again}`)}: ${ops(`promote --to ${stack}`)}`,
    ]);
    lines.push(
      ...aligned(
        waiting.map(([service, { now, next }]) => [service, `${now === undefined ? "nothing" : shortDigest(now)} → ${shortDigest(next)}`]),
      ),
    );
  }
  if (verdict === "lost") lines.push(["", `put it back: ${withChoice(restoreCommand(`--stack ${stack}`, status.remembered), choice)}`]);
  if (verdict === "missing")
    lines.push(["", `it has a stack file, and was never brought up: ${pulumiCommand(choice, ["up", "--stack", stack])}`]);
  lines.push(...unseen.map((what): [string, string] => ["not seen", paint("gray", what)]));
  return [
    `${head}${cost === undefined ? "" : paint("gray", cost)}`.trimEnd(),
    ...lines.map(([label, text]) => `    ${paint("gray", label.padEnd(9))} ${text}`),
  ].join("\n");
}

function lockWords({ text, alive, isAtWork }: NonNullable<StackStatus["lock"]>, unlock: string, paint: Paint): string {
  if (alive === true) return paint("yellow", `by ${text}, which is running`);
  if (alive === "unknown" && isAtWork) return paint("yellow", `by ${text}, on another machine`);
  if (alive === "unknown") return `${paint("yellow", `by ${text}, on another machine`)}; if nobody works on it: ${unlock} --force`;
  return `${paint("red", `by ${text}, which does not run any more`)}: ${unlock}`;
}

/** `from checkout 1a2b3c4 of Ann, run 12`: where a run came from. */
function whose({ commit, author, run, dirty }: Update): string {
  const checkout =
    commit === undefined
      ? undefined
      : `from checkout ${short(commit)}${dirty ? " with changes" : ""}${author === undefined ? "" : ` of ${author}`}`;
  return [checkout, run === undefined ? undefined : `run ${run}`].filter((text) => text !== undefined).join(", ");
}

/** Rows below a line, their second column aligned. */
function aligned(rows: readonly (readonly [string, string])[]): [string, string][] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => ["", `${name.padEnd(width)}  ${text}`]);
}

const joined = (texts: readonly (string | undefined)[]): string =>
  texts
    .filter((text) => text !== undefined && text !== "")
    .map((text) => `, ${text}`)
    .join("");

const short = (commit: string): string => commit.slice(0, 7);

const shortDigest = (image: string): string => {
  const [, digest] = image.split("@sha256:");
  return digest === undefined ? image : digest.slice(0, 12);
};

const shortImage = (image: string): string => {
  const [name = "", digest] = image.split("@sha256:");
  return digest === undefined ? name : `${name}@${digest.slice(0, 12)}`;
};
