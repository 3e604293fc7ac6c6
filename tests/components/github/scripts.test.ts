import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Job, isAction, type RunStep } from "../../../components/github/actions/model.ts";
import type { DeliveryPlan } from "../../../components/github/plan.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { workflowsOf } from "../../../components/github/workflows/index.ts";
import { markPattern } from "../../../components/github/workflows/migrations.ts";
import { mayMerge } from "../../../components/github/workflows/pull-request.ts";
import { isMarked, readSaid } from "../../../operations/migrations.ts";
import { documents } from "./documents/index.ts";

// The scripts of steps, run by bash as GitHub runs them, with programs in place of the ones that talk to the outside.

let folder = "";
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-step-")))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plans = Object.fromEntries(
  Object.entries(documents).map(([name, { definition, settings }]) => [name, resolveDelivery(definition, settings).plan]),
) as Record<keyof typeof documents, DeliveryPlan>;

function step(plan: DeliveryPlan, repository: string, file: string, job: string, name: string): RunStep {
  const workflow = workflowsOf(plan, plan.repositories[repository]!)[`.github/workflows/${file}`];
  const found: Job["steps"][number] | undefined = workflow?.jobs[job]?.steps.find((one) => one.name === name);
  if (found === undefined || isAction(found)) throw new Error(`${file} has no step ${job}/${name}`);
  return found;
}

interface Result {
  readonly status: number | null;
  readonly said: string;
  readonly outputs: string;
}

/** Runs a step with `commands` (name → script) first on PATH. */
function run({ run: script }: RunStep, env: Record<string, string>, commands: Record<string, string> = {}, cwd = folder): Result {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: join(folder, "summary"), RUNNER_TEMP: folder };
  writeFileSync(files.GITHUB_OUTPUT, "");
  const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], {
    cwd,
    encoding: "utf8",
    env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: folder, ...files, ...env },
  });
  return { status, said: stdout + stderr, outputs: readFileSync(files.GITHUB_OUTPUT, "utf8") };
}

const digest = `sha256:${"a".repeat(64)}`;
const commit = "0123456789012345678901234567890123456789";

test("a release is v1.2.3 and no pre-release", () => {
  const look = step(plans.template, "application", "deploy-production.yml", "images", "Look at the release");
  for (const tag of ["v1.2.3", "v0.0.1", "v10.20.30"]) expect(run(look, { TAG: tag, PRERELEASE: "false" }).status).toBe(0);
  for (const tag of ["v1.2", "1.2.3", "v1.2.3-rc.1", "v01.2.3", "v1.2.3.4", "v1.2.3 ", "", "v1.2.3\nv1.2.3", "$(touch x)", "latest"]) {
    expect({ tag, status: run(look, { TAG: tag, PRERELEASE: "false" }).status }).toEqual({ tag, status: 1 });
  }
  expect(run(look, { TAG: "v1.2.3", PRERELEASE: "true" }).status).toBe(1);
});

test("a deploy by hand is confirmed by the name of what it deploys", () => {
  const look = step(plans.vectis, "infrastructure", "deploy-production.yml", "images", "Look at the confirmation");
  expect(run(look, { CONFIRM: "production", WANTED: "production" }).status).toBe(0);
  for (const text of ["", "staging", "production ", "*"]) expect(run(look, { CONFIRM: text, WANTED: "production" }).status).toBe(1);
});

const known = { api: "ghcr.io/acme/vectis.shop/api", worker: "ghcr.io/acme/worker/worker" };

const handed = { commit, images: { api: `${known.api}@${digest}` }, migrations: {} };
const form = "has to hold commit, images and migrations, and nothing else";
const migrations = (given: unknown) => ({ ...handed, migrations: given });

