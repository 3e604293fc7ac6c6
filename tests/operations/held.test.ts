import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { mergeComment, sectionOf, sectionsOf } from "../../operations/comment/merge.ts";
import { publish } from "../../operations/comment/publish.ts";
import type { StackPreview } from "../../operations/comment/section.ts";
import { digitalOceanQuote, pricedSpec, quoteOf } from "../../operations/cost/quote.ts";
import { openGitHub } from "../../operations/github/client.ts";
import { mergedPulls, promisedBy, readPromise, refuseUnseen, shownBefore } from "../../operations/plan/commented.ts";
import { fingerprintKey, fingerprintOf } from "../../operations/plan/fingerprint.ts";
import { applicable } from "../../operations/plan/saved.ts";
import { servicesWithoutImage } from "../../operations/plan/unbuilt.ts";
import { Hidden } from "../../operations/plan/values.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { octocat } from "../github-api/records.ts";
import { GitHubApi } from "../github-api/server.ts";
import { hurried } from "./github/hurried.ts";
import { change, planned } from "./planned.ts";

const sha = (letter: string): string => letter.repeat(40);
const preview = (stack: string, more: Partial<StackPreview> = {}): StackPreview => ({
  stack,
  commit: sha("a"),
  steps: [],
  dangers: [],
  ...more,
});
const stacksIn = (body: string | undefined): string[] =>
  sectionsOf(body)
    .map(({ meta }) => meta.stack)
    .sort();

describe("several runs, one comment", () => {
  test("each adds its stacks, 150 other comments or not", async () => {
    const api = await GitHubApi.start();
    api.state.addIssue(octocat, { isPull: true });
    const github = await openGitHub(api.environment(), hurried);
    const pull = { github, number: 1, head: sha("a") };
    expect(await publish(pull, "template", [sectionOf(preview("staging"))])).toBe("created");
    for (let at = 0; at < 150; at += 1) api.state.addComment(octocat, 1, `opinion ${at}`);
    expect(await publish(pull, "template", [sectionOf(preview("production"))])).toBe("updated");
    expect(await publish(pull, "template", [sectionOf(preview("production"))])).toBe("unchanged");
    const ours = api.state.comments.filter(({ user }) => user.type === "Bot");
    expect(ours.map(({ body }) => stacksIn(body))).toEqual([["production", "staging"]]);
  });

  test("nothing is written on a closed pull request", async () => {
    const api = await GitHubApi.start();
    api.state.addIssue(octocat, { isPull: true, state: "closed" });
    const github = await openGitHub(api.environment(), hurried);
    expect(await publish({ github, number: 1, head: sha("a") }, "template", [sectionOf(preview("staging"))])).toBe("closed");
    expect(api.state.comments).toEqual([]);
  });

  test(
    "two at once, however their requests meet, with a comment and without one: one comment with both parts",
    { timeout: 120_000 },
    async () => {
      for (let round = 0; round < 24; round += 1) {
        const api = await GitHubApi.start();
        api.state.addIssue(octocat, { isPull: true });
        const stands = round % 2 === 0;
        if (stands)
          await publish({ github: await openGitHub(api.environment(), hurried), number: 1, head: sha("a") }, "template", [
            sectionOf(preview("shared")),
          ]);
        // Requests are held up differently each time, for less than a run waits before it looks again.
        api.arrives = () => new Promise((go) => setTimeout(go, Math.random() * 8));
        await Promise.all(
          (["ghs_one", "ghs_two"] as const).map(async (token) => {
            const github = await openGitHub(api.environment(token), hurried);
            await publish({ github, number: 1, head: sha("a") }, "template", [
              sectionOf(preview(token === "ghs_one" ? "staging" : "production")),
            ]);
          }),
        );
        expect(api.state.comments.map(({ body }) => stacksIn(body))).toEqual([
          stands ? ["production", "shared", "staging"] : ["production", "staging"],
        ]);
        await api.stop();
      }
    },
  );
});

const app = (changes: PlannedStep["changes"]): PlannedStep =>
  planned({ op: "update", type: "App", token: "digitalocean:index/app:App", name: "app", changes });
const level = change("spec.services[0].instanceCount", 1, 2);
const digest = change("spec.services[0].image.digest", "sha256:a", "sha256:b");
const of = (steps: readonly PlannedStep[], key?: string): string[] => fingerprintOf({ steps, loosened: [] }, key);

