import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";

/** What an expression can look up: `github`, `secrets`, `needs` … */
export type Context = Readonly<Record<string, unknown>>;

/** What a condition can ask of what has run before. */
export interface Status {
  readonly failed: boolean;
  readonly cancelled?: boolean;
}

/** Evaluated by GitHub's own code. */
function evaluate(source: string, context: Context, { failed, cancelled = false }: Status): data.ExpressionData {
  const answers = { success: !failed && !cancelled, failure: failed, cancelled, always: true };
  const functions = Object.entries(answers).map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer),
  }));
  const { tokens } = new Lexer(source).lex();
  const tree = new Parser(tokens, Object.keys(context), functions).parse();
  const values = JSON.parse(JSON.stringify(context), data.reviver) as data.Dictionary;
  return new Evaluator(tree, values, new Map(functions.map((definition) => [definition.name, definition]))).evaluate();
}

/** Whether a condition asks what has run before; one that does not goes on only after success. */
export const asksStatus = (condition: string): boolean => /\b(always|failure|cancelled|success)\(/.test(condition);

/** Whether a job or step with this `if` runs. */
export function holds(condition: string | undefined, context: Context, status: Status): boolean {
  const source = condition?.replace(/^\$\{\{|\}\}$/g, "").trim() ?? "success()";
  if (!asksStatus(source) && (status.failed || status.cancelled)) return false;
  return truthy(evaluate(source, context, status));
}

/** A text of the file with its expressions filled in. */
export const fill = (value: unknown, context: Context): string =>
  String(value).replaceAll(/\$\{\{(.*?)\}\}/gs, (_, source: string) => evaluate(source.trim(), context, { failed: false }).coerceString());

/** The same for all values of an `env`, a `with` or the outputs of a job. */
export const fillAll = (values: unknown, context: Context): Record<string, string> =>
  Object.fromEntries(Object.entries((values ?? {}) as Context).map(([name, value]) => [name, fill(value, context)]));