test.for<[string, unknown, string | undefined]>([
  ["what is handed over", handed, undefined],
  ["two of them", { ...handed, images: { api: `${known.api}@${digest}`, worker: `${known.worker}@${digest}` } }, undefined],
  ["with migrations", migrations({ api: { "0001_first": true, "1700000000000-More": false, "V2.1__x": true } }), undefined],
  ["nothing", null, form],
  ["a text", "x", form],
  ["something beside", { ...handed, stack: "production" }, form],
  ["nothing about migrations", { commit, images: handed.images }, form],
  ["a short commit", { ...handed, commit: "0123456" }, "has no full commit"],
  ["a commit with more to it", { ...handed, commit: `${commit}\n--yes` }, "has no full commit"],
  ["a commit with an end of line", { ...handed, commit: `${commit}\n` }, "has no full commit"],
  ["no images", { ...handed, images: {} }, "has no images"],
  ["another service", { ...handed, images: { web: `${known.api}@${digest}` } }, "names a service that no other repository builds"],
  ["a tag", { ...handed, images: { api: `${known.api}:latest` } }, "has an image without a digest"],
  ["a tag and a digest", { ...handed, images: { api: `${known.api}:latest@${digest}` } }, "has an image without a digest"],
  ["a digest with more to it", { ...handed, images: { api: `${known.api}@${digest}\nx=y` } }, "has an image without a digest"],
  ["another service's image", { ...handed, images: { api: `${known.worker}@${digest}` } }, "has an image from another place than its own"],
  ["another registry", { ...handed, images: { api: `evil.example/acme/vectis.shop/api@${digest}` } }, "has an image from another place"],
  ["an object for an image", { ...handed, images: { api: { x: 1 } } }, "has an image without a digest"],
  ["a list of migrations", migrations(["0001_first"]), "has no migrations"],
  ["migrations of another service", migrations({ worker: { a: true } }), "has migrations of a service that it brings no image of"],
  ["a text for migrations", migrations({ api: "evil.example" }), "has migrations that are no list of names"],
  ["an empty list of migrations", migrations({ api: {} }), "has migrations that are no list of names"],
  ["a mark that is a text", migrations({ api: { a: "true" } }), "has a migration that is neither marked nor not"],
  ["a mark that is none", migrations({ api: { a: null } }), "has a migration that is neither marked nor not"],
  ...["", "$(id)", "a b", "--yes", "../a", "a\n", "a\nb", "a'b", "é", "a".repeat(201)].map((name): [string, unknown, string] => [
    `a migration called ${JSON.stringify(name)}`,
    migrations({ api: { [name]: true } }),
    "has a migration whose name is none",
  ]),
])("a payload is taken only as it has to be: %s", ([, payload, why]) => {
  const take = step(plans.vectis, "infrastructure", "receive-staging.yml", "payload", "Take the payload apart");
  const { status, said, outputs } = run(take, { PAYLOAD: JSON.stringify(payload), KNOWN: JSON.stringify(known) });
  if (why === undefined) {
    const { images, migrations } = payload as typeof handed;
    expect({ status, said }).toEqual({ status: 0, said: "" });
    expect(outputs).toBe(`images=${JSON.stringify(images)}\nmigrations=${JSON.stringify(migrations)}\ncommit=${commit}\n`);
  } else {
    expect(status).not.toBe(0);
    expect(said).toContain(`the payload ${why}`);
    expect(outputs).toBe("");
    expect(said).not.toContain("evil.example");
  }
});

