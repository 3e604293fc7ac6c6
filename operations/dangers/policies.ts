import { someOf, text } from "./rules.ts";

/** An action that everybody may do without a key, on what; both may have stars. */
interface Permission {
  readonly may: string;
  readonly on: string;
}

/** A bucket's policy: what it lets everybody do, and every other statement as it stands. */
interface Policy {
  readonly everybody: readonly Permission[];
  readonly others: readonly string[];
}

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : [text(value)]);

/** A statement with anything beside these, such as a condition, says more than is understood here. */
const understood = ["Sid", "Effect", "Principal", "Action", "Resource"];

const isPublic = (statement: Statement): boolean =>
  statement.Effect === "Allow" &&
  someOf(statement.Principal, /^\*$|"\*"/) &&
  statement.Action !== undefined &&
  statement.Resource !== undefined &&
  Object.keys(statement).every((key) => understood.includes(key));

/** Undefined: it cannot be read, since the run alone will know it. */
function read(policy: unknown): Policy | undefined {
  try {
    const { Statement: said = [] } = JSON.parse(text(policy)) as { Statement?: Statement | readonly Statement[] };
    const statements = Array.isArray(said) ? (said as readonly Statement[]) : [said as Statement];
    return {
      everybody: statements
        .filter(isPublic)
        .flatMap(({ Action: actions, Resource: resources }) =>
          texts(actions).flatMap((may) => texts(resources).map((on) => ({ may, on }))),
        ),
      others: statements
        .filter((one) => !isPublic(one))
        .map((one) => JSON.stringify(one))
        .sort(),
    };
  } catch {
    return undefined;
  }
}

/** Whether everything that fits the second pattern fits the first. */
export function covers(wide: string, narrow: string, flags = ""): boolean {
  const escaped = wide.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", "[^*]")}$`, `s${flags}`).test(narrow);
}

const isWithin = (one: Permission, other: Permission): boolean => covers(other.may, one.may, "i") && covers(other.on, one.on);

/** What the second policy lets everybody do and the first does not. */
function beyond(first: unknown, second: unknown): Permission[] {
  const known = read(first)?.everybody ?? [];
  return (read(second)?.everybody ?? []).filter((one) => !known.some((other) => isWithin(one, other)));
}

/** `s3:GetObject on arn:aws:s3:::files/img/*, arn:aws:s3:::files/public/*` */
const words = (permissions: readonly Permission[]): string =>
  [...Map.groupBy(permissions, ({ may }) => may)].map(([may, own]) => `${may} on ${own.map(({ on }) => on).join(", ")}`).join("; ");

/** What everybody may do by the second policy and not by the first, in words; empty: nothing. Pure. */
export function opened(first: unknown, second: unknown): string {
  const more = beyond(first, second);
  return more.length === 0 ? "" : `everybody may ${words(more)}`;
}

/** What everybody may do by the first policy and not by the second, with what of it stays; empty: nothing, or nobody knows. Pure. */
export function closed(first: unknown, second: unknown): string {
  const [next, lost] = [read(second), beyond(second, first)];
  if (next === undefined || lost.length === 0) return "";
  const stays = next.everybody.filter((one) => lost.some((other) => isWithin(one, other)));
  return `no longer for everybody: ${words(lost)}${stays.length === 0 ? "" : `; still: ${stays.map(({ on }) => on).join(", ")}`}`;
}

/** Whether the two differ in something that nobody here can weigh: what is denied, what others may, or a policy that the run alone will know. */
export function isUnclear(first: unknown, second: unknown): boolean {
  const [was, is] = [read(first), read(second)];
  return was === undefined || is === undefined || text(was.others) !== text(is.others);
}

/** What a policy lets everybody have, where it does nothing else; undefined: it does, or cannot be read. */
export function onlyPublic(policy: unknown): string | undefined {
  const { everybody = [], others = [] } = read(policy) ?? {};
  return everybody.length > 0 && others.length === 0 ? [...new Set(everybody.map(({ on }) => on))].join(", ") : undefined;
}
