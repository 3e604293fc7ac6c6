/** One option, and what the engine plans when it is changed in a stack that is up. */
export interface Row {
  /** As `<interface without Args>.<option>`; several where one change shows them all. */
  readonly option: string | readonly string[];
  /**
   * What is put over the options of the stack's components, by their name: `{ web: { drainSeconds: 30 } }`, secrets as `secret:…`, see
   * `tests/systems/options/change.ts`. In a shared stack, keys of its file.
   */
  readonly change: Readonly<Record<string, unknown>>;
  /** Has to have a preview of its own: it would be refused beside others, or changes what they are about. @default false */
  readonly alone?: boolean;
  /**
   * Each step of the preview: operation, type, name, then the changed paths (`+` added, `-` gone, `!` it replaces). Or the words with
   * which it is refused.
   */
  readonly plan: readonly string[] | { readonly refused: string };
  /** What the preview warns of. @default nothing that is looked at */
  readonly warned?: readonly string[];
}

/** A stack of a system in which rows are tried. */
export interface OptionsStack {
  /** Folder under `tests/systems`. */
  readonly system: string;
  readonly stack: string;
  readonly rows: readonly Row[];
  /** Changes that come up together once all rows were tried. @default none */
  readonly up?: Row["change"];
}

/** The options of a row. */
export const optionsOf = ({ option }: Row): readonly string[] => (typeof option === "string" ? [option] : option);
