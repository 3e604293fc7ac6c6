import type { Environment } from "../../../config/environments.ts";
import type { ContentVariable, VariableKind } from "../../../config/rules/content.ts";

/** A variable in one line: `["NAME", "value"]`, plain unless a kind is named; `bits` stands in for the value of what is generated. */
export type Told = readonly [name: string, value: string | undefined, kind?: VariableKind, bits?: number];

/** What one rule has to catch, and what looks like it and is right. */
export interface RuleCases {
  readonly rule: string;
  /** The environment that the cases stand in. */
  readonly environment: Environment;
  /** Variables that stand beside each case. */
  readonly beside?: readonly Told[];
  readonly evasions: readonly Told[];
  readonly passes: readonly Told[];
}

export const variable = ([name, value, kind = "plain", bits]: Told): ContentVariable => ({ name, value, kind, bits });
