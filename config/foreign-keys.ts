/**
 * Keys of others that a stack file may hold, by namespace: Pulumi's own, and how patient a provider is. Everything else of theirs is a
 * credential, which belongs into the environment, or would lead resources somewhere else than the stack file's platform says.
 */
export const foreignKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ["pulumi", ["disable-default-providers", "tags", "autonaming"]],
  ["digitalocean", ["httpRetryMax", "httpRetryWaitMax", "httpRetryWaitMin", "requestsPerSecond"]],
  ["docker", []],
  ["github", []],
  ["random", []],
]);

/** Namespaces that may stand in a stack file. */
export const namespaces: readonly string[] = ["groundwork", ...foreignKeys.keys()];