describe("which migrations a digest brings", () => {
  const texts: readonly [string, string][] = [
    ["# groundwork: backward compatible\n", "a comment"],
    ["import x\n\n  # it is groundwork: backward compatible, since\n", "indented, with more to it"],
    ["-- groundwork: backward compatible\r\n", "of SQL"],
    ["/* groundwork: backward compatible */\n", "in a block"],
    ["/*\n * groundwork: backward compatible\n */", "in a line of a block"],
    ["// groundwork: backward compatible", "of another language"],
    ["", "nothing"],
    ['x = "groundwork: backward compatible"\n', "in a text"],
    ["# groundwork: backward-compatible\n", "misspelt"],
    ["drop table a; -- groundwork: backward compatible\n", "behind a statement"],
  ];

  test("the shell and the verb read the same marks", () => {
    for (const [text, what] of texts) {
      write("one", text);
      const { status } = spawnSync("grep", ["--quiet", "--extended-regexp", markPattern, join(folder, "one")]);
      expect({ what, marked: status === 0 }).toEqual({ what, marked: isMarked(text) });
    }
    expect(texts.filter(([text]) => isMarked(text))).toHaveLength(6);
  });

  const look = step(plans.vectis, "shop", "deploy-staging.yml", "migrations", "Read the migrations");
  test("are read from the files, one for each file or folder, as the verb reads them", () => {
    write("backend/migrations/0001_first.sql", "create table a ();\n");
    write("backend/migrations/0002-more.up.sql", "-- groundwork: backward compatible\n");
    write("backend/migrations/readme.txt", "no migration\n");
    write("backend/prisma/migrations/2026_x/migration.sql", "-- groundwork: backward compatible\n");
    const { status, said, outputs } = run(look, {});
    expect({ status, said }).toEqual({ status: 0, said: "" });
    const [, text = ""] = /^migrations=(.*)\n$/.exec(outputs) ?? [];
    expect(JSON.parse(text)).toEqual({ api: { "0001_first": false, "0002-more.up": true, "2026_x": true } });
    const patterns = "{backend/migrations/*.sql,backend/prisma/migrations/*/migration.sql}";
    expect(readSaid([`api=${join(folder, patterns)}`])).toEqual(JSON.parse(text));
  });

  test("none at all is more likely a wrong folder, and a name has to be one that can be handed over", () => {
    expect(run(look, {})).toMatchObject({ status: 1, outputs: "" });
    write("backend/migrations/0001 first.sql", "x\n");
    const { status, said, outputs } = run(look, {});
    expect({ status, outputs }).toEqual({ status: 1, outputs: "" });
    expect(said).toContain("::error::0001\\ first is no name of a migration that can be handed over");
  });
});

test("branch flow: the check and the rules agree on every pair, and a fork never gets through", () => {
  const plan = plans["medusa-shop"];
  const look = step(plan, "backend", "branch-flow.yml", "branch-flow", "Look where it comes from");
  const heads = [
    "feature/a",
    "feature/",
    "feature",
    "fix/a/b",
    "chore/x",
    "hotfix/x",
    "hotfix",
    "dev",
    "staging",
    "main",
    "xfeature/a",
    "dev:x",
    "*",
    "$(id)",
  ];
  const allowed: string[] = [];
  for (const base of ["dev", "staging", "main", "feature/a"]) {
    for (const head of heads) {
      for (const isFork of [false, true]) {
        const expected = mayMerge(plan.flow, base, head, isFork);
        const { status } = run(look, { BASE: base, HEAD: head, IS_FORK: String(isFork) });
        expect({ base, head, isFork, may: status === 0 }).toEqual({ base, head, isFork, may: expected });
        if (expected && base !== "feature/a") allowed.push(`${head} → ${base}${isFork ? " (fork)" : ""}`);
      }
    }
  }
  expect(allowed).toEqual(["feature/a → dev", "fix/a/b → dev", "chore/x → dev", "dev → staging", "hotfix/x → main", "staging → main"]);
});

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", ...args],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

