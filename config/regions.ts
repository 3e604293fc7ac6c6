/** One place in the world, by the name that each product has for it. */
export interface Region {
  /** App Platform's slug. */
  readonly app: string;
  /** Slug of databases, private networks and droplets. */
  readonly datacenter: string;
}

/**
 * The regions of App Platform with the datacenter that goes with each. Where a region has several datacenters it is the one
 * that has every product: nyc3 and sfo3 have Spaces, nyc1 has not.
 */
export const regions = {
  ams: { app: "ams", datacenter: "ams3" },
  atl: { app: "atl", datacenter: "atl1" },
  blr: { app: "blr", datacenter: "blr1" },
  fra: { app: "fra", datacenter: "fra1" },
  lon: { app: "lon", datacenter: "lon1" },
  nyc: { app: "nyc", datacenter: "nyc3" },
  sfo: { app: "sfo", datacenter: "sfo3" },
  sgp: { app: "sgp", datacenter: "sgp1" },
  syd: { app: "syd", datacenter: "syd1" },
  tor: { app: "tor", datacenter: "tor1" },
} as const satisfies Record<string, Region>;

/** A region as the stack file names it. */
export type RegionName = keyof typeof regions;

/**
 * Regions in whose datacenter DigitalOcean keeps no container registries, with the nearest where it does. Source: its API description,
 * `multiregistry_create`, which names eight datacenters; the older `registry_create` names five of them (no blr1, sfo2, syd1).
 */
export const withoutRegistry: Readonly<Partial<Record<RegionName, RegionName>>> = { atl: "nyc", lon: "ams", tor: "nyc" };
