import { App } from "@pulumi/digitalocean/app.js";
import * as pulumi from "@pulumi/pulumi";
import { Acknowledged } from "../../config/acknowledge.ts";
import { oneOf } from "../../config/checks.ts";
import type { Environment } from "../../config/environments.ts";
import { environments } from "../../config/environments.ts";
import { regions } from "../../config/regions.ts";
import { fingerprint } from "../../config/fingerprint.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { replicaDemand, toldDemand } from "../demands.ts";
import { createGate, hostProblems } from "../gather.ts";
import { physicalName } from "../naming.ts";
import type { AlertDestinations, Deployed, DeploymentEvent, Edge, HostAnswer, Platform, PlatformContext } from "../platform.ts";
import type { PlatformJob, PlatformService, PlatformSite, PlatformWorker } from "../workloads.ts";
import { createProject } from "../project.ts";
import { jobProblems, serviceProblems, siteProblems, workerProblems } from "../workload-problems.ts";
import { ingressAddresses } from "./ingress.ts";
import { appName } from "./last-deployment.ts";
import { knownCredentials } from "./pull.ts";
import { edgeRefusals, hostRefusals, programRefusals, siteRefusals } from "./refusals.ts";
import { recordSealed } from "./sealed.ts";
import { renderSpec } from "./spec.ts";

