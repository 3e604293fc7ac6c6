import type { Change, Plan, PlannedStep } from "../plan.ts";
import type { Effect } from "./resources.ts";

/** What of a plan a rule may look at beside its own step. */
export type Around = Pick<Plan, "steps"> & Partial<Pick<Plan, "before" | "after">>;

/** What a resource that is made has in it that hurts: the property, and what is said of its value. */
export type Made = readonly (readonly [path: string, value: string])[];

/** What hurts by a property, though no resource goes. */
export interface PropertyRule {
  /** By this it is accepted, with the type and the name behind it: `shrink:DatabaseCluster/database`. */
  readonly name: string;
  /** Types, by the last part of their token. */
  readonly of: readonly string[];
  readonly path: RegExp;
  readonly when: (change: Change, step: PlannedStep, around: Around) => boolean;
  readonly effect: Effect;
  readonly says: string;
  /** Production refuses it whatever its effect is, and staging warns. */
  readonly refused?: true;
  /** Any change brings it about: it is not told of one of which something as bad or worse is told. */
  readonly implied?: true;
  /** How it is said, where both values would say less. */
  readonly tell?: (change: Change, step: PlannedStep, around: Around) => string;
  /**
   * What of a resource that is made anew hurts in the same way, by its value alone: there is nothing to compare it with. Every rule about
   * exposure has it.
   */
  readonly made?: (after: Readonly<Record<string, unknown>>, step: PlannedStep, around: Around) => Made;
  /** What is made is told, and hurts nobody: it does what it is for. */
  readonly mild?: (step: PlannedStep) => boolean;
}

export const always = (): boolean => true;
export const goes = ({ to }: Pick<Change, "to">): boolean => to === undefined || to === null || to === false || to === "";
export const comes = ({ to }: Pick<Change, "to">): boolean => to !== undefined && to !== null;
export const text = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
export const less = ({ from, to }: Pick<Change, "from" | "to">): boolean => Number(to ?? 0) < Number(from ?? 0);
/** Elements of a list or one of them that were not there before. */
export const added = ({ from, to }: Pick<Change, "from" | "to">): boolean =>
  comes({ to }) && (!Array.isArray(to) || to.some((one) => !Array.isArray(from) || !from.some((other) => text(other) === text(one))));
export const someOf = (value: unknown, what: RegExp): boolean => what.test(text(value));
export const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter((one): one is Readonly<Record<string, unknown>> => typeof one === "object" && one !== null) : [];
/** One property, where it hurts. */
export const one = (path: string, value: unknown, hurts: boolean): Made => (hurts ? [[path, text(value)]] : []);

/** Memory in a size's slug, `db-s-1vcpu-2gb`, then vCPUs. */
const parts = (slug: unknown): [number, number] => {
  const [, cpus = "0", memory = "0"] = /-(\d+)vcpu-([\d.]+)gb/.exec(text(slug)) ?? [];
  return [Number(memory), Number(cpus)];
};
/** Whether less memory is asked for, or as much with fewer vCPUs. */
export const smaller = ({ from, to }: Pick<Change, "from" | "to">): boolean => {
  const [[memory, cpus], [less, fewer]] = [parts(from), parts(to)];
  return less < memory || (less === memory && fewer < cpus);
};

/** A service, worker, job or site of an App, as a whole. */
export const isProgram = (path: string): boolean => /^spec\.(?:services|workers|jobs|staticSites|functions)\[\d+\]$/.test(path);

interface Program {
  readonly name?: string;
  readonly instanceCount?: number;
  readonly autoscaling?: { readonly minInstanceCount: number };
}

/** The services or workers that a path is in, before or after, and its place among them. */
function programsAt(values: PlannedStep["after"], path: string): { programs: readonly Program[]; at: number } {
  const [, kind = "", at = ""] = /^spec\.(services|workers)\[(\d+)\]/.exec(path) ?? [];
  const programs = (values?.["spec"] as Readonly<Record<string, readonly Program[]>> | undefined)?.[kind];
  return { programs: programs ?? [], at: Number(at) };
}

const fewest = (program: Program | undefined): number => program?.autoscaling?.minInstanceCount ?? program?.instanceCount ?? 1;

/** How many instances of the program that a path is in will run at least. */
export function replicas({ after }: PlannedStep, path: string): number {
  const { programs, at } = programsAt(after, path);
  return fewest(programs[at]);
}

/** How many of it ran at least before. */
export function formerReplicas({ before, after }: PlannedStep, path: string): number {
  const { programs: now, at } = programsAt(after, path);
  const { programs } = programsAt(before, path);
  return fewest(programs.find(({ name }) => name === now[at]?.name) ?? programs[at]);
}

/** The hosts of the Apps that a plan leaves. */
export const hostsOf = ({ after = [] }: Around): string[] =>
  after
    .filter(({ token }) => token === "digitalocean:index/app:App")
    .flatMap(({ inputs }) => list((inputs["spec"] as Readonly<Record<string, unknown>> | undefined)?.["domainNames"]))
    .map(({ name }) => text(name));