test("migrations: a new one is judged by its mark, and one that was merged is not changed", () => {
  const look = step(plans.template, "application", "migrations.yml", "migrations", "Look at new migrations");
  git("init", "-q");
  write("backend/alembic/versions/1.py", "# first\n");
  write("backend/app.py", "x\n");
  git("add", "-A");
  git("commit", "-qm", "one");
  write("backend/alembic/versions/2 new.py", "# groundwork: backward compatible\n");
  write("backend/alembic/versions/deep/3.py", "# nothing\n");
  write("supabase/migrations/4.sql", "-- groundwork: backward compatible\n");
  write("supabase/migrations/readme.txt", "no migration\n");
  write("backend/app.py", "y\n");
  git("add", "backend", "supabase");
  git("commit", "-qm", "two");
  const first = run(look, {});
  expect(first.status).toBe(0);
  expect(first.said.split("\n").map((line) => line.split("::").slice(1, 2).join(""))).toEqual([
    "notice file=backend/alembic/versions/2 new.py",
    "warning file=backend/alembic/versions/deep/3.py",
    "notice file=supabase/migrations/4.sql",
    "",
  ]);
  write("backend/alembic/versions/1.py", "# changed\n");
  git("rm", "-q", "supabase/migrations/4.sql");
  git("add", "backend");
  git("commit", "-qm", "three");
  const second = run(look, {});
  expect(second.status).toBe(1);
  expect(second.said).toContain("::error file=backend/alembic/versions/1.py::It has been merged");
  expect(second.said).toContain("::error file=supabase/migrations/4.sql::It has been merged");
});

/** A registry in a folder: `<image>:<tag>` is a file with a digest. */
const docker = [
  'case "$1 $2 $3" in',
  '  "buildx imagetools inspect")',
  '    [ "$REGISTRY" != denied ] || { echo "ERROR: denied: permission_denied" >&2; exit 1; }',
  '    [ "$REGISTRY" != down ] || { echo "ERROR: dial tcp: i/o timeout" >&2; exit 1; }',
  '    file="$REGISTRY/$(tr / _ <<<"$4")"',
  '    [ -f "$file" ] || { echo "ERROR: $4: not found" >&2; exit 1; }',
  `    printf '{"digest":"%s"}' "$(cat "$file")" ;;`,
  '  "buildx imagetools create") echo "${6#*@}" > "$REGISTRY/$(tr / _ <<<"$5")" ;;',
  "  *) exit 64 ;;",
  "esac",
].join("\n");

test("nothing is built again for a merge that changes no file, and no image of other files is taken", () => {
  const find = step(plans["medusa-shop"], "backend", "deploy-production.yml", "images", "Look for images of these files");
  git("init", "-q");
  write("a", "1");
  git("add", "-A");
  git("commit", "-qm", "one");
  const one = git("rev-parse", "HEAD");
  git("checkout", "-qb", "staging");
  write("a", "2");
  git("commit", "-qam", "two");
  const two = git("rev-parse", "HEAD");
  git("checkout", "-q", "main");
  git("merge", "-q", "--no-ff", "-m", "merge", "staging");
  const merge = git("rev-parse", "HEAD");
  const image = "ghcr.io/acme/backend/backend";
  const registry = join(folder, "registry");
  mkdirSync(registry);
  const at = (tag: string): string => join(registry, `${image}:${tag}`.replaceAll("/", "_"));
  const env = { SERVICES: JSON.stringify({ backend: image }), REGISTRY: registry };
  const look = (sha: string, more = {}): Result => run(find, { ...env, COMMIT: sha, ...more }, { docker });
  const found = (sha: string): string => `commit=${sha}\nimage-backend=${image}@${digest}\n`;

  expect(look(merge)).toMatchObject({ status: 0, outputs: "" });
  writeFileSync(at(one), `sha256:${"1".repeat(64)}\n`);
  expect(look(merge)).toMatchObject({ status: 0, outputs: "" });
  writeFileSync(at(two), `${digest}\n`);
  expect(look(merge)).toMatchObject({ status: 0, outputs: found(two) });
  expect(look(two)).toMatchObject({ status: 0, outputs: found(two) });
  // All services or none: what is new and what is found would be of two commits.
  const both = { SERVICES: JSON.stringify({ backend: image, web: "ghcr.io/acme/backend/web" }) };
  expect(look(merge, both)).toMatchObject({ status: 0, outputs: "" });
  // A registry that does not answer, or lets nobody look, is no reason to build a second image of one commit.
  for (const REGISTRY of ["down", "denied"])
    expect({ REGISTRY, outputs: look(merge, { REGISTRY }).outputs, ok: look(merge, { REGISTRY }).status === 0 }).toEqual({
      REGISTRY,
      outputs: "",
      ok: false,
    });
});

