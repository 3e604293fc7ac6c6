import { expect, test } from "vitest";
import { judge } from "../../../operations/drift/judge.ts";
import { settled } from "../../../operations/drift/settled.ts";
import { held, look, record } from "./look.ts";

type Values = Record<string, unknown>;

interface Case {
  readonly type: string;
  /** What the program asks for. */
  readonly inputs?: Values;
  readonly before: Values;
  readonly after: Values;
  /** What the cloud said of it when a run wrote it down. */
  readonly recorded?: Values;
  /** Paths that are told. */
  readonly told?: readonly string[];
}

const app = (service: Values, beside: Values = {}): Values => ({ spec: { services: [{ name: "web", ...service }], ...beside } });
const variable = (value: string, type = "SECRET"): Values => ({ envs: [{ key: "KEY", type, value, scope: "RUN_TIME" }] });
const pull = (registryCredentials: string): Values => ({ image: { registryCredentials } });
const log = (token: string): Values => ({ logDestinations: [{ name: "logs", logtail: { token } }] });
const count = (instanceCount: number): Values => ({
  instanceCount,
  autoscaling: { minInstanceCount: 2, maxInstanceCount: 5, metrics: { cpu: { percent: 75 } } },
});
const growing = { storageAutoscale: { enabled: true, thresholdPercent: 80 } };
const [sealed, other] = ["EV[1:nonce:text]", "EV[1:other:text]"];

/** By the first path of each entry: what it leaves out, and what it must not. */
const cases: Readonly<Record<string, { readonly silent: readonly Case[]; readonly told?: readonly Case[] }>> = {
  "App spec.envs[*].value": {
    silent: [
      ...[variable, pull, log].map((make) => ({
        type: "App",
        before: app(make("plain")),
        after: app(make(sealed)),
        recorded: app(make(sealed)),
      })),
      {
        type: "App",
        before: { spec: { ...variable("plain"), name: "shop" } },
        after: { spec: { ...variable(sealed), name: "shop" } },
        recorded: { spec: variable(sealed) },
      },
      {
        type: "App",
        before: { spec: { jobs: [{ name: "migrate", ...variable("plain") }] } },
        after: { spec: { jobs: [{ name: "migrate", ...variable(sealed) }] } },
        recorded: { spec: { jobs: [{ name: "migrate", ...variable(sealed) }] } },
      },
    ],
    told: [
      {
        type: "App",
        before: app(variable("plain")),
        after: app(variable(other)),
        recorded: app(variable(sealed)),
        told: ["spec.services[web].envs[KEY].value"],
      },
      {
        type: "App",
        before: app(pull("plain")),
        after: app(pull(other)),
        recorded: app(pull(sealed)),
        told: ["spec.services[web].image.registryCredentials"],
      },
      // A secret that nobody deployed, and an ordinary variable that was made one.
      { type: "App", before: app({}), after: app(variable(sealed)), recorded: app({}), told: ["spec.services[web].envs[KEY]"] },
      {
        type: "App",
        before: app(variable("plain", "GENERAL")),
        after: app(variable(sealed)),
        recorded: app({}),
        told: ["spec.services[web].envs[KEY].type", "spec.services[web].envs[KEY].value"],
      },
      // In the clear now.
      {
        type: "App",
        before: app(variable("plain")),
        after: app(variable("hand", "GENERAL")),
        recorded: app(variable(sealed)),
        told: ["spec.services[web].envs[KEY].type", "spec.services[web].envs[KEY].value"],
      },
    ],
  },
  "App spec.envs[*].type": {
    silent: [{ type: "App", before: app(variable("v", "")), after: app(variable("v", "GENERAL")) }],
    told: [
      {
        type: "App",
        before: app(variable("v", "GENERAL")),
        after: app(variable("v", "SECRET")),
        told: ["spec.services[web].envs[KEY].type"],
      },
    ],
  },
  "App spec.services[*].instanceCount": {
    silent: [
      { type: "App", before: app(count(2)), after: app(count(5)) },
      { type: "App", before: app({ ...count(2), instanceCount: undefined }), after: app(count(3)) },
    ],
    told: [
      { type: "App", before: app(count(2)), after: app(count(6)), told: ["spec.services[web].instanceCount"] },
      { type: "App", before: app(count(2)), after: app(count(1)), told: ["spec.services[web].instanceCount"] },
      { type: "App", before: app({ instanceCount: 2 }), after: app({ instanceCount: 3 }), told: ["spec.services[web].instanceCount"] },
    ],
  },
  "App activeDeploymentId": {
    silent: ["activeDeploymentId", "updatedAt", "liveUrl", "liveDomain", "defaultIngress"].map((name) => ({
      type: "App",
      before: { [name]: "a" },
      after: { [name]: "b" },
    })),
    told: [{ type: "App", before: { dedicatedIps: [] }, after: { dedicatedIps: [{ ip: "192.0.2.1" }] }, told: ["dedicatedIps[0]"] }],
  },
  "App projectId": {
    silent: ["App", "DatabaseCluster"].map((type) => ({ type, before: { projectId: "a" }, after: { projectId: "b" } })),
    told: [{ type: "Vpc", before: { projectId: "a" }, after: { projectId: "b" }, told: ["projectId"] }],
  },
  "DatabaseCluster storageSizeMib": {
    silent: [{ type: "DatabaseCluster", inputs: growing, before: { storageSizeMib: "10240" }, after: { storageSizeMib: "20480" } }],
    told: [
      {
        type: "DatabaseCluster",
        inputs: growing,
        before: { storageSizeMib: "20480" },
        after: { storageSizeMib: "10240" },
        told: ["storageSizeMib"],
      },
      { type: "DatabaseCluster", before: { storageSizeMib: "10240" }, after: { storageSizeMib: "20480" }, told: ["storageSizeMib"] },
    ],
  },
  "DatabaseCluster metricsEndpoints": {
    silent: [{ type: "DatabaseCluster", before: { metricsEndpoints: [] }, after: { metricsEndpoints: ["metrics.example.com"] } }],
    told: [
      { type: "DatabaseCluster", before: { metricsEndpoints: ["a"] }, after: { metricsEndpoints: ["b"] }, told: ["metricsEndpoints"] },
    ],
  },
  "DatabaseFirewall rules[*].uuid": {
    silent: ["uuid", "createdAt"].map((name) => ({
      type: "DatabaseFirewall",
      inputs: { rules: [{ type: "ip_addr", value: "192.0.2.1" }] },
      before: { rules: [{ type: "ip_addr", value: "192.0.2.1", [name]: "a" }] },
      after: { rules: [{ type: "ip_addr", value: "192.0.2.1", [name]: "b" }] },
    })),
    told: [
      {
        type: "DatabaseFirewall",
        inputs: { rules: [{ type: "ip_addr", value: "192.0.2.1" }] },
        before: { rules: [{ type: "ip_addr", value: "192.0.2.1", uuid: "a" }] },
        after: { rules: [{ type: "ip_addr", value: "0.0.0.0/0", uuid: "b" }] },
        told: ["rules[0].value"],
      },
    ],
  },
  "Project updatedAt": { silent: [{ type: "Project", before: { updatedAt: "1" }, after: { updatedAt: "2" } }] },
  "Project resources": {
    silent: [
      {
        type: "Project",
        inputs: { resources: [] },
        before: { resources: ["do:app:1"] },
        after: { resources: ["do:app:1", "do:droplet:2"] },
      },
    ],
    told: [
      {
        type: "Project",
        inputs: { resources: [] },
        before: { resources: ["do:app:1", "do:dbaas:3"] },
        after: { resources: ["do:app:1", "do:droplet:2"] },
        told: ["resources"],
      },
    ],
  },
  "ContainerRegistry storageUsageBytes": {
    silent: [{ type: "ContainerRegistry", before: { storageUsageBytes: 1 }, after: { storageUsageBytes: 2 } }],
  },
  "Certificate notAfter": {
    silent: ["notAfter", "sha1Fingerprint", "uuid", "state"].map((name) => ({
      type: "Certificate",
      inputs: { type: "lets_encrypt" },
      before: { [name]: "a" },
      after: { [name]: "b" },
    })),
    told: [{ type: "Certificate", inputs: { type: "custom" }, before: { notAfter: "a" }, after: { notAfter: "b" }, told: ["notAfter"] }],
  },
  "Repository etag": {
    silent: ["Repository", "RepositoryRuleset", "IssueLabel"].map((type) => ({ type, before: { etag: "a" }, after: { etag: "b" } })),
  },
  "Repository primaryLanguage": { silent: [{ type: "Repository", before: { primaryLanguage: "" }, after: { primaryLanguage: "Go" } }] },
  "RepositoryFile commitSha": {
    silent: ["commitSha", "commitMessage", "commitAuthor", "commitEmail", "ref"].map((name) => ({
      type: "RepositoryFile",
      inputs: { commitMessage: "a" },
      before: { [name]: "a", content: "same" },
      after: { [name]: "b", content: "same" },
    })),
    told: [{ type: "RepositoryFile", inputs: { content: "a" }, before: { content: "a" }, after: { content: "b" }, told: ["content"] }],
  },
  "ActionsVariable updatedAt": {
    silent: ["ActionsVariable", "ActionsEnvironmentVariable"].map((type) => ({
      type,
      before: { updatedAt: "1" },
      after: { updatedAt: "2" },
    })),
    told: [
      { type: "ActionsSecret", before: { remoteUpdatedAt: "1" }, after: { remoteUpdatedAt: "2" }, told: ["value"] },
      { type: "ActionsVariable", before: { value: "1" }, after: { value: "2" }, told: ["value"] },
    ],
  },
};

