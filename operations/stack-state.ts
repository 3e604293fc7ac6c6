import { isSpoiled, MissingStack, spoiledText } from "./backend.ts";
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

/** A stack's state with what is unfinished in it. */
export interface StackState {
  readonly resources: readonly ExportedState[];
  /** What a run that broke off left behind, as `creating DatabaseCluster database`. */
  readonly pending: readonly string[];
  /** When the state was written last; an ISO time. */
  readonly written?: string;
  /** By which it tells its passphrase; undefined where it is encrypted otherwise. Never shown. */
  readonly salt?: string;
}

interface Export {
  readonly deployment: {
    readonly manifest?: { readonly time?: string };
    readonly secrets_providers?: { readonly state?: { readonly salt?: string } };
    readonly pending_operations?: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
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

/** What a stack holds, its secrets in the clear: for this process only. Needs the passphrase. */
export async function readOpenExport(pulumi: Pick<Pulumi, "capture">, stack: string): Promise<readonly ExportedState[]> {
  return (await readState(pulumi, stack, ["--show-secrets"])).resources;
}

/** What a stack holds. Secrets stay encrypted. Throws with Pulumi's own words where the stack cannot be read. */
export async function readExport(pulumi: Pick<Pulumi, "capture">, stack: string): Promise<readonly ExportedState[]> {
  return (await readState(pulumi, stack)).resources;
}

/** The same with what is unfinished. */
export async function readState(pulumi: Pick<Pulumi, "capture">, stack: string, more: readonly string[] = []): Promise<StackState> {
  const { code, stdout, stderr } = await pulumi.capture(["stack", "export", "--stack", stack, ...more]);
  if (code !== 0) throw unreadable(stack, stderr || stdout);
  const { deployment } = JSON.parse(stdout) as { readonly deployment: Export["deployment"] | null };
  // A file that is JSON, and no state.
  if (deployment === null) throw new SpoiledState(spoiledText(stack));
  const resources = (deployment.resources ?? [])
    .filter((resource) => resource.delete !== true)
    .map(({ urn, type, id, outputs = {}, initErrors = [] }) => ({
      type,
      name: urn.split("::").slice(3).join("::"),
      ...(id === undefined ? {} : { id }),
      outputs,
      initErrors,
    }));
  const pending = pendingIn(deployment);
  const written = deployment.manifest?.time;
  const salt = deployment.secrets_providers?.state?.salt;
  return { resources, pending, ...(written === undefined ? {} : { written }), ...(salt === undefined ? {} : { salt }) };
}

/** What a run that broke off had begun, as `creating DatabaseCluster database`; of an exported deployment. Pure. */
export const pendingIn = ({ pending_operations: all = [] }: Pick<Export["deployment"], "pending_operations">): string[] =>
  all.map(({ type, resource: { urn } }) => `${type} ${describeUrn(urn)}`);

/** Only another state helps. */
export class SpoiledState extends Error {}

/** A state that cannot be read, in Pulumi's own words; a stack that is not there is a word that somebody got wrong. */
export function unreadable(stack: string, said: string): Error {
  if (/no stack named/.test(said)) return new MissingStack(stack);
  if (isSpoiled(said)) return new SpoiledState(spoiledText(stack));
  return new Error(`the state of ${stack} cannot be read: ${said.trim().replace(/^error: /, "")}`);
}

/** `DatabaseCluster database`. */
const describeUrn = (urn: string): string => {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.split(":").at(-1) ?? ""} ${name.join("::")}`;
};
