import * as pulumi from "@pulumi/pulumi";
import type { ContentVariable } from "../config/rules/content.ts";
import type { SecretRecord } from "../config/secret-ages.ts";
import { ageWarning, readSecretRecords, secretSetType } from "../config/secret-ages.ts";
import type { Platform } from "../platforms/platform.ts";
import { contentOf, markOf, recordOf } from "./secret-set/records.ts";
import type { Present, SecretSource } from "./secret-set/sources.ts";
import { present, setProblems, wantedOf } from "./secret-set/sources.ts";
import { createValues, notMade } from "./secret-set/values.ts";

export type { SecretSource } from "./secret-set/sources.ts";
export { derived, fernetKeys, generated, generatedUuid, renewedWithin } from "./secret-set/sources.ts";

/** Options for {@link SecretSet}. */
export interface SecretSetArgs {
  /** What runs the services that read them. Each platform has stacks of its own, and another one is refused. */
  readonly platform: Platform;
  /** The secrets, by the name of the variable. Another name makes a generated one anew. A change restarts the services that read the set. */
  readonly values: Readonly<Record<string, SecretSource>>;
}

/**
 * Secrets that services read as variables. Nothing outside the services that name the set sees them. The state says of each which
 * generation it is, since when, and who reads the set. Where data is kept (production), the values that are made up are protected: the
 * engine refuses to delete one, or to make it anew, unless its generation is raised.
 */
export class SecretSet extends pulumi.ComponentResource {
  /** Its name inside the system. */
  public readonly name: string;
  /** The values, all of them secret. */
  public readonly env: Readonly<Record<string, pulumi.Output<string>>>;
  /** What the content rules may know of them. */
  public readonly contents: readonly ContentVariable[];
  readonly #readers = new Set<string>();

  constructor(name: string, { platform, values }: SecretSetArgs, opts?: pulumi.ComponentResourceOptions) {
    const sources = present(values);
    const recorded = readSecretRecords(platform.held ?? [], name);
    const isRefused = platform.refuse(name, setProblems(sources, recorded, platform.acknowledged));
    super(secretSetType, name, {}, opts);
    this.name = name;
    this.env = isRefused ? notMade(sources) : createValues(this, name, sources, { platform, recorded });
    this.contents = Object.keys(this.env).map((key) => contentOf(key, sources));
    // Who reads it is known once the system's function has run to its end, which is before any promise goes on.
    this.registerOutputs(Promise.resolve().then(() => this.#record(sources, recorded)));
  }

  /** Notes who reads the set. */
  public readBy(service: string): void {
    this.#readers.add(service);
  }

  /** The services that read it, in order. */
  public readers(): readonly string[] {
    return [...this.#readers].sort();
  }

  /**
   * Warns once the set is registered. In a run that is refused it never is, and the engine's log, which waits for whom a line is about,
   * would hold back the refusal behind this line.
   */
  #warn(text: string): void {
    void this.urn.apply(() => pulumi.log.warn(text, this));
  }

  #record(sources: Readonly<Record<string, Present>>, recorded: Readonly<Record<string, SecretRecord>>): pulumi.Inputs {
    const now = new Date();
    const warnings = Object.entries(sources).flatMap(([key, source]) => {
      const warning = ageWarning(wantedOf(source), recorded[key], now);
      // Whether an issued value is still the same is known once its text is.
      return warning === undefined || markOf(source, this.env[key]) !== recorded[key]?.mark ? [] : [`  ${key}: ${warning}`];
    });
    if (warnings.length > 0) this.#warn([`${this.name}:`, ...warnings].join("\n"));
    if (this.#readers.size === 0) this.#warn(`${this.name}: no service reads these secrets. Name the set in a service, or remove it.`);
    const values = Object.entries(sources).map(([key, source]) => [
      key,
      recordOf(source, markOf(source, this.env[key]), recorded[key], now),
    ]);
    return { readers: this.readers(), values: Object.fromEntries(values) as Record<string, pulumi.Inputs> };
  }
}
