import type { Pace } from "../../../operations/github/client.ts";

/** A client that waits for hundredths of seconds. */
export const hurried: Pace = { second: 10, timeout: 2000, spaced: false };
