import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { types } from "../../sandbox/catalogue/digitalocean/common.ts";
import { CloudStore, type Fault, type Operation } from "../../sandbox/cloud/store.ts";
import { Provider } from "../../sandbox/provider/provider.ts";

export type Values = Record<string, unknown>;

/** Something that was made through a stand-in, as the engine would hold it. */
export interface Made {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** An empty cloud in a temporary folder, used through the stand-in the way the engine does. */
export class Account implements Disposable {
  readonly folder: string;
  readonly store: CloudStore;
  readonly provider: Provider;

  constructor(seed?: string, provider = "digitalocean") {
    this.folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    this.store = new CloudStore(this.folder, seed);
    this.provider = new Provider(provider, this.store);
  }

  async create(type: string, name: string, news: Values): Promise<Made> {
    const { inputs, failures } = this.provider.check(resourceOf(type, name), news, {}, new Uint8Array(32));
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return { type, name, inputs, ...(await this.provider.create(resourceOf(type, name), inputs)) };
  }

  async update({ type, name, id, inputs: olds, outputs }: Made, news: Values): Promise<Made> {
    const { inputs, failures } = this.provider.check(resourceOf(type, name), news, olds, new Uint8Array(32));
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return { type, name, id, inputs, outputs: await this.provider.update(resourceOf(type, name), id, outputs, inputs) };
  }

  read({ type, name, id, inputs, outputs }: Made) {
    return this.provider.read(resourceOf(type, name), id, inputs, outputs);
  }

  delete({ type, name, id, outputs }: Made): Promise<void> {
    return this.provider.delete(resourceOf(type, name), id, outputs);
  }

  fail(type: string, operation: Operation, kind: Fault["kind"], more: Partial<Fault> = {}, times = 1): void {
    this.store.addFault({ type, operation, kind, after: false, details: {}, ...more }, 1, times);
  }

  [Symbol.dispose](): void {
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

const resourceOf = (type: string, name: string) => ({ urn: `urn:pulumi:test::test::${type}::${name}`, type, name });

export const vpc = (account: Account, more: Values = {}, name = "network"): Promise<Made> =>
  account.create(types.vpc, name, { name: `house-${name}`, region: "fra1", ...more });

export const cluster = (account: Account, more: Values = {}, name = "pg"): Promise<Made> => {
  const inputs = { name: `house-${name}`, engine: "pg", version: "17", size: "db-s-1vcpu-2gb", region: "fra1", nodeCount: 1, ...more };
  return account.create(types.cluster, name, inputs);
};

/** The spec of an app with one service. */
export function spec(more: Values = {}, service: Values = {}): Values {
  const image = { registryType: "GHCR", registry: "acme", repository: "web", digest: `sha256:${"1".repeat(64)}` };
  return { name: "house-web", region: "fra", services: [{ name: "web", httpPort: 8080, image, ...service }], ...more };
}
export const app = (account: Account, more: Values = {}, service: Values = {}): Promise<Made> =>
  account.create(types.app, "app", { spec: spec(more, service) });
