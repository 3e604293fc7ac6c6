import { corsBeyond } from "./cors.ts";
import { expiring } from "./lifecycle.ts";
import { closed } from "./policies.ts";
import { unreadable } from "./resources.ts";
import type { PropertyRule } from "./rules.ts";

/** What becomes of a bucket's files, and of those who come for them; that more of them may, is told among what opens something. */
export const bucketRules: readonly PropertyRule[] = [
  {
    name: "expire",
    of: ["SpacesBucket"],
    path: /^lifecycleRules\b/,
    when: (_, { before, after }) => expiring(before, after) !== "",
    effect: "data loss",
    says: "What lies there and is older goes as well, within a day.",
    tell: (_, { before, after }) => expiring(before, after),
  },
  {
    name: "unpublish",
    of: ["SpacesBucketPolicy"],
    path: /^policy$/,
    when: ({ from, to }) => closed(from, to) !== "",
    effect: "downtime",
    says: unreadable,
    tell: ({ from, to }) => closed(from, to),
  },
  {
    name: "uncors",
    of: ["SpacesBucketCorsConfiguration", "SpacesBucket"],
    path: /^corsRules\b/,
    when: (_, { before, after }) => corsBeyond(after, before) !== "",
    effect: "downtime",
    says: "Browsers keep pages of such a site from using it so.",
    tell: (_, { before, after }) => `no longer ${corsBeyond(after, before)}`,
  },
];
