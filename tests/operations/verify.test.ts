import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { healthUrls } from "../../components/edge-proxy/health.ts";
import { digitalOcean } from "../../operations/cloud.ts";
import { askAll } from "../../operations/health.ts";
import { discreet, scrubOf } from "../../operations/logs/secrets.ts";
import type { Pulumi } from "../../operations/pulumi.ts";
import { describeDeployment, deploymentProblems, renderVerification, verify } from "../../operations/verify.ts";

/** A server on a free port for as long as `use` takes; it answers with what `answer` says of a path: a status, or JSON. */
async function serve<T>(
  answer: (path: string, authorization: string | undefined) => number | object | string,
  use: (origin: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? "", request.headers.authorization);
    if (typeof body === "number") response.writeHead(body).end();
    else response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

describe("health paths are asked for where the service sees them", () => {
  const health = { api: { live: "/healthz", ready: "/api/ready" }, web: { live: "/", ready: "/" } };
  const urls = (...routes: Parameters<typeof healthUrls>[1] extends infer A ? (A extends { routes: infer R } ? [R] : never) : never) =>
    healthUrls("https://x", { routes: routes[0] }, health);

  test("of a whole host", () => {
    expect(urls([{ path: "/", service: "api" }])).toEqual(["https://x/healthz", "https://x/api/ready"]);
    expect(urls([{ path: "/", service: "web" }])).toEqual(["https://x/"]);
  });
  test("behind a prefix, by what is forwarded", () => {
    expect(urls([{ path: "/api", service: "api" }])).toEqual(["https://x/api/ready"]);
    expect(urls([{ path: "/v1", service: "api", forward: "rest" }])).toEqual(["https://x/v1/healthz", "https://x/v1/api/ready"]);
    expect(urls([{ path: "/v1", service: "api", forward: { rewrite: "/api" } }])).toEqual(["https://x/v1/ready"]);
  });
  test("not where another route takes the path", () => {
    const routes = [{ path: "/", service: "api" } as const, { path: "/api", service: "web" } as const];
    expect(urls(routes)).toEqual(["https://x/healthz"]);
    expect(healthUrls("https://x", { redirect: { to: "y", permanent: false } }, health)).toEqual([]);
  });
});

test("hosts are asked until all are well, or the time is up", async () => {
  let asked = 0;
  await serve(
    (path) => (path === "/slow" && ++asked < 3 ? 503 : path === "/gone" ? 404 : 200),
    async (origin) => {
      expect(await askAll([`${origin}/slow`], { seconds: 5, pause: 0.01 })).toEqual([
        { url: `${origin}/slow`, healthy: true, answer: "200" },
      ]);
      expect(asked).toBe(3);
      expect((await askAll([`${origin}/gone`], { seconds: 0 }))[0]).toMatchObject({ healthy: false, answer: "404" });
      const port = new URL(origin).port;
      expect((await askAll([`http://api.template.localhost:${port}/`], { seconds: 0 }))[0]?.healthy).toBe(true);
    },
  );
  expect((await askAll(["http://127.0.0.1:1/"], { seconds: 0 }))[0]).toMatchObject({ healthy: false, answer: "ECONNREFUSED" });
});

const deployment = { id: "d2", phase: "ACTIVE", failed: [], log: [] };

test("what the cloud says is compared with the state", () => {
  expect(deploymentProblems("staging", [deployment], "d2")).toEqual([]);
  expect(deploymentProblems("staging", [deployment], "d1")[0]).toContain(
    "the cloud serves deployment d2, and the state says d1: somebody deployed beside",
  );
  expect(deploymentProblems("staging", [], "d1")).toEqual(["the cloud knows of no deployment"]);
  expect(deploymentProblems("staging", [{ ...deployment, phase: "DEPLOYING" }], "d1")).toEqual(["a deployment is under way (DEPLOYING)"]);
  const failed = { ...deployment, phase: "ERROR", failed: ["deploy of api"], log: ["boom"] };
  expect(deploymentProblems("staging", [failed], "d1")).toEqual([describeDeployment(failed)]);
  expect(describeDeployment(failed)).toBe("deployment d2 ended with ERROR, in deploy of api\n  | boom");
});

test("what a failed deployment said is shown without the stack's secrets, and not at all where nobody knows them", async () => {
  const failed = { ...deployment, phase: "ERROR", log: ["boom", "password hunter2hunter2"] };
  const state = {
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:staging::shop::random:index/randomPassword:RandomPassword::key",
          type: "random:index/randomPassword:RandomPassword",
          inputs: {},
          outputs: { result: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"hunter2hunter2"' } },
        },
      ],
    },
  };
  const asking = (log: readonly string[], code: number) => {
    const asked: (readonly string[])[] = [];
    const pulumi = {
      capture: (args: readonly string[]) => {
        asked.push(args);
        return Promise.resolve({ code, stdout: JSON.stringify(state), stderr: "" });
      },
    } as unknown as Pulumi;
    const cloud = { deployments: () => Promise.resolve([{ ...failed, log }]) };
    const deployments = discreet(cloud, "staging", () => scrubOf(pulumi, "staging", {})).deployments("app");
    return { asked, logs: deployments.then((all) => (all === "gone" ? all : all.map(({ log }) => log))) };
  };
  expect(await asking(failed.log, 0).logs).toEqual([["boom", "password [secret]"]]);
  expect(await asking(failed.log, 255).logs).toEqual([
    ["(not shown: the passphrase of staging is not here, so nobody knows which of it is secret)"],
  ]);
  // Who has said nothing needs no passphrase.
  const silent = asking([], 255);
  expect(await silent.logs).toEqual([[]]);
  expect(silent.asked).toEqual([]);
});

