import { expect } from "vitest";
import { both, type Case, inService, refused, run, scale, serve, spec, work } from "./ask.ts";

/** Services, workers and jobs: what is started, how it is looked at, and how much of it there is. */
export const programs: readonly Case[] = [
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
];
