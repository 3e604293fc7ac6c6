import type { ExportedResource } from "../settle.ts";

/** What Pulumi knows of a stack, as `pulumi stack export` has it. */
export interface SavedState {
  readonly version: number;
  readonly deployment: SavedDeployment;
}

interface SavedDeployment {
  readonly resources?: readonly ExportedResource[];
  readonly secrets_providers?: { readonly type?: string; readonly state?: { readonly salt?: string } };
  readonly [field: string]: unknown;
}

/** What a file says that is no state. */
export class SavedStateError extends Error {}

/** Reads an export, or a file as the backend itself keeps it (`.pulumi/stacks`, `.pulumi/history`, `.pulumi/backups`). Pure. */
export function parseSavedState(text: string): SavedState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SavedStateError("it is no JSON, or it is cut off");
  }
  const { version, deployment, checkpoint } = (value ?? {}) as Partial<SavedState> & { checkpoint?: { latest?: SavedDeployment | null } };
  if (checkpoint !== undefined && !checkpoint.latest) throw new SavedStateError("it holds a stack that was never deployed");
  const held = deployment ?? checkpoint?.latest;
  if (typeof version !== "number" || !held)
    throw new SavedStateError('it is no state: neither what "pulumi stack export" writes, nor a file of the backend');
  return { version, deployment: held };
}

/** By which a state tells its passphrase; undefined where it is encrypted otherwise, or not at all. */
export const saltOf = ({ deployment }: SavedState): string | undefined => deployment.secrets_providers?.state?.salt;

/** Why a state cannot be that of this stack. Pure. @param place With the `encryptionsalt` of its stack file, where it has one. */
export function savedStateProblems(
  saved: SavedState,
  current: SavedState,
  place: { system: string; stack: string; fileSalt?: unknown },
): readonly string[] {
  const urns = (saved.deployment.resources ?? []).map(({ urn }) => urn);
  const foreign = urns.find((urn) => !urn.startsWith(`urn:pulumi:${place.stack}::${place.system}::`));
  const [, , of = "", system = ""] = (foreign ?? "").split(":").filter((_, index) => index !== 3);
  const [salt, now] = [saltOf(saved), saltOf(current)];
  return [
    ...(urns.length === 0 ? ["it holds nothing"] : []),
    ...(foreign === undefined ? [] : [`it is that of stack ${of} of ${system}`]),
    // What goes with the stack file is right, though what is there now may not.
    ...(salt !== undefined && now !== undefined && salt !== now && salt !== place.fileSalt
      ? ["it is encrypted with another passphrase than the stack is now. Take the stack file of that time back first"]
      : []),
  ];
}

/** What a restored state would know and not know, by `type name`. Pure. */
export interface Difference {
  /** Known again; what of it is no longer in the cloud, `drift` tells. */
  readonly back: readonly string[];
  /** Forgotten, though it stands in the cloud: nothing would manage it any more. */
  readonly forgotten: readonly string[];
  /** Known as something else: another id. */
  readonly other: readonly string[];
}

export function compareStates(saved: SavedState, current: SavedState): Difference {
  const [then, now] = [saved, current].map(
    ({ deployment }) => new Map((deployment.resources ?? []).filter(isKept).map((resource) => [resource.urn, resource.id])),
  ) as [Map<string, string | undefined>, Map<string, string | undefined>];
  return {
    back: [...then.keys()].filter((urn) => !now.has(urn)).map(nameOf),
    forgotten: [...now.keys()].filter((urn) => !then.has(urn)).map(nameOf),
    other: [...now].filter(([urn, id]) => then.has(urn) && then.get(urn) !== id).map(([urn]) => nameOf(urn)),
  };
}

/** Things in a cloud; components and providers are made anew by any run. */
const isKept = ({ custom, delete: goes, type }: ExportedResource): boolean =>
  custom === true && goes !== true && !type.startsWith("pulumi:");

const nameOf = (urn: string): string => {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split(/[$:]/).at(-1) ?? ""} ${name}`;
};
