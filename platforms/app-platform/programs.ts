import type { input } from "@pulumi/digitalocean/types/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Scale } from "../../config/sizes.ts";
import { resolveInstance } from "../../config/sizes.ts";
import { compare } from "../gather.ts";
import type {
  HealthCheck,
  JobTime,
  LogDestination,
  PlatformJob,
  PlatformProgram,
  PlatformService,
  PlatformSite,
  PlatformWorker,
  ProgramAlerts,
  PullCredentials,
  Source,
  Variables,
  VariableScope,
} from "../workloads.ts";
import { renderImage } from "./image.ts";

/** CPU load at which a range of replicas grows, where it says nothing else. */
const scaleUpAtPercent = 75;

/** Who is told of alerts. */
export type Destinations = input.AppSpecServiceAlertDestinations | undefined;

export function renderService(service: PlatformService, to: Destinations): input.AppSpecService {
  const { port, internalPorts, health, drainSeconds, graceSeconds } = service;
  return {
    ...renderProgram(service, to),
    ...renderScale(service.scale),
    httpPort: port,
    ...(internalPorts === undefined ? {} : { internalPorts: [...internalPorts] }),
    healthCheck: renderHealth(health.ready),
    livenessHealthCheck: renderHealth(health.live),
    ...(drainSeconds === undefined && graceSeconds === undefined
      ? {}
      : { termination: defined({ drainSeconds, gracePeriodSeconds: graceSeconds }) }),
  };
}

export function renderWorker(worker: PlatformWorker, to: Destinations): input.AppSpecWorker {
  const { live, graceSeconds } = worker;
  return {
    ...renderProgram(worker, to),
    ...renderScale(worker.scale),
    ...(live === undefined ? {} : { livenessHealthCheck: renderHealth(live) }),
    ...renderGrace(graceSeconds),
  };
}

export function renderJob(job: PlatformJob, to: Destinations): input.AppSpecJob {
  return {
    ...renderProgram(job, to),
    kind: jobKinds[job.when],
    instanceCount: 1,
    instanceSizeSlug: slugOf(job.scale),
    ...renderGrace(job.graceSeconds),
  };
}

export function renderSite({
  name,
  source,
  env,
  outputFolder,
  indexDocument,
  errorDocument,
  catchallDocument,
}: PlatformSite): input.AppSpecStaticSite {
  const scopes = Object.fromEntries(Object.keys(env).map((key) => [key, "build"] as const));
  return {
    name,
    ...renderSource(source),
    envs: renderVariables(env, scopes),
    ...defined({ outputDir: outputFolder, indexDocument, errorDocument, catchallDocument }),
  };
}

const jobKinds = { before: "PRE_DEPLOY", after: "POST_DEPLOY", "failed-deploy": "FAILED_DEPLOY" } as const satisfies Record<
  JobTime,
  string
>;

/** What services, workers and jobs have in common. */
function renderProgram({ name, image, pull, command, env, scopes, logs, alerts }: PlatformProgram, to: Destinations) {
  return {
    name,
    ...("digest" in image ? { image: { ...renderImage(image), ...renderPull(pull) } } : renderSource(image)),
    ...(command === undefined ? {} : { runCommand: command.map(shellWord).join(" ") }),
    envs: renderVariables(env, scopes),
    ...(logs === undefined || logs.length === 0 ? {} : { logDestinations: logs.map(renderLog) }),
    ...(alerts === undefined ? {} : { alerts: renderAlerts(alerts, to) }),
  };
}

function renderPull(pull: PullCredentials | undefined): { registryCredentials?: pulumi.Output<string> } {
  if (pull === undefined) return {};
  return { registryCredentials: pulumi.secret(pulumi.interpolate`${pull.user}:${pull.token}`) };
}

/** Where the platform finds what it builds. A push deploys only where that is said: else it would pass this program by. */
function renderSource({ github, git, branch, folder, dockerfile, build, deployOnPush = false }: Source) {
  return {
    ...(github === undefined ? {} : { github: { repo: github, branch, deployOnPush } }),
    ...(git === undefined ? {} : { git: { repoCloneUrl: git, branch } }),
    ...defined({ sourceDir: folder, dockerfilePath: dockerfile, buildCommand: build }),
  };
}

