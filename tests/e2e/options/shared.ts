import type { Row } from "./row.ts";

/** What environments share. A change is of the stack file itself. */
export const shared: readonly Row[] = [
  {
    option: "Zone.domain",
    change: { zone: "other.info" },
    plan: { refused: 'zone: is "other.info", but this stack holds "example.info" with the records of every environment.' },
  },
  {
    option: "Zone.existing",
    change: { existing: { zone: "reference" } },
    plan: { refused: "protected" },
  },
  // It is in the state already.
  { option: "Zone.existing", change: { existing: { zone: "import" } }, plan: [] },
  {
    option: ["Registry.choice", "MadeRegistry.tier"],
    change: { registry: { tier: "professional", region: "fra" } },
    plan: ["update ContainerRegistry registry subscriptionTierSlug"],
  },
  {
    option: "MadeRegistry.region",
    change: { registry: { tier: "basic", region: "ams" } },
    plan: { refused: 'registry/region: is "ams", but this stack holds a registry with "fra", and the images do not move.' },
  },
  {
    option: "MadeRegistry.name",
    change: { registry: { name: "other", tier: "basic", region: "fra" } },
    plan: { refused: 'registry/name: is "other", but this stack holds a registry with "data", and the images do not move.' },
  },
  {
    option: ["MadeRegistry.from", "StandingRegistry.from"],
    change: { registry: null, existing: { registry: { import: "data" } } },
    plan: [],
  },
  {
    option: "StandingRegistry.name",
    change: { registry: null, existing: { registry: { import: "other" } } },
    plan: { refused: 'existing/registry/import: is "other", but this stack holds a registry with "data", and the images do not move.' },
  },
];
