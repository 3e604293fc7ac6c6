import { comes, goes, less, type PropertyRule, smaller, someOf, text } from "./rules.ts";

const major = (version: unknown): number => Number(/^\d+/.exec(text(version))?.[0] ?? Number.NaN);

const imageMajor = (image: unknown): string => /postgres:(\d+)/.exec(text(image))?.[1] ?? "";

/** What loses data, or may, though the resource stays. */
export const dataRules: readonly PropertyRule[] = [
  {
    name: "shrink",
    of: ["DatabaseCluster", "DatabaseReplica"],
    path: /^size$/,
    when: smaller,
    effect: "downtime",
    refused: true,
    says: "A cluster cannot shrink: the cloud refuses half way through the run, and with less memory it would slow down.",
  },
  {
    name: "resize",
    of: ["DatabaseCluster", "DatabaseReplica"],
    path: /^size$/,
    when: (change) => !smaller(change),
    effect: "downtime",
    says: "It moves to another machine: connections break off once, and are refused until the other one has taken over.",
  },
  {
    name: "upgrade",
    of: ["DatabaseCluster"],
    path: /^version$/,
    when: ({ from, to }) => major(to) > major(from),
    effect: "data loss",
    says: "A major version cannot be taken back, and the cluster restarts. Try it on a copy of the data first.",
  },
  {
    name: "downgrade",
    of: ["DatabaseCluster"],
    path: /^version$/,
    when: ({ from, to }) => major(to) < major(from),
    effect: "downtime",
    refused: true,
    says: "The cloud refuses an older version half way through the run.",
  },
  {
    name: "shrink-disk",
    of: ["DatabaseCluster"],
    path: /^storageSizeMib$/,
    when: less,
    effect: "downtime",
    refused: true,
    says: "A disk cannot shrink: the cloud refuses.",
  },
  {
    name: "no-growth",
    of: ["DatabaseCluster"],
    path: /^storageAutoscale\b/,
    when: goes,
    effect: "protection removed",
    says: "The disk does not grow by itself any more; a full one stops all writes.",
  },
  {
    name: "forget",
    of: ["DatabaseValkeyConfig"],
    path: /^persistence$/,
    when: ({ to }) => to === "off",
    effect: "data loss",
    says: "The contents are lost with each restart.",
  },
  {
    name: "unversion",
    of: ["SpacesBucket"],
    path: /^versioning\b/,
    when: ({ to }) => goes({ to }) || someOf(to, /"enabled":false/),
    effect: "protection removed",
    says: "What is overwritten or deleted cannot be brought back any more.",
  },
  {
    name: "force-destroy",
    of: ["SpacesBucket"],
    path: /^forceDestroy$/,
    when: ({ to }) => to === true,
    effect: "protection removed",
    says: "It may be deleted with all files in it.",
  },
  {
    name: "unmount",
    of: ["Service"],
    path: /^taskSpec\.containerSpec\.mounts(?:$|\[\d+\](?:$|\.(?:source|target)$))/,
    when: ({ from, to, path }) =>
      /\.(?:source|target)$/.test(path) ? from !== undefined : !comes({ to }) && someOf(from, /"type":"volume"/),
    effect: "data loss",
    says: "It starts without the data that lies on the volume, and writes somewhere else from then on.",
  },
  {
    name: "upgrade",
    of: ["Service"],
    path: /^taskSpec\.containerSpec\.image$/,
    when: ({ from, to }) => [from, to].every((image) => /postgres:\d/.test(text(image))) && imageMajor(from) !== imageMajor(to),
    effect: "data loss",
    says: "A server of another major version does not open the data that lies there. Dump it first, and load it into the new one.",
  },
];
