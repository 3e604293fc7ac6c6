import { closed } from "./policies.ts";
import { unreadable } from "./resources.ts";
import type { PropertyRule } from "./rules.ts";

/** What becomes of a bucket's files, and of those who come for them; that more of them may, is told among what opens something. */
export const bucketRules: readonly PropertyRule[] = [
  {
    name: "unpublish",
    of: ["SpacesBucketPolicy"],
    path: /^policy$/,
    when: ({ from, to }) => closed(from, to) !== "",
    effect: "downtime",
    says: unreadable,
    tell: ({ from, to }) => closed(from, to),
  },
];
