import type { StackOptions } from "./stack-options.ts";

interface Place {
  /** Last part of the type's token. */
  readonly type: RegExp;
  readonly path: RegExp;
  /** Option of the component, as the system's file has it; or, where it begins with `groundwork:`, of the stack file. */
  readonly option?: string;
  /** What is said instead. */
  readonly why?: string;
}

const digest = "an image is deployed, not written down: pass its digest in GROUNDWORK_IMAGES to a deploy, if it is meant to serve";
const secret = "a secret is never read back: only the program can give a new one";
const ours = "the program makes the name, of those of the system and the stack";
const whole = "nothing of the program says it, and each deployment sends the whole description";
/** Where several resources follow one option, adopting one of them would change the others. */
const forAll = (option: string): string => `${option} says it for all of them at once: set it there, and deploy`;

/**
 * Where a property is said that no option of the stack file can say for it alone. The first row that fits counts. What is in none is told by the
 * component that the resource belongs to.
 */
export const places: readonly Place[] = [
  { type: /^App$/, path: /registryCredentials|(?:token|apiKey|password)$/, why: secret },
  { type: /^App$/, path: /\.image\./, why: digest },
  { type: /^App$/, path: /\]\.alerts\[.*destinations|^spec\.alerts\[.*destinations/, option: "groundwork:alerts" },
  { type: /^App$/, path: /logDestinations/, option: "groundwork:logs" },
  { type: /^App$/, path: /^spec\.alerts/, option: "events" },
  { type: /^App$/, path: /\]\.alerts/, option: "alerts" },
  { type: /^App$/, path: /\.httpPort$/, option: "port" },
  { type: /^App$/, path: /\.internalPorts/, option: "internalPorts" },
  { type: /^App$/, path: /\.(?:healthCheck|livenessHealthCheck)/, option: "health" },
  { type: /^App$/, path: /\.termination\.drainSeconds/, option: "drainSeconds" },
  { type: /^App$/, path: /\.termination/, option: "graceSeconds" },
  { type: /^App$/, path: /\.runCommand$/, option: "command" },
  { type: /^App$/, path: /\.envs\[.*scope$/, option: "env" },
  { type: /^App$/, path: /^spec\.domainNames/, option: "hosts" },
  { type: /^App$/, path: /^spec\.ingress/, option: "hosts" },
  { type: /^App$/, path: /^spec\.region$/, option: "groundwork:platform" },
  { type: /^App$/, path: /^spec\.name$/, why: ours },
  {
    type: /^App$/,
    path: /^spec\.(?:jobs|services|workers|staticSites)\[[^\]]*\]$/,
    why: "what runs in the App is described in the system",
  },
  { type: /^App$/, path: /./, why: whole },
  { type: /^Service$/, path: /\.image$/, why: digest },
  { type: /^Service$/, path: /\.(?:args|commands)/, option: "command" },
  { type: /^Service$/, path: /\.healthcheck/, option: "health" },
  { type: /^Service$/, path: /\.stopGracePeriod$/, option: "graceSeconds" },
  { type: /^Service$/, path: /^taskSpec\.logDriver|^endpointSpec/, option: "groundwork:platform" },
  { type: /^Service$/, path: /./, why: whole },
  { type: /^(?:DatabaseCluster|DatabaseReplica|Vpc|SpacesBucket)$/, path: /^region$/, option: "groundwork:platform" },
  { type: /^DatabaseCluster$/, path: /^maintenanceWindows/, option: "maintenance" },
  { type: /^DatabaseCluster$/, path: /^storage/, option: "storage" },
  { type: /^DatabaseCluster$/, path: /^evictionPolicy$/, option: "eviction" },
  { type: /^DatabaseCluster$/, path: /^(?:size|nodeCount)$/, option: "size" },
  { type: /^DatabaseCluster$/, path: /^version$/, option: "version" },
  { type: /^DatabaseConnectionPool$/, path: /./, option: "pools" },
  { type: /^DatabaseReplica$/, path: /./, option: "replicas" },
  { type: /^DatabaseDb$/, path: /./, option: "databases" },
  { type: /^DatabaseUser$/, path: /./, option: "users" },
  { type: /^Database(?:Postgresql|Valkey)Config$/, path: /./, option: "settings" },
  { type: /^(?:DnsRecord)$/, path: /^ttl$/, option: "timeToLiveSeconds" },
  { type: /^(?:UptimeAlert|MonitorAlert)$/, path: /^(?:notifications|alerts)/, option: "groundwork:alerts" },
  { type: /^MonitorAlert$/, path: /./, option: "databases" },
  { type: /^UptimeCheck$/, path: /^regions/, option: "regions" },
  { type: /^Uptime(?:Check|Alert)$/, path: /./, option: "hosts" },
  { type: /^Vpc$/, path: /^ipRange$/, option: "groundwork:platform" },
  { type: /^SpacesBucket$/, path: /^versioning/, option: "versioning" },
  { type: /^SpacesBucket$/, path: /^lifecycleRules/, option: "lifecycle" },
  { type: /^SpacesBucket$/, path: /^acl$/, why: "a bucket stays closed: what everybody may read stands under publicRead of the Bucket" },
  { type: /^SpacesBucketCorsConfiguration$/, path: /./, option: "cors" },
  { type: /^SpacesBucketPolicy$/, path: /./, option: "publicRead" },
  { type: /^SpacesKey$/, path: /./, option: "keys" },
  { type: /^Cdn$/, path: /./, option: "cdn" },
  { type: /^Domain$/, path: /./, option: "groundwork:zone" },
  { type: /^Project$/, path: /^resources$/, why: "what belongs to the project is what the program makes" },
  { type: /^(?:Project|Vpc|Domain|Certificate)$/, path: /./, why: ours },
  { type: /Secret$/, path: /^value$/, why: secret },
  { type: /^(?:ActionsVariable|ActionsEnvironmentVariable)$/, path: /./, option: "groundwork:state" },
  { type: /^RepositoryEnvironment$/, path: /^reviewers/, option: "groundwork:environments" },
  { type: /^RepositoryFile$/, path: /./, why: "the program writes the workflow: change what it is made of, and npm run generate shows it" },
  { type: /^RepositoryDeployKey$/, path: /./, option: "groundwork:repositories" },
  { type: /^IssueLabel$/, path: /./, option: "labels" },
];

