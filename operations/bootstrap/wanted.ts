import { relative } from "node:path";
import { deliveryPart, planOf } from "../../components/github/part.ts";
import { loadDelivery } from "../../config/delivery.ts";
import { sourceOf } from "../../config/stack-file.ts";
import { repository, type SystemFolder } from "../../sandbox/systems.ts";
import type { System } from "../../systems/define-system.ts";
import { familiesOf, needsSpacesKey, scopesFor } from "../token-scopes.ts";

/** Something that has to be there before the first `up`, under the name that its file gets. */
export interface Wanted {
  /** `staging.passphrase`; for what workflows read, the path below `groundwork:provided` of the delivery stack. */
  readonly name: string;
  readonly kind: "passphrase" | "state-key" | "token" | "other";
  /** The stack that it is for. */
  readonly stack: string;
  /** Whether it can change something, or only look. */
  readonly may: "deploy" | "look";
  /** Who reads it, and as which variable. */
  readonly readers: readonly string[];
  /** What a token has to be ticked in its form. */
  readonly scopes: readonly string[];
  /** Where somebody makes it by hand. */
  readonly made?: string;
}

/** What the stacks of a system need, by what they consist of and by who reads what at GitHub. */
export interface Needs {
  /** Stack → types of its resources. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  /** Secrets of GitHub's environments: path below `groundwork:provided` → stack, and environments with the variable that each reads it by. */
  readonly delivered: readonly {
    readonly from: string;
    readonly stack: string;
    readonly readers: readonly string[];
    readonly looks: boolean;
  }[];
}

/** Who reads which secret at GitHub, from the plan that the delivery stack is made of. */
export function deliveredSecrets(
  { delivery, services, provided }: Pick<System, "delivery" | "services" | "provided">,
  { name, project }: Pick<SystemFolder, "name" | "project">,
  text: string,
): Needs["delivered"] {
  if (delivery === undefined) return [];
  const system = { name, folder: relative(repository, project) || ".", services };
  const { plan } = planOf(
    delivery,
    system,
    loadDelivery(sourceOf(text, "delivery", { project: name, provided }), deliveryPart(delivery, system)),
  );
  const all = Object.values(plan.repositories).flatMap(({ environments, secrets, fullName }) => [
    ...environments.flatMap((environment) =>
      environment.secrets.map((secret) => ({
        ...secret,
        stack: environment.stack,
        reader: `${environment.name}: ${secret.name}`,
        looks: environment.purpose !== "deploy",
      })),
    ),
    ...secrets.map((secret) => ({ ...secret, stack: "delivery", reader: `${fullName}: ${secret.name}`, looks: false })),
  ]);
  return [...Map.groupBy(all, ({ from }) => from)].map(([from, group]) => ({
    from,
    stack: group[0]?.stack ?? "",
    readers: [...new Set(group.map(({ reader }) => reader))],
    looks: group.every(({ looks }) => looks),
  }));
}

const tokens = "https://cloud.digitalocean.com/account/api/tokens/new (custom scopes)";

/** Where secrets of other kinds come from, by the last part of their name. */
const elsewhere: Readonly<Record<string, string>> = {
  handoverToken: "https://github.com/settings/personal-access-tokens/new: only the repository of the program, Contents: read and write",
  slackWebhookUrl: "https://api.slack.com/apps: Incoming Webhooks of the app that writes to the channel",
  deploySshKey: "ssh-keygen -t ed25519; its public half into ~/.ssh/authorized_keys of the host",
  deployKnownHosts: "ssh-keyscan <host>, compared with what the host itself says",
  deployHost: "the host's address, such as deploy@203.0.113.7",
  spacesKeyId: "https://cloud.digitalocean.com/spaces/access_keys (full access: buckets are made with it)",
  spacesKey: "shown once, with its id",
};

/** What the delivery stack's token may; README.md says what for. */
const githubPermissions = [
  ...["Administration", "Contents", "Workflows", "Environments", "Secrets", "Issues"].map((name) => `${name}: read and write`),
  ...["Actions", "Metadata", "Members (of the organization)"].map((name) => `${name}: read`),
];

/** What has to be there, in the order in which it is needed. Pure. */
export function wantedOf({ types, delivered }: Needs): Wanted[] {
  const wanted: Wanted[] = [];
  const stacks = Object.keys(types);
  for (const stack of stacks) {
    wanted.push({
      name: `${stack}.passphrase`,
      kind: "passphrase",
      stack,
      may: "deploy",
      readers: ["you: PULUMI_CONFIG_PASSPHRASE"],
      scopes: [],
    });
  }
  wanted.push(
    { name: "desk.stateKeyId", kind: "state-key", stack: "", may: "deploy", readers: ["you: AWS_ACCESS_KEY_ID"], scopes: [] },
    { name: "desk.stateKey", kind: "state-key", stack: "", may: "deploy", readers: ["you: AWS_SECRET_ACCESS_KEY"], scopes: [] },
  );
  for (const { from, stack, readers, looks } of delivered) {
    const last = from.split(".").at(-1) ?? "";
    const known = wanted.findIndex(({ name }) => name === from);
    // A stack's passphrase is the same for everybody who reads its secrets.
    if (known >= 0) wanted[known] = { ...(wanted[known] as Wanted), readers: [...(wanted[known]?.readers ?? []), ...readers] };
    else {
      const may = looks ? "look" : "deploy";
      const kind =
        last === "stateKeyId" || last === "stateKey"
          ? "state-key"
          : last === "digitaloceanToken"
            ? "token"
            : last === "passphrase"
              ? "passphrase"
              : "other";
      const scopes = kind === "token" ? scopesFor(familiesOf(types[stack] ?? []), may) : [];
      const made = kind === "token" ? tokens : kind === "other" ? elsewhere[last] : undefined;
      wanted.push({ name: from, kind, stack, may, readers, scopes, ...(made === undefined ? {} : { made }) });
    }
  }
  if (delivered.length > 0) {
    const made = "https://github.com/settings/personal-access-tokens/new (fine-grained, of the owner of the repositories)";
    wanted.push({
      name: "delivery.githubToken",
      kind: "other",
      stack: "delivery",
      may: "deploy",
      readers: ["you: GITHUB_TOKEN"],
      scopes: githubPermissions,
      made,
    });
  }
  // At one's own desk, one token for the stacks that no workflow deploys.
  for (const stack of stacks.filter(
    (one) => familiesOf(types[one] ?? []).length > 0 && !wanted.some(({ name }) => name === `${one}.digitaloceanToken`),
  ))
    wanted.push({
      name: `${stack}.digitaloceanToken`,
      kind: "token",
      stack,
      may: "deploy",
      readers: ["you: DIGITALOCEAN_TOKEN"],
      scopes: scopesFor(familiesOf(types[stack] ?? []), "deploy"),
      made: tokens,
    });
  for (const stack of stacks.filter((one) => needsSpacesKey(types[one] ?? []) && !wanted.some(({ name }) => name === `${one}.spacesKeyId`)))
    for (const last of ["spacesKeyId", "spacesKey"] as const)
      wanted.push({
        name: `${stack}.${last}`,
        kind: "other",
        stack,
        may: "deploy",
        readers: [`you: ${last === "spacesKey" ? "SPACES_SECRET_ACCESS_KEY" : "SPACES_ACCESS_KEY_ID"}`],
        scopes: [],
        made: elsewhere[last] ?? "",
      });
  return wanted;
}
