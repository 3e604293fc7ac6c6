import * as pulumi from "@pulumi/pulumi";
import { RandomBytes } from "@pulumi/random/randomBytes.js";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

/** A secret that the program makes up itself, once, and keeps in the encrypted state. */
export interface Generated {
  /** Random bytes, handed over as base64; or characters, letters and digits. */
  readonly of: { readonly bytes: number } | { readonly characters: number };
  /** Raise it for a new value. */
  readonly generation: number;
}

/** A value of a {@link SecretSet}: made up here, or issued by somebody else. Undefined leaves the variable out. */
export type SecretSource = Generated | pulumi.Output<string> | undefined;

/**
 * A secret to be made up. A higher generation makes a new value: what the old one signed or encrypted is void from then on.
 *
 * @param options.bytes Random bytes, as base64.
 * @param options.characters Instead of bytes: letters and digits, for what is typed or put into a URL.
 * @param options.generation Which value this is. Default 1.
 */
export function generated(options: ({ bytes: number } | { characters: number }) & { generation?: number }): Generated {
  const { generation = 1, ...of } = options;
  return { of, generation };
}

/** Secrets that services read as variables, by the name of the variable. Nothing outside the services that name the set sees them. */
export class SecretSet extends pulumi.ComponentResource {
  /** The values, all of them secret. */
  public readonly env: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, sources: Readonly<Record<string, SecretSource>>, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:components:SecretSet", name, {}, opts);
    this.env = Object.fromEntries(
      Object.entries(sources).flatMap(([key, source]) => {
        if (source === undefined) return [];
        const value = pulumi.Output.isInstance(source)
          ? source
          : this.generate(`${name}-${key.toLowerCase().replaceAll("_", "-")}`, source);
        // Said here and not left to the provider: at a first preview its unknown outputs do not count as secret.
        return [[key, pulumi.secret(value)]];
      }),
    );
    this.registerOutputs({});
  }

  private generate(name: string, { of, generation }: Generated): pulumi.Output<string> {
    const keepers = { generation: String(generation) };
    if ("bytes" in of) return new RandomBytes(name, { length: of.bytes, keepers }, { parent: this }).base64;
    return new RandomPassword(name, { length: of.characters, special: false, keepers }, { parent: this }).result;
  }
}
