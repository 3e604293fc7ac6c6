/** What something costs, and where that was read. */
export interface Price {
  /** US dollars a month, without taxes and traffic. */
  readonly usd: number;
  /** Where the price stands. */
  readonly source: string;
  /** Day on which the source said so. */
  readonly read: string;
}

const instanceSizes = { source: "API description, GET /v2/apps/tiers/instance_sizes", read: "2026-11-01" };
const registryOptions = { source: "API description, GET /v2/registry/options", read: "2026-11-01" };
// The starting price of the product, which is its smallest single node.
const overview = { source: "https://www.digitalocean.com/pricing, through a published transcript", read: "2026-09-20" };
const uptime = { source: "https://docs.digitalocean.com/products/uptime/details/", read: "2026-03-27" };
const monitoring = { source: "https://docs.digitalocean.com/products/monitoring/", read: "2026-11-01" };

/**
 * All prices that we know of, by the provider's own slug, or by what it is. What no source tells stands nowhere here and is
 * reported as unknown: a guess would be believed.
 */
const prices: Readonly<Record<string, Price>> = {
  "apps-s-1vcpu-0.5gb": { usd: 5, ...instanceSizes },
  "apps-s-1vcpu-1gb": { usd: 12, ...instanceSizes },
  "apps-s-1vcpu-2gb": { usd: 25, ...instanceSizes },
  "apps-s-2vcpu-4gb": { usd: 50, ...instanceSizes },
  "apps-d-1vcpu-0.5gb": { usd: 29, ...instanceSizes },
  "apps-d-1vcpu-1gb": { usd: 34, ...instanceSizes },
  "apps-d-1vcpu-2gb": { usd: 39, ...instanceSizes },
  "apps-d-1vcpu-4gb": { usd: 49, ...instanceSizes },
  "apps-d-2vcpu-4gb": { usd: 78, ...instanceSizes },
  "apps-d-2vcpu-8gb": { usd: 98, ...instanceSizes },
  "apps-d-4vcpu-8gb": { usd: 156, ...instanceSizes },
  "apps-d-4vcpu-16gb": { usd: 196, ...instanceSizes },
  "apps-d-8vcpu-32gb": { usd: 392, ...instanceSizes },
  "pg db-s-1vcpu-1gb": { usd: 15.15, ...overview },
  "valkey db-s-1vcpu-1gb": { usd: 15, ...overview },
  "registry starter": { usd: 0, ...registryOptions },
  "registry basic": { usd: 5, ...registryOptions },
  "registry professional": { usd: 20, ...registryOptions },
  "uptime check": { usd: 1, ...uptime },
  "uptime alert": { usd: 0, ...uptime },
  "monitor alert": { usd: 0, ...monitoring },
};

/** The price of something; undefined where no source is good enough. */
export function priceOf(item: string): Price | undefined {
  return Object.hasOwn(prices, item) ? prices[item] : undefined;
}

/** Everything that has a price, for whoever checks the table. */
export const priced: readonly string[] = Object.keys(prices);
