import * as pulumi from "@pulumi/pulumi";
import { afterAll, describe, expect, test } from "vitest";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Edge, HostAnswer, Platform } from "../../platforms/platform.ts";
import type { PlatformJob, PlatformService, PlatformSite, PlatformWorker } from "../../platforms/workloads.ts";
import { record, type Registration } from "../harness.ts";

/** What becomes of an option: a value in a resource, lines of the proxy's configuration, or a refusal that names it and the way out. */
type Answer =
  | { readonly resource: readonly [type: string, name: string]; readonly at: string; readonly is: unknown }
  | { readonly proxy: string }
  | { readonly nothing: string }
  | { readonly refused: string };

/** One thing that a component can ask of a platform, and what each platform answers. */
interface Case {
  readonly asks: string;
  readonly program: (platform: Platform) => void;
  readonly app: Answer;
  readonly docker: Answer;
}

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale = { memory: 1024, dedicated: false, replicas: 1 };
const source = { github: "acme/web", branch: "main" };
const web: PlatformService = { name: "web", image, port: 80, scale, env: {}, health: { live: { path: "/l" }, ready: { path: "/r" } } };
const crew: PlatformWorker = { name: "crew", image, scale, env: {} };
const task: PlatformJob = { name: "task", image, scale, env: {}, when: "before", command: ["run", "it"] };
const site: PlatformSite = { name: "site", source, env: {} };
const origin = "https://a.example.com";

const serve =
  (more: Partial<PlatformService>) =>
  (platform: Platform): void =>
    void platform.addService({ ...web, ...more });
const work =
  (more: Partial<PlatformWorker>) =>
  (platform: Platform): void =>
    void platform.addWorker({ ...crew, ...more });
const run =
  (more: Partial<PlatformJob>) =>
  (platform: Platform): void => {
    platform.addService(web);
    platform.addJob({ ...task, ...more });
  };
const show =
  (more: Partial<PlatformSite>) =>
  (platform: Platform): void =>
    platform.addSite({ ...site, ...more });
const host =
  (answer: HostAnswer) =>
  (platform: Platform): void => {
    platform.addService(web);
    platform.expose("www.example.com", answer);
  };
const whole = { path: "/", service: "web" };
const edge =
  (options: Edge) =>
  (platform: Platform): void => {
    host({ routes: [whole] })(platform);
    platform.edge(options);
  };

const spec = (at: string, is: unknown): Answer => ({ resource: ["App", "app"], at: `spec.${at}`, is });
const inService = (at: string, is: unknown): Answer => ({ resource: ["Service", "web"], at, is });
const refused = (text: string): Answer => ({ refused: text });

const both = (text: string) => ({ app: refused(text), docker: refused(text) });

/** Who is told, as the App's spec has it. */
const told = { emails: ["ops@example.com"], slackWebhooks: [{ channel: "ops", url: "[secret]" }] };

