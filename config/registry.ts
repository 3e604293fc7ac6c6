import * as z from "zod";
import type { Problem } from "./errors.ts";
import { list, quote } from "./errors.ts";
import type { ExistingRegistry } from "./existing.ts";
import { registryName } from "./existing.ts";
import type { RegionName } from "./regions.ts";
import { priceOf } from "./prices.ts";
import { regions, withoutRegistry } from "./regions.ts";

/**
 * Subscriptions of a registry, with what each holds. Source: DigitalOcean's API description, example of `GET /v2/registry/options`; the
 * subscription is the team's, so a change of it bills every registry of the team.
 */
const tiers = {
  starter: "1 repository, 500 MB",
  basic: "5 repositories, 5 GB",
  professional: "any number of repositories, 100 GB",
} as const;

const priceText = (tier: string): string => {
  const price = priceOf(`registry ${tier}`);
  return price === undefined ? "price unknown" : `$${price.usd} a month`;
};

/** A subscription of a registry. */
export type RegistryTier = keyof typeof tiers;

/** A registry that the shared stack makes. */
export const madeRegistry = z
  .strictObject({
    name: registryName
      .optional()
      .describe(
        "What images' names begin with, after registry.digitalocean.com/. No other team may have it. By default the project's name.",
      ),
    tier: z.enum(Object.keys(tiers) as [RegistryTier, ...RegistryTier[]]).describe(
      `The team's subscription: ${Object.entries(tiers)
        .map(([name, holds]) => `${name} (${priceText(name)}: ${holds})`)
        .join(", ")}. Another one changes the bill, and no image.`,
    ),
    region: z
      .enum(Object.keys(regions) as [RegionName, ...RegionName[]])
      .superRefine((region, context) => {
        const nearest = withoutRegistry[region];
        if (nearest === undefined) return;
        const offered = Object.keys(regions).filter((name) => withoutRegistry[name as RegionName] === undefined);
        const message = `DigitalOcean keeps no registries in ${quote(region)}. Nearest: ${quote(nearest)}. It has them in ${list(offered)}.`;
        context.addIssue({ code: "custom", message });
      })
      .describe("Where the images lie. It stays: another region would be another, empty registry."),
  })
  .optional()
  .describe(
    "The team's container registry, for images at registry.digitalocean.com. Left out, the system makes none, and images come from elsewhere.",
  );

/** A registry that the shared stack makes, whole. */
export interface MadeRegistry {
  /** It is made; see {@link StandingRegistry} for one that stands. What a stack holds stays protected: it is refused to let go of it. */
  readonly from: "create";
  /** What images' names begin with, after `registry.digitalocean.com/`. Another one is refused, since the images do not move. */
  readonly name: string;
  /**
   * The team's subscription: a starter costs nothing, basic 5 and professional 20 USD a month. Another one acts at once and changes the
   * bill, and no image.
   */
  readonly tier: RegistryTier;
  /** Where the images lie. Another one is refused, since the images do not move. */
  readonly region: RegionName;
}

/** A registry that stands already, and keeps its tier, region and images. */
export interface StandingRegistry {
  /** It is only used, or taken into the state and protected there. What a stack holds stays protected: it is refused to let go of it. */
  readonly from: "reference" | "import";
  /** Its name. Another one is refused where the stack holds one. */
  readonly name: string;
}

/** What the shared stack does about a registry. */
export type RegistryChoice = MadeRegistry | StandingRegistry;

/** Puts the two keys of the stack file together; where they contradict each other, the second of them is refused. */
export function resolveRegistry(
  project: string,
  made: z.output<typeof madeRegistry>,
  existing: ExistingRegistry,
): RegistryChoice | { readonly problem: Problem } | undefined {
  if (typeof existing === "object") {
    const [from, name] = "reference" in existing ? (["reference", existing.reference] as const) : (["import", existing.import] as const);
    if (made === undefined) return { from, name };
    const message = `describes a registry that is made, but existing/registry names one that stands already and keeps its tier and region. Remove one of the two.`;
    return { problem: { path: "registry", message } };
  }
  if (made === undefined) {
    if (existing === undefined) return undefined;
    const message = 'says "create", but nothing says what. Add groundwork:registry: { tier: basic, region: fra }, or remove this.';
    return { problem: { path: "existing/registry", message } };
  }
  const { name = project, tier, region } = made;
  if (registryName.safeParse(name).success) return { from: "create", name, tier, region };
  const message = `is required, since the project's name ${quote(project)} is none that a registry can have: lower-case letters, digits and hyphens, at most 63.`;
  return { problem: { path: "registry/name", message } };
}