describe("the name of a plan", () => {
  test("is the same for the same plan, whatever images come with it", () => {
    expect(of([app([level])])).toEqual(of([app([level, digest])]));
    expect(of([app([digest])])).toEqual([]);
    // Nor is the attempt: a deployment that fails after it was shown raises it.
    const envs = (value: string) => ({ spec: { envs: [{ key: "GROUNDWORK_ATTEMPT", value }] } });
    const attempt = { ...app([change("spec.envs[0].value", "1", "2"), level]), before: envs("1"), after: envs("2") };
    expect(of([attempt])).toEqual(of([app([level])]));
    // A service that is new has no image yet when it is shown.
    const made = (image: string) => app([change("spec.services[2]", undefined, { name: "worker", image: { digest: image } })]);
    expect(of([made("sha256:0")])).toEqual(of([made("sha256:1")]));
    const job = planned({
      op: "replace",
      type: "Container",
      token: "docker:index/container:Container",
      name: "migrate",
      changes: [change("image", "a", "b", { replaces: true })],
    });
    const provider = planned({ op: "create", type: "digitalocean", token: "pulumi:providers:digitalocean", name: "default_4_80_2" });
    expect(of([job, provider])).toEqual([]);
  });

  test("is another one for another value, path, resource or operation, and for a protection that goes", () => {
    const same = of([app([level])]).join();
    const others = [
      app([change(level.path, 1, 3)]),
      app([change("spec.services[1].instanceCount", 1, 2)]),
      { ...app([level]), urn: "urn:other" },
      { ...app([level]), op: "replace" },
      { ...app([level]), protectAfter: true },
    ];
    expect(new Set([same, ...others.map((one) => of([one]).join())]).size).toBe(6);
    const loosened = planned({ op: "same", type: "DatabaseCluster", protect: true });
    expect(fingerprintOf({ steps: [], loosened: [loosened] }, undefined)).toHaveLength(1);
  });

  test("of a part is a part of the name: each property has one, and the step itself", () => {
    const more = change("spec.services[0].httpPort", 1, 2);
    const [part, whole] = [of([app([level])]), of([app([level, more])])];
    expect([part.length, whole.length]).toEqual([2, 3]);
    expect(whole).toEqual(expect.arrayContaining(part));
  });

  test("tells secrets apart, to nobody who lacks the key", () => {
    const secret = (text: string) => app([change("spec.services[0].envs[0].value", new Hidden("old"), new Hidden(text), { hidden: true })]);
    const [key, other] = [fingerprintKey("a passphrase", "staging"), fingerprintKey("another passphrase", "staging")];
    expect(of([secret("one")], key)).toEqual(of([secret("one")], key));
    expect(of([secret("one")], key)).not.toEqual(of([secret("two")], key));
    expect(of([secret("one")], key)).not.toEqual(of([secret("one")], other));
    expect(fingerprintKey("a passphrase", "production")).not.toBe(key);
    // Without a passphrase nothing of the secret goes into the name.
    expect(of([secret("one")], fingerprintKey("", "staging"))).toEqual(of([secret("two")], undefined));
  });
});

test("services without an image are known by the program's own words", () => {
  const text = "the preview of staging failed:\nerror: Pulumi.staging.yaml:\n  images/web-worker: no image is known for this service. Pass";
  expect(servicesWithoutImage(`${text} its digest\n  images/api: no image is known for this service. Pass`)).toEqual(["web-worker", "api"]);
  expect(servicesWithoutImage("error: something else about images/api")).toEqual([]);
});

