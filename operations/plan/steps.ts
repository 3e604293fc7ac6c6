import { stripVTControlCharacters } from "node:util";
import { type Scrub, scrubber } from "../scrub.ts";
import { whereMoved } from "./moved.ts";
import type { SharedSecret } from "./shared.ts";
import {
  type Difference,
  differences,
  hasHidden,
  isUnknown,
  partsOfPath,
  reveal,
  type Secrets,
  showable,
  standing,
  valueAt,
  type Values,
} from "./values.ts";

/** One property that a run would change. */
export interface Change {
  /** As the engine writes it: `spec.services[0].instanceCount`. */
  readonly path: string;
  readonly kind: "add" | "update" | "delete";
  /** What stands there, as far as it may be shown. Undefined: nothing. */
  readonly from?: unknown;
  /** What comes there. Undefined: nothing. */
  readonly to?: unknown;
  /** One of them is a secret, or may be one. */
  readonly hidden: boolean;
  /** What comes there is only known by the run. */
  readonly computed: boolean;
  /** By this the resource is replaced. */
  readonly replaces: boolean;
}

/** One thing that a run would do. */
export interface PlannedStep {
  /** `create`, `update`, `delete`, `replace`, `import` …; a replacement is one step. */
  readonly op: string;
  readonly urn: string;
  /** `digitalocean:index/app:App` */
  readonly token: string;
  /** Last part of the token. */
  readonly type: string;
  readonly name: string;
  /** The component that it belongs to, by its name; its own name where it belongs to none. */
  readonly component: string;
  /** It stands in a cloud. A component only holds others together. */
  readonly custom: boolean;
  readonly changes: readonly Change[];
  /** The paths of the changes, in order. */
  readonly paths: readonly string[];
  /** Inputs before and after, as far as they may be shown; undefined: there is nothing. */
  readonly before?: Values;
  readonly after?: Values;
  /** Properties of those after that nobody asked for: the provider's defaults. */
  readonly defaults: readonly string[];
  /** The state refuses to delete it. */
  readonly protect: boolean;
  /** … and after the run. */
  readonly protectAfter: boolean;
  /** When it goes from the state, it stays in the cloud. */
  readonly retained: boolean;
  /** … and after the run. */
  readonly retainedAfter: boolean;
}

/** A resource with its inputs, as far as they may be shown. */
export interface PlannedResource {
  readonly token: string;
  readonly name: string;
  readonly component: string;
  readonly inputs: Values;
}

/** What a run would do. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** What loses its protection, or would not stay in the cloud any more. By itself that is no step. */
  readonly loosened: readonly PlannedStep[];
  /** Everything that the stack holds before and after. */
  readonly before: readonly PlannedResource[];
  readonly after: readonly PlannedResource[];
  /** Secrets that another stack has too, as far as anybody could look. */
  readonly shared?: readonly SharedSecret[];
  /** What the program says of the last deployment, where that did not come to serve: the run deploys again, whatever else it does. */
  readonly again?: string;
  /** Takes this stack's secrets out of a text. */
  readonly scrub: Scrub;
  /** The secrets themselves and where they stand, for whoever puts several stacks together. Never shown. */
  readonly secrets: ReadonlyMap<string, string>;
}

interface State {
  readonly type: string;
  readonly custom?: boolean;
  readonly inputs?: Values;
  readonly outputs?: Values;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: State;
  readonly newState?: State;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string; readonly inputDiff?: boolean }>> | null;
  readonly replaceReasons?: readonly string[] | null;
  readonly diffReasons?: readonly string[] | null;
}

/** What a preview or a refresh prints with `--json`. */
export interface Digest {
  readonly steps?: readonly Step[];
  readonly diagnostics?: readonly {
    readonly severity: string;
    readonly message: string;
    readonly prefix?: string;
    readonly urn?: string;
  }[];
}

/** What `pulumi stack export --show-secrets` prints. */
export interface FullState {
  readonly deployment: {
    readonly resources?: readonly (State & {
      readonly urn: string;
      readonly delete?: boolean;
      /** Why its last change failed. */
      readonly initErrors?: readonly string[];
    })[];
  };
}

/** What `pulumi preview --save-plan --show-secrets` writes. */
export interface FullPlan {
  readonly resourcePlans: Readonly<
    Record<
      string,
      { readonly goal?: { readonly inputDiff?: { readonly adds?: Values; readonly updates?: Values } }; readonly steps?: readonly string[] }
    >
  >;
}

/** What is known beside the preview itself, with secrets in the clear: in memory only. */
export interface Clear {
  readonly state?: FullState | undefined;
  readonly plan?: FullPlan | undefined;
}

