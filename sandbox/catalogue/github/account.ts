import type { CloudObject, Properties } from "../../cloud/store.ts";
import { text } from "../values.ts";
import type { CloudContext } from "../kind.ts";

/** Who owns repositories. Nothing that Pulumi makes: it stands in the stored cloud from the first look at it on. */
export const accountType = "github:account:Account";

/** What an organization pays for: it decides which rules private repositories can have. */
export type Plan = "free" | "team" | "enterprise";

/** An organization. Another plan: `sandbox:cloud set <owner> plan '"enterprise"'`, or put it into the store before the first run. */
export const account = (owner: string, plan: Plan = "team"): CloudObject => ({
  id: owner,
  provider: "github",
  type: accountType,
  name: owner,
  inputs: {},
  outputs: { login: owner, type: "Organization", plan },
});

/** The organization that the provider is configured for. */
export function accountOf(cloud: CloudContext): CloudObject {
  const owner = text(cloud.config.owner ?? cloud.config.organization ?? "sandbox");
  const known = cloud.store.get(accountType, owner);
  if (known) return known;
  const fresh = account(owner);
  cloud.store.put(fresh);
  return fresh;
}

export const planOf = (cloud: CloudContext): Plan => accountOf(cloud).outputs.plan as Plan;

/** Whether a feature of the plan is there: a public repository has all of them. */
export const allows = (cloud: CloudContext, repository: CloudObject, least: Plan): boolean => {
  const plans: readonly Plan[] = ["free", "team", "enterprise"];
  return repository.outputs.visibility === "public" || plans.indexOf(planOf(cloud)) >= plans.indexOf(least);
};

/** Everybody exists, but for those called `nobody…`. Ids depend on the name alone. */
const numberOf = (cloud: CloudContext, kind: string, name: string): number | undefined =>
  /^nobody/.test(name) || !/^[a-z\d](?:[a-z\d-]{0,38})$/i.test(name)
    ? undefined
    : 10_000 + (cloud.store.derive(kind, name.toLowerCase()).readUInt32BE() % 90_000_000);

export const userOf = (cloud: CloudContext, login: string): Properties | undefined => {
  const id = numberOf(cloud, "user", login);
  return id === undefined ? undefined : { login, id };
};

export const teamOf = (cloud: CloudContext, slug: string): Properties | undefined => {
  const id = numberOf(cloud, `team of ${accountOf(cloud).id}`, slug);
  return id === undefined ? undefined : { slug, id };
};
