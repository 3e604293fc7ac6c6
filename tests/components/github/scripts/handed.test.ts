import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { markPattern } from "../../../../components/github/workflows/migrations.ts";
import { isMarked, readSaid } from "../../../../operations/migrations.ts";
import { commit, digest, folder, newFolder, plans, run, step, write } from "./step.ts";

beforeEach(newFolder);

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
