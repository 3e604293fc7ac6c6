import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { commit, folder, newFolder, plans, run, step } from "./step.ts";

beforeEach(newFolder);

test("a failure is told in an issue, once, and nothing in the log is markup", () => {
  const tell = step(plans.template, "application", "deploy-staging.yml", "tell", "Open an issue");
  const needs = { "build-backend": { result: "success" }, "deploy-staging": { result: "failure" }, x: { result: "skipped" } };
  const env = {
    TITLE: "Deploy to staging failed",
    NEEDS: JSON.stringify(needs),
    PHASE: "deploying",
    LOG: "line 1\n# no heading\n```\n@everyone",
    COMMIT: commit,
    RUN: "https://github.com/Acme/template/actions/runs/1",
  };
  const gh = (open: string): string => `if [ "$2" = list ]; then printf '%s' '${open}'; else echo "$@" > "$RUNNER_TEMP/asked"; fi`;
  const asked = (): string => readFileSync(join(folder, "asked"), "utf8").trim();
  expect(run(tell, env, { gh: gh("") }).status).toBe(0);
  expect(asked()).toBe(`issue create --title Deploy to staging failed --body-file ${join(folder, "message.md")}`);
  expect(readFileSync(join(folder, "message.md"), "utf8")).toBe(
    `Deploy to staging failed: deploy-staging, while deploying. Commit ${commit}, ${env.RUN}\n\n` +
      "    line 1\n    # no heading\n    ```\n    @everyone\n",
  );
  expect(run(tell, env, { gh: gh("7") }).status).toBe(0);
  expect(asked()).toBe(`issue comment 7 --body-file ${join(folder, "message.md")}`);
});

test("Slack is told the same", () => {
  const tell = step(plans.vectis, "infrastructure", "deploy-staging.yml", "tell", "Write to Slack");
  const env = {
    TITLE: "T",
    NEEDS: '{"a":{"result":"cancelled"}}',
    PHASE: "",
    LOG: 'a "quote"',
    COMMIT: commit,
    RUN: "r",
    SLACK_WEBHOOK_URL: "https://hooks.example/x",
  };
  const curl = 'cat > "$RUNNER_TEMP/sent"; echo "${@: -1}" >> "$RUNNER_TEMP/sent"';
  expect(run(tell, env, { curl }).status).toBe(0);
  const [body, address] = readFileSync(join(folder, "sent"), "utf8").split("}\n");
  expect(JSON.parse(`${body}}`)).toEqual({ text: `T: a. Commit ${commit}, r\n\n    a "quote"\n` });
  expect(address).toBe("https://hooks.example/x\n");
});

test("the post-mortem of a rollback is written to a branch and asked for, the second of a day under a name of its own", () => {
  const propose = step(plans.template, "application", "rollback.yml", "post-mortem", "Propose the file");
  const gh = [
    'if [ "$1 $2" = "issue create" ]; then echo "$4" > "$RUNNER_TEMP/issue"; cat "$6" >> "$RUNNER_TEMP/issue"; exit; fi',
    `case "$*" in`,
    `  *--method*PUT*) cat > "$RUNNER_TEMP/put"; echo "$*" >> "$RUNNER_TEMP/calls" ;;`,
    `  *--method*) echo "$*" >> "$RUNNER_TEMP/calls" ;;`,
    `  *contents*) [[ "$*" == *-2.md* ]] && exit 1; exit 0 ;;`,
    "esac",
  ].join("\n");
  const compare = "https://github.com/Acme/template/compare/main...";
  const env = {
    ...{ BASE: commit, RUN: "r", RUN_ID: "9", ACTOR: "ann", STACK: "production", RELEASE: "", COMPARE: compare },
    REASON: "pages were `slow` $(id)",
  };
  const known = "- From: release 3\n- To: release 2";
  expect(run(propose, { ...env, KNOWN: known }, { gh, date: "echo 2026-11-21" })).toMatchObject({ status: 0, said: "" });
  const sent = JSON.parse(readFileSync(join(folder, "put"), "utf8")) as { branch: string; message: string; content: string };
  expect(sent.branch).toBe("post-mortem-2026-11-21-production-2-9");
  const text = Buffer.from(sent.content, "base64").toString();
  expect(text).toContain(
    "# 2026-11-21: production rolled back\n\n- What happened: pages were `slow` $(id)\n- By: ann\n- Run: r\n- From: release 3\n- To: release 2\n\n##",
  );
  const calls = readFileSync(join(folder, "calls"), "utf8").split("\n");
  expect(calls[0]).toContain(`ref=refs/heads/${sent.branch} --raw-field sha=${commit}`);
  expect(calls[1]).toContain("contents/docs/ops/incidents/2026-11-21-production-2.md");
  expect(readFileSync(join(folder, "issue"), "utf8")).toBe(
    `Post-mortem of 2026-11-21-production-2\nFill in docs/ops/incidents/2026-11-21-production-2.md on the branch ${sent.branch}, and propose it: ` +
      `${compare}${sent.branch}?expand=1\n\nRun: r\n`,
  );
});