test("a build takes nothing from the registry, where whoever pushes a branch can put what he likes", () => {
  let seen = 0;
  for (const [name, plan] of Object.entries(plans)) {
    for (const repository of Object.values(plan.repositories)) {
      for (const { jobs } of Object.values(workflowsOf(plan, repository))) {
        for (const [id, job] of Object.entries(jobs).filter(([id]) => id.startsWith("build-"))) {
          const scripts = job.steps.flatMap((one) => (isAction(one) ? [] : [one.run])).join("\n");
          expect({ name, id, reads: /cache-from|imagetools inspect|docker pull/.test(scripts) }).toEqual({ name, id, reads: false });
          seen += 1;
        }
      }
    }
  }
  expect(seen).toBeGreaterThan(8);
});

test("a deploy says which images run of those that are built here, and a rollback does", () => {
  for (const [file, job] of [
    ["deploy-production.yml", "deploy-production"],
    ["rollback.yml", "roll-back-production"],
  ] as const) {
    const say = step(plans["medusa-shop"], "backend", file, job, "Say which images run");
    const releases = {
      serving: { images: { backend: `ghcr.io/acme/backend/backend@${digest}`, storefront: "ghcr.io/acme/storefront@x" } },
    };
    const npm = `[[ "$*" == *"releases --stack production --json"* ]] && echo '${JSON.stringify(releases)}'`;
    expect(run(say, { SERVICES: '["backend"]' }, { npm })).toMatchObject({
      status: 0,
      outputs: `images={"backend":"ghcr.io/acme/backend/backend@${digest}"}\n`,
    });
    // Where nothing is written down, nothing gets a name.
    expect(run(say, { SERVICES: '["backend"]' }, { npm: "echo '{}'" })).toMatchObject({ status: 0, outputs: "images={}\n" });
  }
});

test("what promotes is handed no digest: it takes what the environment before ran for the commit", () => {
  const deploys = Object.entries(plans).flatMap(([name, plan]) =>
    Object.entries(workflowsOf(plan, plan.repositories[plan.program]!)).flatMap(([path, { jobs }]) =>
      Object.entries(jobs).flatMap(([id, job]) =>
        job.steps.flatMap((one) =>
          !isAction(one) && one.run.includes("promote --to production")
            ? [`${name} ${path.split("/").at(-1)} ${id}: ${/--(images|from)/.exec(one.run)?.[0]}`]
            : [],
        ),
      ),
    ),
  );
  expect(deploys).toEqual([
    "septimius deploy.yml deploy-production: --from",
    "vectis receive-production.yml deploy-production: --images",
    "template deploy-production.yml deploy-production: --from",
    "medusa-shop deploy-production.yml plan-production: --from",
    "medusa-shop deploy-production.yml deploy-production: --from",
    "medusa-shop receive-production.yml deploy-production: --images",
    "sevalla deploy.yml deploy-production: --from",
  ]);
});

test("a release takes the images of its commit, all of them, and builds none", () => {
  const find = step(plans.vectis, "shop", "deploy-production.yml", "images", "Find the images of this commit");
  const services = { backend: "ghcr.io/acme/template/backend", dashboard: "ghcr.io/acme/template/dashboard" };
  const registry = join(folder, "registry");
  mkdirSync(registry);
  const look = (): Result => run(find, { COMMIT: commit, SERVICES: JSON.stringify(services), REGISTRY: registry }, { docker });
  writeFileSync(join(registry, `${services.backend}:${commit}`.replaceAll("/", "_")), digest);
  expect(look()).toMatchObject({ status: 1, outputs: "" });
  expect(look().said).toContain(`There is no image of dashboard for ${commit}`);
  writeFileSync(join(registry, `${services.dashboard}:${commit}`.replaceAll("/", "_")), digest);
  expect(look().outputs).toBe(`images={"backend":"${services.backend}@${digest}","dashboard":"${services.dashboard}@${digest}"}\n`);
});

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
