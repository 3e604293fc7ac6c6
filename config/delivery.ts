import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { guardShape } from "./guards.ts";
import { type DeployTarget, deployTarget, knownDeploySecret } from "./deploy-secrets.ts";
import type { Problem } from "./errors.ts";
import { ConfigError, list, quote } from "./errors.ts";
import { knownSecret } from "./known-secrets.ts";
import { freeze, parse, providedProblems, readValues } from "./load.ts";
import type { Source } from "./source.ts";
import { stackFile } from "./source.ts";

/** What the stack file of `delivery` depends on. */
export interface DeliveryPart {
  /** The system's repositories, by the names that it has for them. */
  readonly repositories: readonly string[];
  /** Environments that are deployed to, which are stacks too. */
  readonly environments: readonly string[];
  /**
   * What follows from a file whose form is right: what is wrong with it all the same, and which secrets workflows read, as paths below
   * `groundwork:provided`: `staging.passphrase`.
   */
  resolve(choices: DeliveryChoices): { readonly problems: readonly Problem[]; readonly secrets: readonly string[] };
}

/** How a repository comes about, and what is said of it alone. */
export type RepositoryChoice = z.output<typeof repositoryChoice>;

/** Who has to agree to a deploy, how long it waits, and where it goes. */
export type EnvironmentChoice = z.output<ReturnType<typeof environmentChoice>>;

/** What the stack file of `delivery` says, but for the secrets. */
export interface DeliveryChoices {
  readonly github: z.output<typeof githubShape>;
  readonly repositories: Readonly<Record<string, RepositoryChoice>>;
  /** Address of the environments' state. */
  readonly state: string;
  readonly environments: Readonly<Record<string, EnvironmentChoice>>;
}