function renderHealth({ path, port, initialDelaySeconds, periodSeconds, timeoutSeconds, failures, successes }: HealthCheck) {
  return {
    httpPath: path,
    ...defined({ port, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold: failures, successThreshold: successes }),
  };
}

function renderGrace(gracePeriodSeconds: number | undefined): { termination?: { gracePeriodSeconds: number } } {
  return gracePeriodSeconds === undefined ? {} : { termination: { gracePeriodSeconds } };
}

function renderLog({ name, papertrail, datadog, logtail, openSearch }: LogDestination): input.AppSpecServiceLogDestination {
  return {
    name,
    ...(papertrail === undefined ? {} : { papertrail: { endpoint: papertrail.endpoint } }),
    ...(datadog === undefined ? {} : { datadog: { apiKey: pulumi.secret(datadog.apiKey), ...defined({ endpoint: datadog.endpoint }) } }),
    ...(logtail === undefined ? {} : { logtail: { token: pulumi.secret(logtail.token) } }),
    ...(openSearch === undefined ? {} : { openSearch: renderOpenSearch(openSearch) }),
  };
}

function renderOpenSearch({
  endpoint,
  cluster,
  index,
  user,
  password,
}: NonNullable<LogDestination["openSearch"]>): input.AppSpecServiceLogDestinationOpenSearch {
  return {
    ...defined({ endpoint, clusterName: cluster, indexName: index }),
    basicAuth: { ...defined({ user }), ...(password === undefined ? {} : { password: pulumi.secret(password) }) },
  };
}

/** All of an App's alerts tell the same people: the plugin tells alerts of two components apart by their rule alone. */
function renderAlerts({ cpuPercent, memoryPercent, restarts, windowMinutes = 5 }: ProgramAlerts, destinations: Destinations) {
  const rules = [
    ["CPU_UTILIZATION", cpuPercent],
    ["MEM_UTILIZATION", memoryPercent],
    ["RESTART_COUNT", restarts],
  ] as const;
  return rules.flatMap(([rule, value]) =>
    value === undefined
      ? []
      : [
          {
            rule,
            operator: "GREATER_THAN",
            value,
            window: windows[windowMinutes],
            ...(destinations === undefined ? {} : { destinations }),
          },
        ],
  );
}

const windows = { 5: "FIVE_MINUTES", 10: "TEN_MINUTES", 30: "THIRTY_MINUTES", 60: "ONE_HOUR" } as const;

function renderScale(scale: Scale): Pick<input.AppSpecService, "instanceSizeSlug" | "instanceCount" | "autoscaling"> {
  const instanceSizeSlug = slugOf(scale);
  if (typeof scale.replicas === "number") return { instanceSizeSlug, instanceCount: scale.replicas };
  const { min, max, cpuPercent: percent = scaleUpAtPercent } = scale.replicas;
  return { instanceSizeSlug, autoscaling: { minInstanceCount: min, maxInstanceCount: max, metrics: { cpu: { percent } } } };
}

function slugOf(scale: Scale): string {
  const size = resolveInstance(scale);
  if ("problem" in size) throw new pulumi.RunError(size.problem);
  return size.slug;
}

const scopeNames = { run: "RUN_TIME", build: "BUILD_TIME", both: "RUN_AND_BUILD_TIME" } as const satisfies Record<VariableScope, string>;

/** Every variable states its type: one without, beside a secret one, shows as changed in every preview. */
export function renderVariables(env: Variables, scopes: Readonly<Record<string, VariableScope>> = {}): input.AppSpecServiceEnv[] {
  return Object.entries(env)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => ({
      key,
      value,
      type: pulumi.isSecret(pulumi.output(value)).then((secret) => (secret ? "SECRET" : "GENERAL")),
      scope: scopeNames[scopes[key] ?? "run"],
    }));
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Only what is set. */
function defined<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };
}
