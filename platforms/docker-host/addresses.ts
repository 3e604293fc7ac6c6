import * as pulumi from "@pulumi/pulumi";
import { list, quote } from "../../config/problems.ts";
import type { PlatformChoice } from "../../config/schema.ts";

/** Where hosts answer on this machine, as the stack file chose it. */
export interface Addresses {
  /** All addresses of a host, the main one first: `http://api.shop.localhost`, `http://localhost:8000`. */
  of(host: string): readonly string[];
  /** Ports of the machine beside the main one. */
  readonly ports: readonly number[];
  /** Refuses ports of hosts that there are not. */
  check(hosts: Iterable<string>): void;
}

/** @param domain The domain that hosts are below; without it no host has aliases or a port of its own. */
export function resolveAddresses(
  { port, ports = [], aliases = [] }: Pick<Extract<PlatformChoice, { type: "docker-host" }>, "port" | "ports" | "aliases">,
  domain: string | undefined,
): Addresses {
  const labelOf = (host: string): string | undefined =>
    domain !== undefined && host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : undefined;
  const url = (host: string, at: number): string => `http://${host}${at === 80 ? "" : `:${at}`}`;
  return {
    of(host) {
      const label = labelOf(host);
      if (label === undefined) return [url(host, port)];
      return [
        url(host, port),
        ...aliases.map((alias) => url(`${label}.${alias}`, port)),
        ...ports.filter((one) => one.host === label).map((one) => url("localhost", one.port)),
      ];
    },
    ports: ports.map((one) => one.port),
    check(hosts) {
      const known = [...hosts].flatMap((host) => labelOf(host) ?? []);
      const unknown = ports.map((one) => one.host).filter((label) => !known.includes(label));
      if (unknown.length === 0) return;
      const lines = unknown.map((label) => `  platform/ports: there is no host ${quote(label)}. Hosts: ${list(known)}.`);
      throw new pulumi.RunError(["Docker host:", ...lines].join("\n"));
    },
  };
}
