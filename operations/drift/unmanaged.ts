import { parseDocument } from "yaml";
import { listStacks } from "../backend.ts";
import type { Pulumi } from "../pulumi.ts";
import { type ExportedState, readExport } from "../stack-state.ts";
import { familiesOf } from "../token-scopes.ts";
import { type Account, allFamilies, listed, records, type Thing } from "./account.ts";
import type { Look } from "./copy.ts";
import { bare } from "./held.ts";

/** Something that stands in the cloud, and in no stack's state. No drift: nobody says that it must not be there. */
export interface Unmanaged {
  /** In one word: `droplet`. */
  readonly kind: string;
  readonly id: string;
  /** Empty where only the project tells of it. */
  readonly name: string;
  /** Why it is told of: it is in the stack's own project, is called like what the stack makes, or leads below its domain; or all was asked for. */
  readonly where: "project" | "name" | "host" | "account";
}

/** What the states of a system manage, by the clouds' names. */
export interface Managed {
  /** The system: the Pulumi project. */
  readonly system: string;
  /** Every stack that the backend knows, with its domain where it has one. */
  readonly stacks: readonly { readonly name: string; readonly domain?: string }[];
  readonly states: readonly ExportedState[];
  /** Stacks whose state cannot be read. */
  readonly unread: readonly string[];
}

/** Reads the state of each stack, once for all looks of a run. No passphrase is needed. @param domainOf By the stack's file. */
export async function managedBy(
  pulumi: Pick<Pulumi, "capture">,
  system: string,
  domainOf: (stack: string) => string | undefined,
): Promise<Managed> {
  const names = (await listStacks(pulumi)).map(({ name }) => name);
  const read = await Promise.all(names.map((name) => readExport(pulumi, name).catch(() => name)));
  return {
    system,
    stacks: names
      .map((name) => ({ name, domain: domainOf(name) }))
      .map(({ name, domain }) => (domain === undefined ? { name } : { name, domain })),
    states: read.flatMap((one) => (typeof one === "string" ? [] : one)),
    unread: read.filter((one) => typeof one === "string"),
  };
}

/** The domain that a stack file names. Pure. */
export function domainIn(text: string): string | undefined {
  const domain: unknown = parseDocument(text).getIn(["config", "groundwork:domain"]);
  return typeof domain === "string" ? domain : undefined;
}

/** What is asked of the account for a stack. */
export interface Asking {
  readonly stack: string;
  readonly managed: Managed;
  readonly account: Account;
  /** All that the token sees, not only what belongs to the stack. */
  readonly isAll: boolean;
}

/** What no stack manages, and what could not be told, in whole sentences. */
export interface Beside {
  readonly unmanaged: readonly Unmanaged[];
  readonly notes: readonly string[];
}

/** Looks for what no stack manages. Kinds that the stack does not consist of are only asked for with all: its token need not reach them. */
export async function besideOf(look: Look, { stack, managed, account, isAll }: Asking): Promise<Beside> {
  const types = look.expected.map(({ type }) => type);
  const families = isAll ? allFamilies : familiesOf(types);
  if (families.length === 0) return { unmanaged: [], notes: [] };
  const { things, unseen } = await account.list(families, zonesOf(look));
  const found = unmanagedOf(look, { stack, managed, things, isAll });
  const hidden = isAll && unseen.length > 0 ? [`Not listed: ${unseen.join("; ")}.`] : [];
  // Somebody cleans up by this list, so nothing is on it that a state may hold which nobody has read. The stack's own was read by the look.
  const unread = managed.unread.filter((name) => name !== stack);
  if (unread.length === 0 || found.length === 0) return { unmanaged: found, notes: hidden };
  const states = unread.length === 1 ? "the state" : "the states";
  return {
    unmanaged: [],
    notes: [`${notTold}: ${states} of ${unread.join(", ")} cannot be read, and may hold it. Look again.`, ...hidden],
  };
}

const notTold = "What is in no state is not told";

/** The same where it is not known which stacks there are: nothing is known to be nobody's. */
export const withoutStacks = (): Beside => ({
  unmanaged: [],
  notes: [`${notTold}: the stacks cannot be listed, and one of them may hold it. Look again.`],
});

/** The zones that hold the stack's records. */
const zonesOf = ({ expected }: Look): string[] => [
  ...new Set(
    expected.flatMap(({ type, outputs }) => {
      const field = type.endsWith(":DnsRecord") ? "domain" : type.endsWith(":Domain") ? "name" : undefined;
      const zone = field === undefined ? undefined : bare(outputs[field]);
      return typeof zone === "string" ? [zone] : [];
    }),
  ),
];

/** Records that lead visitors somewhere; those of mail and proofs are everybody's. */
const leading = new Set(["A", "AAAA", "CNAME"]);

/** What is the cloud's own business in every zone. */
const isOfZone = ({ record, name }: Thing, zones: readonly string[]): boolean =>
  record === "SOA" || (record === "NS" && zones.includes(name));

