import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkout, checkoutProblem, compareCheckouts, gitIn, isAllowed, readCheckout } from "../../config/checkout.ts";

const folder = mkdtempSync(join(tmpdir(), "groundwork-checkout-"));
const full = join(folder, "full");
const day = (date: number): string => `2026-11-${date}T10:00:00+00:00`;

function run(place: string, args: readonly string[], time = day(10)): string {
  const who = {
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@example.com",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@example.com",
  };
  const env = { ...process.env, ...who, GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time, GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", ["-C", place, ...args], { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

const commit = (time: string): string => {
  run(full, ["commit", "--quiet", "--allow-empty", "--message", time], time);
  return run(full, ["rev-parse", "HEAD"]);
};

const at = (commit: string, date: number): Checkout => ({ commit, time: day(date) });
let [first, second, beside]: string[] = [];

beforeAll(() => {
  run(folder, ["init", "--quiet", "--initial-branch", "main", full]);
  first = commit(day(11));
  second = commit(day(12));
  run(full, ["checkout", "--quiet", "-b", "other", first]);
  beside = commit(day(13));
  run(full, ["checkout", "--quiet", "main"]);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a checkout is read with its time; where there is none, nothing is", async () => {
  expect(await readCheckout(gitIn(full))).toEqual({ commit: second, time: day(12) });
  expect(await readCheckout(gitIn(folder))).toBeUndefined();
  expect(await readCheckout(gitIn(join(folder, "missing")))).toBeUndefined();
});

test("history decides which checkout holds what was deployed", async () => {
  const git = gitIn(full);
  const [one, two, other] = [at(first ?? "", 11), at(second ?? "", 12), at(beside ?? "", 13)];
  expect(await compareCheckouts(two, two, git)).toBe("holds");
  expect(await compareCheckouts(two, one, git)).toBe("holds");
  expect(await compareCheckouts(one, two, git)).toBe("older");
  // Time alone would let it pass.
  expect(await compareCheckouts(other, two, git)).toBe("beside");
  expect(await compareCheckouts(two, at("0".repeat(40), 9), git)).toBe("unknown");
});

test("a shallow clone knows no history, so there the time decides", async () => {
  const shallow = join(folder, "shallow");
  run(folder, ["clone", "--quiet", "--depth", "1", `file://${full}`, shallow]);
  const git = gitIn(shallow);
  const here = at(second ?? "", 12);
  expect(await compareCheckouts(here, at(first ?? "", 11), git)).toBe("holds");
  expect(await compareCheckouts(here, at("0".repeat(40), 13), git)).toBe("older");
});

test("each refusal says which commits, and the way out", () => {
  const [here, deployed] = [at("a".repeat(40), 11), at("b".repeat(40), 12)];
  const said = (["holds", "older", "beside", "unknown"] as const).map((relation) =>
    checkoutProblem("staging", here, deployed, relation)?.replaceAll("b".repeat(40), "<b>"),
  );
  expect(said).toEqual([
    undefined,
    "aaaaaaa of 2026-11-11 10:00 is older than bbbbbbb of 2026-11-12 10:00, from which staging was last deployed: what came since would be taken back. " +
      "git pull. To deploy it on purpose: GROUNDWORK_OLDER_CHECKOUT=<b> pulumi up --stack staging",
    "aaaaaaa of 2026-11-11 10:00 lacks bbbbbbb of 2026-11-12 10:00, from which staging was last deployed: what it brought would be taken back. " +
      "Merge it, or rebase on it. To deploy it on purpose: GROUNDWORK_OLDER_CHECKOUT=<b> pulumi up --stack staging",
    "aaaaaaa of 2026-11-11 10:00 does not know bbbbbbb of 2026-11-12 10:00, from which staging was last deployed. " +
      "git fetch, and bring this checkout up to it. To deploy it on purpose: GROUNDWORK_OLDER_CHECKOUT=<b> pulumi up --stack staging",
  ]);
  expect(["any", "b".repeat(7), "b".repeat(40), "b".repeat(6), "c".repeat(7), undefined].map((word) => isAllowed(word, deployed))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
