import type { Looking } from "../../operations/comment/preview.ts";

/** What `ops comment` looks at where nothing more is asked for: no commit, no prices, nothing accepted, nobody who applies. */
export const plainly: Omit<Looking, "pulumi" | "atOnce"> = { commit: undefined, quote: undefined, accept: [], applied: () => undefined };