test("DigitalOcean is asked with the token, which the log's own address never gets", async () => {
  expect(digitalOcean({})).toBeUndefined();
  const seen: string[] = [];
  await serve(
    (path, authorization) => {
      seen.push(`${path} ${authorization}`);
      if (path.startsWith("/log")) return "one\ntwo\n";
      if (path.includes("/logs")) return { historic_urls: [`http://${origin.slice(7)}/log`] };
      if (path.includes("/apps/gone/")) return 404;
      // The API may still list what an App deployed that is gone.
      if (path === "/v2/apps/deleted") return 404;
      const steps = [
        {
          name: "deploy",
          status: "ERROR",
          steps: [{ name: "wait", component_name: "api", status: "ERROR", reason: { message: "not ready" } }],
        },
      ];
      return {
        deployments: [
          { id: "d2", phase: "ERROR", progress: { steps } },
          { id: "d1", phase: "ACTIVE" },
        ],
      };
    },
    async (address) => {
      origin = address;
      const cloud = digitalOcean({ DIGITALOCEAN_TOKEN: "secret", DIGITALOCEAN_API_URL: address });
      expect(await cloud?.deployments("a1")).toEqual([
        { id: "d2", phase: "ERROR", failed: ["wait of api: not ready"], log: ["one", "two"] },
        { id: "d1", phase: "ACTIVE", failed: [], log: [] },
      ]);
      expect(await cloud?.deployments("gone")).toBe("gone");
      expect(await cloud?.deployments("deleted")).toBe("gone");
    },
  );
  expect(seen.slice(0, 4).sort()).toEqual([
    "/log undefined",
    "/v2/apps/a1 Bearer secret",
    "/v2/apps/a1/deployments/d2/logs?type=DEPLOY Bearer secret",
    "/v2/apps/a1/deployments?per_page=20 Bearer secret",
  ]);
});
let origin = "";

test("all that is wrong with a stack is said", async () => {
  const state = [
    {
      type: "digitalocean:index/app:App",
      name: "app",
      id: "a1",
      outputs: { activeDeploymentId: "d1" },
      initErrors: ["error deploying app"],
    },
    { type: "groundwork:components:EdgeProxy", name: "edge", outputs: { health: ["http://127.0.0.1:1/healthz"] }, initErrors: [] },
  ];
  const found = await verify("staging", state, {
    cloud: { deployments: () => Promise.resolve([deployment]) },
    seconds: 0,
  });
  expect(found.problems).toEqual([
    "nothing serves that is on the list of releases",
    "the last deployment failed: error deploying app",
    "the cloud serves deployment d2, and the state says d1: somebody deployed beside the program",
    "http://127.0.0.1:1/healthz answers ECONNREFUSED, not 200",
  ]);
  expect(renderVerification(found)).toContain(
    "staging: nothing that is known serves\n  http://127.0.0.1:1/healthz answers ECONNREFUSED\nerror: nothing",
  );
});

test("an App that the cloud has no more is no healthy stack", async () => {
  const state = [{ type: "digitalocean:index/app:App", name: "app", id: "a1", outputs: { activeDeploymentId: "d1" }, initErrors: [] }];
  const found = await verify("staging", state, { cloud: { deployments: () => Promise.resolve("gone") }, seconds: undefined });
  expect(found).toMatchObject({ isGone: true });
  expect(found.problems).toContain(
    "the App is gone from the cloud, so nothing serves: somebody deleted it, or this token is another team's. What is missing, and the way back: npm run ops -- drift --stack staging",
  );
  expect(renderVerification({ ...found, serving: { number: 4, images: {} } as never })).toContain("staging: release 4 served\n");
});