/** What the program of the `delivery` stack is handed. */
export interface DeliveryConfig extends DeliveryChoices {
  /** Path below `groundwork:provided` → value. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

const githubShape = z.strictObject({
  owner: z
    .string()
    .regex(/^[A-Za-z0-9](-?[A-Za-z0-9])*$/, 'must be the name of an organization or a person at GitHub, such as "acme"')
    .describe("Organization or person that the repositories belong to. Another one would leave the old repositories behind."),
  plan: z
    .enum(["free", "team", "enterprise"])
    .describe(
      "What the owner pays GitHub for (a person's Pro counts as team). It decides what private repositories can have: environments and rulesets from " +
        "team on (paid for each member), reviewers and waiting from enterprise on (which costs more). Public ones have all of it.",
    ),
});

const deployKey = z.strictObject({
  key: z
    .string()
    .regex(/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*( .*)?$/, {
      error: 'must be a public key in one line, such as "ssh-ed25519 AAAA…" (not shown, in case it is the private half).',
    })
    .describe("The public half. Another one replaces the key."),
  write: z.boolean().default(false).describe("Whether it may push. Another answer replaces the key."),
});

const repositoryChoice = z
  .strictObject({
    name: z
      .string()
      .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, "must be a repository's name: letters, digits, dots, hyphens and underscores")
      .describe("Its name at GitHub. Another one renames a repository that was made here, and leaves one that stood already."),
    from: z
      .enum(["create", "reference", "import"], 'must be "create", "reference" or "import"')
      .default("create")
      .describe(
        "The repository is made (create); or it stands already, and its own settings are never changed (reference), or are taken into the state as " +
          "they are, so that a change by hand is found (import). Branches, labels, environments, secrets and workflows that stand in it stay.",
      ),
    overwrite: z
      .boolean()
      .optional()
      .describe(
        "Whether files that stand at the paths of our workflows are overwritten; git keeps them. False refuses. Looked at when a file is first committed. Default: false.",
      ),
    actions: z
      .enum(["keep", "restrict"])
      .optional()
      .describe(
        "What the workflows that stand already may do stays (keep); or actions have to be pinned to commits and tokens can only read unless a workflow " +
          "says otherwise, which may stop them (restrict). Default: keep.",
      ),
    deployKeys: z
      .record(z.string(), deployKey)
      .default({})
      .describe("SSH keys of machines that fetch this repository, by their title. One that leaves the list is deleted."),
  })
  .superRefine(({ from, ...rest }, context) => {
    if (from !== "create") return;
    for (const key of ["overwrite", "actions"] as const) {
      const message = 'is about a repository that stands already, and this one is made. Remove it, or say from: "import".';
      if (rest[key] !== undefined) context.addIssue({ code: "custom", path: [key], message });
    }
  });

const minutesOf = { min: 1, h: 60, d: 24 * 60 } as const;
const mostWait = 30 * minutesOf.d;

const wait = z
  .string()
  .default("0 min")
  .transform((text, context) => {
    const [, count, unit] = /^(\d+) (min|h|d)$/.exec(text) ?? [];
    const minutes = Number(count) * minutesOf[unit as keyof typeof minutesOf];
    if (minutes <= mostWait) return minutes;
    context.addIssue({ code: "custom", message: 'must be a time such as "30 min", "2 h" or "1 d", at most "30 d"' });
    return z.NEVER;
  })
  .describe('How long a deploy waits before it starts, such as "30 min". Acts on the next deploy.');

/** GitHub takes no more. Source: its API description, `reviewers` of an environment. */
const mostReviewers = 6;

function environmentChoice(owner: unknown) {
  const reviewer = z.string().superRefine((text, context) => {
    const [first = "", team] = text.split("/");
    const isOurs = team === undefined || first === owner || typeof owner !== "string";
    const message = /^[A-Za-z0-9-]+(\/[a-z0-9._-]+)?$/.test(text)
      ? `is a team of ${quote(first)}, and the repositories are those of ${quote(owner)}`
      : 'must be a login such as "ann", or a team such as "acme/platform"';
    if (!isOurs || !/^[A-Za-z0-9-]+(\/[a-z0-9._-]+)?$/.test(text)) context.addIssue({ code: "custom", message });
  });
  return z
    .strictObject({
      target: deployTarget,
      reviewers: z
        .array(reviewer)
        .max(mostReviewers, `must be at most ${mostReviewers} people and teams`)
        .default([])
        .describe('Who may let a deploy go on: logins, or teams such as "acme/platform". One of them is enough. Acts on the next deploy.'),
      wait,
    })
    .prefault({});
}

/** The schema of the stack file for a system, in the same words that editors show. */
export function deliveryShape(part: Pick<DeliveryPart, "repositories" | "environments">, owner?: unknown) {
  return {
    github: githubShape.describe("Whose repositories they are."),
    repositories: z
      .strictObject(
        Object.fromEntries(
          part.repositories.map((key) => [key, repositoryChoice.describe(`The repository that the system calls ${key}.`)]),
        ),
      )
      .superRefine((chosen, context) => {
        const names = Object.entries(chosen).map(([key, { name }]) => [key, name.toLowerCase()] as const);
        for (const [key, name] of names) {
          const other = names.find(([before, same]) => same === name && before !== key);
          if (other === undefined || other[0] > key) continue;
          const message = `${quote(name)} is the name of ${quote(other[0])} as well. Each needs its own.`;
          context.addIssue({ code: "custom", path: [key, "name"], message });
        }
      })
      .describe("What the system's repositories are called, and whether they stand already."),
    state: z
      .string()
      .superRefine((text, context) => {
        const message = stateProblem(text);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      })
      .describe("Address of the environments' state (PULUMI_BACKEND_URL), which workflows use too. Another one does not move the state."),
    environments: z
      .strictObject(
        Object.fromEntries(part.environments.map((name) => [name, environmentChoice(owner).describe(`Deploys to the stack ${name}.`)])),
      )
      .prefault({})
      .describe("Who has to agree to a deploy to each environment, and where it goes."),
    accept: guardShape.accept,
  };
}

/** Workflows run on machines that come and go, so the state has to be where all of them reach it, and its credentials are secrets. */
function stateProblem(text: string): string | undefined {
  if (/^file:/.test(text)) return 'lies on one machine, and workflows run on others. Put the state into a bucket such as "s3://acme-state"';
  if (/^\w+:\/\/[^/?]*@/.test(text)) {
    return "holds credentials (not shown), which would be shown in every log. Put them under groundwork:provided, and replace them.";
  }
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]+(\?\S*)?$/.test(text)) {
    return 'must be a bucket, such as "s3://acme-state?region=us-east-1&endpoint=https://fra1.digitaloceanspaces.com&s3ForcePathStyle=true"';
  }
  return undefined;
}