/** Which things no state holds and belong to a stack, as far as that is to be told. Pure. */
export function unmanagedOf(
  look: Pick<Look, "expected" | "actual">,
  { stack, managed, things, isAll }: Pick<Asking, "stack" | "managed" | "isAll"> & { readonly things: readonly Thing[] },
): Unmanaged[] {
  const { system, stacks } = managed;
  const states = [...managed.states, ...look.expected];
  const typeOf = new Map([...listed, records("")].map(({ kind, type }) => [kind, type]));
  const held = new Set(
    states.flatMap(({ type, id, outputs }) => [
      ...(id === undefined ? [] : [`${lastOf(type)} ${id}`]),
      ...idsIn(type, bare(outputs) as Outputs),
    ]),
  );
  const members = unmanagedIn(look, managed.states);
  const zones = things.filter(({ kind }) => kind === "domain").map(({ name }) => name);
  const own = ({ name }: Thing): boolean =>
    longest(
      stacks.map((one) => `${system}-${one.name}`),
      (prefix) => isCalled(name, prefix),
    ) === `${system}-${stack}`;
  const domain = stacks.find(({ name }) => name === stack)?.domain;
  const leadsHere = ({ name, record = "" }: Thing): boolean =>
    domain !== undefined &&
    leading.has(record) &&
    longest(
      stacks.flatMap((one) => one.domain ?? []),
      (below) => isBelow(name, below),
    ) === domain;
  const free = things.filter(
    (thing) => !held.has(`${typeOf.get(thing.kind)} ${thing.id}`) && !(thing.urn !== undefined && held.has(thing.urn)),
  );
  const whereOf = (thing: Thing): Unmanaged["where"] | undefined => {
    if (thing.urn !== undefined && members.includes(thing.urn)) return "project";
    if (thing.record !== undefined) return leadsHere(thing) ? "host" : isAll && !isOfZone(thing, zones) ? "account" : undefined;
    return own(thing) ? "name" : isAll ? "account" : undefined;
  };
  const told = free.flatMap((thing): Unmanaged[] => {
    const where = whereOf(thing);
    const { kind, id, name, record } = thing;
    return where === undefined ? [] : [{ kind: record === undefined ? kind : `${record} ${kind}`, id, name, where }];
  });
  const urns = new Set(free.flatMap(({ urn }) => urn ?? []));
  const rest = members.filter((urn) => !urns.has(urn)).map((urn): Unmanaged => ({ ...byUrn(urn), name: "", where: "project" }));
  const order = ["project", "name", "host", "account"];
  const key = ({ where, kind, name, id }: Unmanaged): string => [order.indexOf(where), kind, name, id].join(" ");
  return [...told, ...rest].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What is in a stack's own project, by the cloud's names, and that no state holds. Pure. */
function unmanagedIn(
  { expected, actual }: Pick<Look, "expected" | "actual">,
  states: readonly Pick<ExportedState, "type" | "outputs">[],
): string[] {
  const isProject = ({ type }: { readonly type: string }): boolean => type.endsWith(":Project");
  const outputs = [...expected, ...states].filter((one) => !isProject(one)).map((one) => one.outputs);
  const held = new Set(outputs.flatMap((one) => namesIn(bare(one))));
  return expected
    .filter(isProject)
    .flatMap(({ urn }) => listOf(actual.get(urn)?.outputs["resources"]))
    .filter((name) => !held.has(name));
}

/** The same where nobody is asked what it is called. Pure. */
export const membersOnly = (look: Pick<Look, "expected" | "actual">): Unmanaged[] =>
  unmanagedIn(look, [])
    .sort()
    .map((urn) => ({ ...byUrn(urn), name: "", where: "project" }));

/** `do:droplet:4711` */
function byUrn(urn: string): { readonly kind: string; readonly id: string } {
  const [, word = "", ...id] = urn.split(":");
  return { kind: listed.find((one) => one.urn === word)?.kind ?? word, id: id.join(":") };
}

const lastOf = (type: string): string => type.split(":").at(-1) ?? "";

type Outputs = ExportedState["outputs"];

/** By what else a resource is known than by its id. */
const idsIn = (type: string, outputs: Outputs): string[] => [
  ...namesIn(outputs),
  ...["uuid", "name"].flatMap((field) =>
    typeof outputs[field] === "string" && /:(?:Certificate|SpacesKey)$/.test(type) ? [`${lastOf(type)} ${outputs[field]}`] : [],
  ),
];

/** The cloud's names of all that outputs hold. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(namesIn);
  return typeof value === "string" && /^do:[a-z_]+:\S+$/.test(value) ? [value] : [];
}

const listOf = (value: unknown): string[] => {
  const all = bare(value);
  return Array.isArray(all) ? all.filter((one) => typeof one === "string") : [];
};

const isCalled = (name: string, prefix: string): boolean => name === prefix || name.startsWith(`${prefix}-`);
const isBelow = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** `template-staging-eu-x` belongs to the stack staging-eu, where there is one, and not to staging. */
const longest = (all: readonly string[], fits: (one: string) => boolean): string | undefined =>
  all.filter(fits).sort((a, b) => b.length - a.length)[0];

/** `droplet web-1 (4711)` */
export const thingText = ({ kind, name, id }: Unmanaged): string =>
  name === "" || name === id ? `${kind} ${id}` : `${kind} ${name} (${id})`;

/** What the places are called. */
export const placeWords: Readonly<Record<Unmanaged["where"], string>> = {
  project: "in its project",
  name: "called like what it makes",
  host: "below its domain",
  account: "elsewhere in the account",
};