describe("what was commented and what is deployed", () => {
  const key = undefined;
  const steps = [app([level])];
  const promised = (plan: readonly string[] | undefined, why?: string) => [{ by: "#7", plan, ...(why === undefined ? {} : { why }) }];

  test("the same is fine, less is said, more is refused in words", () => {
    const plan = { steps, loosened: [] };
    expect(refuseUnseen("staging", plan, promised(of(steps)), key)).toBe("The plan is the one that was shown by #7.");
    expect(refuseUnseen("staging", { steps: [], loosened: [] }, promised(of(steps)), key)).toContain("a part of what was shown by #7");
    // Another change went ahead, and took a property of the same resource with it.
    const both = of([app([level, change("spec.services[0].httpPort", 1, 2)])]);
    expect(refuseUnseen("staging", plan, promised(both), key)).toContain("a part of what was shown by #7");
    expect(() => refuseUnseen("staging", { steps: [app([change("name", 1, 2)])], loosened: [] }, promised(both), key)).toThrow(
      "went stale",
    );
    expect(refuseUnseen("staging", { steps: [], loosened: [] }, [], key)).toBeUndefined();
    const shown = [{ by: shownBefore, plan: [] }];
    expect(() => refuseUnseen("staging", plan, shown, key)).toThrow("start the whole workflow again, which shows it and asks again");
    expect(refuseUnseen("staging", plan, [{ by: shownBefore, plan: of(steps) }], key)).toBe(
      "The plan is the one that was shown by the plan before the approval.",
    );
    const more = planned({ op: "delete", type: "DnsRecord", name: "edge-api" });
    expect(() => refuseUnseen("staging", { steps: [...steps, more], loosened: [] }, promised(of(steps)), key)).toThrow(
      "the plan for staging went stale: it does what nobody was shown, since #7 did not show it like this:\n  delete DnsRecord edge-api\nSomebody changed",
    );
    // Of what was shown in part, only the rest stands there.
    const port = change("spec.services[0].httpPort", 1, 2);
    expect(() =>
      refuseUnseen("staging", { steps: [app([level, port]), more], loosened: [] }, promised(of([app([level]), more])), key),
    ).toThrow(/it like this:\n {2}update App app\n {4}httpPort: 1 → 2\nSomebody changed/);
    expect(() => refuseUnseen("staging", plan, promised(undefined, "has no comment of ours"), key)).toThrow("#7 has no comment of ours.");
    expect(() => refuseUnseen("staging", plan, [], key)).toThrow("since the commit came by no pull request");
  });

  test("only what was said of the commit that was merged counts", () => {
    const comment = mergeComment("template", undefined, [
      sectionOf(preview("staging", { fingerprint: ["aaaaaaaaaaaa"] })),
      sectionOf(preview("production", { failure: { phase: "planning", text: "no" } })),
    ]);
    expect(readPromise(comment, "staging", sha("a"))).toEqual({ plan: ["aaaaaaaaaaaa"] });
    expect(readPromise(comment, "staging", sha("b"))).toEqual({
      plan: undefined,
      why: "was looked at as of commit aaaaaaa, and bbbbbbb was merged",
    });
    expect(readPromise(comment, "production", sha("a"))).toEqual({
      plan: undefined,
      why: "has a comment that says that its preview failed",
    });
    // The change does not reach that stack.
    expect(readPromise(comment, "shared", sha("a"))).toEqual({ plan: [] });
    expect(readPromise(undefined, "staging", sha("a")).why).toBe("has no comment of ours");
  });

  test("a contributor's copy of a comment promises nothing; all that was merged since what serves counts", async () => {
    const api = await GitHubApi.start();
    const github = await openGitHub(api.environment(), hurried);
    for (const letter of ["a", "b"]) {
      const { number } = api.state.addIssue(octocat, { isPull: true });
      api.state.changes.set(number, { head: sha(letter), merged: sha(letter) });
    }
    api.state.addIssue(octocat, { isPull: true });
    api.state.commits = [sha("0"), sha("a"), sha("b")];
    expect(await mergedPulls(github, sha("b"), undefined)).toEqual([2]);
    expect(await mergedPulls(github, sha("b"), sha("0"))).toEqual([1, 2]);
    expect(await mergedPulls(github, sha("c"), sha("b"))).toEqual([]);
    // Of very many commits the newest count, wherever they stand in the list.
    const many = Array.from({ length: 230 }, (_, at) => at.toString(16).padStart(40, "1"));
    api.state.commits = [sha("0"), sha("a"), ...many, sha("b")];
    expect(await mergedPulls(github, sha("b"), sha("0"))).toEqual([2]);
    api.state.addComment(
      { login: "stranger", id: 9_000_001, type: "User", association: "NONE" },
      1,
      mergeComment("template", undefined, [sectionOf(preview("staging", { fingerprint: ["aaaaaaaaaaaa"] }))]),
    );
    expect(await promisedBy(github, "template", "staging", [1])).toEqual([{ by: "#1", plan: undefined, why: "has no comment of ours" }]);
    await publish({ github, number: 1, head: sha("a") }, "template", [sectionOf(preview("staging", { fingerprint: ["bbbbbbbbbbbb"] }))]);
    expect(await promisedBy(github, "template", "staging", [1])).toEqual([{ by: "#1", plan: ["bbbbbbbbbbbb"] }]);
  });

  test("outputs of components are left to the run, everything else of a saved plan stays", () => {
    const saved = {
      manifest: { version: "v3" },
      resourcePlans: {
        app: { goal: { custom: true, inputDiff: { updates: { spec: 1 } }, outputDiff: {} }, steps: ["update"], state: { spec: 1 } },
        record: {
          goal: { custom: false, outputDiff: { updates: { asked: "x" }, adds: { fresh: "y" } } },
          steps: ["same"],
          state: { serving: "d1", asked: "x", fresh: "y" },
        },
        gone: { steps: ["delete"] },
      },
    };
    const any = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const state = { deployment: { resources: [{ urn: "record", type: "r", outputs: { serving: "d1", asked: "w" } }] } };
    const { manifest, resourcePlans } = JSON.parse(applicable(JSON.stringify(saved), state)) as typeof saved;
    expect(manifest).toEqual(saved.manifest);
    expect(resourcePlans.app).toEqual(saved.resourcePlans.app);
    expect(resourcePlans.gone).toEqual(saved.resourcePlans.gone);
    expect(resourcePlans.record.goal).toEqual({
      custom: false,
      outputDiff: { adds: { fresh: any }, updates: { serving: any, asked: any } },
    });
  });
});

