import * as pulumi from "@pulumi/pulumi";
import type { CacheArgs, CacheServer } from "../cache.ts";
import { cacheProblems } from "./problems.ts";
import { known } from "./settings.ts";

/** Valkey's own image, by digest: the same bytes whenever and wherever they are pulled. */
const image = "valkey/valkey:8@sha256:81db6d39e1bba3b3ff32bd3a1b19a6d69690f94a3954ec131277b9a26b95b3aa";
const port = 6379;

/** Part of the memory for contents; the rest is for connections and for writing to disk. */
const contents = 0.75;

/** Valkey as a service of the platform, its data in a volume. Checks the options, and returns what registers the resources; undefined where they are refused. */
export function createStateful(name: string, args: CacheArgs): ((parent: pulumi.Resource, keepData: boolean) => CacheServer) | undefined {
  const { platform, size, eviction = "noeviction", persistence = "rdb", settings = {}, maintenance, allow } = args;
  const isRefused = platform.refuse(name, [
    ...cacheProblems(args),
    size.standby > 0 && "size.standby: one server keeps the contents on this platform. Ask for standby: 0.",
    maintenance !== undefined && "maintenance: nobody restarts a cache on this platform. Remove it.",
    allow !== undefined && "allow: nothing outside the platform's network reaches it here. Pass it only where platform.cloud is defined.",
  ]);
  if (isRefused) return undefined;
  const given = Object.entries(settings).filter(([, value]) => value !== "");
  const flags = Object.entries({
    // As the cloud does it: every ten minutes, if there was a change. Without a value, since the image splits the text at its spaces
    // and knows no quotes: followed by another flag, that means never.
    save: persistence === "rdb" ? " 600 1" : "",
    maxmemory: ` ${Math.floor(size.memory * contents)}mb`,
    "maxmemory-policy": ` ${eviction}`,
    ...Object.fromEntries(given.map(([option, value]) => [known[option as keyof typeof known].valkey, ` ${value}`])),
  });
  return (_parent, keepData) => {
    platform.addStateful({
      name,
      image,
      memory: size.memory,
      cpu: size.cpu,
      env: { VALKEY_EXTRA_FLAGS: flags.map(([flag, value]) => `--${flag}${value}`).join(" ") },
      secretFiles: {},
      data: { path: "/data", keep: keepData },
      health: ["sh", "-c", "valkey-cli ping | grep -q PONG"],
    });
    // No password: the image reads one from its command line only, and nothing but the stack's own services reaches it.
    return { id: undefined, host: pulumi.output(name), port: pulumi.output(port), scheme: "redis", login: undefined };
  };
}
