import type { Finding, Property } from "./judge.ts";

interface Row {
  readonly types: RegExp;
  readonly path: string;
  readonly isOneWay: (expected: string, actual: string) => boolean;
  readonly why: string;
}

/** Memory of a node by its slug, which comes with so much disk. */
const memoryOf = (slug: string): number => Number(/(\d+)gb/.exec(slug)?.[1] ?? 0);
const numberOf = (text: string): number => Number.parseFloat(text.replaceAll('"', "")) || 0;

/** What the cloud lets grow and never takes back. */
const rows: readonly Row[] = [
  {
    types: /:Database(?:Cluster|Replica)$/,
    path: "size",
    isOneWay: (expected, actual) => memoryOf(actual) > memoryOf(expected),
    why: "the cloud takes no disk away",
  },
  {
    types: /:Database(?:Cluster|Replica)$/,
    path: "storageSizeMib",
    isOneWay: (expected, actual) => numberOf(actual) > numberOf(expected),
    why: "the cloud takes no disk away",
  },
  {
    types: /:DatabaseCluster$/,
    path: "version",
    isOneWay: (expected, actual) => numberOf(actual) > numberOf(expected),
    why: "an engine never goes back to an older version",
  },
];

/** Why a property cannot be what it was; undefined where it can. Pure. */
export const oneWay = (type: string, { path, expected, actual }: Property): string | undefined =>
  rows.find((row) => row.types.test(type) && row.path === path && row.isOneWay(expected, actual))?.why;

/** The same of all that differs in a finding: `size was "a" and is "b": …`; empty where all of it can. Pure. */
export const oneWays = ({ type, kind, properties }: Pick<Finding, "type" | "kind" | "properties">): string[] =>
  kind !== "changed"
    ? []
    : properties.flatMap((property) => {
        const why = oneWay(type, property);
        return why === undefined ? [] : [`${property.path} was ${property.expected} and is ${property.actual}: ${why}`];
      });