/** Why a property cannot be adopted by the stack file alone, with the file and the option that say it. Pure. */
export function saidElsewhere(
  {
    type,
    urn,
    path,
    isOneWay = false,
  }: { readonly type: string; readonly urn: string; readonly path: string; readonly isOneWay?: boolean },
  options: StackOptions,
): { readonly reason: string } {
  const short = type.split(":").at(-1) ?? "";
  const { option, why } = places.find((place) => place.type.test(short) && place.path.test(path)) ?? {};
  if (why !== undefined) return { reason: why };
  if (option?.startsWith("groundwork:") === true && options.has([option])) {
    if (short !== "Service" && (option === "groundwork:platform" || option === "groundwork:zone"))
      return { reason: `${option} says it, and another one makes it anew: no run moves it in place` };
    return { reason: forAll(`${option} in ${options.file}`) };
  }
  const part = partOf(urn, path);
  const said = option === undefined || option.startsWith("groundwork:") ? `${part} says it` : `${option} of ${part} says it`;
  return { reason: `${said}, in ${options.system}: change it there${isOneWay ? "" : ", or restore"}` };
}

/** What of the system a property belongs to: `the service backend` of an App, else the component by its URN, `the Database`. */
function partOf(urn: string, path: string): string {
  const [, list, name] = /^spec\.(service|worker|job|staticSite)s\[([^\]]*)\]/.exec(path) ?? [];
  if (list !== undefined) return `the ${list === "staticSite" ? "site" : list} ${name}`;
  const parents = (urn.split("::")[2] ?? "").split("$").slice(0, -1);
  const component = parents
    .findLast((token) => token.startsWith("groundwork:components:"))
    ?.split(":")
    .at(-1);
  return component === undefined ? "the program" : `the ${component}`;
}
