import { App } from "@pulumi/digitalocean/app.js";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/environments.ts";
import { environments } from "../../config/environments.ts";
import { regions } from "../../config/regions.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { checkHosts, createGate } from "../gather.ts";
import { physicalName } from "../naming.ts";
import type { Deployed, Platform, PlatformContext, PlatformJob, PlatformService } from "../platform.ts";
import { createProject } from "../project.ts";
import { appName, fingerprint } from "./last-deployment.ts";
import { renderSpec } from "./spec.ts";

/** DigitalOcean App Platform: the whole system is one App, so one deployment changes all of it or nothing. */
export function createAppPlatform(choice: Extract<PlatformChoice, { type: "app-platform" }>, context: PlatformContext): Platform {
  const { gather, refuseLate, close } = createGate();
  const services = new Map<string, PlatformService>();
  const jobs = new Map<string, PlatformJob>();
  const hosts = new Map<string, string>();
  const networks: pulumi.Input<string>[] = [];
  const dependencies: pulumi.CustomResource[] = [];
  const members: pulumi.Input<string>[] = [];
  const [appId, resolveAppId] = pulumi.deferredOutput<string>();
  const [ingress, resolveIngress] = pulumi.deferredOutput<string>();
  const region = regions[choice.region];

  return {
    ...context,
    type: choice.type,
    cloud: {
      region,
      networkRange: choice.network,
      joinNetwork(id) {
        refuseLate("A network");
        networks.push(id);
      },
      addToProject(urn) {
        refuseLate("A project member");
        members.push(urn);
      },
    },
    addService(service) {
      gather(services, "service", service.name, service);
      return appId.apply(() => service.image);
    },
    addJob(job) {
      gather(jobs, "job", job.name, job);
    },
    addStateful({ name }) {
      refuseLate(`service "${name}"`);
      throw new Error(`App Platform keeps no data, so it cannot run "${name}". Use the cloud's managed product.`);
    },
    origin: (host) => `https://${host}`,
    expose(host, service) {
      gather(hosts, "host", host, service);
      return { type: "CNAME", value: ingress.apply((url) => `${url.replace(/^https:\/\//, "")}.`) };
    },
    after(resource) {
      refuseLate("A dependency");
      dependencies.push(resource);
    },
    complete() {
      close();
      checkHosts(hosts, services);
      const name = physicalName([context.system, context.stack]);
      let deployed: Deployed | undefined;
      // An App without a component is refused, so with `images: none` there is none yet.
      if (services.size > 0) {
        const { attempt = 0 } = context;
        const spec = renderSpec({ name, region: region.app, attempt, services, jobs, hosts, networks });
        // Protected with the data, so that a mistaken destroy stops here, before it comes to what the App was built on.
        const app = new App(appName, { spec }, { dependsOn: dependencies, protect: environments[context.environment].keepData });
        resolveAppId(app.id);
        resolveIngress(app.defaultIngress);
        members.push(app.appUrn);
        deployed = { serving: app.activeDeploymentId, asked: pulumi.secret(app.spec.apply(fingerprint)) };
      }
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

/** The three words that DigitalOcean has for an environment. */
const projectEnvironments = {
  local: "Development",
  staging: "Staging",
  production: "Production",
} as const satisfies Record<Environment, string>;
