import * as pulumi from "@pulumi/pulumi";
import type { DnsTarget, Platform } from "../../platforms/platform.ts";
import { recordsOf, type ZoneRecord } from "./zone-records.ts";

interface Look {
  readonly zone: string;
  readonly platform: Platform;
  readonly addresses: DnsTarget["addresses"];
}

/**
 * Looks whether somebody else's address stands at the zone itself. The cloud would take ours beside it, and send every other visitor
 * to each.
 */
export function checkApex(name: string, { zone, platform, addresses }: Look): void {
  platform.wait(async () => {
    const records = await recordsOf(name, zone);
    const others = foreignAddresses(records, addresses);
    if (others.length > 0) {
      throw new pulumi.RunError(
        `${name}:\n  hosts.@: ${zone} leads to ${others.join(", ")} already, and visitors would be sent there as well. ` +
          `Remove those records first (doctl compute domain records list ${zone}).`,
      );
    }
  });
}

/** Addresses at the zone itself that are not the platform's. */
export function foreignAddresses(records: readonly ZoneRecord[], addresses: DnsTarget["addresses"]): string[] {
  const ours = new Set(addresses.map(({ value }) => value));
  return records.flatMap(({ name, type, value }) => (name === "@" && (type === "A" || type === "AAAA") && !ours.has(value) ? [value] : []));
}
