import { oneOf } from "../../config/checks.ts";
import { keepDemand, standbyDemand } from "../../platforms/demands.ts";
import type { Problems } from "../../platforms/gather.ts";
import type { CacheArgs } from "../cache.ts";
import { maintenanceProblems, sizeProblems } from "../database/resolve.ts";
import { settingProblems } from "./settings.ts";

const evictions = ["noeviction", "allkeys-lru", "allkeys-random", "volatile-lru", "volatile-random", "volatile-ttl"];

/** What is wrong with a cache wherever it stands. */
export function cacheProblems(args: CacheArgs): Problems {
  const { platform, version, size, eviction, persistence, settings = {}, maintenance, keepData } = args;
  return [
    oneOf("version", version, ["8"]),
    ...sizeProblems(size, 1),
    oneOf("eviction", eviction, evictions),
    oneOf("persistence", persistence, ["rdb", "off"]),
    ...settingProblems(settings),
    ...maintenanceProblems(maintenance),
    standbyDemand(platform, size.standby),
    // Without persistence there is nothing to keep.
    persistence !== "off" && keepDemand(platform, keepData),
  ];
}