/** A preview prints one JSON document, with words of plugins before it at times. */
export function parseDigest(text: string): Digest | undefined {
  try {
    return JSON.parse(text.slice(text.indexOf("{"))) as Digest;
  } catch {
    return undefined;
  }
}

/** By the program's own words, of which each run says them once. */
const againIn = ({ diagnostics = [] }: Digest): string | undefined =>
  diagnostics
    .filter(({ severity }) => severity === "warning")
    .map(({ message }) =>
      stripVTControlCharacters(message.replaceAll(/<\{%.*?%\}>/g, ""))
        .replace(/^warning: /, "")
        .trim(),
    )
    .find((message) => message.startsWith("The last deployment did not come to serve"));

/** What does nothing by itself. The parts of a replacement are told as one. */
const silent = new Set(["same", "refresh", "read", "create-replacement", "delete-replaced", "discard-replaced", "remove-pending-replace"]);

/** What a preview or a refresh would do, with values as far as `clear` tells them. Pure. Throws where the text is not Pulumi's. */
export function readPlan(stdout: string, clear: Clear = {}): Plan {
  const digest = parseDigest(stdout);
  if (digest === undefined) throw new Error("Pulumi ended well, and what it printed is not its JSON");
  const secrets: Secrets = new Map();
  const held = new Map<string, Held>();
  for (const { urn, type, custom, parent, inputs = {}, outputs = {}, ...resource } of clear.state?.deployment.resources ?? []) {
    const shown = { inputs: showable(type, inputs, secrets), outputs: showable(type, outputs, secrets) };
    // What a broken-off replacement left to be deleted stands beside its successor, under the same name.
    if (resource.delete !== true)
      held.set(urn, { type, custom, parent, ...shown, full: inputs, isFailed: (resource.initErrors ?? []).length > 0 });
  }
  const all = digest.steps ?? [];
  const parents: Parents = new Map<string, { readonly parent?: string | undefined } | undefined>([
    ...held,
    ...all.map((step) => [step.urn, step.newState ?? step.oldState] as const),
  ]);
  const told = all.map((step) => ({ step, ...valuesOf(step, held, clear.plan, secrets) }));

  const before = new Map([...held].map(([urn, { type, custom, inputs }]) => [urn, { type, custom, inputs }]));
  for (const { step, before: inputs } of told)
    if (inputs && step.oldState) before.set(step.urn, { type: step.oldState.type, custom: step.oldState.custom, inputs });
  const after = new Map(before);
  for (const { step, after: inputs } of told) {
    if (step.op === "delete") after.delete(step.urn);
    else if (inputs && step.newState) after.set(step.urn, { type: step.newState.type, custom: step.newState.custom, inputs });
  }
  const list = (resources: ReadonlyMap<string, Pick<Held, "type" | "custom" | "inputs">>): PlannedResource[] =>
    [...resources]
      .filter(([, { type, custom }]) => custom === true && !type.startsWith("pulumi:"))
      .map(([urn, { type, inputs }]) => ({ token: type, name: nameOf(urn), component: componentOf(urn, parents), inputs }));
  const read = told.map(({ step, ...values }) => readStep(step, values, parents));
  const steps = read.filter(({ op }) => !silent.has(op));
  const loosened = read.filter(
    ({ op, protect, protectAfter, retained, retainedAfter }) =>
      /^(?:same|update|replace)$/.test(op) && ((protect && !protectAfter) || (retained && !retainedAfter)),
  );
  const scrub = scrubber(secrets.keys());
  const again = againIn(digest);
  return {
    steps,
    loosened,
    before: list(before),
    after: list(after),
    ...(again === undefined ? {} : { again: scrub(again) }),
    scrub,
    secrets,
  };
}

/** A resource of the state. */
interface Held {
  readonly type: string;
  readonly custom: boolean | undefined;
  readonly parent: string | undefined;
  /** As far as they may be shown. */
  readonly inputs: Values;
  readonly outputs: Values;
  /** The inputs with all secrets. */
  readonly full: Values;
  /** Its last change failed, so that its inputs are those of before. */
  readonly isFailed: boolean;
}

interface BeforeAndAfter {
  readonly before: Values | undefined;
  readonly after: Values | undefined;
  /** What nobody set and the provider filled in stands among the outputs only. */
  readonly filled: Values | undefined;
}