/** What is told of a case, where the engine names all that the program asks for. */
function told({ type, inputs, before, after, recorded }: Case): string[] {
  const asks = inputs ?? ("spec" in before ? { spec: {} } : {});
  const resource = held(type, asks, before);
  const named = Object.keys(asks).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const records = recorded === undefined ? [] : [record(resource, recorded["spec"])];
  const { findings, notes } = judge(look(resource, after, named, records));
  if (recorded !== undefined) expect(notes).toEqual([]);
  return findings.flatMap(({ properties }) => properties.map(({ path }) => path));
}

test("each entry of the list is tried here, and says why and where that is known from", () => {
  expect(settled.map(({ types, paths }) => `${types[0]} ${paths[0]}`)).toEqual(Object.keys(cases));
  expect(settled.filter(({ why, source }) => why === "" || source === "")).toEqual([]);
  // Whoever lets only some values through shows one that is told.
  const conditional = settled.filter(({ when }) => when !== undefined).map(({ types, paths }) => `${types[0]} ${paths[0]}`);
  expect(conditional.filter((name) => (cases[name]?.told ?? []).length === 0)).toEqual([]);
});

test.each(Object.entries(cases))("%s reads back changed, and nothing is told; what is beside it is", (_, { silent, told: loud = [] }) => {
  for (const one of silent) {
    expect(one.before).not.toEqual(one.after);
    expect(told(one)).toEqual([]);
  }
  for (const one of loud) expect(told(one)).toEqual(one.told);
});
