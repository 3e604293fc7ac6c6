import type { Properties } from "../../cloud/store.ts";
import type { CloudContext, Kinds, Rule } from "../kind.ts";
import { isObject, text, unknown } from "../values.ts";
import { syncDestinations } from "./app-alerts.ts";
import { refuseIngress, refuseParts } from "./app-spec.ts";
import { appRegions, appSizes, defaultProject, goTime, isTaken, types } from "./common.ts";

const api = "https://api.digitalocean.com/v2/apps";
const components = ["services", "workers", "jobs", "staticSites", "functions"] as const;
const each = (suffix: string): string[] => components.map((component) => `spec.${component}[*].${suffix}`);
const eachRule = (suffix: string, rule: Rule): Record<string, Rule> => Object.fromEntries(each(suffix).map((path) => [path, rule]));

const list = (value: unknown): Properties[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What the API checks of a spec before it takes it. */
function refuseSpec(cloud: CloudContext, request: string, id: string | undefined, spec: Properties): void {
  const refuse = (message: string): never => cloud.refuse(request, 400, message);
  if (!/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/.test(String(spec.name)))
    refuse('error validating app spec field "name": must match regex ^[a-z][a-z0-9-]{0,30}[a-z0-9]$');
  if (isTaken(cloud.store, types.app, spec.name, id)) cloud.refuse(request, 409, "App name is already taken");
  if (spec.region && !appRegions.includes(text(spec.region)))
    refuse(`error validating app spec field "region": ${text(spec.region)} is not a valid region`);
  for (const vpc of list(spec.vpcs)) {
    const found = cloud.store.get(types.vpc, String(vpc.id));
    if (!found) refuse(`error validating app spec field "vpc.id": VPC ${String(vpc.id)} could not be found`);
    else if (spec.region && !String(found.outputs.region).startsWith(text(spec.region)))
      refuse('error validating app spec field "vpc": VPC must be in a datacenter of the app\'s region');
  }
  const names = components.flatMap((name) => list(spec[name]).map((component) => String(component.name)));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) refuse(`error validating app spec: component name "${twice}" is used more than once`);
  if (names.length === 0 && list(spec.databases).length === 0) refuse("error validating app spec: at least one component is required");
  for (const name of components)
    list(spec[name]).forEach((component, index) => refuseComponent(cloud, refuse, `${name}[${index}]`, component));
  refuseIngress(refuse, spec);
  const routed = isObject(spec.ingress)
    ? list(spec.ingress.rules).flatMap((rule) => (isObject(rule.component) ? [String(rule.component.name)] : []))
    : [];
  const lost = routed.find((name) => !names.includes(name));
  if (lost) refuse(`error validating app spec field "ingress.rules": component "${lost}" could not be found`);
  const egress = text(list(spec.egresses)[0]?.type ?? "");
  if (egress !== "" && !["AUTOASSIGN", "DEDICATED_IP"].includes(egress))
    refuse(`error validating app spec field "egress.type": ${egress} is not supported`);
  for (const domain of list(spec.domainNames)) {
    const other = cloud.store
      .list(types.app)
      .find(
        (app) => app.id !== id && isObject(app.outputs.spec) && list(app.outputs.spec.domainNames).some((one) => one.name === domain.name),
      );
    if (other) refuse(`domain "${String(domain.name)}" is already in use by another app`);
    if (domain.zone && !cloud.store.get(types.domain, text(domain.zone)))
      refuse(`error validating app spec field "domains": zone "${text(domain.zone)}" could not be found`);
  }
}

function refuseComponent(cloud: CloudContext, refuse: (message: string) => never, path: string, component: Properties): void {
  const field = (name: string): string => `error validating app spec field "${path}.${name}"`;
  const size = text(component.instanceSizeSlug);
  if (size && !appSizes.includes(size)) refuse(`${field("instance_size_slug")}: ${size} is not a valid instance size`);
  const count = component.instanceCount;
  if (typeof count === "number" && (count < 1 || count > 250) && !isObject(component.autoscaling))
    refuse(`${field("instance_count")}: must be between 1 and 250`);
  if (typeof count === "number" && count > 1 && /0\.5gb$|-fixed$/.test(size))
    refuse(`${field("instance_count")}: ${size} is limited to a single instance`);
  if (isObject(component.autoscaling)) {
    if (size.startsWith("apps-s-")) refuse(`${field("autoscaling")}: autoscaling needs a dedicated CPU instance size`);
    if (Number(component.autoscaling.minInstanceCount) > Number(component.autoscaling.maxInstanceCount))
      refuse(`${field("autoscaling")}: min_instance_count must not be above max_instance_count`);
  }
  if (isObject(component.image) && component.image.digest && !/^sha256:[0-9a-f]{64}$/.test(text(component.image.digest)))
    refuse(`${field("image.digest")}: invalid digest`);
  if (isObject(component.image) && component.image.registryType === "DOCR") {
    if (component.image.registry) refuse(`${field("image.registry")}: must be empty for registry type DOCR`);
    if (cloud.store.list(types.registry).length === 0) refuse(`${field("image")}: the account has no container registry`);
  }
  refuseParts(refuse, path, component);
  const keys = list(component.envs).map((env) => String(env.key));
  const bad = keys.find((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key));
  if (bad !== undefined) refuse(`${field("envs")}: "${bad}" is not a valid environment variable name`);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice) refuse(`${field("envs")}: environment variable "${twice}" is set more than once`);
}

