import type { Change, PlannedResource, PlannedStep } from "../plan.ts";
import { addressOf, answering, rerouted, routesOf } from "../plan/routes.ts";
import { grantsBeyond, grantWords } from "./grants.ts";
import { always, type Around, formerReplicas, goes, isProgram, list, type PropertyRule, replicas, smaller, text } from "./rules.ts";

/** `is removed, with api.example.com; www.example.com leads to web`: the hosts that led to it, and what answers them then. */
function removed(change: { readonly path: string; readonly from?: unknown }, { before, after }: PlannedStep): string {
  // A whole list that nobody here may look into.
  if (!change.path.endsWith("]")) return `all of its ${change.path.replace(/^spec\./, "")} are removed`;
  const { name } = (change.from ?? {}) as { readonly name?: unknown };
  const next = routesOf(after);
  const led = routesOf(before)
    .filter(({ part }) => part === name)
    .map((route) => {
      const isHostLeft = next.some(({ host }) => host === route.host);
      return { address: isHostLeft ? addressOf(route) : route.host, heir: answering(next, route)?.target };
    });
  const gone = [...new Set(led.flatMap(({ address, heir }) => (heir === undefined ? [address] : [])))];
  const heirs = led.flatMap(({ address, heir }) => (heir === undefined ? [] : [`${address} leads to ${heir}`]));
  return [gone.length === 0 ? "is removed" : `is removed, with ${gone.join(", ")}`, ...heirs].join("; ");
}

/**
 * `api.example.com/v1 api → web`: what leads somewhere else. What a service leaves that is removed is said with it, and a host that goes by itself.
 */
function reroutes(step: PlannedStep): string[] {
  const partsIn = (values: PlannedStep["after"]): ReadonlySet<unknown> =>
    new Set(["services", "staticSites", "functions"].flatMap((kind) => list(specOf(values)[kind]).map(({ name }) => name)));
  const hostsIn = (values: PlannedStep["after"]): ReadonlySet<unknown> =>
    new Set(list(specOf(values)["domainNames"]).map(({ name }) => name));
  const goesIn = (of: typeof partsIn, name: unknown): boolean => of(step.before).has(name) && !of(step.after).has(name);
  return rerouted(step)
    .filter(({ host, from }) => !goesIn(hostsIn, host) && !goesIn(partsIn, from.part))
    .map(({ address, from, to }) => `${address} ${from.target} → ${to?.target ?? "nothing"}`);
}

const specOf = (values: PlannedStep["after"]): Readonly<Record<string, unknown>> =>
  (values?.["spec"] ?? {}) as Readonly<Record<string, unknown>>;

/** The names of secret variables that go, whole lists of them too. */
const lostIn = ({ from, to }: Pick<Change, "from" | "to">): string[] =>
  to === undefined ? list(Array.isArray(from) ? from : [from]).flatMap(({ key, type }) => (type === "SECRET" ? [text(key)] : [])) : [];

/** Whether a record gets another name, and no record has the former one from then on. */
const leavesName = ({ token, changes, before }: PlannedStep, { after = [] }: Around): boolean =>
  changes.some(({ path, from }) => path === "name" && !after.some((one) => one.token === token && hasName(one.inputs, from, before)));

const hasName = (inputs: PlannedResource["inputs"], name: unknown, of: PlannedStep["before"]): boolean =>
  inputs["name"] === name && inputs["domain"] === of?.["domain"];

/** The ports of the host at which a service answered, and answers no more. */
function closedPorts({ before, after }: PlannedStep): string[] {
  const portsIn = (values: PlannedStep["after"]): string[] =>
    list((values?.["endpointSpec"] as Readonly<Record<string, unknown>> | undefined)?.["ports"]).flatMap(({ publishedPort }) =>
      publishedPort === undefined ? [] : [text(publishedPort)],
    );
  const open = portsIn(after);
  return portsIn(before).filter((port) => !open.includes(port));
}

