/** Something that an expression looks up, where it matters who may see it. */
export interface Reference {
  readonly context: "secrets" | "vars" | "needs" | "steps" | "inputs";
  /** `PULUMI_BACKEND_URL`; of jobs and steps, the id and the output: `build.image`. */
  readonly name: string;
}

/**
 * What GitHub evaluates before a step starts. It is a value of its own and no text, so that it fits only where GitHub evaluates it
 * into a value (`env`, `with`, `if`, names): in the text of `run` it would be pasted into a program, whatever somebody wrote into a
 * title or a branch's name.
 */
export class Expression {
  /** Without the braces. */
  public readonly source: string;
  public readonly references: readonly Reference[];

  constructor(source: string, references: readonly Reference[] = []) {
    this.source = source;
    this.references = references;
  }

  /** Refuses: this is how an expression would get into a text unseen. */
  public toString(): never {
    throw new TypeError(
      `the expression ${this.source} is no text. Hand it to the shell by env, or use text\`…\` where GitHub evaluates it.`,
    );
  }
}

/** Text with expressions in it, for places where GitHub evaluates them. Made by {@link text}. */
export class Text {
  public readonly parts: readonly (string | Expression)[];

  constructor(parts: readonly (string | Expression)[]) {
    this.parts = parts;
  }

  /** Refuses, for the same reason as an expression does. */
  public toString(): never {
    throw new TypeError("a text with expressions is no plain text. Hand it to the shell by env.");
  }
}

/** What stands where GitHub evaluates expressions. */
export type Value = string | number | boolean | Expression | Text;

/** Text with expressions: text`deploy-${github("ref")}`. */
export function text(strings: TemplateStringsArray, ...values: readonly (string | Expression)[]): Text {
  return new Text(strings.flatMap((string, i) => [string, values[i] ?? ""]).filter((part) => part !== ""));
}

/** What is looked up by a value, by all of its expressions. */
export function referencesOf(value: unknown): readonly Reference[] {
  if (value instanceof Expression) return value.references;
  if (value instanceof Text) return value.parts.flatMap(referencesOf);
  return [];
}

type Operand = Expression | string | number | boolean;

const sourceOf = (operand: Operand): string =>
  operand instanceof Expression ? operand.source : typeof operand === "string" ? `'${operand.replaceAll("'", "''")}'` : String(operand);

const combine = (source: string, ...operands: readonly Operand[]): Expression => new Expression(source, operands.flatMap(referencesOf));

/** `a && (b || c)` needs its braces where operators meet; everything else binds tighter. */
const grouped = (operand: Expression): string => (/\|\||&&/.test(operand.source) ? `(${operand.source})` : operand.source);

/** Joined by an operator; one alone stays as it is. */
const joined = (operator: string, all: readonly Expression[]): Expression =>
  all.length === 1 && all[0] !== undefined ? all[0] : combine(all.map(grouped).join(operator), ...all);

/** Of the run: `sha`, `ref`, `event_name`, `repository`, `run_id`, `token` … */
export const github = (
  name:
    | "actor"
    | "event_name"
    | "head_ref"
    | "base_ref"
    | "ref"
    | "ref_name"
    | "repository"
    | "repository_owner"
    | "run_id"
    | "server_url"
    | "sha"
    | "token",
): Expression => new Expression(`github.${name}`);
/** Of what started the run: `pull_request.number`, `release.tag_name`, `client_payload.commit` … Third parties write it. */
export const event = (path: string): Expression => new Expression(`github.event.${path}`);
/** A secret of the repository or of the job's environment. */
export const secret = (name: string): Expression => new Expression(`secrets.${name}`, [{ context: "secrets", name }]);
/** A variable of the repository or of the job's environment. */
export const variable = (name: string): Expression => new Expression(`vars.${name}`, [{ context: "vars", name }]);
/** What somebody gave when starting the workflow, or the caller of a reusable one. */
export const input = (name: string): Expression => new Expression(`inputs.${name}`, [{ context: "inputs", name }]);
/** An output of a job that this one needs. */
export const needed = (job: string, output: string): Expression =>
  new Expression(`needs.${job}.outputs.${output}`, [{ context: "needs", name: `${job}.${output}` }]);
/** `success`, `failure`, `cancelled` or `skipped`. */
export const resultOf = (job: string): Expression => new Expression(`needs.${job}.result`, [{ context: "needs", name: job }]);
/** An output of an earlier step. */
export const output = (step: string, name: string): Expression =>
  new Expression(`steps.${step}.outputs.${name}`, [{ context: "steps", name: `${step}.${name}` }]);
/** What became of an earlier step, before `continue-on-error`. */
export const outcome = (step: string): Expression => new Expression(`steps.${step}.outcome`, [{ context: "steps", name: step }]);
/** A value of the job's matrix. */
export const matrix = (name: string): Expression => new Expression(`matrix.${name}`);

export const equal = (a: Operand, b: Operand): Expression => combine(`${sourceOf(a)} == ${sourceOf(b)}`, a, b);
export const unequal = (a: Operand, b: Operand): Expression => combine(`${sourceOf(a)} != ${sourceOf(b)}`, a, b);
export const not = (a: Expression): Expression => combine(/[ =]/.test(a.source) ? `!(${a.source})` : `!${a.source}`, a);
export const and = (...all: readonly Expression[]): Expression => joined(" && ", all);
export const or = (...all: readonly Expression[]): Expression => joined(" || ", all);
/** `then` has to be neither empty nor zero: GitHub has no conditional of its own. */
export const choose = (condition: Expression, then: Operand, otherwise: Operand): Expression =>
  combine(`${grouped(condition)} && ${sourceOf(then)} || ${sourceOf(otherwise)}`, condition, then, otherwise);
export const failure = (): Expression => new Expression("failure()");
/** Also after failures and cancellation. */
export const always = (): Expression => new Expression("always()");
export const cancelled = (): Expression => new Expression("cancelled()");
export const toJson = (value: Expression): Expression => combine(`toJSON(${value.source})`, value);