/** What the API knows of an app that serves, or of one that never has. */
function serving(object: { id: string }, spec: Properties, deployment: string): Properties {
  const defaultIngress = `https://${String(spec.name)}-${object.id.slice(0, 5)}.ondigitalocean.app`;
  const primary = list(spec.domainNames).find((domain) => domain.type === "PRIMARY");
  const liveDomain = primary ? String(primary.name) : defaultIngress.replace("https://", "");
  return { activeDeploymentId: deployment, defaultIngress, liveDomain, liveUrl: `https://${liveDomain}` };
}

/** Fields of the spec that the API fills in. */
function filledIn(spec: Properties): Properties {
  const domains = list(spec.domainNames).map((domain) => ({
    ...domain,
    type: domain.type ?? "UNSPECIFIED",
    wildcard: domain.wildcard ?? false,
  }));
  return { ...spec, domainNames: domains, domains: domains.map((domain) => (domain as Properties).name) };
}

export const app: Kinds = {
  [types.app]: {
    failed: { create: "Error creating App", update: "Error updating app", delete: "Error deletingApp" },
    request: { collection: "/v2/apps" },
    deploys: true,
    sets: ["spec.envs", "spec.features", "spec.domains", ...each("envs"), ...each("internalPorts"), "spec.alerts[*].destinations.emails"],
    computed: [
      "spec.domainNames",
      "spec.domainNames[*].type",
      "spec.domainNames[*].wildcard",
      "spec.domains",
      "spec.features",
      "spec.ingress",
      "spec.envs[*].type",
      ...each("envs[*].type"),
      ...each("httpPort"),
      ...each("internalPorts"),
      ...each("routes"),
      ...each("image.deployOnPushes"),
    ],
    defaults: {
      deploymentPerPage: 20,
      "spec.envs[*].scope": "RUN_AND_BUILD_TIME",
      ...Object.fromEntries(each("envs[*].scope").map((path) => [path, "RUN_AND_BUILD_TIME"])),
      ...Object.fromEntries(each("logDestinations[*].datadog.endpoint").map((path) => [path, "https://http-intake.logs.datadoghq.com"])),
      "spec.ingress.rules[*].redirect.redirectCode": 302,
      "spec.jobs[*].kind": "UNSPECIFIED",
    },
    rules: {
      "spec.name": { length: [2, 32] },
      "spec.envs[*].type": { oneOf: ["GENERAL", "SECRET"] },
      ...eachRule("envs[*].type", { oneOf: ["GENERAL", "SECRET"] }),
      ...eachRule("envs[*].scope", { oneOf: ["UNSET", "RUN_TIME", "BUILD_TIME", "RUN_AND_BUILD_TIME"] }),
      ...eachRule("image.registryType", { oneOf: ["DOCKER_HUB", "DOCR", "GHCR"] }),
      ...eachRule("termination.drainSeconds", { range: [1, 110] }),
      ...eachRule("termination.gracePeriodSeconds", { range: [1, 600] }),
      ...eachRule("autoscaling.minInstanceCount", { atLeast: 1 }),
      ...eachRule("autoscaling.maxInstanceCount", { atLeast: 1 }),
      ...eachRule("autoscaling.metrics.cpu.percent", { range: [1, 100] }),
      ...eachRule("livenessHealthCheck.port", { range: [1, 65535] }),
      ...eachRule("alerts[*].rule", { oneOf: ["UNSPECIFIED_RULE", "CPU_UTILIZATION", "MEM_UTILIZATION", "RESTART_COUNT"] }),
      ...eachRule("alerts[*].operator", { oneOf: ["UNSPECIFIED_OPERATOR", "GREATER_THAN", "LESS_THAN"] }),
      ...eachRule("alerts[*].window", { oneOf: ["UNSPECIFIED_WINDOW", "FIVE_MINUTES", "TEN_MINUTES", "THIRTY_MINUTES", "ONE_HOUR"] }),
      "spec.jobs[*].kind": { oneOf: ["UNSPECIFIED", "PRE_DEPLOY", "POST_DEPLOY", "FAILED_DEPLOY"] },
      "spec.domainNames[*].type": { oneOf: ["DEFAULT", "PRIMARY", "ALIAS"] },
      "spec.alerts[*].rule": {
        oneOf: [
          "DEPLOYMENT_FAILED",
          "DEPLOYMENT_LIVE",
          "DEPLOYMENT_STARTED",
          "DEPLOYMENT_CANCELED",
          "DOMAIN_FAILED",
          "DOMAIN_LIVE",
          "AUTOSCALE_FAILED",
          "AUTOSCALE_SUCCEEDED",
        ],
      },
    },
    // The API leaves the type of an ordinary variable out, and the plugin takes the two for one.
    canonical: (path, value) => (path.endsWith(".type") && value === "GENERAL" ? "" : value),
    create(cloud, inputs, urn) {
      const spec = inputs.spec as Properties;
      refuseSpec(cloud, `POST ${api}`, undefined, spec);
      const count = cloud.store.next(urn);
      const id = cloud.uuid("app", urn, count);
      const time = goTime(cloud.now);
      return {
        id,
        name: String(spec.name),
        outputs: {
          ...serving({ id }, spec, cloud.uuid("deployment", id, 1)),
          appUrn: `do:app:${id}`,
          createdAt: time,
          dedicatedIps: dedicatedIps(cloud, id, spec),
          projectId: inputs.projectId ?? defaultProject(cloud),
          spec: asRead(cloud, filledIn(spec)),
          updatedAt: time,
        },
      };
    },
    update(cloud, object, inputs) {
      const spec = inputs.spec as Properties;
      refuseSpec(cloud, `PUT ${api}/${object.id}`, object.id, spec);
      const deployment = cloud.uuid("deployment", object.id, 1 + cloud.store.next(`deployments ${object.id}`));
      return {
        ...serving(object, spec, deployment),
        dedicatedIps: dedicatedIps(cloud, object.id, spec),
        spec: asRead(cloud, filledIn(spec)),
        updatedAt: goTime(cloud.now),
      };
    },
    seal: (cloud, outputs, held) => ({ ...outputs, spec: sealSpec(cloud, syncDestinations(outputs.spec, held?.spec)) }),
  },
};