/** DigitalOcean App Platform: the whole system is one App, so one deployment changes all of it or nothing. */
export function createAppPlatform(choice: Extract<PlatformChoice, { type: "app-platform" }>, context: PlatformContext): Platform {
  const place = { environment: context.environment, acknowledged: context.acknowledged ?? new Acknowledged([]) };
  const services = new Map<string, PlatformService>();
  const workers = new Map<string, PlatformWorker>();
  const jobs = new Map<string, PlatformJob>();
  const sites = new Map<string, PlatformSite>();
  /** An App has no two components of one name, whatever they are. */
  const names = new Map<string, string>();
  const hosts = new Map<string, HostAnswer>();
  const alerts: { tell: AlertDestinations | undefined; rules: readonly string[] } = { tell: undefined, rules: [] };
  const edges: Edge[] = [];
  const networks: pulumi.Input<string>[] = [];
  const dependencies: pulumi.CustomResource[] = [];
  const members: pulumi.Input<string>[] = [];
  const [appId, resolveAppId] = pulumi.deferredOutput<string>();
  const [ingress, resolveIngress] = pulumi.deferredOutput<string>();
  let resolveEgress: ((addresses: pulumi.Output<readonly string[]>) => void) | undefined;
  const region = regions[choice.region];
  const { gather, refuseLate, refuse, refused, wait, checked, close } = createGate(() => [
    ...hostProblems(hosts, new Set([...services.keys(), ...sites.keys()])),
    toldDemand(place, alerts.tell !== undefined),
  ]);

  return {
    ...context,
    ...place,
    type: choice.type,
    cloud: {
      region,
      networkRange: choice.network,
      joinNetwork(id) {
        refuseLate("A network");
        networks.push(id);
      },
      dedicateEgress() {
        refuseLate("An address");
        const [egress, resolve] = pulumi.deferredOutput<readonly string[]>();
        resolveEgress = resolve;
        return egress;
      },
      addToProject(urn) {
        refuseLate("A project member");
        members.push(urn);
      },
    },
    addService(service) {
      refuse(service.name, [...serviceProblems(service), ...programRefusals(service), replicaDemand(place, service.scale.replicas)]);
      gather(names, "service", service.name, service.name);
      services.set(service.name, service);
      return appId.apply(() => service.image);
    },
    addWorker(worker) {
      refuse(worker.name, [...workerProblems(worker), ...programRefusals(worker), replicaDemand(place, worker.scale.replicas)]);
      gather(names, "worker", worker.name, worker.name);
      workers.set(worker.name, worker);
      return appId.apply(() => worker.image);
    },
    addJob(job) {
      refuse(job.of ?? job.name, [...jobProblems(job), ...programRefusals(job)]);
      gather(names, "job", job.name, job.name);
      jobs.set(job.name, job);
      return appId.apply(() => job.image);
    },
    addSite(site) {
      refuse(site.name, [...siteProblems(site), ...siteRefusals(site)]);
      gather(names, "static site", site.name, site.name);
      sites.set(site.name, site);
    },
    addStateful({ name }) {
      refuseLate(`service "${name}"`);
      refuse(name, [`App Platform keeps no data, so it cannot run "${name}". Use the cloud's managed product.`]);
    },
    origin: (host) => `https://${host}`,
    origins: (host) => [`https://${host}`],
    expose(host, answer) {
      refuse(host, hostRefusals(answer));
      gather(hosts, "host", host, answer);
      return { type: "CNAME", value: ingress.apply((url) => `${url.replace(/^https:\/\//, "")}.`), addresses: ingressAddresses };
    },
    edge(options) {
      refuseLate("The edge");
      const isSecond = edges.push(options) > 1;
      refuse("edge", [...edgeRefusals(options), isSecond && "how the edge treats all hosts was said before. Say it at one EdgeProxy."]);
    },
    after(resource) {
      refuseLate("A dependency");
      dependencies.push(resource);
    },
    alert(to, events = []) {
      refuseLate("An alert");
      if (alerts.tell !== undefined) refuse("alerts", ["It was said before who is told of alerts. Say it once."]);
      refuse(
        "alerts",
        events.map((event) => oneOf("events", event, Object.keys(eventRules))),
      );
      alerts.tell = to;
      alerts.rules = events.map((event) => eventRules[event]);
    },
    refuse,
    refused,
    wait,
    checked,
    complete() {
      close();
      const name = physicalName([context.system, context.stack]);
      let deployed: Deployed | undefined;
      // An App without a component is refused, so with `images: none` there is none yet.
      if (services.size + workers.size + sites.size > 0) {
        const { attempt = 0 } = context;
        const { tell, rules } = alerts;
        const spec = renderSpec({
          name,
          region: region.app,
          attempt,
          services,
          workers,
          jobs,
          sites,
          hosts,
          networks,
          edge: edges[0] ?? {},
          dedicatedEgress: resolveEgress !== undefined,
          alerts: rules,
          tell,
        });
        const ignoreChanges = knownCredentials({ services, workers, jobs }, context.pulled);
        // Protected with the data, so that a mistaken destroy stops here, before it comes to what the App was built on.
        const app = new App(
          appName,
          { spec },
          { dependsOn: dependencies, protect: environments[context.environment].keepData, ignoreChanges },
        );
        resolveAppId(app.id);
        resolveIngress(app.defaultIngress);
        resolveEgress?.(app.dedicatedIps.apply((all) => (all ?? []).map(({ ip }) => ip)));
        members.push(app.appUrn);
        const asked = pulumi.secret(app.spec.apply(fingerprint));
        recordSealed(app, asked, context.held ?? []);
        deployed = { serving: app.activeDeploymentId, asked };
      } else resolveEgress?.(pulumi.output([]));
      createProject(
        "project",
        {
          name,
          description: `${context.system}, ${context.stack}`,
          purpose: "Web Application",
          environment: projectEnvironments[context.environment],
          members,
          existing: context.project ?? "create",
        },
        { protect: environments[context.environment].keepData },
      );
      return deployed;
    },
  } satisfies Platform;
}

/** What App Platform calls the events of a deployment. */
const eventRules = {
  "deployment-live": "DEPLOYMENT_LIVE",
  "deployment-started": "DEPLOYMENT_STARTED",
  "deployment-canceled": "DEPLOYMENT_CANCELED",
  "domain-live": "DOMAIN_LIVE",
  "scaling-failed": "AUTOSCALE_FAILED",
  scaled: "AUTOSCALE_SUCCEEDED",
} as const satisfies Record<DeploymentEvent, string>;

/** The three words that DigitalOcean has for an environment. */
const projectEnvironments = {
  local: "Development",
  staging: "Staging",
  production: "Production",
} as const satisfies Record<Environment, string>;
