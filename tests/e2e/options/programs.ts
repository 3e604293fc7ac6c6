import type { Row } from "./row.ts";

const other = `sha256:${"b".repeat(64)}`;

/** Service, Worker, Job and StaticSite on App Platform: always one update of the App, at the place that is named. */
export const programs: readonly Row[] = [
  {
    option: "Program.image",
    change: { web: { image: { digest: other } } },
    plan: ["update App app spec.jobs[1].image.digest spec.services[1].image.digest"],
  },
  {
    option: ["Scale.memory", "Program.scale"],
    change: { web: { scale: { memory: 2048 } } },
    plan: ["update App app spec.jobs[1].instanceSizeSlug spec.services[1].instanceSizeSlug"],
  },
  { option: "Scale.cpu", change: { api: { scale: { memory: 4096, cpu: 2 } } }, plan: ["update App app spec.services[0].instanceSizeSlug"] },
  {
    option: "Scale.dedicated",
    change: { web: { scale: { dedicated: true } } },
    plan: ["update App app spec.jobs[1].instanceSizeSlug spec.services[1].instanceSizeSlug"],
  },
  { option: "Scale.replicas", change: { web: { scale: { replicas: 2 } } }, plan: ["update App app spec.services[1].instanceCount"] },
  {
    option: "Scale.replicas.min",
    change: { api: { scale: { replicas: { min: 2 } } } },
    plan: ["update App app spec.services[0].autoscaling.minInstanceCount"],
  },
  {
    option: "Scale.replicas.max",
    change: { api: { scale: { replicas: { max: 5 } } } },
    plan: ["update App app spec.services[0].autoscaling.maxInstanceCount"],
  },
  {
    option: "Scale.replicas.cpuPercent",
    change: { api: { scale: { replicas: { cpuPercent: 60 } } } },
    plan: ["update App app spec.services[0].autoscaling.metrics.cpu.percent"],
  },
  { option: "Program.env", change: { web: { env: { MODE: "slow" } } }, plan: ["update App app spec.jobs[1].envs spec.services[1].envs"] },
  {
    option: "Marked.value",
    change: { web: { env: { SITE: { value: "https://other.example.info" } } } },
    plan: ["update App app spec.jobs[1].envs spec.services[1].envs"],
  },
  {
    option: "Marked.marked",
    change: { api: { env: { NPM_TOKEN: { marked: "both" } } } },
    plan: ["update App app spec.services[0].envs[0].scope"],
  },
  {
    option: "Program.secrets",
    change: { secrets: { KEY: "secret:one" } },
    plan: ["update App app +spec.jobs[1].envs[0] +spec.services[1].envs[0]"],
  },
  { option: "Program.command", change: { web: { command: ["serve"] } }, plan: ["update App app spec.services[1].runCommand"] },
  { option: "PullCredentials.token", change: { web: { pull: { token: "secret:token-2" } } }, plan: [] },
  {
    option: ["PullCredentials.generation", "Program.pull"],
    change: { web: { pull: { token: "secret:token-2", generation: 2 } } },
    plan: ["update App app spec.jobs[1].image.registryCredentials spec.services[1].image.registryCredentials"],
  },
  {
    option: "PullCredentials.user",
    change: { web: { pull: { user: "other", generation: 2 } } },
    plan: ["update App app spec.jobs[1].image.registryCredentials spec.services[1].image.registryCredentials"],
  },
  {
    option: "Program.graceSeconds",
    change: { web: { graceSeconds: 90 } },
    plan: ["update App app spec.services[1].termination.gracePeriodSeconds"],
  },
  {
    option: "Program.graceSeconds",
    change: { worker: { graceSeconds: 90 } },
    plan: ["update App app spec.workers[0].termination.gracePeriodSeconds"],
  },
  {
    option: "Program.graceSeconds",
    change: { seed: { graceSeconds: 90 } },
    plan: ["update App app spec.jobs[0].termination.gracePeriodSeconds"],
  },
  { option: "Program.logs", change: { web: { logs: [] } }, plan: ["update App app -spec.services[1].logDestinations"] },
  {
    option: ["LogDestination.name", "LogDestination.papertrail.endpoint"],
    change: { worker: { logs: [{ name: "papers", papertrail: { endpoint: "a.example.info:1" } }] } },
    plan: ["update App app +spec.workers[0].logDestinations"],
  },
  {
    option: ["LogDestination.datadog.apiKey", "LogDestination.datadog.endpoint"],
    change: { worker: { logs: [{ name: "dogs", datadog: { apiKey: "secret:k", endpoint: "https://eu.example.info" } }] } },
    plan: ["update App app +spec.workers[0].logDestinations"],
  },
  {
    option: "LogDestination.logtail.token",
    change: { worker: { logs: [{ name: "tails", logtail: { token: "secret:t" } }] } },
    plan: ["update App app +spec.workers[0].logDestinations"],
  },
  {
    option: ["endpoint", "index", "user", "password"].map((name) => `LogDestination.openSearch.${name}`),
    change: {
      worker: { logs: [{ name: "all", openSearch: { endpoint: "https://a.example.info", index: "i", user: "u", password: "secret:p" } }] },
    },
    plan: ["update App app +spec.workers[0].logDestinations"],
  },
  {
    option: "LogDestination.openSearch.cluster",
    change: { worker: { logs: [{ name: "all", openSearch: { cluster: "search" } }] } },
    plan: ["update App app +spec.workers[0].logDestinations"],
  },
  { option: "Program.alerts", change: { worker: { alerts: { restarts: 1 } } }, plan: ["update App app +spec.workers[0].alerts"] },
  {
    option: "ProgramAlerts.cpuPercent",
    change: { web: { alerts: { cpuPercent: 90 } } },
    plan: ["update App app spec.services[1].alerts[0].value"],
  },
  {
    option: "ProgramAlerts.memoryPercent",
    change: { web: { alerts: { memoryPercent: 90 } } },
    plan: ["update App app spec.services[1].alerts[1].value"],
  },
  {
    option: "ProgramAlerts.restarts",
    change: { web: { alerts: { restarts: 5 } } },
    plan: ["update App app spec.services[1].alerts[2].value"],
  },
  {
    option: "ProgramAlerts.windowMinutes",
    change: { web: { alerts: { windowMinutes: 10 } } },
    plan: ["update App app spec.services[1].alerts[0].window spec.services[1].alerts[1].window spec.services[1].alerts[2].window"],
  },
  {
    option: "AlertDestinations.emails",
    change: { alerts: { to: { emails: ["other@example.info"] } } },
    plan: [
      "update App app spec.alerts[0].destinations.emails[0] spec.alerts[1].destinations.emails[0] spec.services[1].alerts[0].destinations.emails[0] spec.services[1].alerts[1].destinations.emails[0] spec.services[1].alerts[2].destinations.emails[0]",
    ],
  },
  {
    option: ["AlertDestinations.slack.channel", "AlertDestinations.slack.url", "AlertDestinations.slack"],
    change: { alerts: { to: { slack: [{ channel: "more", url: "secret:https://hooks.slack.example/2" }] } } },
    plan: [
      "update App app spec.alerts[0].destinations.slackWebhooks[0].channel spec.alerts[0].destinations.slackWebhooks[0].url spec.alerts[1].destinations.slackWebhooks[0].channel spec.alerts[1].destinations.slackWebhooks[0].url spec.services[1].alerts[0].destinations.slackWebhooks[0].channel spec.services[1].alerts[0].destinations.slackWebhooks[0].url spec.services[1].alerts[1].destinations.slackWebhooks[0].channel spec.services[1].alerts[1].destinations.slackWebhooks[0].url spec.services[1].alerts[2].destinations.slackWebhooks[0].channel spec.services[1].alerts[2].destinations.slackWebhooks[0].url",
    ],
  },

  { option: "Service.port", change: { web: { port: 8001 } }, plan: ["update App app spec.services[1].httpPort"] },
  {
    option: "Service.internalPorts",
    change: { web: { internalPorts: [9001] } },
    plan: ["update App app spec.services[1].internalPorts[0]"],
  },
  {
    option: "Service.drainSeconds",
    change: { web: { drainSeconds: 30 } },
    plan: ["update App app spec.services[1].termination.drainSeconds"],
  },
  { option: "Service.migrate", change: { web: { migrate: ["migrate", "all"] } }, plan: ["update App app spec.jobs[1].runCommand"] },
  { option: "Service.migrate", change: { web: { migrate: null } }, plan: ["update App app -spec.jobs[1]"] },
  {
    option: "Service.health.live",
    change: { api: { health: { live: "/alive" } } },
    plan: ["update App app spec.services[0].livenessHealthCheck.httpPath"],
  },
  {
    option: "Service.health.ready",
    change: { api: { health: { ready: "/steady" } } },
    plan: ["update App app spec.services[0].healthCheck.httpPath"],
  },
  {
    option: "HealthCheck.path",
    change: { web: { health: { ready: { path: "/steady" } } } },
    plan: ["update App app spec.services[1].healthCheck.httpPath"],
  },
  {
    option: "HealthCheck.port",
    change: { web: { health: { ready: { port: 9000 } } } },
    plan: ["update App app spec.services[1].healthCheck.port"],
  },
  {
    option: "HealthCheck.initialDelaySeconds",
    change: { web: { health: { live: { initialDelaySeconds: 60 } } } },
    plan: ["update App app spec.services[1].livenessHealthCheck.initialDelaySeconds"],
  },
  {
    option: "HealthCheck.periodSeconds",
    change: { web: { health: { live: { periodSeconds: 60 } } } },
    plan: ["update App app spec.services[1].livenessHealthCheck.periodSeconds"],
  },
  {
    option: "HealthCheck.timeoutSeconds",
    change: { web: { health: { live: { timeoutSeconds: 6 } } } },
    plan: ["update App app spec.services[1].livenessHealthCheck.timeoutSeconds"],
  },
  {
    option: "HealthCheck.failures",
    change: { web: { health: { live: { failures: 6 } } } },
    plan: ["update App app spec.services[1].livenessHealthCheck.failureThreshold"],
  },
  {
    option: "HealthCheck.successes",
    change: { web: { health: { ready: { successes: 2 } } } },
    plan: ["update App app spec.services[1].healthCheck.successThreshold"],
  },

  { option: "Source.github", change: { api: { image: { github: "acme/other" } } }, plan: ["update App app spec.services[0].github.repo"] },
  {
    option: "Source.git",
    change: { api: { image: { github: null, git: "https://git.example.info/api.git" } } },
    plan: ["update App app +spec.services[0].git -spec.services[0].github"],
  },
  { option: "Source.branch", change: { api: { image: { branch: "next" } } }, plan: ["update App app spec.services[0].github.branch"] },
  { option: "Source.folder", change: { api: { image: { folder: "api" } } }, plan: ["update App app spec.services[0].sourceDir"] },
  {
    option: "Source.dockerfile",
    change: { api: { image: { dockerfile: "api/Dockerfile" } } },
    plan: ["update App app spec.services[0].dockerfilePath"],
  },
  { option: "Source.build", change: { api: { image: { build: "make" } } }, plan: ["update App app spec.services[0].buildCommand"] },
  {
    option: "Source.deployOnPush",
    change: { api: { image: { deployOnPush: true } } },
    plan: ["update App app spec.services[0].github.deployOnPush"],
  },

  {
    option: ["Worker.live", "Worker.live.port"],
    change: { worker: { live: { port: 9200 } } },
    plan: ["update App app spec.workers[0].livenessHealthCheck.port"],
  },
  { option: "Job.when", change: { seed: { when: "failed-deploy" } }, plan: ["update App app spec.jobs[0].kind"] },
  { option: "Job.command", change: { seed: { command: ["seed", "all"] } }, plan: ["update App app spec.jobs[0].runCommand"] },

  {
    option: "StaticSite.source",
    change: { site: { source: { branch: "next" } } },
    plan: ["update App app spec.staticSites[0].github.branch"],
  },
  { option: "StaticSite.env", change: { site: { env: { MORE: "1" } } }, plan: ["update App app spec.staticSites[0].envs"] },
  {
    option: "StaticSite.outputFolder",
    change: { site: { outputFolder: "build" } },
    plan: ["update App app spec.staticSites[0].outputDir"],
  },
  {
    option: "StaticSite.indexDocument",
    change: { site: { indexDocument: "start.html" } },
    plan: ["update App app spec.staticSites[0].indexDocument"],
  },
  {
    option: "StaticSite.errorDocument",
    change: { site: { errorDocument: "oh.html" } },
    plan: ["update App app spec.staticSites[0].errorDocument"],
  },
  {
    option: "StaticSite.catchallDocument",
    alone: true,
    change: { site: { catchallDocument: "index.html" } },
    plan: ["update App app spec.staticSites[0].catchallDocument"],
  },
];