/** Addresses of its own to the outside, where they are asked for. */
function dedicatedIps(cloud: CloudContext, id: string, spec: Properties): Properties[] | null {
  if (list(spec.egresses)[0]?.type !== "DEDICATED_IP") return null;
  const [byte = 0] = cloud.store.derive("egress", id);
  return [{ id: cloud.uuid("egress", id), ip: `198.51.100.${byte}`, status: "ASSIGNED" }];
}

/**
 * What the state holds after a write. Unlike secrets, the plugin takes credentials as the API gives them back: so they differ from what a
 * program says in every preview. Secrets it keeps as they were sent, but only where all of a component's variables were known when it was
 * planned. A variable without a type is not: the API decides it. Then all of them are what the API gives back, and each preview differs.
 */
function asRead(cloud: CloudContext, spec: Properties): Properties {
  const untyped = ({ type }: Properties): boolean => text(type ?? "") === "";
  const sealVariables = (owner: Properties): Properties =>
    list(owner.envs).some(untyped) ? { ...owner, envs: list(owner.envs).map((env) => sealSpec(cloud, env)) } : owner;
  const parts = components.filter((name) => Array.isArray(spec[name])).map((name) => [name, list(spec[name]).map(sealVariables)] as const);
  const credentials = (value: Properties): string | undefined => ("registryCredentials" in value ? "registryCredentials" : undefined);
  return seal(cloud, { ...sealVariables(spec), ...Object.fromEntries(parts) }, credentials) as Properties;
}

/** The API never gives a secret back: it keeps `EV[1:<nonce>:<text>]`, and what is sent in that form stays as it is. */
function sealSpec(cloud: CloudContext, spec: unknown): unknown {
  return seal(cloud, spec, (value) => {
    if (value.type === "SECRET" && "key" in value) return "value";
    return "registryCredentials" in value ? "registryCredentials" : undefined;
  });
}

/** Seals one field of each object, where there is one to seal. */
function seal(cloud: CloudContext, spec: unknown, fieldOf: (value: Properties) => string | undefined): unknown {
  const close = (value: unknown, purpose: string): unknown => {
    if (typeof value !== "string" || value === "" || value === unknown || value.startsWith("EV[1:")) return value;
    const count = cloud.store.next("sealed");
    const nonce = cloud.store.derive("nonce", purpose, count).toString("base64").slice(0, 32);
    return `EV[1:${nonce}:${cloud.store.derive("sealed", purpose, count, value).toString("base64").slice(0, 32)}]`;
  };
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    const result = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, visit(field)]));
    const field = fieldOf(result);
    if (field !== undefined) result[field] = close(result[field], field === "value" ? String(result.key) : field);
    return result;
  };
  return visit(spec);
}
