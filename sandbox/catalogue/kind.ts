import type { CloudObject, CloudStore, Properties } from "../cloud/store.ts";

/** A rule that the plugin itself applies to one input, before anything is planned. */
export type Rule =
  | { readonly oneOf: readonly string[]; readonly ignoreCase?: boolean }
  | { readonly length: readonly [number, number] }
  | { readonly range: readonly [number, number] }
  | { readonly atLeast: number }
  | { readonly notEmpty: true }
  | { readonly cidr: true }
  | { readonly pattern: string }
  | { readonly duration: true }
  | { readonly base64: true }
  /** A regular expression, and the plugin's words for it. */
  | { readonly match: string; readonly words: string }
  /** The name of a GitHub secret or variable. */
  | { readonly secretName: true };

/** What a kind may use of the stored cloud while it creates, changes or deletes. */
export interface CloudContext {
  readonly store: CloudStore;
  /** The time, as the API writes it. */
  readonly now: Date;
  /** What the provider is configured with. */
  readonly config: Properties;
  /** Whether a fault makes the command that this request runs end badly. */
  readonly fails: boolean;
  /** A UUID that depends on the seed and its purpose only. */
  uuid(...purpose: readonly (string | number)[]): string;
  /** Refuses as the API does: method and path, status, message. */
  refuse(request: string, status: number, message: string): never;
}

export interface Created {
  readonly id: string;
  readonly name: string;
  /** Computed outputs, and inputs that the API gives back otherwise than they were sent. */
  readonly outputs: Properties;
  /** What the cloud keeps beside them, which is no part of the resource. */
  readonly beside?: Properties;
}

/** A change that was taken, and taken back or stopped: the resource exists, but is not what was asked for. */
export class Unsettled extends Error {}

/** What makes a provider's resources real; the stored cloud is then the record of what exists. Throws in the words of what refuses. */
export interface Backing {
  /** Where everything is made, by the provider's own configuration. Called before anything else. */
  configure(config: Properties): void;
  /** The place, in words for the user. */
  readonly place: string;
  create(type: string, inputs: Properties): Promise<Created>;
  /** What is read back now; undefined: it is gone. */
  read(object: CloudObject): Promise<Properties | undefined>;
  /** Computed outputs after a change. */
  update(object: CloudObject, inputs: Properties): Promise<Properties>;
  /** What is gone already is no error. */
  delete(object: CloudObject): Promise<void>;
}

/**
 * What the published schema does not say about a resource type. Everything else (types, required, replacing and secret
 * properties) comes from its shapes file.
 *
 * Paths are Pulumi's with `[*]` for any element; `*` stands for any one property name.
 */
