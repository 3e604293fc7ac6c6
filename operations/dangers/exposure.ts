import { corsBeyond } from "./cors.ts";
import { grantsBeyond, grantWords } from "./grants.ts";
import { isUnclear, opened } from "./policies.ts";
import { isPrivate } from "../addresses.ts";
import type { PlannedStep } from "../plan.ts";
import { added, always, type Around, comes, goes, hostsOf, list, type Made, one, type PropertyRule, someOf, text } from "./rules.ts";

/** Origins that fit more than one site. */
const anyOrigin = (value: unknown): boolean => someOf(value, /\*/);
const corsMade = (key: string) => (after: Readonly<Record<string, unknown>>) =>
  list(after[key]).flatMap((rule, at) => one(`${key}[${at}].allowedOrigins`, rule["allowedOrigins"], anyOrigin(rule["allowedOrigins"])));

/** Patterns of branches or tags that everything fits. */
const fitsAll = (pattern: unknown): boolean => typeof pattern === "string" && /^[*/]+$/.test(pattern);

const isMade = (around: Around, type: string, same: (step: PlannedStep) => boolean): boolean =>
  around.steps.some((step) => step.op === "create" && step.type === type && same(step));

/** Records that lead somebody who asks for the name to a place. */
const leading = /^(?:A|AAAA|CNAME|MX|NS|SRV)$/i;

function recordMade(after: Readonly<Record<string, unknown>>, _: PlannedStep, around: Around): Made {
  const { type, name, domain, value } = after;
  const host = name === "@" ? text(domain) : `${text(name)}.${text(domain)}`;
  // The App says its own hosts.
  return one(`${text(type)} ${host}`, value, leading.test(text(type)) && !hostsOf(around).includes(host));
}

/** Drivers of Docker that put a container into the machine's own network, without one of its own between. */
const onTheWire = (driver: unknown): boolean => typeof driver === "string" && /^(?:host|macvlan|ipvlan)$/.test(driver);

/** Whether a bucket of that name is made by the same plan: who has the key has nothing there yet. */
const isMadeHere = (bucket: unknown, { steps }: Around): boolean =>
  steps.some(({ op, type, after }) => type === "SpacesBucket" && /^(?:create|replace)/.test(op) && text(after?.["name"]) === text(bucket));

