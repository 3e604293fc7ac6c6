import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTemplate } from "../e2e/template.ts";
import { setPath } from "./recorded.ts";
import { absent } from "./shared.ts";
import { type Exported, Validator } from "./validator.ts";

type Values = Record<string, unknown>;

const stacks = ["shared", "staging", "production"];

describe("what the template system registers is what the published schemas and the API take", () => {
  beforeEach((context) => context.skip(absent !== undefined, absent));
  const validator = new Validator();
  const exported: Record<string, Exported> = {};

  beforeAll(async () => {
    if (absent !== undefined) return;
    await using engine = await openTemplate();
    await engine.sandbox.ensureStack("production");
    await engine.expect(["up", "--stack", "production", "--yes", "--skip-preview"]);
    for (const stack of stacks)
      exported[stack] = JSON.parse(await engine.expect(["stack", "export", "--show-secrets", "--stack", stack])) as Exported;
  });

  test.each(stacks)("%s", (stack) => {
    const { problems, resources, properties, requests } = validator.check(exported[stack] as Exported);
    console.log(`${stack}: ${resources} resources, ${properties} properties, ${requests} requests, ${problems.length} problems`);
    expect(problems).toEqual([]);
    expect(resources).toBeGreaterThan(0);
  });

  test("each gap of the description is still needed", () => {
    expect(validator.check(exported.production as Exported).unused).toEqual([]);
  });

  test.each<[type: string, path: string, value: unknown, problem: string]>([
    ["App", "spec.services[0].replicas", 2, "spec.services[0].replicas: is not a published input"],
    ["App", "spec.services[0].instanceCount", "2", "spec.services[0].instanceCount: must be integer"],
    ["App", "spec.services[0].instanceCount", 0, "instance_count: must be 1 or more"],
    ["App", "spec.services[0].instanceSizeSlug", "apps-s-9vcpu-1gb", "instance_size_slug: must be one of"],
    ["App", "spec.services[0].image.repository", undefined, "image.repository: is required"],
    ["App", "spec.services[0].envs[0].key", "NOT-A-NAME", "envs[0].key: must match"],
    ["App", "spec.services[0].envs[0].scope", "RUNTIME", "envs[0].scope: must be one of"],
    ["App", "spec.services[0].httpPort", 70000, "http_port: must be 65535 or less"],
    ["App", "spec.name", "Template_Staging", "spec.name: must match"],
    ["App", "spec.region", "fra1", "spec.region: must be one of"],
    ["App", "spec.domainNames[0].name", "not a domain", "spec.domains[0].domain: must match"],
    ["App", "spec.services[0].image.registryType", "QUAY", "image.registry_type: must be one of"],
    ["App", "spec.services[0].image.digest", 1, "image.digest: must be string"],
    ["App", "spec.vpcs[0].id", undefined, "spec.vpcs[0].id: is required"],
    ["DatabaseCluster", "engine", "postgres", "engine: must be one of"],
    ["DatabaseCluster", "size", "db-s-1vcpu-3gb", "size: must be one of"],
    ["DatabaseCluster", "nodeCount", undefined, "num_nodes: is required"],
    ["DatabaseCluster", "region", "fra9", "region: must be one of"],
    ["DatabaseCluster", "maintenanceWindows[0].hour", 3, "maintenanceWindows[0].hour: must be string"],
    ["DatabaseFirewall", "rules[0].type", "cidr", "rules[0].type: must be one of"],
    ["DatabaseFirewall", "rules", undefined, "rules: is required"],
    ["Vpc", "name", "a name with spaces", "name: must match"],
    ["Vpc", "ipRange", true, "ipRange: must be string"],
    ["DnsRecord", "type", "ALIAS", "type: must be one of"],
    ["DnsRecord", "ttl", 0.5, "ttl: must be integer"],
    ["Project", "purpose", undefined, "purpose: is required"],
    ["Project", "environment", "prod", "environment: must be one of"],
    ["RandomPassword", "length", "64", "length: must be integer"],
  ])("finds a planted mistake: %s %s = %j", (type, path, value, problem) => {
    const copy = structuredClone(exported.staging) as Exported;
    const resource = copy.deployment.resources?.find((one) => one.type.endsWith(`:${type}`));
    const inputs = resource?.inputs as Values;
    // Services are secret as a whole, as their variables are.
    const holder = inputs.spec as { services?: { plaintext?: string } } | undefined;
    if (holder?.services?.plaintext !== undefined) holder.services = JSON.parse(holder.services.plaintext) as never;
    setPath(inputs, path, value);
    const { problems } = validator.check(copy);
    expect(problems.filter((one) => one.startsWith(`${type} `)).join("\n")).toContain(problem);
  });

  test("finds a type that is not published", () => {
    const copy = structuredClone(exported.staging) as unknown as { deployment: { resources: { type: string }[] } };
    const resource = copy.deployment.resources.find((one) => one.type.endsWith(":Vpc"));
    if (resource) resource.type = "digitalocean:index/vpc:Network";
    expect(validator.check(copy as unknown as Exported).problems.join("\n")).toContain("is not a published type");
  });
});