export interface ResourceKind {
  /** Words of the plugin's own errors: `Error creating VPC: …`. Empty: the API's alone. */
  readonly failed: { readonly create: string; readonly update: string; readonly delete: string; readonly read?: string };
  /** What the request looks like in an API error. */
  readonly request: { readonly collection: string };
  /** Arrays whose order means nothing. */
  readonly sets?: readonly string[];
  /** Inputs that the provider fills in when they are left out, and keeps. Top-level ones follow from the schema as well. */
  readonly computed?: readonly string[];
  /** Values that the plugin writes into the inputs when they are left out. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** What the plugin takes a missing input for without writing it into the inputs. */
  readonly absent?: Readonly<Record<string, unknown>>;
  /** What a field of a block reads back as when nobody set it, where it is not the zero of its type. */
  readonly unset?: Readonly<Record<string, unknown>>;
  /** Fields of blocks that a plan shows as deleted when they are left out; all others become what they are when nobody sets them. */
  readonly dropped?: readonly string[];
  /** Sets whose change is shown without its elements; whether these replace still counts. */
  readonly whole?: readonly string[];
  /**
   * Fields that every plan with a change shows as added, as long as nobody set them: the plugin cannot tell what they will be. In a
   * list (`rules[*].end`) only as long as nothing else of the list changes.
   */
  readonly unsettled?: readonly string[];
  /** Two inputs that exclude each other, with the plugin's own names for them. */
  readonly conflicts?: readonly (Place & { readonly with: Place })[];
  /** Inputs of which exactly one has to be given, each list by the plugin's order. */
  readonly exactlyOne?: readonly (readonly Place[])[];
  /** Inputs that are given all or not at all. */
  readonly together?: readonly (readonly Place[])[];
  /** Outputs that nobody can tell beforehand as soon as the input changes. */
  readonly recomputes?: Readonly<Record<string, readonly string[]>>;
  readonly rules?: Readonly<Record<string, Rule>>;
  /** Combinations that the plugin refuses before it plans; returns its words. The problem is with `length`, the one place it is used. */
  readonly refuseInputs?: (inputs: Properties) => string | undefined;
  /** Combinations that the plugin refuses while it plans; returns its words. */
  readonly refusePlan?: (inputs: Properties) => string | undefined;
  /** The form in which the API keeps a value; two values with one form are no change. */
  readonly canonical?: (path: string, value: unknown, inputs: Properties) => unknown;
  /** Throws by `refuse` where the API would. The object itself does not exist yet. */
  readonly create: (cloud: CloudContext, inputs: Properties, urn: string) => Created;
  /** Computed outputs after a change; the default keeps them all. */
  readonly update?: (cloud: CloudContext, object: CloudObject, inputs: Properties, prior: Properties) => Properties;
  /** What it reads back as where it is a part of another object, and nothing of its own is in the cloud. Undefined: it is gone. */
  readonly view?: (cloud: CloudContext, id: string, prior: Properties | undefined) => Properties | undefined;
  /** What a read brings of what the cloud holds, where that is not all of it. Without a state (`prior`) somebody imports. */
  readonly read?: (found: Properties, prior: Properties | undefined) => Properties;
  /** What else changes when somebody changes the object by hand. */
  readonly byHand?: (outputs: Properties, now: Date) => Properties;
  /** Throws by `refuse` where the API keeps an object that is in use; removes what goes with it. What it returns stays in its place. */
  readonly delete?: (cloud: CloudContext, object: CloudObject, prior: Properties) => Properties | void;
  /**
   * What a read of something that is gone does, where the plugin does not drop it from the state: it ends with an error, or finds this
   * in its place.
   */
  readonly gone?: "error" | ((prior: Properties) => Properties);
  /** A delete of something that is gone ends with an error. */
  readonly deletesOnce?: true;
  /** The id of what a user imports, where they have to write it otherwise than the plugin keeps it; undefined: not in that form. */
  readonly importId?: (written: string, cloud: CloudContext) => string | undefined;
  /** That form, in words. */
  readonly importForm?: string;
  /** Nothing that stands can be imported: what only the reply to the create holds is lost. */
  readonly withoutImport?: boolean;
  /** What a deployment needs after the object exists; a returned text is its failure. Only Apps deploy. */
  readonly deploys?: boolean;
  /** It runs a command, which a deployment fault makes end badly; the object is created all the same. */
  readonly runs?: boolean;
  /** What the cloud keeps where that is not what was sent: secrets, which it never gives back, and what is sent apart. `held` is what it has. */
  readonly seal?: (cloud: CloudContext, outputs: Properties, held: Properties | undefined) => Properties;
  /** Seconds that the plugin waits for a new one, and what it says then. It forgets the id, so what it made is in no state. */
  readonly waits?: { readonly seconds: number; readonly words: string };
  /** Requests that the API takes of one token in so many seconds, where that is less than for everything else. */
  readonly limit?: { readonly requests: number; readonly seconds: number };
  /** Which kind of plugin it is. One of the newer framework (random) holds nothing in the cloud, and each of its inputs replaces. */
  readonly provider?: "bridged" | "framework";
  /** The plugin keeps no id among the outputs. */
  readonly withoutId?: boolean;
}

/** An input, and what the plugin calls it. */
interface Place {
  readonly path: string;
  readonly own: string;
}

/** What the plugin answers when a program asks for something that stands. Arguments and answers are as the published schema has them. */
export interface Lookup {
  /** Words of the plugin's own error. */
  readonly failed: string;
  /** Throws by `refuse` where the API would. */
  readonly answer: (cloud: CloudContext, args: Properties) => Properties;
}

export type Lookups = Readonly<Record<string, Lookup>>;

export type Kinds = Readonly<Record<string, ResourceKind>>;

/** `spec.services[0].envs[2].type` → `spec.services[*].envs[*].type` */
export const pattern = (path: string): string => path.replaceAll(/\[\d+\]/g, "[*]");

/** Whether a concrete path is one of the patterns. */
export function matches(path: string, patterns: readonly string[] | undefined): boolean {
  if (!patterns) return false;
  const concrete = pattern(path);
  return patterns.some((one) => one === concrete || (one.includes(".*") && toExpression(one).test(concrete)));
}

const expressions = new Map<string, RegExp>();
function toExpression(one: string): RegExp {
  let expression = expressions.get(one);
  if (!expression) {
    const source = one
      .replaceAll(/[.[\]]/g, String.raw`\$&`)
      .replaceAll("*", "§")
      .replaceAll(String.raw`\[§\]`, String.raw`\[\*\]`)
      .replaceAll("§", "[^.[]+");
    expression = new RegExp(`^${source}$`);
    expressions.set(one, expression);
  }
  return expression;
}
