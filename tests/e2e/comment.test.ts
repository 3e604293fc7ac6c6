import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sectionOf, sectionsOf } from "../../operations/comment/merge.ts";
import { lookAt, type Looking } from "../../operations/comment/preview.ts";
import { publish } from "../../operations/comment/publish.ts";
import type { StackPreview } from "../../operations/comment/section.ts";
import { deploy, type Surroundings } from "../../operations/deploy.ts";
import { openGitHub } from "../../operations/github/client.ts";
import { previewOf } from "../../operations/plan.ts";
import { mergedPulls, promisedBy, refuseUnseen } from "../../operations/plan/commented.ts";
import { fingerprintKey } from "../../operations/plan/fingerprint.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import type { TestEngine } from "../engine.ts";
import { octocat } from "../github-api/records.ts";
import { GitHubApi } from "../github-api/server.ts";
import { hurried } from "../operations/github/hurried.ts";
import { plainly } from "./previews.ts";
import { configure, objectOf, openTemplate, provide } from "./template.ts";

let engine: TestEngine;
let pulumi: Pulumi;
beforeAll(async () => {
  engine = await openTemplate();
  pulumi = Pulumi.sandbox(engine.sandbox);
});
afterAll(() => engine[Symbol.asyncDispose]());

const look = (stacks: readonly string[], more: Partial<Looking> = {}): Promise<StackPreview[]> =>
  lookAt(stacks, { ...plainly, pulumi, atOnce: 2, ...more });

const sha = (letter: string): string => letter.repeat(40);
const setting = (key: string, value: unknown): void => configure(engine, "staging", ["groundwork:backend", key], value);

/** The value of a plain variable of the backend, as the cloud has it. */
function serves(key: string): unknown {
  const { services } = objectOf(engine, "App", "template-staging").outputs["spec"] as {
    services: { name: string; image: { digest: string }; envs: { key: string; value: unknown }[] }[];
  };
  const backend = services.find(({ name }) => name === "backend");
  return key === "digest" ? backend?.image.digest : backend?.envs.find((env) => env.key === key)?.value;
}

test("a comment shows values, and none of the stack's secrets in any form", { timeout: 300_000 }, async () => {
  const planted = {
    clerkSecretKey: "sk_test_PlantedPlantedPlanted0123456789abcdefPlanted",
    sentryDsn: "https://f00dfeedf00dfeedf00dfeed@planted.example.com/77",
  };
  for (const [name, value] of Object.entries(planted)) provide(engine, "staging", name, value);
  setting("logLevel", "WARNING");
  const former = (stack: string): string => (stack === "staging" ? "config:\n  groundwork:budget: { monthly: 20, over: refuse }\n" : "");
  const [preview] = await look(["staging"], { former });
  const { body } = sectionOf(preview!);
  expect(body).toContain("**protection removed**: `groundwork:budget: 20 USD a month, refused beyond → none`");
  expect(body).toContain('backend LOG_LEVEL: "INFO" → "WARNING"');
  expect(body).toContain("backend CLERK_SECRET_KEY: [secret] → [secret]");
  const { secrets } = await previewOf(pulumi, "staging", {});
  const texts = [...secrets.keys(), ...Object.values(planted)].filter((text) => text.length >= 6);
  for (const text of Object.values(planted)) expect(secrets.has(text), "the plan knows what was planted").toBe(true);
  const said = JSON.stringify([preview, sectionOf(preview!)]);
  const leaked = texts.filter((text) =>
    [
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      Buffer.from(text).toString("base64").slice(0, -4),
      ...text.split(/[/:@]+/).filter((part) => part.length >= 16 && !part.includes("ondigitalocean")),
    ].some((form) => said.includes(form)),
  );
  console.info(`secrets of the stack ${texts.length}, leaked ${leaked.length}`);
  expect(leaked).toEqual([]);
  expect(texts.length).toBeGreaterThan(15);
  // A failure is scrubbed as well: the program's own words, with a secret in them.
  setting("logLevel", planted.clerkSecretKey);
  const [failure] = await look(["staging"]);
  expect(failure?.failure?.phase).toBe("reading the stack file");
  expect(failure?.failure?.text).toContain("backend/logLevel");
  expect(failure?.failure?.text).not.toContain("Planted");
  setting("logLevel", "INFO");
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
});