describe("the provider's own figure", () => {
  const spec = {
    name: "app",
    region: "fra",
    services: [
      {
        name: "backend",
        instanceSizeSlug: "apps-s-1vcpu-1gb",
        instanceCount: 2,
        envs: [{ key: "K", value: new Hidden("s") }],
        image: { registryCredentials: new Hidden("t") },
      },
    ],
    workers: [
      {
        name: "w",
        autoscaling: { minInstanceCount: 1, maxInstanceCount: 3, metrics: { cpu: { percent: 75 } } },
        instanceSizeSlug: "apps-d-1vcpu-1gb",
      },
    ],
    egresses: [{ type: "DEDICATED_IP" }],
  };
  const plan = {
    steps: [{ token: "digitalocean:index/app:App" }],
    after: [{ token: "digitalocean:index/app:App", name: "app", component: "app", inputs: { spec } }],
  };

  test("is asked for with what costs, and nothing else of the spec", async () => {
    const seen: { path: string; authorization: string | undefined; body: unknown }[] = [];
    let answer: [number, object] = [200, { app_cost: 59.5 }];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (data: Buffer) => (text += data.toString()));
      request.on("end", () => {
        seen.push({ path: `${request.method} ${request.url}`, authorization: request.headers.authorization, body: JSON.parse(text) });
        response.writeHead(answer[0], { "content-type": "application/json" }).end(JSON.stringify(answer[1]));
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    try {
      const ask = digitalOceanQuote({
        DIGITALOCEAN_TOKEN: "dop",
        DIGITALOCEAN_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      });
      expect(await quoteOf(plan, ask)).toBe("DigitalOcean itself quotes 59.50 for the App");
      answer = [403, {}];
      expect(await quoteOf(plan, ask)).toBe(
        "DigitalOcean could not be asked: what an App costs: the token in DIGITALOCEAN_TOKEN is not enough: it needs app:read",
      );
    } finally {
      server.close();
    }
    const image = { registry_type: "DOCKER_HUB", registry: "library", repository: "hello-world", tag: "latest" };
    expect(seen[0]).toEqual({
      path: "POST /v2/apps/propose",
      authorization: "Bearer dop",
      body: {
        spec: {
          name: "app",
          region: "fra",
          services: [{ name: "backend", instance_size_slug: "apps-s-1vcpu-1gb", instance_count: 2, image }],
          workers: [
            {
              name: "w",
              instance_size_slug: "apps-d-1vcpu-1gb",
              autoscaling: { min_instance_count: 1, max_instance_count: 3, metrics: { cpu: { percent: 75 } } },
              image,
            },
          ],
          jobs: [],
          egress: { type: "DEDICATED_IP" },
        },
      },
    });
  });

  test("is left out without a token, and without an App", async () => {
    expect(digitalOceanQuote({})).toBeUndefined();
    expect(await quoteOf(plan, undefined)).toBeUndefined();
    expect(await quoteOf({ steps: [], after: [] }, () => Promise.resolve(1))).toBeUndefined();
    // Nothing changes, so nobody is asked.
    expect(await quoteOf({ ...plan, steps: [] }, () => Promise.resolve(1))).toBeUndefined();
    expect(JSON.stringify(pricedSpec({ services: [{ name: "x", envs: [{ value: "plain" }] }] }))).not.toContain("plain");
  });
});
