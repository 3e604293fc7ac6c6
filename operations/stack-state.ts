import type { Pulumi } from "./pulumi.ts";

/** A resource of a stack as an export shows it: secrets are encrypted, so no passphrase is needed. */
export interface ExportedState {
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly id?: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Why the provider does not take it for done. */
  readonly initErrors: readonly string[];
}

interface Export {
  readonly deployment: {
    readonly resources?: readonly {
      readonly urn: string;
      readonly type: string;
      readonly id?: string;
      readonly delete?: boolean;
      readonly outputs?: Readonly<Record<string, unknown>>;
      readonly initErrors?: readonly string[];
    }[];
  };
}

/** What a stack holds. Secrets stay encrypted. Throws with Pulumi's own words where the stack cannot be read. */
export async function readExport(pulumi: Pulumi, stack: string): Promise<readonly ExportedState[]> {
  const { code, stdout, stderr } = await pulumi.capture(["stack", "export", "--stack", stack]);
  if (code !== 0) throw new Error(`the state of ${stack} cannot be read: ${(stderr || stdout).trim().replace(/^error: /, "")}`);
  const { deployment } = JSON.parse(stdout) as Export;
  return (deployment.resources ?? [])
    .filter((resource) => resource.delete !== true)
    .map(({ urn, type, id, outputs = {}, initErrors = [] }) => ({
      type,
      name: urn.split("::").slice(3).join("::"),
      ...(id === undefined ? {} : { id }),
      outputs,
      initErrors,
    }));
}
