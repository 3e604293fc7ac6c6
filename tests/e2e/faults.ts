import type { CloudStore, Fault } from "../../sandbox/cloud/store.ts";
import type { TestEngine } from "../engine.ts";
import { cloud } from "./template.ts";

export const types = {
  app: "digitalocean:index/app:App",
  cluster: "digitalocean:index/databaseCluster:DatabaseCluster",
  firewall: "digitalocean:index/databaseFirewall:DatabaseFirewall",
  record: "digitalocean:index/dnsRecord:DnsRecord",
  vpc: "digitalocean:index/vpc:Vpc",
};

export interface Wanted extends Pick<Fault, "type" | "operation" | "kind"> {
  readonly after?: boolean;
  readonly details?: Fault["details"];
  readonly times?: number;
}

/** Lets the stored cloud fail from the next such request on. */
export const fail = (engine: TestEngine, { times = 1, after = false, details = {}, ...fault }: Wanted): void =>
  cloud(engine, (store: CloudStore) => store.addFault({ ...fault, after, details }, 1, times));