/** What opens something. */
export const exposureRules: readonly PropertyRule[] = [
  {
    name: "open",
    of: ["DatabaseFirewall"],
    path: /^rules\b/,
    when: added,
    effect: "exposure",
    says: "Somebody more may connect to the database.",
    made: ({ rules }) =>
      list(rules).flatMap(({ type, value }, at) => one(`rules[${at}]`, value, type === "ip_addr" && !isPrivate(text(value)))),
  },
  {
    name: "open-all",
    of: ["DatabaseFirewall"],
    path: /^(?:rules\b|clusterId$)/,
    when: ({ path, to }, { after }) =>
      path === "clusterId" ? to !== undefined : Array.isArray(after?.["rules"]) && after["rules"].length === 0,
    effect: "exposure",
    says: "A database without a rule answers the whole internet.",
    made: ({ rules }) => one("rules", "none", Array.isArray(rules) && rules.length === 0),
  },
  {
    name: "publish",
    of: ["SpacesBucket"],
    path: /^acl$/,
    when: ({ to }) => comes({ to }) && to !== "private",
    effect: "exposure",
    says: "Everybody can read all files in it, and list them.",
    made: ({ acl }) => one("acl", acl, comes({ to: acl }) && acl !== "private"),
  },
  {
    name: "publish",
    of: ["SpacesBucketPolicy"],
    path: /^policy$/,
    when: ({ from, to }) => opened(from, to) !== "",
    effect: "exposure",
    says: "That takes no key: whoever knows or guesses an address has the file.",
    tell: ({ from, to }) => opened(from, to),
    made: ({ policy }) => one("", opened(undefined, policy), opened(undefined, policy) !== ""),
  },
  {
    name: "open",
    of: ["SpacesBucketPolicy"],
    path: /^policy$/,
    when: ({ from, to }) => isUnclear(from, to),
    effect: "exposure",
    says: "Who may read and write in it changes; whether it is more or less, only the policy tells.",
    // What is known by the run alone may be anything.
    made: ({ policy }) => one("policy", "known after", typeof policy !== "string" || !policy.startsWith("{")),
  },
  {
    name: "cors",
    of: ["SpacesBucketCorsConfiguration", "SpacesBucket"],
    path: /^corsRules\b/,
    when: (_, { before, after }) => corsBeyond(before, after) !== "",
    effect: "exposure",
    says: "Pages of such a site can use it with their visitors' browsers.",
    tell: (_, { before, after }) => `now ${corsBeyond(before, after)}`,
    made: corsMade("corsRules"),
  },
  {
    name: "rights",
    of: ["SpacesKey"],
    path: /^grants\b/,
    when: (_, step, around) => grantsBeyond(step.before, step.after).some(({ bucket }) => !isMadeHere(bucket, around)),
    effect: "exposure",
    says: "The key opens more, or with more rights.",
    tell: (_, { before, after }) => grantWords(grantsBeyond(before, after), before, after),
    // A key of one bucket is what a key is for; this one reaches all of the team's.
    made: ({ grants }) =>
      list(grants).flatMap(({ bucket, permission }, at) =>
        one(`grants[${at}].permission`, permission, permission === "fullaccess" || bucket === "" || bucket === undefined),
      ),
  },
  {
    name: "host",
    of: ["Cdn"],
    path: /^customDomain$/,
    when: comes,
    effect: "exposure",
    says: "One more host is on the internet.",
    made: ({ customDomain }) => one("customDomain", customDomain, comes({ to: customDomain })),
  },
  {
    name: "cors",
    of: ["App"],
    path: /^spec\.ingress\.rules\[\d+\]\.cors\b/,
    when: comes,
    effect: "exposure",
    says: "Pages of other sites may call this host.",
    made: ({ spec }) =>
      list(
        ((spec as Readonly<Record<string, unknown>> | undefined)?.["ingress"] as Readonly<Record<string, unknown>> | undefined)?.["rules"],
      ).flatMap(({ cors }, at) => {
        const origins = (cors as Readonly<Record<string, unknown>> | undefined)?.["allowOrigins"];
        return one(
          `spec.ingress.rules[${at}].cors.allowOrigins`,
          origins,
          origins !== undefined && someOf(origins, /"\*"|\.[*+]|"prefix":"(?:https?:\/\/)?"/),
        );
      }),
  },
  {
    name: "host",
    of: ["App"],
    path: /^spec\.domainNames(?:$|\[\d+\](?:\.name)?$)/,
    when: comes,
    effect: "exposure",
    says: "One more host is on the internet.",
    made: ({ spec }) =>
      list((spec as Readonly<Record<string, unknown>> | undefined)?.["domainNames"]).map(
        ({ name }, at) => [`spec.domainNames[${at}]`, text(name)] as const,
      ),
    // A system that comes up for the first time comes up for that.
    mild: always,
  },
  {
    name: "point",
    of: ["DnsRecord"],
    path: /^(?:value|type|name)$/,
    // Another place for a name that stands is an outage first: that is told among what stops.
    when: () => false,
    effect: "exposure",
    says: "A name of yours leads there from then on, and whoever has that place speaks for it.",
    made: recordMade,
  },
  {
    name: "unseal",
    of: ["App"],
    path: /\.envs\[\d+\]\.type$/,
    when: ({ from, to }) => from === "SECRET" && to !== "SECRET",
    effect: "exposure",
    says: "Its value is no secret any more: whoever may look at the App reads it.",
    made: () => [],
  },
  {
    name: "reach",
    of: ["App"],
    path: /^spec\.services\[\d+\]\.httpPort$/,
    when: ({ from, to }) => from === undefined && comes({ to }),
    effect: "exposure",
    says: "It listened to its neighbours only; from now on a route can lead there from the internet.",
    made: () => [],
  },
  {
    name: "fork",
    of: ["Repository"],
    path: /^allowForking$/,
    when: ({ to }) => to === true,
    effect: "exposure",
    says: "Whoever may read it can take a copy along, which keeps what they saw.",
    made: () => [],
  },
  {
    name: "hsts",
    of: ["App", "Service", "ServiceConfig"],
    path: /secureHeader|Strict-Transport-Security/i,
    when: goes,
    effect: "exposure",
    says: "Browsers may be led back to plain HTTP.",
    made: () => [],
  },
  {
    name: "port",
    of: ["Service"],
    path: /^endpointSpec\.ports(?:$|\[\d+\](?:$|\.(?:publishedPort|protocol)$))/,
    when: comes,
    effect: "exposure",
    says: "The host answers at a port at which it did not before.",
    made: ({ endpointSpec }) =>
      list((endpointSpec as Readonly<Record<string, unknown>> | undefined)?.["ports"]).flatMap(({ publishedPort }, at) =>
        one(`endpointSpec.ports[${at}].publishedPort`, publishedPort, comes({ to: publishedPort })),
      ),
  },
  {
    name: "outlet",
    of: ["Network"],
    path: /^internal$/,
    when: ({ from, to }) => from === true && to !== true,
    effect: "exposure",
    says: "What lives in it was cut off from the outside; from now on it reaches the internet, and ports of it can be published.",
    // One with a way out is what a network is.
    made: () => [],
  },
  {
    name: "outlet",
    of: ["Network"],
    path: /^driver$/,
    when: ({ to }) => onTheWire(to),
    effect: "exposure",
    says: "What lives in it stands in the machine's own network, where its ports are those of the machine.",
    made: ({ driver }) => one("driver", driver, onTheWire(driver)),
  },
  {
    name: "outlet",
    of: ["Container"],
    path: /^networkMode$/,
    when: ({ to }) => to === "host",
    effect: "exposure",
    says: "It stands in the machine's own network: it reaches what the machine reaches, and its ports are those of the machine.",
    made: ({ networkMode }) => one("networkMode", networkMode, networkMode === "host"),
  },
  {
    name: "port",
    of: ["Container"],
    path: /^ports\b/,
    when: comes,
    effect: "exposure",
    says: "The host answers at a port at which it did not before.",
    made: ({ ports }) => list(ports).flatMap(({ external }, at) => one(`ports[${at}].external`, external, comes({ to: external }))),
  },
  {
    name: "publish",
    of: ["Repository"],
    path: /^visibility$/,
    when: ({ to }) => to === "public",
    effect: "exposure",
    says: "Everybody can read all commits, issues and logs of workflows; what was copied stays out there.",
    // Without a word GitHub makes it public.
    made: ({ visibility, private: hidden }) =>
      one("visibility", visibility ?? "public", visibility === "public" || (visibility === undefined && hidden !== true)),
  },
  {
    name: "pages",
    of: ["Repository"],
    path: /^pages\b/,
    when: comes,
    effect: "exposure",
    says: "Files of it are published as a site.",
    made: ({ pages }) => one("pages", pages, comes({ to: pages })),
  },
  {
    name: "write",
    of: ["RepositoryDeployKey"],
    path: /^readOnly$/,
    when: ({ to }) => to === false,
    effect: "exposure",
    says: "The key may push.",
    made: ({ readOnly }) => one("readOnly", readOnly, readOnly === false),
  },
  {
    name: "rights",
    of: ["TeamRepository"],
    path: /^permission$/,
    when: always,
    effect: "exposure",
    says: "What the team may do here is this from then on, and who is in it is decided elsewhere.",
    // Reading is GitHub's default.
    made: ({ permission = "pull" }) => one("permission", permission, permission !== "pull"),
  },
  {
    name: "actions",
    of: ["ActionsRepositoryPermissions"],
    path: /^(?:allowedActions|allowedActionsConfig\b.*|shaPinningRequired|enabled)$/,
    when: ({ to, path }) => (path === "shaPinningRequired" ? to !== true : to !== "none"),
    effect: "exposure",
    says: "Workflows may use other actions than before.",
    made: ({ allowedActions = "all", enabled }) => one("allowedActions", allowedActions, allowedActions === "all" && enabled !== false),
  },
  {
    name: "token",
    of: ["WorkflowRepositoryPermissions"],
    path: /./,
    when: ({ to }) => to === "write" || to === true,
    effect: "exposure",
    says: "The token of workflows may do more.",
    made: ({ defaultWorkflowPermissions: may, canApprovePullRequestReviews: approves }) => [
      ...one("defaultWorkflowPermissions", may, may === "write"),
      ...one("canApprovePullRequestReviews", approves, approves === true),
    ],
  },
  {
    name: "refs",
    of: ["RepositoryEnvironmentDeploymentPolicy"],
    path: /Pattern$/,
    when: always,
    effect: "exposure",
    says: "Other branches or tags than before may deploy and read its secrets.",
    // With its environment comes what that is for; only what fits everything is no limit at all.
    made: ({ branchPattern, tagPattern, environment, repository }, _, around) => {
      const isNew = isMade(
        around,
        "RepositoryEnvironment",
        ({ after }) => after?.["environment"] === environment && after?.["repository"] === repository,
      );
      return [
        ...one("branchPattern", branchPattern, comes({ to: branchPattern }) && (!isNew || fitsAll(branchPattern))),
        ...one("tagPattern", tagPattern, comes({ to: tagPattern }) && (!isNew || fitsAll(tagPattern))),
      ];
    },
  },
  {
    name: "ungated",
    of: ["RepositoryEnvironment"],
    path: /^(?:deploymentBranchPolicy|reviewers)$/,
    // Taken away from one that stands, they are a protection less.
    when: () => false,
    effect: "exposure",
    says: "Every branch can deploy there and read its secrets, without anybody's approval.",
    made: ({ deploymentBranchPolicy, reviewers }) =>
      one("deploymentBranchPolicy", "none, and no reviewers", !comes({ to: deploymentBranchPolicy }) && list(reviewers).length === 0),
    // What pull requests are previewed with can change nothing; production's has its limits all the same.
    mild: ({ after }) => /-preview$/.test(text(after?.["environment"])) && !/^production/.test(text(after?.["environment"])),
  },
];
