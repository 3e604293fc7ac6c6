/** The engine that is fetched, and the oldest that is accepted: the newest one that can also be built from its Go module. */
export const engineVersion = "3.259.0";
