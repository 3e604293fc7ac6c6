import * as pulumi from "@pulumi/pulumi";

/** A record of a zone, as far as it is looked at. */
export interface ZoneRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** What a zone holds. Ends the run in plain words where it cannot be read, as before the shared stack has made it. */
export async function recordsOf(name: string, zone: string): Promise<readonly ZoneRecord[]> {
  const { getRecords } = await import("@pulumi/digitalocean/getRecords.js");
  try {
    return (await getRecords({ domain: zone })).records;
  } catch (error) {
    throw new pulumi.RunError(
      `${name}:\n  zone: the records of ${zone} cannot be read (${error instanceof Error ? error.message : String(error)}). ` +
        "The shared stack makes the zone, so it comes up first; and the token needs domain:read.",
    );
  }
}
