import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Service } from "../../components/service.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { HostAnswer, Platform, PlatformContext, StatefulService } from "../../platforms/platform.ts";
import type { PlatformJob, PlatformService } from "../../platforms/workloads.ts";
import type { Registration } from "../harness.ts";
import { record } from "../harness.ts";

/** A platform, and how to see in its resources what it promised. */
interface Contract {
  readonly choice: PlatformChoice;
  readonly context: PlatformContext;
  /** The images that anything runs, as text. */
  readonly images: (resources: readonly Registration[]) => unknown[];
  /** The addresses at which services find each other. */
  readonly addresses: (resources: readonly Registration[]) => string[];
  /** Exposed hosts with the service that they lead to. */
  readonly hosts: (resources: readonly Registration[]) => string[];
  /** Jobs that have to end well before a service changes. */
  readonly jobsFirst: (resources: readonly Registration[]) => string[];
  /** Resources that every service waits for. */
  readonly waitsFor: (resources: readonly Registration[]) => string[];
  /** Value of a service's variable. */
  readonly variable: (resources: readonly Registration[], service: string, name: string) => unknown;
  /** A stateful service: what it became, or the words of the refusal. */
  readonly stateful: string;
}

interface AppSpec {
  readonly services: readonly { name: string; httpPort: number; image: { digest: string }; envs: { key: string; value: unknown }[] }[];
  readonly jobs: readonly { name: string; kind: string; image: { digest: string } }[];
  readonly ingress: { readonly rules: readonly { match: { authority: { exact: string } }; component: { name: string } }[] };
}
const appOf = (resources: readonly Registration[]) => resources.find(({ type }) => type === "digitalocean:index/app:App");
const specOf = (resources: readonly Registration[]) => appOf(resources)?.inputs["spec"] as AppSpec;

interface TaskSpec {
  readonly containerSpec: { image: string; env?: Record<string, unknown>; healthcheck?: { tests: string[] } };
  readonly networksAdvanceds: readonly { id: string; aliases: string[] }[];
}
const ofType = (resources: readonly Registration[], type: string) => resources.filter((resource) => resource.type.endsWith(`:${type}`));
const taskOf = ({ inputs }: Registration) => inputs["taskSpec"] as TaskSpec;
const swarmServices = (resources: readonly Registration[]) =>
  resources.filter(({ type, name }) => type === "docker:index/service:Service" && (name === "web" || name === "api"));
const common = (lists: readonly string[][]): string[] => (lists[0] ?? []).filter((one) => lists.every((list) => list.includes(one))).sort();

