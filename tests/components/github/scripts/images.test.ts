import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { isAction } from "../../../../components/github/actions/model.ts";
import { workflowsOf } from "../../../../components/github/workflows/index.ts";
import { commit, digest, folder, git, newFolder, plans, run, step, type Result, write } from "./step.ts";

beforeEach(newFolder);

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
