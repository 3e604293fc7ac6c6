import type { Sealed } from "../../config/sealed.ts";
import type { Difference } from "./differences.ts";
import { bare, type Held } from "./held.ts";

/** Where a difference stands. */
export interface Place {
  readonly expected: Held;
  readonly actual: Held;
  /** What the cloud made of the App's secrets; undefined where no run wrote it down, or another one was under way since. */
  readonly sealed: Sealed | undefined;
  /** What the cloud makes of them now. */
  readonly sealedNow: Readonly<Record<string, string>>;
}

/** Something that reads back changed though nobody changed it. */
export interface Settled {
  /** Last parts of the types' tokens, with what is before them where that is not DigitalOcean. */
  readonly types: readonly string[];
  /** Paths as {@link Difference} has them; `*` stands for one name, in `[*]` for any element. */
  readonly paths: readonly string[];
  readonly why: string;
  /** Where that is known from. */
  readonly source: string;
  /** Set where only some values are meant. */
  readonly when?: (difference: Difference, place: Place) => boolean;
}

const programs = ["services", "workers", "jobs", "staticSites", "functions"] as const;
const each = (rest: string): string[] => programs.map((list) => `spec.${list}[*].${rest}`);

/**
 * All that is left out of drift, and why. Nothing else is: whatever a provider reads back and is not here, is told. Each entry has a test that
 * it is left out, and those with a condition one of what they let through.
 */
export const settled: readonly Settled[] = [
  {
    types: ["App"],
    paths: [
      "spec.envs[*].value",
      ...each("envs[*].value"),
      ...each("image.registryCredentials"),
      ...each("logDestinations[*].*.token"),
      ...each("logDestinations[*].*.apiKey"),
      ...each("logDestinations[*].openSearch.basicAuth.password"),
    ],
    why: "The API gives secrets back encrypted. One that was replaced by hand is encrypted otherwise than the last deployment's.",
    source: "recording of the plugin's refresh; API description of app_variable_definition",
    when: ({ path, actual }, { sealed, sealedNow }) => {
      const place = placeOf(path);
      if (typeof actual !== "string" || sealedNow[place] === undefined) return false;
      // Who has nothing to compare with says so elsewhere.
      return sealed === undefined || sealed.values[place] === sealedNow[place];
    },
  },
  {
    types: ["App"],
    paths: ["spec.envs[*].type", ...each("envs[*].type")],
    why: "GENERAL is what a variable without a type is.",
    source: "recording of the plugin: a preview takes the two for one",
    when: ({ expected, actual }) =>
      [expected, actual].every((type) => type === "" || type === "GENERAL" || type === null || type === undefined),
  },
  {
    types: ["App"],
    paths: ["spec.services[*].instanceCount", "spec.workers[*].instanceCount"],
    why: "Autoscaling changes it inside its range. Outside of it, somebody else did.",
    source: "API description of app_autoscaling_spec",
    when: ({ path, actual }, { actual: app }) => {
      const range = (parentOf(app.outputs, path) as { autoscaling?: Range } | undefined)?.autoscaling;
      const { minInstanceCount: least, maxInstanceCount: most } = range ?? {};
      return typeof actual === "number" && least !== undefined && most !== undefined && actual >= least && actual <= most;
    },
  },
  {
    types: ["App"],
    paths: ["activeDeploymentId", "updatedAt", "liveUrl", "liveDomain", "defaultIngress"],
    why: "They follow from each deployment, also one that the platform starts by itself. What a deployment changes shows in the spec.",
    source: "API description of app: pinned, rolled back and restarted deployments",
  },
  {
    types: ["App", "DatabaseCluster"],
    paths: ["projectId"],
    why: "The project takes them in after they are made. Whether they are in it is compared at the project.",
    source: "API description of POST /v2/projects/{id}/resources",
  },
  {
    types: ["DatabaseCluster"],
    paths: ["storageSizeMib"],
    why: "Storage that grows by itself grows. It never shrinks by itself.",
    source: "API description of database_autoscale_params",
    when: ({ expected, actual }, { expected: cluster }) =>
      (cluster.inputs["storageAutoscale"] as { enabled?: boolean } | undefined)?.enabled === true && Number(actual) > Number(expected),
  },
  {
    types: ["DatabaseCluster"],
    paths: ["metricsEndpoints", "metricsEndpoints[*]"],
    why: "They appear some time after the cluster.",
    source: "API description of database_cluster: metrics_endpoints",
    when: ({ expected }) => expected === undefined || (Array.isArray(expected) && expected.length === 0),
  },
  {
    types: ["DatabaseFirewall"],
    paths: ["rules[*].uuid", "rules[*].createdAt"],
    why: "A rule that was taken away and put back is the same rule.",
    source: "API description of database firewall rules; the plugin writes all of them anew with each change",
  },
  {
    types: ["Project"],
    paths: ["updatedAt"],
    why: "Whatever joins or leaves it changes it, by the program's own hand too. Its members are compared.",
    source: "API description of project",
  },
  {
    types: ["Project"],
    paths: ["resources"],
    why: "What joined it and is in no state is listed beside the findings: no program says that it must not be there. What left it is told.",
    source: "recording of the plugin: it reads all resources of a project",
    when: ({ expected, actual }) =>
      Array.isArray(expected) && Array.isArray(actual) && expected.every((one) => (actual as unknown[]).includes(one)),
  },
  {
    types: ["ContainerRegistry"],
    paths: ["storageUsageBytes"],
    why: "Each image that is pushed changes it.",
    source: "recording of the plugin: storage_usage_bytes",
  },
  {
    types: ["Certificate"],
    paths: ["notAfter", "sha1Fingerprint", "uuid", "state"],
    why: "One of Let's Encrypt is renewed by the cloud, under the same name.",
    source: "API description of certificate; plugin: certificates are known by name, since the id changes",
    when: (_, { expected: { inputs } }) => inputs["type"] === "lets_encrypt",
  },
  {
    types: ["Repository", "RepositoryRuleset", "IssueLabel"],
    paths: ["etag"],
    why: "GitHub's mark of an answer, which says nothing of what changed.",
    source: "plugin: requests with If-None-Match",
  },
  {
    types: ["Repository"],
    paths: ["primaryLanguage"],
    why: "GitHub counts what is in the repository.",
    source: "API description of repository: language",
  },
  {
    types: ["RepositoryFile"],
    paths: ["commitSha", "commitMessage", "commitAuthor", "commitEmail", "ref"],
    why: "The last commit that touched the file. What it did to it shows in the content.",
    source: "plugin: resource_github_repository_file reads the last commit of the path",
  },
  {
    types: ["ActionsVariable", "ActionsEnvironmentVariable"],
    paths: ["updatedAt"],
    why: "The time of the last write. What was written shows in the value.",
    source: "API description of actions-variable",
  },
];

