import type { DeliverySettings } from "../../../../components/github/plan.ts";

/** What a stack file of `delivery` may say, for a system of the tests. */
export const settings = (
  name: string,
  services: readonly string[],
  more: Pick<DeliverySettings, "repositories" | "environments"> & Partial<DeliverySettings>,
): DeliverySettings => ({
  system: { name, folder: name === "template" ? "." : `systems/${name}`, services },
  owner: "Acme",
  plan: "team",
  ...more,
});

export const appPlatform = { platform: "app-platform" } as const;
