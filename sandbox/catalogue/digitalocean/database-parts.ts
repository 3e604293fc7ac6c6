import type { CloudContext, Kinds, ResourceKind } from "../kind.ts";
import type { Properties } from "../../cloud/store.ts";
import { connection, memory, owner, password } from "./database.ts";
import { text } from "../values.ts";
import { databaseSize, datacenters, mustExist, notEmpty, pair, types } from "./common.ts";

const api = "https://api.digitalocean.com/v2/databases";

/** Settings of an engine: the cluster has them, a delete only forgets them, and what nobody set reads back as the recordings show it. */
const settings = (engine: string, title: string, unset: Properties): ResourceKind => ({
  failed: { create: `Error updating ${title} configuration`, update: `Error updating ${title} configuration`, delete: "" },
  request: { collection: "/v2/databases/{clusterId}/config" },
  rules: { clusterId: notEmpty },
  create(cloud, inputs) {
    const cluster = owner(cloud, inputs, "config");
    if (cluster.outputs.engine !== engine) cloud.refuse(`PATCH ${api}/${cluster.id}/config`, 422, "invalid config for this engine");
    const open = Object.entries(unset).filter(([name]) => inputs[name] === undefined || inputs[name] === null);
    return { id: `${cluster.id}/${title}-config`, name: cluster.name, outputs: Object.fromEntries(open) };
  },
});

const zeros = (value: unknown, names: string): Properties => Object.fromEntries(names.split(/\s+/).map((name) => [name, value]));

export const databaseParts: Kinds = {
  [types.postgresqlConfig]: settings("pg", "postgresql", {
    ...zeros(
      0,
      `autovacuumAnalyzeScaleFactor autovacuumAnalyzeThreshold autovacuumFreezeMaxAge autovacuumMaxWorkers autovacuumNaptime
       autovacuumVacuumCostDelay autovacuumVacuumCostLimit autovacuumVacuumScaleFactor autovacuumVacuumThreshold bgwriterDelay
       bgwriterFlushAfter bgwriterLruMaxpages bgwriterLruMultiplier deadlockTimeout idleInTransactionSessionTimeout
       logAutovacuumMinDuration logMinDurationStatement maxFilesPerProcess maxLocksPerTransaction maxLogicalReplicationWorkers
       maxParallelWorkers maxParallelWorkersPerGather maxPredLocksPerTransaction maxPreparedTransactions maxReplicationSlots
       maxStackDepth maxStandbyArchiveDelay maxStandbyStreamingDelay maxWalSenders maxWorkerProcesses pgPartmanBgwInterval
       tempFileLimit trackActivityQuerySize walSenderTimeout walWriterDelay`,
    ),
    ...zeros(
      "",
      `defaultToastCompression logErrorVerbosity logLinePrefix pgPartmanBgwRole pgStatStatementsTrack timezone trackCommitTimestamp
       trackFunctions trackIoTiming`,
    ),
    backupHour: 3,
    backupMinute: 0,
    jit: false,
    pgbouncers: null,
    sharedBuffersPercentage: 41.5,
    timescaledbs: null,
    workMem: 4,
  }),
  [types.valkeyConfig]: settings("valkey", "valkey", {
    ...zeros(0, "ioThreads lfuDecayTime lfuLogFactor numberOfDatabases pubsubClientOutputBufferLimit timeout"),
    ...zeros("", "aclChannelsDefault notifyKeyspaceEvents valkeyMaxmemoryPolicy"),
    frequentSnapshots: null,
    persistence: "rdb",
    ssl: true,
    valkeyActiveExpireEffort: null,
  }),
  [types.databaseReplica]: {
    failed: {
      create: "Error creating DatabaseReplica",
      update: "Error resizing database replica",
      delete: "Error deleting DatabaseReplica",
    },
    request: { collection: "/v2/databases/{clusterId}/replicas" },
    sets: ["tags"],
    importId: (written) => pair(written)?.join("/replicas/"),
    rules: { name: notEmpty, clusterId: notEmpty, privateNetworkUuid: notEmpty },
    create(cloud, inputs) {
      const cluster = owner(cloud, inputs, "replicas");
      const request = `POST ${api}/${cluster.id}/replicas`;
      const id = `${cluster.id}/replicas/${String(inputs.name)}`;
      if (cluster.outputs.engine === "valkey") cloud.refuse(request, 422, "read-only replicas are not available for this engine");
      if (cloud.store.get(types.databaseReplica, id)) cloud.refuse(request, 422, "replica name is not available");
      const region = String(inputs.region ?? cluster.outputs.region);
      if (!datacenters.includes(region)) cloud.refuse(request, 422, "invalid region");
      const size = inputs.size ?? cluster.outputs.size;
      refuseSize(cloud, request, size, cluster.outputs.size);
      refuseNetwork(cloud, request, inputs.privateNetworkUuid, region);
      const host = `${String(inputs.name)}-${String(cluster.outputs.host)}`;
      const secret = password(cloud, id);
      const parts = [cluster.outputs.user, secret, cluster.outputs.database] as const;
      return {
        id,
        name: String(inputs.name),
        outputs: {
          database: cluster.outputs.database,
          host,
          password: secret,
          port: cluster.outputs.port,
          privateHost: `private-${host}`,
          privateNetworkUuid: inputs.privateNetworkUuid ?? cloud.uuid("default vpc", region),
          privateUri: connection(cluster.outputs, `private-${host}`, ...parts),
          storageSizeMib: inputs.storageSizeMib ?? "10240",
          uri: connection(cluster.outputs, host, ...parts),
          user: cluster.outputs.user,
          uuid: cloud.uuid("replica", id, cloud.store.next(id)),
        },
      };
    },
    delete(cloud, { outputs }) {
      for (const { type, id, outputs: own } of cloud.store.list(types.databaseFirewall))
        if (own.clusterId === outputs.uuid) cloud.store.remove(type, id);
    },
    update(cloud, object, inputs, prior) {
      refuseSize(cloud, `PUT ${api}/${String(object.outputs.uuid)}/resize`, inputs.size, prior.size);
      return {};
    },
  },
};

function refuseNetwork(cloud: CloudContext, request: string, id: unknown, region: string): void {
  if (id === undefined) return;
  const vpc = mustExist(cloud, types.vpc, id, request, "private network could not be found");
  if (vpc.outputs.region !== region) cloud.refuse(request, 422, "replica region must match VPC region");
}

function refuseSize(cloud: CloudContext, request: string, size: unknown, least: unknown): void {
  if (size === undefined) return;
  if (!databaseSize.test(text(size))) cloud.refuse(request, 422, "invalid size");
  if (memory(size) < memory(least)) cloud.refuse(request, 422, "cluster storage can not be reduced");
}