interface Range {
  readonly minInstanceCount?: number;
  readonly maxInstanceCount?: number;
}

/** The entry that explains a difference, if one does. Pure. */
export function settledBy(difference: Difference, place: Place): Settled | undefined {
  const type = place.expected.type.split(":").at(-1) ?? "";
  return settled.find(
    ({ types, paths, when }) =>
      types.includes(type) && paths.some((pattern) => matches(pattern, difference.path)) && (when?.(difference, place) ?? true),
  );
}

const expressions = new Map<string, RegExp>();
function matches(pattern: string, path: string): boolean {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    const source = pattern
      .split("[*]")
      .map((part) =>
        part
          .split("*")
          .map((text) => text.replaceAll(/[.[\]]/g, String.raw`\$&`))
          .join("[^.[]+"),
      )
      .join(String.raw`\[[^\]]*\]`);
    expression = new RegExp(`^${source}$`);
    expressions.set(pattern, expression);
  }
  return expression.test(path);
}

/** `spec.services[backend].envs[KEY].value` → `services/backend/envs/KEY`, as what is sealed is written down. */
export const placeOf = (path: string): string =>
  path
    .replace(/^spec\./, "")
    .replace(/(envs\[[^\]]*\])\.value$/, "$1")
    .replaceAll(/\]?[.[]/g, "/")
    .replaceAll("]", "");

/** What holds the property that a path leads to. */
function parentOf(outputs: unknown, path: string): unknown {
  const steps = path.match(/[^.[\]]+/g)?.slice(0, -1) ?? [];
  return steps.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return (value as { name?: unknown }[]).find(({ name }) => name === step);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  }, bare(outputs));
}
