import { docker } from "./closed-docker.ts";
import type { Closed } from "./closed-form.ts";
import { github } from "./closed-github.ts";

const others = "Another engine's: MySQL, MongoDB, Kafka and OpenSearch are no component.";
const tags = "Tags: the project and the names say whose something is; a firewall admits by tag what others have tagged.";
const placed = "The project: it is given its members, since this input replaces what it stands on.";

/** Inputs that no option reaches, on purpose, by the last part of the type's name. */
export const closed: Readonly<Record<string, readonly Closed[]>> = {
  App: [
    { reason: "The API's own answer; an App's addresses are not chosen.", inputs: ["dedicatedIps[].**"] },
    { reason: "How a look-up of the plugin pages; nobody would notice.", inputs: ["deploymentPerPage"] },
    { reason: placed, inputs: ["projectId"] },
    {
      reason: "GitLab and Bitbucket: sources are GitHub or a public git URL; anything else is built by its own CI into an image.",
      inputs: ["spec.*.gitlab.**", "spec.*.bitbucket.**"],
    },
    { reason: "Buildpacks find the language by themselves; a Dockerfile decides the rest.", inputs: ["spec.*.environmentSlug"] },
    { reason: "Serverless functions are no component of a system.", inputs: ["spec.functions[].**"] },
    {
      reason: "A dev database keeps nothing, and a managed one is a component of its own with a firewall.",
      inputs: ["spec.databases[].**"],
    },
    { reason: "Deprecated: routes and CORS belong to the ingress, which hosts fill.", inputs: ["spec.*.routes[].**", "spec.*.cors.**"] },
    { reason: "Deprecated in favour of domainNames.", inputs: ["spec.domains[]"] },
    {
      reason: "Tags move, so images are digests, and nothing deploys by itself.",
      inputs: ["spec.*.image.tag", "spec.*.image.deployOnPushes[].enabled"],
    },
    {
      reason: "DNS records are ours: App Platform's own would be in no diff. Wildcards would claim hosts that no one has named.",
      inputs: ["spec.domainNames[].zone", "spec.domainNames[].wildcard"],
    },
    { reason: "CORS by exact origins only.", inputs: ["spec.ingress.rules[].cors.allowOrigins.prefix"] },
    {
      reason: "Redirects go to a host over https; port and scheme would only undo that.",
      inputs: ["spec.ingress.rules[].redirect.port", "spec.ingress.rules[].redirect.scheme"],
    },
    {
      reason: "A header that only the App knows protects it behind somebody else's proxy; there is none.",
      inputs: ["spec.ingress.secureHeader.**"],
    },
    {
      reason: "Flags such as the base of buildpacks, which the platform gives to an App when it is made and raises by itself.",
      inputs: ["spec.features[]"],
    },
    { reason: "An alert that is switched off is left out instead.", inputs: ["spec.alerts[].disabled", "spec.*.alerts[].disabled"] },
    { reason: "Liveness needs one success, by the API's own rule.", inputs: ["spec.*.livenessHealthCheck.successThreshold"] },
  ],
  Cdn: [{ reason: "The certificate is named, since its id changes when it is renewed.", inputs: ["certificateId"] }],
  Certificate: [
    {
      reason: "Certificates are Let's Encrypt's, which renews them; an own one would put a private key into the state.",
      inputs: ["leafCertificate", "privateKey", "certificateChain"],
    },
  ],
  ContainerRegistry: [],
  DatabaseCluster: [
    { reason: others, inputs: ["sqlMode"] },
    { reason: tags, inputs: ["tags[]"] },
    { reason: placed, inputs: ["projectId"] },
  ],
  DatabaseConnectionPool: [],
  DatabaseDb: [],
  DatabaseFirewall: [{ reason: "The API's own.", inputs: ["rules[].uuid", "rules[].createdAt"] }],
  DatabasePostgresqlConfig: [
    {
      reason: "Can only ever be raised, or needs a restart that nobody sees; the size of the node decides them.",
      inputs: [
        "autovacuumFreezeMaxAge",
        "maxFilesPerProcess",
        "maxLocksPerTransaction",
        "maxLogicalReplicationWorkers",
        "maxPredLocksPerTransaction",
        "maxPreparedTransactions",
        "maxReplicationSlots",
        "maxStackDepth",
        "maxWalSenders",
        "maxWorkerProcesses",
      ],
    },
    {
      reason: "About writing to disk and to standby nodes, which the cloud runs.",
      inputs: [
        "bgwriterDelay",
        "bgwriterFlushAfter",
        "bgwriterLruMaxpages",
        "bgwriterLruMultiplier",
        "maxStandbyArchiveDelay",
        "maxStandbyStreamingDelay",
        "walSenderTimeout",
        "walWriterDelay",
      ],
    },
    { reason: "Pools have options of their own.", inputs: ["pgbouncers[].**"] },
    { reason: "Extensions that no system uses.", inputs: ["timescaledbs[].**", "pgPartmanBgwInterval", "pgPartmanBgwRole"] },
    { reason: "The form of log lines, which the cloud's own log reader expects.", inputs: ["logLinePrefix"] },
    {
      reason: "Bookkeeping of the server that costs and that nobody asked for.",
      inputs: ["trackActivityQuerySize", "trackCommitTimestamp"],
    },
  ],
  DatabaseReplica: [
    { reason: tags, inputs: ["tags[]"] },
    { reason: "As large as the primary's disk, which it has to hold.", inputs: ["storageSizeMib"] },
  ],
  DatabaseUser: [{ reason: others, inputs: ["mysqlAuthPlugin", "settings[].**"] }],
  DatabaseValkeyConfig: [
    { reason: "Who may do what inside: there is one user, and each system has a cache of its own.", inputs: ["aclChannelsDefault"] },
    { reason: "The cluster's own evictionPolicy is that, and the two would contradict each other.", inputs: ["valkeyMaxmemoryPolicy"] },
    {
      reason: "Fine tuning that the size of the node decides.",
      inputs: ["frequentSnapshots", "pubsubClientOutputBufferLimit", "valkeyActiveExpireEffort"],
    },
  ],
  DnsRecord: [],
  Domain: [{ reason: "Makes an A record that no state knows; records are resources of their own.", inputs: ["ipAddress"] }],
  MonitorAlert: [{ reason: tags, inputs: ["tags[]"] }],
  Project: [{ reason: "The team's default project is the team's.", inputs: ["isDefault"] }],
  ProjectResources: [],
  SpacesBucket: [
    { reason: "Deprecated: CORS is a resource of its own.", inputs: ["corsRules[].**"] },
    {
      reason: "Objects go after days; a date is over one day, and the marker is the provider's own business.",
      inputs: ["lifecycleRules[].expiration.date", "lifecycleRules[].expiration.expiredObjectDeleteMarker"],
    },
  ],
  SpacesBucketCorsConfiguration: [{ reason: "The API's own.", inputs: ["corsRules[].id"] }],
  SpacesBucketPolicy: [],
  SpacesKey: [],
  UptimeAlert: [],
  UptimeCheck: [{ reason: "A check that is switched off is left out instead.", inputs: ["enabled"] }],
  Vpc: [{ reason: "Says nothing that its name does not.", inputs: ["description"] }],
  RandomBytes: [],
  RandomId: [],
  RandomInteger: [],
  RandomPassword: [
    {
      reason: "Letters and digits, as many as are asked for: what is stricter has less chance in it.",
      inputs: ["lower", "upper", "number", "numeric", "minLower", "minUpper", "minNumeric", "minSpecial", "overrideSpecial"],
    },
  ],
  RandomString: [],
  RandomUuid: [],
  ...docker,
  ...github,
};