const cases: readonly Case[] = [
  {
    asks: "service: command",
    program: serve({ command: ["serve", "a b"] }),
    app: spec("services[0].runCommand", "serve 'a b'"),
    docker: inService("taskSpec.containerSpec.args", ["serve", "a b"]),
  },
  {
    asks: "service: more ports",
    program: serve({ internalPorts: [9000] }),
    app: spec("services[0].internalPorts", [9000]),
    docker: { nothing: "every port is open on the network of the system" },
  },
  {
    asks: "service: times of the checks",
    program: serve({
      health: { live: { path: "/l", periodSeconds: 20, timeoutSeconds: 4, failures: 5, initialDelaySeconds: 90 }, ready: { path: "/r" } },
    }),
    app: spec("services[0].livenessHealthCheck", {
      httpPath: "/l",
      initialDelaySeconds: 90,
      periodSeconds: 20,
      timeoutSeconds: 4,
      failureThreshold: 5,
    }),
    docker: inService("taskSpec.containerSpec.healthcheck", { interval: "20s", timeout: "4s", retries: 5, startPeriod: "1m30s" }),
  },
  {
    asks: "service: another time for each check",
    program: serve({ health: { live: { path: "/l", periodSeconds: 20 }, ready: { path: "/r", periodSeconds: 5 } } }),
    app: spec("services[0].healthCheck", { httpPath: "/r", periodSeconds: 5 }),
    docker: refused("web:\n  health: Docker has one check for both, so periodSeconds of live and ready has to be the same, not 20 and 5."),
  },
  {
    asks: "service: another port for a check",
    program: serve({ health: { live: { path: "/l" }, ready: { path: "/r", port: 9000 } } }),
    app: spec("services[0].healthCheck.port", 9000),
    docker: inService("taskSpec.containerSpec.healthcheck.tests[1]", expect.stringContaining("http://127.0.0.1:9000/r")),
  },
  {
    asks: "service: successes in a row",
    program: serve({ health: { live: { path: "/l" }, ready: { path: "/r", successes: 2 } } }),
    app: spec("services[0].healthCheck.successThreshold", 2),
    docker: refused("web:\n  health.ready.successes: Docker takes the first success. Leave it out."),
  },
  {
    asks: "service: time to end",
    program: serve({ graceSeconds: 90 }),
    app: spec("services[0].termination", { gracePeriodSeconds: 90 }),
    docker: inService("taskSpec.containerSpec.stopGracePeriod", "1m30s"),
  },
  {
    asks: "service: time to drain",
    program: serve({ drainSeconds: 20 }),
    app: spec("services[0].termination", { drainSeconds: 20 }),
    docker: refused(
      "web:\n  drainSeconds: Docker asks an instance to end at once. Leave it out; the service has graceSeconds to answer what it has begun.",
    ),
  },
  {
    asks: "service: a time to drain that nobody offers",
    program: serve({ drainSeconds: 111 }),
    app: refused("web:\n  drainSeconds: must be a whole number between 1 and 110, got 111."),
    docker: refused("drainSeconds: Docker asks an instance to end at once."),
  },
  {
    asks: "service: a range with its CPU target",
    program: serve({ scale: { memory: 1024, dedicated: true, replicas: { min: 1, max: 3, cpuPercent: 60 } } }),
    app: spec("services[0].autoscaling", { minInstanceCount: 1, maxInstanceCount: 3, metrics: { cpu: { percent: 60 } } }),
    docker: refused("web:\n  scale.replicas: a Docker host does not scale by itself. Ask for a number of replicas."),
  },
  {
    asks: "service: CPUs of its own",
    program: serve({ scale: { ...scale, dedicated: true } }),
    app: spec("services[0].instanceSizeSlug", "apps-d-1vcpu-1gb"),
    docker: refused("web:\n  scale.dedicated: a Docker host has no CPUs of one's own, it shares those of its machine. Ask for false."),
  },
  {
    asks: "service: less of a CPU than there is",
    program: serve({ scale: { ...scale, cpu: 0.001 } }),
    app: refused("web:\n  scale: no instance has 1 GB and 0.001 vCPU."),
    docker: refused("web:\n  scale.cpu: must be at least 0.01, the least share of a CPU that the kernel gives, got 0.001."),
  },
  {
    asks: "service: what no machine has, all of it at once",
    program: serve({
      port: 70_000,
      internalPorts: [9000, 9000, 0],
      command: [],
      graceSeconds: 601,
      health: { live: { path: "healthz", successes: 2 }, ready: { path: "/r", port: 0 } },
    }),
    ...both(
      [
        "web:",
        '  command: names no program. Write it word by word, such as ["alembic", "upgrade", "head"], or leave it out.',
        "  graceSeconds: must be a whole number between 1 and 600, got 601.",
        "  port: must be a whole number between 1 and 65535, got 70000.",
        "  internalPorts[2]: must be a whole number between 1 and 65535, got 0.",
        "  internalPorts: 9000 stands there twice. Remove one of them.",
        "  health.ready.port: must be a whole number between 1 and 65535, got 0.",
        '  health.live.path: "healthz" does not begin with "/". Write "/healthz".',
        "  health.live.successes: has to be 1. Remove it.",
      ].join("\n"),
    ),
  },
  {
    asks: "service: no instance",
    program: serve({ scale: { ...scale, replicas: 0 } }),
    ...both("web:\n  scale.replicas: must be a whole number between 1 and 250, got 0."),
  },
  {
    asks: "worker: a check that succeeds twice",
    program: work({ live: { path: "live", port: 9000, successes: 2 } }),
    ...both('crew:\n  live.path: "live" does not begin with "/". Write "/live".\n  live.successes: has to be 1. Remove it.'),
  },
  {
    asks: "job: several at once",
    program: run({ scale: { ...scale, replicas: 2 } }),
    ...both("task:\n  scale.replicas: a job runs once with each deployment. Ask for 1, as in { ...scale, replicas: 1 }."),
  },
  {
    asks: "service: built from source on GitHub",
    program: serve({ image: { ...source, folder: "api", dockerfile: "api/Dockerfile", build: "make" } }),
    app: spec("services[0]", {
      github: { repo: "acme/web", branch: "main", deployOnPush: false },
      sourceDir: "api",
      dockerfilePath: "api/Dockerfile",
      buildCommand: "make",
    }),
    docker: refused("web:\n  image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: built from any repository",
    program: serve({ image: { git: "https://git.example.com/web.git", branch: "main" } }),
    app: spec("services[0].git", { repoCloneUrl: "https://git.example.com/web.git", branch: "main" }),
    docker: refused("image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: a source of two places",
    program: serve({ image: { ...source, git: "https://git.example.com/web.git" } }),
    app: refused("web:\n  image: needs github or git, one of them."),
    docker: refused("image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: pushes of a plain repository",
    program: serve({ image: { git: "https://git.example.com/web.git", branch: "main", deployOnPush: true } }),
    app: refused("web:\n  image.deployOnPush: needs github; a plain git URL tells nobody of a push."),
    docker: refused("image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: variable of the build",
    program: serve({ image: source, env: { A: "1" }, scopes: { A: "build" } }),
    app: spec("services[0].envs", [{ key: "A", value: "1", type: "GENERAL", scope: "BUILD_TIME" }]),
    docker: refused("A: is for the build, and the image is built already. Give it to the build of the image."),
  },
  {
    asks: "service: variable of the build of an image",
    program: serve({ env: { A: "1" }, scopes: { A: "both" } }),
    app: refused("web:\n  A: is for the build, and the image is built already. Give it to the build of the image, or build from source."),
    docker: refused("web:\n  A: is for the build, and the image is built already. Give it to the build of the image."),
  },
  {
    asks: "service: credentials of a private image",
    program: serve({ pull: { user: "robot", token: pulumi.secret("hunter2"), generation: 1 } }),
    app: spec("services[0].image.registryCredentials", "[secret]"),
    docker: refused(
      "web:\n  pull: a Docker host gets no credentials from here. Log its engine in (docker login), or make the package public.",
    ),
  },
  {
    asks: "service: credentials for the team's own registry",
    program: serve({
      image: { ...image, registry: "registry.digitalocean.com" },
      pull: { user: "robot", token: pulumi.secret("hunter2"), generation: 1 },
    }),
    app: refused("web:\n  pull: App Platform pulls from the team's own registry without credentials. Remove it."),
    docker: refused(
      "web:\n  pull: a Docker host gets no credentials from here. Log its engine in (docker login), or make the package public.",
    ),
  },
  {
    asks: "service: lines to Papertrail",
    program: serve({ logs: [{ name: "papers", papertrail: { endpoint: "logs.example.com:1234" } }] }),
    app: spec("services[0].logDestinations", [{ name: "papers", papertrail: { endpoint: "logs.example.com:1234" } }]),
    docker: refused("web:\n  logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to Datadog",
    program: serve({ logs: [{ name: "dogs", datadog: { apiKey: pulumi.secret("hunter2"), endpoint: "https://eu.example.com" } }] }),
    app: spec("services[0].logDestinations", [{ name: "dogs", datadog: { apiKey: "[secret]", endpoint: "https://eu.example.com" } }]),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to Better Stack",
    program: serve({ logs: [{ name: "tails", logtail: { token: pulumi.output("hunter2") } }] }),
    app: spec("services[0].logDestinations", [{ name: "tails", logtail: { token: "[secret]" } }]),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to OpenSearch",
    program: serve({
      logs: [{ name: "all", openSearch: { cluster: "search", index: "web", user: "log", password: pulumi.output("hunter2") } }],
    }),
    app: spec("services[0].logDestinations", [
      { name: "all", openSearch: { clusterName: "search", indexName: "web", basicAuth: { user: "log", password: "[secret]" } } },
    ]),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to nobody",
    program: serve({ logs: [{ name: "x" }] }),
    app: refused(
      'web:\n  logs "x": needs one of papertrail, datadog, logtail and openSearch.\n  logs "x": a name has 2 to 42 letters, digits, blanks and "-_./()[]", and ends in a letter or digit.',
    ),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: alerts",
    program: serve({ alerts: { cpuPercent: 80, restarts: 3, windowMinutes: 10 } }),
    app: spec("services[0].alerts", [
      { rule: "CPU_UTILIZATION", operator: "GREATER_THAN", value: 80, window: "TEN_MINUTES" },
      { rule: "RESTART_COUNT", operator: "GREATER_THAN", value: 3, window: "TEN_MINUTES" },
    ]),
    docker: refused("web:\n  alerts: nobody watches a Docker host. Leave alerts out in this environment."),
  },
  {
    asks: "service: who is told, the same of every alert",
    program: (platform) => {
      platform.addService({ ...web, alerts: { memoryPercent: 90 } });
      platform.alert({ emails: ["ops@example.com"], slack: [{ channel: "ops", url: pulumi.secret("hunter2") }] }, ["deployment-live"]);
    },
    app: spec("", {
      alerts: ["DEPLOYMENT_FAILED", "DOMAIN_FAILED", "DEPLOYMENT_LIVE"].map((rule) => ({ rule, destinations: told })),
      services: [
        { alerts: [{ rule: "MEM_UTILIZATION", operator: "GREATER_THAN", value: 90, window: "FIVE_MINUTES", destinations: told }] },
      ],
    }),
    docker: refused("web:\n  alerts: nobody watches a Docker host. Leave alerts out in this environment."),
  },
  {
    asks: "who is told of deployments",
    program: (platform) => {
      platform.addService(web);
      platform.alert({ emails: ["ops@example.com"] });
    },
    app: spec("alerts", [
      { rule: "DEPLOYMENT_FAILED", destinations: { emails: ["ops@example.com"] } },
      { rule: "DOMAIN_FAILED", destinations: { emails: ["ops@example.com"] } },
    ]),
    docker: refused("nobody watches a Docker host. Leave them out in this environment."),
  },
  {
    asks: "worker",
    program: work({ command: ["work"], graceSeconds: 20 }),
    app: spec("workers[0]", { name: "crew", runCommand: "work", instanceCount: 1, termination: { gracePeriodSeconds: 20 } }),
    docker: { resource: ["Service", "crew"], at: "taskSpec.containerSpec", is: { args: ["work"], stopGracePeriod: "20s" } },
  },
  {
    asks: "worker: its health",
    program: work({ live: { path: "/l", port: 9000 } }),
    app: spec("workers[0].livenessHealthCheck", { httpPath: "/l", port: 9000 }),
    docker: {
      resource: ["Service", "crew"],
      at: "taskSpec.containerSpec.healthcheck.tests[1]",
      is: expect.stringContaining("http://127.0.0.1:9000/l"),
    },
  },
  {
    asks: "worker: built from source",
    program: work({ image: source }),
    app: spec("workers[0].github", { repo: "acme/web", branch: "main", deployOnPush: false }),
    docker: refused("crew:\n  image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "job before",
    program: run({}),
    app: spec("jobs[0]", { kind: "PRE_DEPLOY", runCommand: "run it", instanceCount: 1 }),
    docker: inService("options.dependsOn", expect.arrayContaining(["Container task"])),
  },
  {
    asks: "job after",
    program: run({ when: "after" }),
    app: spec("jobs[0].kind", "POST_DEPLOY"),
    docker: { resource: ["Container", "task"], at: "options.dependsOn", is: expect.arrayContaining(["Service web"]) },
  },
  {
    asks: "job after a failure",
    program: run({ when: "failed-deploy" }),
    app: spec("jobs[0].kind", "FAILED_DEPLOY"),
    docker: refused('task:\n  when: nothing runs on a Docker host after a failure. Use "before" or "after", or leave the job out here.'),
  },
  {
    asks: "static site",
    program: show({ env: { A: "1" }, outputFolder: "dist", indexDocument: "start.html", catchallDocument: "start.html" }),
    app: spec("staticSites[0]", {
      github: { repo: "acme/web", branch: "main", deployOnPush: false },
      envs: [{ key: "A", value: "1", type: "GENERAL", scope: "BUILD_TIME" }],
      outputDir: "dist",
      indexDocument: "start.html",
      catchallDocument: "start.html",
    }),
    docker: refused("site:\n  source: a Docker host builds nothing from source. Pass container with an image that serves the files."),
  },
  {
    asks: "static site in a container",
    program: (platform) => {
      platform.addSite({ ...site, container: { ...web, name: "site", port: 8080 } });
      platform.expose("www.example.com", { routes: [{ path: "/", service: "site" }] });
    },
    app: spec("ingress.rules[0].component.name", "site"),
    docker: { proxy: "\t\tname site\n\t\t\tport 8080" },
  },
  {
    asks: "static site: two documents for what is not there",
    program: show({ errorDocument: "a.html", catchallDocument: "b.html", container: web }),
    app: refused("site:\n  catchallDocument: answers what errorDocument would. Choose one of them."),
    docker: refused("site:\n  errorDocument: is for the image's own server to know. Leave it out on this platform."),
  },
  {
    asks: "host: services by path, the longest first",
    program: host({ routes: [whole, { path: "/api", service: "web" }] }),
    app: spec("ingress.rules", [
      {
        match: { authority: { exact: "www.example.com" }, path: { prefix: "/api" } },
        component: { name: "web", preservePathPrefix: true },
      },
      { match: { authority: { exact: "www.example.com" }, path: { prefix: "/" } }, component: { name: "web" } },
    ]),
    docker: { proxy: "\t\t@path0 path /api /api/*\n\t\thandle @path0 {\n\t\t\treverse_proxy {" },
  },
  {
    asks: "host: the rest behind a path",
    program: host({ routes: [{ path: "/api", service: "web", forward: "rest" }] }),
    app: spec("ingress.rules[0].component", { name: "web" }),
    docker: { proxy: "handle @path0 {\n\t\t\turi strip_prefix /api\n\t\t\treverse_proxy {" },
  },
  {
    asks: "host: another prefix instead of a path",
    program: host({ routes: [{ path: "/api", service: "web", forward: { rewrite: "/v1" } }] }),
    app: spec("ingress.rules[0].component", { name: "web", rewrite: "/v1" }),
    docker: { proxy: "uri strip_prefix /api\n\t\t\t\trewrite * /v1{uri}" },
  },
  {
    asks: "host: sends on to another one",
    program: host({ redirect: { to: "example.org", path: "/new", permanent: true } }),
    app: spec("ingress.rules[0]", {
      match: { authority: { exact: "www.example.com" } },
      redirect: { authority: "example.org", uri: "/new", redirectCode: 301 },
    }),
    docker: { proxy: "http://www.example.com {\n\tredir https://example.org/new permanent\n}" },
  },
  {
    asks: "host: one origin may call it",
    program: host({ routes: [whole], cors: { origins: [origin], credentials: true, maxAgeSeconds: 60 } }),
    app: spec("ingress.rules[0].cors", { allowOrigins: { exact: origin }, allowCredentials: true, maxAge: "60s" }),
    docker: { proxy: '\t@cors header_regexp Origin "^(https://a\\.example\\.com)$"' },
  },
  {
    asks: "host: several origins may call it, and nobody else",
    program: host({
      routes: [whole],
      cors: { origins: [origin, "https://b.example.com"], methods: ["PATCH"], headers: ["X-A"], expose: ["X-B"] },
    }),
    app: spec("ingress.rules[0].cors", {
      allowOrigins: { regex: "^(https://a\\.example\\.com|https://b\\.example\\.com)$" },
      allowMethods: ["PATCH"],
      allowHeaders: ["X-A"],
      exposeHeaders: ["X-B"],
    }),
    docker: { proxy: '\t\tAccess-Control-Allow-Methods "PATCH"' },
  },
  {
    asks: "host: headers of the proxy",
    program: host({ routes: [whole], headers: { "X-Frame-Options": "DENY" } }),
    app: refused(
      "www.example.com:\n  headers: App Platform adds none of its own (X-Frame-Options). Let the service send them, or leave them out on this platform.",
    ),
    docker: { proxy: '\t\tX-Frame-Options "DENY"' },
  },
  {
    asks: "host: oldest TLS",
    program: host({ routes: [whole], minimumTls: "1.3" }),
    app: refused(
      "www.example.com:\n  minimumTls: the provider cannot set it. App Platform speaks TLS 1.2 and newer; leave it out. Set by hand, it would be gone with the next deployment.",
    ),
    docker: refused(
      "www.example.com:\n  minimumTls: a Docker host speaks plain http on this machine only. Leave it out in this environment.",
    ),
  },
  {
    asks: "edge: nothing is kept, mail addresses are shown, requests are looked at",
    program: edge({ cache: false, emailObfuscation: false, threatControl: true }),
    app: spec("", { disableEdgeCache: true, disableEmailObfuscation: true, enhancedThreatControlEnabled: true }),
    docker: refused(
      "edge:\n  cache: a Docker host has no edge of a cloud before it. Leave it out in this environment.\n  emailObfuscation: a Docker host has no",
    ),
  },
  {
    asks: "edge: taken off for maintenance",
    program: edge({ maintenance: {} }),
    app: spec("maintenance", { enabled: true }),
    docker: {
      proxy: 'http://www.example.com {\n\theader Cache-Control no-store\n\theader Retry-After 60\n\trespond "Down for maintenance." 503\n}',
    },
  },
  {
    asks: "edge: taken off, with a page, and nothing runs",
    program: edge({ maintenance: { page: "https://status.example.com/down.html", archive: true } }),
    app: spec("maintenance", { enabled: true, archive: true, offlinePageUrl: "https://status.example.com/down.html" }),
    docker: refused(
      "edge:\n  maintenance.page: a Docker host answers with 503 alone. Leave it out in this environment.\n  maintenance.archive: what runs",
    ),
  },
  {
    asks: "edge: a page that is none",
    program: edge({ maintenance: { page: "down.html" } }),
    app: refused('edge:\n  maintenance.page: must be an address such as "https://status.example.com/down.html", is "down.html".'),
    docker: refused("edge:\n  maintenance.page: a Docker host answers with 503 alone."),
  },
  {
    asks: "edge: said twice",
    program: (platform) => [edge({ maintenance: {} }), (same: Platform) => same.edge({ maintenance: {} })].forEach((say) => say(platform)),
    app: refused("edge:\n  how the edge treats all hosts was said before. Say it at one EdgeProxy."),
    docker: refused("edge:\n  how the edge treats all hosts was said before. Say it at one EdgeProxy."),
  },
];

const platforms: readonly { readonly choice: PlatformChoice; readonly answer: (one: Case) => Answer }[] = [
  { choice: { type: "app-platform", region: "fra", network: "10.42.0.0/20" }, answer: ({ app }) => app },
  { choice: { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 }, answer: ({ docker }) => docker },
];

describe.each(platforms.map((one) => [one.choice.type, one] as const))("%s", (type, { choice, answer }) => {
  const environment = type === "docker-host" ? "local" : "staging";
  const registered = async (program: (platform: Platform) => void): Promise<readonly Registration[]> =>
    (
      await record(
        async () => {
          const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment });
          program(platform);
          platform.complete();
        },
        { project: "shop", stack: environment },
      )
    ).resources;

  test.each(cases.map((one) => [one.asks, one] as const))("%s", async (_, one) => {
    const wanted = answer(one);
    if ("refused" in wanted) return expect(registered(one.program)).rejects.toThrow(wanted.refused);
    const resources = await registered(one.program);
    expect(JSON.stringify(resources)).not.toContain("hunter2");
    if ("nothing" in wanted) return expect(resources).toEqual(await registered(serve({})));
    if ("proxy" in wanted) {
      const text = resources.find(({ type }) => type.endsWith(":ServiceConfig"))?.inputs["data"];
      return expect(Buffer.from(String(text), "base64").toString()).toContain(wanted.proxy);
    }
    const [kind, name] = wanted.resource;
    const found = resources.find((resource) => resource.type.endsWith(`:${kind}`) && resource.name === name);
    const value = valueAt({ ...found?.inputs, options: found?.options }, wanted.at);
    if (typeof wanted.is === "object") expect(value).toMatchObject(wanted.is as object);
    else expect(value).toEqual(wanted.is);
  });

  afterAll(() =>
    console.log(`${type}: ${cases.length} options, of which refused: ${cases.filter((one) => "refused" in answer(one)).length}`),
  );
});

function valueAt(value: unknown, path: string): unknown {
  const parts = path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter(Boolean);
  return parts.reduce((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], value);
}