const contracts: readonly Contract[] = [
  {
    choice: { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
    context: { system: "shop", stack: "staging", environment: "staging" },
    images: (resources) => [...specOf(resources).services, ...specOf(resources).jobs].map(({ image }) => `@${image.digest}`),
    // A component's name is its name on the App's own network.
    addresses: (resources) => specOf(resources).services.map(({ name, httpPort }) => `http://${name}:${httpPort}`),
    hosts: (resources) => specOf(resources).ingress.rules.map(({ match, component }) => `${match.authority.exact} ${component.name}`),
    jobsFirst: (resources) =>
      specOf(resources)
        .jobs.filter(({ kind }) => kind === "PRE_DEPLOY")
        .map(({ name }) => name),
    waitsFor: (resources) => (appOf(resources)?.options["dependsOn"] ?? []) as string[],
    variable: (resources, service, name) =>
      specOf(resources)
        .services.find((one) => one.name === service)
        ?.envs.find(({ key }) => key === name)?.value,
    stateful: 'App Platform keeps no data, so it cannot run "store". Use the cloud\'s managed product.',
  },
  {
    choice: { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 },
    context: { system: "shop", stack: "local", environment: "local" },
    images: (resources) => [
      ...ofType(resources, "Container").map(({ inputs }) => inputs["image"]),
      ...resources.filter(({ type }) => type === "docker:index/service:Service").map((one) => taskOf(one).containerSpec.image),
    ],
    addresses: (resources) =>
      swarmServices(resources).flatMap((one) => {
        const port = /127\.0\.0\.1:(\d+)/.exec(taskOf(one).containerSpec.healthcheck?.tests.join(" ") ?? "")?.[1];
        return taskOf(one).networksAdvanceds.flatMap(({ aliases }) => aliases.map((alias) => `http://${alias}:${port}`));
      }),
    hosts: (resources) => {
      const text = Buffer.from(String(ofType(resources, "ServiceConfig")[0]?.inputs["data"]), "base64").toString();
      return [...text.matchAll(/^http:\/\/(\S+) \{\n\treverse_proxy \{[^}]*?name (\S+)/gm)].map(
        ([, host, service]) => `${host} ${service}`,
      );
    },
    jobsFirst: (resources) =>
      common(swarmServices(resources).map(({ options }) => (options["dependsOn"] ?? []) as string[]))
        .filter((one) => one.startsWith("Container "))
        .map((one) => one.replace("Container ", "")),
    waitsFor: (resources) => common(swarmServices(resources).map(({ options }) => (options["dependsOn"] ?? []) as string[])),
    variable: (resources, service, name) => {
      const found = swarmServices(resources).find((one) => one.name === service);
      return found && taskOf(found).containerSpec.env?.[name];
    },
    stateful: "Service store",
  },
];

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale = { memory: 1024, dedicated: false, replicas: 1 };
const service = (name: string, port = 80): PlatformService => ({
  name,
  image,
  port,
  scale,
  env: { B: "2", A: "1", KEY: pulumi.secret("hunter2") },
  health: { live: { path: "/l" }, ready: { path: "/r" } },
});
const to = (service: string): HostAnswer => ({ routes: [{ path: "/", service }] });
const job = (name: string): PlatformJob => ({
  name,
  when: "before",
  image,
  command: ["migrate"],
  scale,
  env: { KEY: pulumi.secret("hunter2") },
});
const store: StatefulService = {
  name: "store",
  image: `store@sha256:${"b".repeat(64)}`,
  memory: 256,
  env: {},
  secretFiles: { STORE_KEY_FILE: { value: "hunter2", generation: 3 } },
  data: { path: "/data", keep: false },
  health: ["true"],
};

describe.each(contracts.map((contract) => [contract.choice.type, contract] as const))("%s", (_, contract) => {
  const { choice, context } = contract;
  const cloud = { project: "shop", stack: context.stack };

  /** Runs a program against the platform, completes it, and gives what was registered. */
  const run = async (program: (platform: Platform) => void) =>
    (
      await record(async () => {
        const platform = await loadPlatform(choice, context);
        program(platform);
        platform.complete();
      }, cloud)
    ).resources;

  /** Runs calls against a completed platform. */
  const late = async (call: (platform: Platform) => unknown) =>
    record(async () => {
      const platform = await loadPlatform(choice, context);
      platform.complete();
      call(platform);
    }, cloud);

  const steps: ((platform: Platform) => unknown)[] = [
    (platform) => platform.addService(service("web")),
    (platform) => platform.addService(service("api", 8000)),
    (platform) => platform.addJob(job("api-migrate")),
    (platform) => platform.addJob(job("web-migrate")),
    (platform) => platform.expose("www.example.com", to("web")),
    (platform) => platform.expose("api.example.com", to("api")),
  ];
  const all = () => run((platform) => steps.forEach((step) => step(platform)));

  test("the order in which things are gathered leaves no trace", async () => {
    const forwards = await all();
    const backwards = await run((platform) => steps.toReversed().forEach((step) => step(platform)));
    expect(forwards).not.toEqual([]);
    expect(backwards).toEqual(forwards);
  });

  test("nothing is registered before it is completed", async () => {
    const { resources } = await record(async () => {
      const platform = await loadPlatform(choice, context);
      steps.forEach((step) => step(platform));
    }, cloud);
    expect(resources).toEqual([]);
  });

  const inCloud: [string, (platform: Platform) => unknown][] =
    choice.type === "docker-host"
      ? []
      : [
          ["A network", (platform) => platform.cloud?.joinNetwork("id")],
          ["A project member", (platform) => platform.cloud?.addToProject("do:x:1")],
        ];
  test.each<[string, (platform: Platform) => unknown]>([
    ['service "late"', (platform) => platform.addService(service("late"))],
    ['service "store"', (platform) => platform.addStateful(store)],
    ['job "late"', (platform) => platform.addJob(job("late"))],
    ['host "late.example.com"', (platform) => platform.expose("late.example.com", to("late"))],
    ["A dependency", (platform) => platform.after({} as pulumi.CustomResource)],
    ["complete()", (platform) => platform.complete()],
    ...inCloud,
  ])("%s is refused afterwards", async (what, call) => {
    await expect(late(call)).rejects.toThrow(
      `${what} came after the platform was completed. Create it while the system's build function runs.`,
    );
  });

  test("two services of one name are refused, and a host that leads nowhere", async () => {
    const twice = (platform: Platform) => [platform.addService(service("web")), platform.addService(service("web"))];
    await expect(run(twice)).rejects.toThrow('There are two services named "web". Give one of them another name.');
    const nowhere = (platform: Platform) => platform.expose("www.example.com", to("web"));
    await expect(run(nowhere)).rejects.toThrow('www.example.com:\n  leads to "web", and there is no such service.');
  });

  test("an image counts as running once it is deployed", async () => {
    const { result } = await record(async () => {
      const platform = await loadPlatform(choice, context);
      const args = { platform, image, port: 80, scale, health: { live: "/l", ready: "/r" }, env: {} };
      const web = new Service("web", args);
      platform.complete();
      return { image: web.image, url: web.url };
    }, cloud);
    expect(result).toEqual({ image: `ghcr.io/acme/web@${image.digest}`, url: "http://web:80" });
  });

  test("services find each other at http://<name>:<port>", async () => {
    expect(contract.addresses(await all()).sort()).toEqual(["http://api:8000", "http://web:80"]);
  });

  test("hosts lead to their service, and nothing else does", async () => {
    expect(contract.hosts(await all())).toEqual(["api.example.com api", "www.example.com web"]);
  });

  test("every job comes before every service", async () => {
    expect(contract.jobsFirst(await all())).toEqual(["api-migrate", "web-migrate"]);
  });

  test("no service starts before what it was told to wait for", async () => {
    const resources = await run((platform) => {
      steps.forEach((step) => step(platform));
      class Door extends pulumi.CustomResource {}
      platform.after(new Door("test:index:Door", "door"));
    });
    expect(contract.waitsFor(resources)).toContain("Door door");
  });

  test("everything runs by digest, and no tag", async () => {
    const images = contract.images(await all());
    expect(images.length).toBeGreaterThanOrEqual(4);
    for (const one of images) expect(one).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  test("a secret is registered as one, wherever it goes", async () => {
    const resources = await all();
    expect(contract.variable(resources, "web", "A")).toBe("1");
    expect(contract.variable(resources, "web", "KEY")).toBe("[secret]");
    expect(JSON.stringify(resources)).not.toContain("hunter2");
  });

  test("a stateful service keeps its data, or is refused with the way out", async () => {
    const program = (platform: Platform) => {
      platform.addStateful(store);
      platform.addService(service("web"));
    };
    if (choice.type === "app-platform") return expect(run(program)).rejects.toThrow(contract.stateful);
    const resources = await run(program);
    expect(contract.waitsFor(resources)).toContain(contract.stateful);
    expect(ofType(resources, "Volume").map(({ name }) => name)).toEqual(["store-data"]);
    expect(JSON.stringify(resources)).not.toContain("hunter2");
    expect(JSON.stringify(resources)).not.toContain(Buffer.from("hunter2").toString("base64"));
  });
});