function valuesOf(
  { urn, oldState, newState, detailedDiff, diffReasons }: Step,
  held: ReadonlyMap<string, Held>,
  plan: FullPlan | undefined,
  secrets: Secrets,
): BeforeAndAfter {
  const type = (newState ?? oldState)?.type ?? "";
  const { full, isFailed = false, outputs } = held.get(urn) ?? {};
  const diff = plan?.resourcePlans[urn]?.goal?.inputDiff;
  // Without a plan nobody knows what comes in the place of what differs: that is not what stands there.
  const differs =
    plan === undefined ? [...Object.keys(detailedDiff ?? {}), ...(diffReasons ?? [])].map((path) => partsOfPath(path)[0]) : [];
  const kept = Object.fromEntries(Object.entries(full ?? {}).filter(([key]) => !differs.includes(key)));
  const asked = oldState && (reveal(type, oldState.inputs ?? {}, full, secrets) as Values);
  return {
    before: asked && isFailed ? (standing(asked, outputs) as Values) : asked,
    after: newState && (reveal(type, newState.inputs ?? {}, { ...kept, ...diff?.adds, ...diff?.updates }, secrets) as Values),
    filled: outputs ?? oldState?.outputs,
  };
}

function readStep(
  { op, urn, oldState, newState, ...diff }: Step,
  { before, after, filled }: BeforeAndAfter,
  parents: Parents,
): PlannedStep {
  const type = (newState ?? oldState)?.type ?? urn.split("::")[2]?.split("$").at(-1) ?? "";
  // Without a detailed diff the engine still knows which properties differ.
  const detail = diff.detailedDiff ?? Object.fromEntries((diff.diffReasons ?? []).map((path) => [path, { kind: "update" }]));
  const where = whereMoved(Object.keys(detail), before, after);
  const places = Map.groupBy(Object.entries(detail), ([path]) => where(path));
  const found = [...places]
    .flatMap(([path, told]): Change[] => {
      const kind = told.length === 1 ? (told[0]?.[1].kind ?? "update") : "update";
      const isBy = ([one, { kind }]: (typeof told)[number]): boolean =>
        kind.endsWith("-replace") || (op === "replace" && (diff.replaceReasons ?? []).includes(one));
      const [from, to] = [valueAt(before, path) ?? valueAt(filled, path), valueAt(after, path)];
      const replaces = told.some(isBy);
      const single = differences(from, to, path);
      // The engine knows of a difference that the values do not show.
      return (single.length > 0 ? single : [{ path, from, to }]).map((one) => changeOf(one, kind.replace("-replace", ""), replaces));
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  // A provider's own, which nobody asks for and nothing shows: it comes along with whatever else differs (a Docker service's `sysctl`).
  const shown = found.filter(({ from, to, replaces }) => replaces || from !== undefined || to !== undefined);
  const changes = shown.length > 0 ? shown : found;
  return {
    op,
    urn,
    token: type,
    type: type.split(/[$:]/).at(-1) ?? "",
    name: nameOf(urn),
    component: componentOf(urn, parents),
    // A refresh names types only; those of components have no provider in front.
    custom: (newState ?? oldState)?.custom ?? !/^(?:groundwork|pulumi):/.test(type),
    changes,
    paths: changes.map(({ path }) => path),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    defaults: defaultsOf(newState?.inputs),
    protect: oldState?.protect ?? false,
    protectAfter: newState?.protect ?? false,
    retained: oldState?.retainOnDelete ?? false,
    retainedAfter: newState?.retainOnDelete ?? false,
  };
}

/** The engine keeps the names of what a provider filled in beside the rest. */
const defaultsOf = (inputs: Values = {}): string[] => {
  const { __defaults: names } = inputs;
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
};

function changeOf({ path, from, to }: Difference, said: string, replaces: boolean): Change {
  const kind =
    from === undefined && to !== undefined ? "add" : to === undefined && from !== undefined ? "delete" : (said as Change["kind"]);
  return {
    path,
    kind,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    hidden: hasHidden(from) || hasHidden(to),
    computed: isUnknown(to),
    replaces,
  };
}

type Parents = ReadonlyMap<string, { readonly parent?: string | undefined } | undefined>;

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** The nearest component above. A resource may have another one as its parent, and that one a component. */
function componentOf(urn: string, parents: Parents): string {
  let last = urn;
  for (let parent = parents.get(urn)?.parent; parent !== undefined; parent = parents.get(parent)?.parent) {
    const token = parent.split("::")[2]?.split("$").at(-1) ?? "";
    if (token === "pulumi:pulumi:Stack") break;
    if (token.startsWith("groundwork:")) return nameOf(parent);
    last = parent;
  }
  return nameOf(last);
}
