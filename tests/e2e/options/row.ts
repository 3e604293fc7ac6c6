import type { Change } from "../../systems/options/change.ts";

/** One option, and what the engine plans when it is changed in a stack that is up. Secrets are written `secret:…`, see {@link Change}. */
export interface Row {
  /** As `<interface without Args>.<option>`; several where one change shows them all. */
  readonly option: string | readonly string[];
  readonly change: Change;
  /** Has to have a preview of its own: it would be refused beside others. @default false */
  readonly alone?: boolean;
  /**
   * Each step of the preview: operation, type, name, then the changed paths (`+` added, `-` gone, `!` it replaces). Or the words with
   * which it is refused.
   */
  readonly plan: readonly string[] | { readonly refused: string };
}

/** The options of a row. */
export const optionsOf = ({ option }: Row): readonly string[] => (typeof option === "string" ? [option] : option);