/** Paths of the secrets that workflows read where every environment runs on one target. */
export function secretsOn(part: DeliveryPart, target: DeployTarget): readonly string[] {
  const repositories = Object.fromEntries(part.repositories.map((name) => [name, { name, from: "create", deployKeys: {} } as const]));
  const environments = Object.fromEntries(part.environments.map((name) => [name, { target, reviewers: [], wait: 0 }]));
  return part.resolve({ github: { owner: "owner", plan: "enterprise" }, repositories, state: "s3://state", environments }).secrets;
}

/** Reads the delivery stack's configuration whole. Throws one {@link ConfigError} with every problem; registers nothing. */
export function loadDelivery(source: Source, part: DeliveryPart): DeliveryConfig {
  const problems: Problem[] = [];
  const { own, hidden } = readValues(source, problems);
  const owner = (own["github"] as { owner?: unknown } | undefined)?.owner;
  const schema = z.strictObject({ ...deliveryShape(part, owner), provided: z.unknown().optional() });
  const parsed = parse(schema, own, problems, hidden);
  // What workflows read depends on the rest of the file; where that is wrong, nothing can be said of the secrets.
  if (parsed === undefined) throw new ConfigError(stackFile(source), problems);
  const { github, repositories, state, environments } = parsed;
  const choices = freeze({ github, repositories, state, environments });
  const resolved = part.resolve(choices);
  problems.push(...resolved.problems);
  const secrets = parseProvided(source, [...new Set(resolved.secrets)], own["provided"], problems);
  if (problems.length > 0) throw new ConfigError(stackFile(source), problems);
  return Object.freeze({ ...choices, secrets });
}

/** Checks the secrets that workflows read without ever showing one, nor the name of a key that is not known. */
function parseProvided(source: Source, wanted: readonly string[], given: unknown, problems: Problem[]): DeliveryConfig["secrets"] {
  const command = (path: string): string => `pulumi config set --secret --path 'groundwork:provided.${path}' --stack ${source.stack}`;
  if (given !== undefined && !source.secretKeys.has("groundwork:provided")) {
    const message = `is not encrypted. Set each one again with ${command("<path>")}, and replace what was stored in the open.`;
    problems.push({ path: "provided", message });
  }
  problems.push(...unknownKeys(given, wanted));
  const secrets: Record<string, pulumi.Output<string>> = {};
  const places = new Map<string, string>();
  for (const from of wanted) {
    const text = at(given, from);
    const set = command(from);
    const path = `provided/${from.replaceAll(".", "/")}`;
    const add = (message: string): void => void problems.push({ path, message });
    if (source.secretsUnreadable) continue;
    if (typeof text !== "string") {
      add(`${text === undefined ? "is missing" : "must be text"}. Set it with ${set}`);
      continue;
    }
    const [environment = "", name = from] = [from.split(".")[0], from.split(".").at(-1)];
    const { format, shared = false } = knownDeploySecret(name);
    for (const message of providedProblems(name, text, format, environmentName(environment), set)) add(message);
    // A preview that could deploy, staging's token or passphrase in production: what has a place of its own has to differ.
    const other = places.get(text);
    if (!shared && other !== undefined) add(`is the same as ${other}, so that who has one has both. Issue one of its own.`);
    if (text !== "") places.set(text, path);
    secrets[from] = knownSecret(text);
  }
  return Object.freeze(secrets);
}

/** How strict the rules of content are; a repository's own secrets belong to nobody's environment. */
const environmentName = (stack: string): "staging" | "production" => (/^production(-|$)/.test(stack) ? "production" : "staging");

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const at = (given: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), given);

/** Keys that lead to no secret that a workflow reads. A secret that nobody reads must not lie at GitHub, nor wait here for somebody to find. */
function unknownKeys(given: unknown, wanted: readonly string[], above: readonly string[] = []): Problem[] {
  if (!isObject(given)) return [];
  const below = wanted
    .filter((path) => path.startsWith(above.map((key) => `${key}.`).join("")))
    .map((path) => path.split(".").slice(above.length));
  const known = new Set(below.map(([key = ""]) => key));
  const count = Object.keys(given).filter((key) => !known.has(key)).length;
  const unknown = count === 1 ? "a key that is" : `${count} keys that are`;
  const message = `holds ${unknown} read by no workflow (not shown, in case it is a secret). Read are ${list(known)}.`;
  return [
    ...(count > 0 ? [{ path: ["provided", ...above].join("/"), message }] : []),
    ...[...known].flatMap((key) => unknownKeys(given[key], wanted, [...above, key])),
  ];
}