test("a stack that was never deployed is shown, and a service whose image is built after the merge", { timeout: 120_000 }, async () => {
  await engine.sandbox.ensureStack("production");
  const [first] = await look(["production"]);
  expect(first?.failure).toBeUndefined();
  expect(first?.unbuilt).toEqual(["backend", "dashboard"]);
  expect(first?.dangers.filter(({ severity }) => severity === "refusal")).toEqual([]);
  expect(sectionOf(first!).body).toContain("No image of `backend`, `dashboard` is known yet: each stands here with a digest of zeros.");
  expect(sectionOf(first!).body).toMatch(/^\+ create App app$/m);
});

test("a deploy does what the comment showed, with images that came later; anything more is refused", { timeout: 300_000 }, async () => {
  const api = await GitHubApi.start();
  const github = await openGitHub(api.environment(), hurried);
  const pull = async (letter: string): Promise<number> => {
    const { number } = api.state.addIssue(octocat, { isPull: true });
    api.state.changes.set(number, { head: sha(letter) });
    const sections = (await look(["staging"], { commit: sha(letter) })).map(sectionOf);
    expect(await publish({ github, number, head: sha(letter) }, "template", sections)).toBe("created");
    api.state.changes.set(number, { head: sha(letter), merged: sha(letter) });
    return number;
  };
  const said: string[] = [];
  const progress = new PassThrough();
  let shown = "";
  progress.on("data", (data: Buffer) => (shown += data.toString()));
  const around: Surroundings = {
    pulumi,
    cloud: undefined,
    say: (line) => void said.push(line),
    progress,
    confirm: () => Promise.resolve(true),
  };
  const run = (commit: string, images: Record<string, string> = {}) =>
    deploy(
      {
        stack: "staging",
        images,
        commit,
        held: async (plan, { serving }) =>
          refuseUnseen(
            "staging",
            plan,
            await promisedBy(github, "template", "staging", await mergedPulls(github, commit, serving?.commit)),
            fingerprintKey(pulumi.passphrase, "staging"),
          ),
      },
      around,
    );

  setting("logLevel", "WARNING");
  const first = await pull("a");
  expect(sectionsOf(api.state.comments[0]?.body)[0]?.meta.plan).toHaveLength(3 * 12);
  // The image is built after the merge; the variable is what was shown.
  const image = `ghcr.io/acme/backend@sha256:${"7".repeat(64)}`;
  await run(sha("a"), { backend: image });
  expect(said.join("\n")).toContain(`The plan is the one that was shown by #${first}.`);
  expect([serves("LOG_LEVEL"), serves("digest")]).toEqual(["WARNING", `sha256:${"7".repeat(64)}`]);
  expect((await previewOf(pulumi, "staging", {})).steps).toEqual([]);
  expect(shown).not.toMatch(/sk_test_|AVNS_/);

  // Somebody changes something else between the comment and the deploy.
  setting("logLevel", "ERROR");
  await pull("b");
  setting("httpClientTimeout", 31);
  // What was shown is not told again.
  await expect(run(sha("b"))).rejects.toThrow(
    /the plan for staging went stale: it does what nobody was shown(?:(?!LOG_LEVEL)[^])*update App app\n +backend(?:(?!LOG_LEVEL)[^])*HTTP_CLIENT_TIMEOUT: "30" → "31"(?:(?!LOG_LEVEL)[^])*$/,
  );
  expect(serves("LOG_LEVEL")).toBe("WARNING");
  // A pull request that shows it makes it fine, together with the one before: both came since what serves.
  const third = await pull("c");
  api.state.commits = [sha("a"), sha("b"), sha("c")];
  said.length = 0;
  await run(sha("c"), { backend: image });
  expect(said.join("\n")).toContain(`shown by #${first + 1}, #${third}`);
  expect([serves("LOG_LEVEL"), serves("HTTP_CLIENT_TIMEOUT")]).toEqual(["ERROR", "31"]);
  // A commit that came by no pull request brings nothing that anybody was shown.
  setting("httpClientTimeout", 32);
  await expect(run(sha("d"))).rejects.toThrow("since the commit came by no pull request:");
  setting("httpClientTimeout", 31);
});
