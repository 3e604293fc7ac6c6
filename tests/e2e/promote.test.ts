import { PassThrough } from "node:stream";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { storedCloud } from "../../operations/cloud.ts";
import type { Surroundings } from "../../operations/deploy.ts";
import { promote, type PromoteOptions } from "../../operations/promote.ts";
import { renderPostMortem, rollback } from "../../operations/rollback.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import { TestEngine } from "../engine.ts";
import { fail, types } from "./faults.ts";
import { cloud, configure, objectOf, openTemplate, stateOf, stepsOf } from "./template.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const image = (service: string, letter: string): string => `ghcr.io/acme/${service}@${digest(letter)}`;
const both = (letter: string) => ({ api: image("api", letter), web: image("web", letter) });

/** Production has a passphrase of its own, and no verb is ever told that of another stack. */
const production = { PULUMI_CONFIG_PASSPHRASE: "of production" };

async function open(): Promise<TestEngine> {
  const engine = await TestEngine.open("tests/systems/pair");
  engine.sandbox.environment["GROUNDWORK_IMAGES"] = "";
  for (const stack of ["shared", "staging"]) await engine.sandbox.ensureStack(stack);
  await engine.expect(["up", "--stack", "shared", "--yes", "--skip-preview"]);
  const file = join(engine.home.project("pair"), "Pulumi.production.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^encryptionsalt:.*\n/m, ""));
  await engine.expect(["stack", "init", "production", "--no-select"], { env: production });
  return engine;
}

/** Promotes as the verb does, and returns what it said. */
async function run(engine: TestEngine, options: Partial<PromoteOptions> & { readonly to: string }): Promise<string> {
  const environment = { ...engine.sandbox.environment, ...(options.to === "production" ? production : {}) };
  const said: string[] = [];
  const surroundings: Surroundings = {
    pulumi: Pulumi.sandbox({ ...engine.sandbox, environment }),
    cloud: storedCloud(engine),
    say: (line) => said.push(line),
    progress: new PassThrough().resume(),
    confirm: () => Promise.resolve(true),
  };
  const from = options.images ? undefined : "staging";
  const { release } = await promote(
    {
      from,
      images: undefined,
      migrations: {},
      imagesOnly: false,
      only: [],
      before: undefined,
      unproven: [],
      back: false,
      force: [],
      ...options,
    },
    surroundings,
  );
  return [...said, `release ${release?.number}`].join("\n");
}

/** The image that the first release of staging ran. */
function readImage(engine: TestEngine): unknown {
  const record = stateOf(engine, "staging").resources.find(({ urn }) => urn.endsWith("::releases"));
  return (record?.outputs as unknown as { releases: { images: Record<string, string> }[] }).releases[0]?.images["backend"];
}

/** The digests' letters that an App serves. */
function serves(engine: TestEngine, stack: string): string {
  const { services } = objectOf(engine, "App", `pair-${stack}`).outputs["spec"] as {
    services: { name: string; image: { digest: string } }[];
  };
  return services.map(({ name, image }) => `${name}=${image.digest.at(-1)}`).join(" ");
}

test(
  "digests go from the build to staging and on to production, and only those that staging ran healthy",
  { timeout: 300_000 },
  async () => {
    await using engine = await open();
    // Nothing has run anywhere.
    await expect(run(engine, { to: "production" })).rejects.toThrow("staging has no release that serves and is written down");
    const early = await engine.run(["preview", "--stack", "production"], {
      env: { ...production, GROUNDWORK_IMAGES: JSON.stringify(both("a")) },
    });
    expect(early.stdout).toContain("which takes only what staging ran healthy, and staging has written down none yet");

    await run(engine, { to: "staging", images: both("a"), commit: "aaaaaaa1" });
    expect(await run(engine, { to: "production" })).toContain(
      `from staging, release 1 (commit aaaaaaa1)\nproduction: images\n  api: nothing → ${image("api", "a")}`,
    );
    expect(serves(engine, "production")).toBe("api=a web=a");

    // One service's new build; nothing else changes in staging, which is what --images-only asks for.
    const api = { api: image("api", "b") };
    expect(await run(engine, { to: "staging", images: api, commit: "bbbbbbb2", imagesOnly: true })).toBe(
      `staging: images\n  api: ${image("api", "a")} → ${image("api", "b")}\nNothing else changes.\nrelease 2`,
    );
    configure(engine, "staging", ["groundwork:note"], "second");
    await expect(run(engine, { to: "staging", images: { api: image("api", "c") }, imagesOnly: true })).rejects.toThrow(
      /would as well:\n {2}update DnsRecord note\n {4}value: "first" → "second"\n/,
    );

    // An old run that is started again takes nothing back by itself.
    await expect(run(engine, { to: "staging", images: { api: image("api", "a") } })).rejects.toThrow(
      `these images would take staging back:\n  api: ${image("api", "a")} ran here before ${image("api", "b")}\nThat is a rollback`,
    );

    // What staging never ran is refused for a verb and for a plain up.
    await expect(run(engine, { to: "production", images: { api: image("api", "c") } })).rejects.toThrow(
      `images/api: "${image("api", "c")}" would be new to production, which takes only what staging ran healthy, and it has not.`,
    );
    await expect(run(engine, { to: "production", images: { api: "ghcr.io/acme/api:latest" } })).rejects.toThrow(
      "is not a digest, and a tag can move",
    );
    const plain = await engine.run(["up", "--stack", "production", "--yes", "--skip-preview"], {
      env: { ...production, GROUNDWORK_IMAGES: JSON.stringify({ api: image("api", "c") }) },
    });
    expect(plain.code).not.toBe(0);
    expect(serves(engine, "production")).toBe("api=a web=a");

    // A version that does not come to serve: what served goes on, and the verb says so.
    fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy", log: ["no such table"] } });
    await expect(run(engine, { to: "production" })).rejects.toThrow(
      /the deployment of production failed; release 1 still serves\.[^]*ended with ERROR, in deploy\n {2}\| no such table$/,
    );
    expect(await run(engine, { to: "production", commit: "bbbbbbb" })).toContain("release 3");
    expect(serves(engine, "production")).toBe("api=b web=a");
    expect(cloud(engine, (store) => store.deployments(objectOf(engine, "App", "pair-production").id)).map(({ phase }) => phase)).toEqual([
      "ACTIVE",
      "ERROR",
      "ACTIVE",
    ]);

    // Taken by name, and remembered.
    await run(engine, { to: "production", images: { api: image("api", "d") }, unproven: [digest("d")] });
    expect(serves(engine, "production")).toBe("api=d web=a");
  },
);

test(
  "a rollback stops at migrations that are not marked, goes over marked ones, and runs none of its own",
  { timeout: 300_000 },
  async () => {
    await using engine = await openTemplate();
    engine.sandbox.environment["GROUNDWORK_IMAGES"] = "";
    const backend = (letter: string) => ({ backend: image("backend", letter) });
    const back = async (force: string[] = []): Promise<string> => {
      const said: string[] = [];
      const around = {
        pulumi: Pulumi.sandbox(engine.sandbox),
        cloud: storedCloud(engine),
        say: (line: string) => said.push(line),
        progress: new PassThrough().resume(),
        confirm: () => Promise.resolve(true),
      };
      return renderPostMortem(await rollback({ stack: "staging", to: undefined, force, imagesOnly: true }, around));
    };
    const jobs = (): number => (objectOf(engine, "App").outputs["spec"] as { jobs?: unknown[] }).jobs?.length ?? 0;

    await run(engine, { to: "staging", images: backend("b"), migrations: { backend: { "0001_first": false } } });
    await expect(back()).rejects.toThrow('backend: 0001_first is not marked "groundwork: backward compatible"');

    await run(engine, {
      to: "staging",
      images: backend("c"),
      commit: "ccccccc3",
      migrations: { backend: { "0001_first": false, "0002_more": true } },
    });
    expect(jobs()).toBe(1);
    const text = await back();
    expect(text).toContain(`- From: release 3, commit ccccccc3, of `);
    expect(text).toContain(`- backend: ${image("backend", "c")} → ${image("backend", "b")}`);
    expect(jobs()).toBe(0);
    // A plain run keeps all of that.
    expect(await stepsOf(engine, "staging")).toEqual([]);

    // Nor does a promotion go round what stops a rollback; what was taken back comes again without asking.
    const old = { to: "staging", images: { backend: String(readImage(engine)) } };
    await expect(run(engine, { ...old, back: true })).rejects.toThrow("--force 0001_first");
    await run(engine, { to: "staging", images: backend("c"), migrations: { backend: { "0001_first": false, "0002_more": true } } });
    expect(await back()).toContain(`- backend: ${image("backend", "c")} → ${image("backend", "b")}`);

    // Not to the release that was left, and from here the way is barred.
    await expect(back()).rejects.toThrow("--force 0001_first");
    await run(engine, { to: "staging", images: backend("d"), migrations: { backend: { "0001_first": false, "0002_more": true } } });
    expect(jobs()).toBe(1);
  },
);
