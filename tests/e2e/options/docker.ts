import type { Row } from "./row.ts";

const other = `sha256:${"b".repeat(64)}`;

/** On a Docker host: one update of the service; what a job is told makes it run again. */
export const docker: readonly Row[] = [
  {
    option: "Program.image",
    change: { web: { image: { digest: other } } },
    plan: ["replace Container web-migrate image!", "update Service web taskSpec.containerSpec.image +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "Scale.memory",
    change: { worker: { scale: { memory: 2048 } } },
    plan: ["update Service worker +taskSpec.containerSpec.sysctl taskSpec.resources.limits.memoryBytes"],
  },
  {
    option: "Scale.replicas",
    change: { worker: { scale: { replicas: 2 } } },
    plan: ["update Service worker mode.replicated.replicas +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "Program.env",
    change: { worker: { env: { QUEUE: "other" } } },
    plan: ["update Service worker taskSpec.containerSpec.env.QUEUE +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "Program.command",
    change: { worker: { command: ["work", "hard"] } },
    plan: ["update Service worker +taskSpec.containerSpec.args[1] +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "Program.graceSeconds",
    change: { worker: { graceSeconds: 90 } },
    plan: ["update Service worker taskSpec.containerSpec.stopGracePeriod +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "Program.graceSeconds",
    alone: true,
    change: { seed: { graceSeconds: 90 } },
    plan: ["update Container seed destroyGraceSeconds"],
  },
  {
    option: "Service.port",
    change: { web: { port: 8001 } },
    plan: [
      "replace ServiceConfig proxy data! name!",
      "update Service proxy taskSpec.containerSpec.configs[0].configId taskSpec.containerSpec.configs[0].configName +taskSpec.containerSpec.env +taskSpec.containerSpec.sysctl",
    ],
  },
  { option: "Service.migrate", change: { web: { migrate: ["migrate", "all"] } }, plan: ["replace Container web-migrate command[1]!"] },
  {
    option: "HealthCheck.path",
    change: { web: { health: { ready: { path: "/steady" } } } },
    plan: ["update Service web taskSpec.containerSpec.healthcheck.tests[1] +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "HealthCheck.periodSeconds",
    change: { web: { health: { live: { periodSeconds: 60 }, ready: { periodSeconds: 60 } } } },
    plan: [
      "update Service web rollbackConfig.monitor taskSpec.containerSpec.healthcheck.interval +taskSpec.containerSpec.sysctl updateConfig.monitor",
    ],
  },
  {
    option: ["Worker.live", "Worker.live.port"],
    change: { worker: { live: { port: 9200 } } },
    plan: ["update Service worker taskSpec.containerSpec.healthcheck.tests[1] +taskSpec.containerSpec.sysctl"],
  },
  { option: "Job.command", change: { seed: { command: ["seed", "all"] } }, plan: ["replace Container seed +command[1]!"] },
  {
    option: "Job.when",
    change: { seed: { when: "failed-deploy" } },
    plan: { refused: 'seed:\n  when: nothing runs on a Docker host after a failure. Use "before" or "after", or leave the job out here.' },
  },
  {
    option: "StaticSiteContainer.image",
    change: { site: { container: { image: { digest: other } } } },
    plan: ["update Service site taskSpec.containerSpec.image +taskSpec.containerSpec.sysctl"],
  },
  {
    option: "StaticSiteContainer.memory",
    change: { site: { container: { memory: 128 } } },
    plan: ["update Service site +taskSpec.containerSpec.sysctl taskSpec.resources.limits.memoryBytes"],
  },
  {
    option: "StaticSiteContainer.port",
    change: { site: { container: { port: 8081 } } },
    plan: [
      "replace ServiceConfig proxy data! name!",
      "update Service proxy taskSpec.containerSpec.configs[0].configId taskSpec.containerSpec.configs[0].configName +taskSpec.containerSpec.env +taskSpec.containerSpec.sysctl",
      "update Service site taskSpec.containerSpec.healthcheck.tests[1] +taskSpec.containerSpec.sysctl",
    ],
  },
  {
    option: "Redirect.redirect.permanent",
    change: { edge: { hosts: { www: { redirect: { permanent: false } } } } },
    plan: [
      "replace ServiceConfig proxy data! name!",
      "update Service proxy taskSpec.containerSpec.configs[0].configId taskSpec.containerSpec.configs[0].configName +taskSpec.containerSpec.env +taskSpec.containerSpec.sysctl",
    ],
  },
  {
    option: "EdgeProxy.rateLimit",
    change: { edge: { rateLimit: { requests: 100, seconds: 60 } } },
    plan: [
      "replace ServiceConfig proxy data! name!",
      "update Service proxy taskSpec.containerSpec.configs[0].configId taskSpec.containerSpec.configs[0].configName +taskSpec.containerSpec.env +taskSpec.containerSpec.sysctl",
    ],
  },
  {
    option: "Edge.maintenance",
    change: { edge: { maintenance: {} } },
    plan: [
      "replace ServiceConfig proxy data! name!",
      "update Service proxy taskSpec.containerSpec.configs[0].configId taskSpec.containerSpec.configs[0].configName +taskSpec.containerSpec.env +taskSpec.containerSpec.sysctl",
    ],
  },
  {
    option: ["Edge.cache", "Edge.threatControl"],
    change: { edge: { cache: false, threatControl: true } },
    plan: {
      refused:
        "edge:\n  cache: a Docker host has no edge of a cloud before it. Leave it out in this environment.\n  threatControl: a Docker host has",
    },
  },
  {
    option: "EdgeProxy.headers",
    change: { edge: { headers: { "X-A": "1" } } },
    plan: [
      "replace ServiceConfig proxy data! name!",
      "update Service proxy taskSpec.containerSpec.configs[0].configId taskSpec.containerSpec.configs[0].configName +taskSpec.containerSpec.env +taskSpec.containerSpec.sysctl",
    ],
  },
  {
    option: "Service.drainSeconds",
    change: { web: { drainSeconds: 30 } },
    plan: {
      refused:
        "web:\n  drainSeconds: Docker asks an instance to end at once. Leave it out; the service has graceSeconds to answer what it has begun.",
    },
  },
];
