import { list, text } from "./rules.ts";

/** What a key of buckets may do, in one of them or, without a name, in all of the team's. */
export interface Grant {
  readonly bucket: unknown;
  readonly permission: unknown;
}

type Values = Readonly<Record<string, unknown>> | undefined;

const rights = ["read", "readwrite", "fullaccess"];

/** What nobody here knows counts as all. */
const levelOf = (permission: unknown): number => (rights.includes(text(permission)) ? rights.indexOf(text(permission)) : rights.length);

const grantsOf = (values: Values): Grant[] => list(values?.["grants"]).map(({ bucket = "", permission }) => ({ bucket, permission }));

const levelIn = (values: Values, bucket: unknown): number =>
  Math.max(
    -1,
    ...grantsOf(values)
      .filter((one) => text(one.bucket) === text(bucket) || one.bucket === "")
      .map(({ permission }) => levelOf(permission)),
  );

/** What the second lets its key do and the first does not. Pure. */
export const grantsBeyond = (first: Values, second: Values): Grant[] =>
  grantsOf(second).filter(({ bucket, permission }) => levelOf(permission) > levelIn(first, bucket));

/** `files: "read" → "readwrite"` */
export function grantWords(grants: readonly Grant[], before: Values, after: Values): string {
  const of = (values: Values, bucket: unknown): string => {
    const found = grantsOf(values).find((one) => text(one.bucket) === text(bucket));
    return found === undefined ? "nothing" : `"${text(found.permission)}"`;
  };
  return grants
    .map(({ bucket }) => `${bucket === "" ? "all buckets" : text(bucket)}: ${of(before, bucket)} → ${of(after, bucket)}`)
    .join("; ");
}