/** What stops for a while, or is refused half way. */
export const downtimeRules: readonly PropertyRule[] = [
  {
    name: "restart",
    of: ["App"],
    path: /^spec\.(?:services|workers)\[\d+\]/,
    when: ({ path }, step) => !isProgram(path) && replicas(step, path) < 2,
    effect: "downtime",
    implied: true,
    says: "It is deployed anew with one instance: App Platform starts the new one first, and requests that are running at the switch may fail.",
  },
  {
    name: "remove",
    of: ["App"],
    path: /^spec\.(?:services|staticSites|functions)(?:\[\d+\])?$/,
    when: goes,
    effect: "downtime",
    refused: true,
    says: "It stops: nothing reaches it, and a host of its own that leads nowhere else answers nothing.",
    tell: removed,
  },
  {
    name: "remove",
    of: ["App"],
    path: /^spec\.workers(?:\[\d+\])?$/,
    when: goes,
    effect: "downtime",
    refused: true,
    says: "It stops: what it took out of queues and did by the clock stays undone.",
    tell: removed,
  },
  {
    name: "remove",
    of: ["App"],
    path: /^spec\.jobs(?:\[\d+\])?$/,
    when: goes,
    effect: "removal",
    says: "Deployments do not run it any more.",
    tell: removed,
  },
  {
    name: "lose",
    of: ["App"],
    path: /^spec\.(?:(?:services|workers|jobs|staticSites|functions)\[\d+\]\.)?envs(?:\[\d+\])?$/,
    when: (change) => lostIn(change).length > 0,
    effect: "downtime",
    says: "It starts without the secret: whatever opens, signs or calls with it fails from then on, or it does not come up at all.",
    tell: (change) => `${lostIn(change).join(", ")} [secret] → nothing`,
  },
  {
    name: "lose",
    of: ["Service"],
    path: /^taskSpec\.containerSpec\.secrets(?:\[\d+\])?$/,
    when: goes,
    effect: "downtime",
    says: "It starts without the file of the secret: whatever reads it fails, or the service does not come up at all.",
  },
  {
    name: "unhost",
    of: ["App"],
    path: /^spec\.domainNames(?:$|\[\d+\](?:\.name)?$)/,
    when: ({ to, path }) => to === undefined || path.endsWith(".name"),
    effect: "downtime",
    says: "The host is taken off the internet.",
  },
  {
    name: "no-vpc",
    of: ["App"],
    path: /^spec\.vpcs(?:$|\[\d+\]$)/,
    when: goes,
    effect: "downtime",
    refused: true,
    says: "Its services do not reach the private network any more, so no database either.",
  },
  {
    name: "maintenance",
    of: ["App"],
    path: /^spec\.maintenance(?:$|\.enabled$)/,
    when: ({ to }) => to === true || (typeof to === "object" && to !== null && "enabled" in to && to.enabled === true),
    effect: "downtime",
    refused: true,
    says: "All its hosts answer with the page of maintenance, until it is switched off.",
  },
  {
    name: "route",
    of: ["App"],
    path: /^spec\.ingress(?:$|\.rules(?:$|\[\d+\](?:$|\.(?:match|component|redirect)\b)))/,
    when: ({ from, to }, step) =>
      routesOf(step.before).length > 0 ? reroutes(step).length > 0 : from !== undefined && (typeof to === "string" || goes({ to })),
    effect: "downtime",
    says: "A host or a path leads somewhere else than before, or nowhere.",
    tell: (_, step) => reroutes(step).join("; ") || "what its hosts lead to changes",
  },
  {
    name: "slim",
    of: ["App"],
    path: /\.instanceSizeSlug$/,
    when: smaller,
    effect: "downtime",
    says: "With less memory or CPU than before it may fail under the load that it carries now.",
  },
  {
    name: "less",
    of: ["App"],
    path: /(?:\.instanceCount|\.minInstanceCount|\.autoscaling)$/,
    when: ({ path }, step) => replicas(step, path) >= 2 && replicas(step, path) < formerReplicas(step, path),
    effect: "downtime",
    says: "Fewer instances carry the load.",
  },
  {
    name: "narrow",
    of: ["SpacesKey"],
    path: /^grants\b/,
    when: (_, { before, after }) => grantsBeyond(after, before).length > 0,
    effect: "downtime",
    says: "Whoever uses the key for more than it opens now is refused.",
    tell: (_, { before, after }) => grantWords(grantsBeyond(after, before), before, after),
  },
  {
    name: "archive",
    of: ["Repository"],
    path: /^archived$/,
    when: ({ to }) => to === true,
    effect: "downtime",
    refused: true,
    says: "Nobody can push, merge or deploy from it any more.",
  },
  {
    name: "region",
    of: ["App"],
    path: /^spec\.region$/,
    when: always,
    effect: "downtime",
    refused: true,
    says: "It moves to another region, away from its private network.",
  },
  {
    name: "stop-first",
    of: ["Service"],
    path: /^updateConfig\.order$/,
    when: ({ to }) => to !== "start-first",
    effect: "downtime",
    says: "The old instance stops before the new one starts, from the next update on.",
  },
  {
    name: "close",
    of: ["Service"],
    path: /^endpointSpec\.ports(?:$|\[\d+\](?:$|\.publishedPort$))/,
    when: (_, step) => closedPorts(step).length > 0,
    effect: "downtime",
    says: "Whoever comes to the former port is answered no more.",
    tell: (_, step) => `port ${closedPorts(step).join(", ")} → nothing`,
  },
  {
    name: "maintenance",
    of: ["DatabaseCluster"],
    path: /^maintenanceWindows\b/,
    when: always,
    effect: "removal",
    says: "The cloud may restart it for updates at another time.",
  },
  {
    name: "settings",
    of: ["DatabasePostgresqlConfig", "DatabaseValkeyConfig"],
    path: /./,
    when: ({ path }) => path !== "persistence",
    effect: "downtime",
    says: "Some settings restart the engine; which, is said with them.",
  },
  {
    name: "record",
    of: ["DnsRecord"],
    path: /^(?:value|type|name)$/,
    when: (_, step, around) => !leavesName(step, around),
    effect: "downtime",
    says: "The host leads somewhere else; resolvers remember the former place for a while.",
  },
  {
    name: "record",
    of: ["DnsRecord"],
    path: /^(?:value|type|name)$/,
    when: (_, step, around) => leavesName(step, around),
    effect: "downtime",
    says: "The former name does not resolve any more, once resolvers have forgotten it.",
  },
];
