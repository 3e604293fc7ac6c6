import type { input } from "@pulumi/digitalocean/types/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Image } from "../../config/images.ts";
import type { Scale } from "../../config/sizes.ts";
import { resolveInstance } from "../../config/sizes.ts";
import { compare, sorted } from "../gather.ts";
import { attemptVariable } from "./last-deployment.ts";
import type { PlatformJob, PlatformService, Variables } from "../platform.ts";

/** CPU load at which a range of replicas grows. */
const scaleUpAtPercent = 75;

/** What an App is made of. */
export interface AppParts {
  readonly name: string;
  readonly region: string;
  /** How many deployments failed so far. 0 leaves no trace. */
  readonly attempt: number;
  readonly services: ReadonlyMap<string, PlatformService>;
  readonly jobs: ReadonlyMap<string, PlatformJob>;
  /** Host → name of the service. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly networks: readonly pulumi.Input<string>[];
}

/** Writes the spec of the App. Everything is sorted by name, so the order in which it was gathered leaves no trace. */
export function renderSpec({ name, region, attempt, services, jobs, hosts, networks }: AppParts): input.AppSpec {
  return {
    name,
    region,
    ...(attempt === 0 ? {} : { envs: renderVariables({ [attemptVariable]: String(attempt) }) }),
    vpcs: networks.map((id) => ({ id })),
    domainNames: sorted(hosts).map(([host], index) => ({ name: host, type: index === 0 ? "PRIMARY" : "ALIAS" })),
    ingress: { rules: sorted(hosts).map(([host, service]) => renderRule(host, service)) },
    services: sorted(services).map(([, service]) => renderService(service)),
    jobs: sorted(jobs).map(([, job]) => renderJob(job)),
    alerts: [{ rule: "DEPLOYMENT_FAILED" }, { rule: "DOMAIN_FAILED" }],
  };
}

function renderService({ name, image, port, scale, env, health }: PlatformService): input.AppSpecService {
  return {
    name,
    image: renderImage(image),
    httpPort: port,
    ...renderScale(scale),
    envs: renderVariables(env),
    healthCheck: { httpPath: health.ready },
    livenessHealthCheck: { httpPath: health.live },
  };
}

function renderJob({ name, image, command, scale, env }: PlatformJob): input.AppSpecJob {
  return {
    name,
    kind: "PRE_DEPLOY",
    image: renderImage(image),
    runCommand: command.map(shellWord).join(" "),
    instanceCount: 1,
    instanceSizeSlug: slugOf(scale),
    envs: renderVariables(env),
  };
}

/** One rule per host. There is no rule for the App's own address, so that answers nothing. */
function renderRule(host: string, service: string): input.AppSpecIngressRule {
  return { match: { authority: { exact: host }, path: { prefix: "/" } }, component: { name: service } };
}

/** GHCR's first part is the registry here, and the rest the repository. */
function renderImage({ repository, digest }: Image): input.AppSpecServiceImage {
  const [registry = "", ...rest] = repository.split("/");
  return { registryType: "GHCR", registry, repository: rest.join("/"), digest };
}

function renderScale(scale: Scale): Pick<input.AppSpecService, "instanceSizeSlug" | "instanceCount" | "autoscaling"> {
  const instanceSizeSlug = slugOf(scale);
  if (typeof scale.replicas === "number") return { instanceSizeSlug, instanceCount: scale.replicas };
  const { min, max } = scale.replicas;
  return {
    instanceSizeSlug,
    autoscaling: { minInstanceCount: min, maxInstanceCount: max, metrics: { cpu: { percent: scaleUpAtPercent } } },
  };
}

function slugOf(scale: Scale): string {
  const size = resolveInstance(scale);
  if ("problem" in size) throw new Error(size.problem);
  return size.slug;
}

/** Every variable states its type: one without, beside a secret one, shows as changed in every preview. */
function renderVariables(env: Variables): input.AppSpecServiceEnv[] {
  return Object.entries(env)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => ({
      key,
      value,
      type: pulumi.isSecret(pulumi.output(value)).then((secret) => (secret ? "SECRET" : "GENERAL")),
      scope: "RUN_TIME",
    }));
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
