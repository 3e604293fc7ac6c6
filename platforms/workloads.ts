import type * as pulumi from "@pulumi/pulumi";
import type { Image } from "../config/images.ts";
import type { Scale } from "../config/sizes.ts";

/** Variables of a service or job. A value that is a secret Output goes into the platform's secret store. */
export type Variables = Readonly<Record<string, pulumi.Input<string>>>;

/** When a variable is there: while the program runs, while it is built from source, or both. */
export type VariableScope = "run" | "build" | "both";

/** Source that the platform builds itself, instead of an image that somebody else has built. A commit is not pinned: a branch moves. */
export interface Source {
  /** `owner/repository` on GitHub, which the platform has been allowed to read. Another one builds and deploys anew. @default none */
  readonly github?: string;
  /** Instead: the URL of a public repository, as `git clone` takes it. Another one builds and deploys anew. @default none */
  readonly git?: string;
  /** Branch to build. Another one builds and deploys anew. */
  readonly branch: string;
  /** Folder to build in, from the root of the repository. Another one builds and deploys anew. @default the root */
  readonly folder?: string;
  /** Path of the Dockerfile, from the root of the repository. Another one builds and deploys anew. @default the platform finds out how to build */
  readonly dockerfile?: string;
  /** Command that builds, where there is no Dockerfile. Another one builds and deploys anew. @default the platform's own for what it finds */
  readonly build?: string;
  /** Whether each push to the branch of a GitHub repository deploys, past every check and review of this program. @default false */
  readonly deployOnPush?: boolean;
}

/**
 * How somebody finds out over HTTP whether an instance is well. Seconds and counts that are left out are the platform's. A change restarts.
 */
export interface HealthCheck {
  /** Path that answers 200. */
  readonly path: string;
  /** Port to ask. @default the service's own */
  readonly port?: number;
  /** Seconds after the start of an instance before it is asked. @default App Platform 0 for ready and 5 for live; Docker 30, in which failing does not count */
  readonly initialDelaySeconds?: number;
  /** Seconds between two questions. @default App Platform 10; Docker 5 */
  readonly periodSeconds?: number;
  /** Seconds that an answer may take. @default App Platform 1; Docker 3 */
  readonly timeoutSeconds?: number;
  /** So many failures in a row make it unwell. @default App Platform 9 for ready and 18 for live; Docker 3 */
  readonly failures?: number;
  /** So many successes in a row make it ready again. Only for ready. @default 1 */
  readonly successes?: number;
}

/** What lets a platform pull an image that is not public. */
export interface PullCredentials {
  /** User of the registry. Another one deploys anew, in the run in which the generation changes. */
  readonly user: string;
  /** Token of that user; it should be able to read packages, and nothing else. Another one alone does nothing: see `generation`. */
  readonly token: pulumi.Output<string>;
  /** Which token this is. Raise it with each new one, which deploys anew: a new token alone is not sent, since it can never be compared with the old one. */
  readonly generation: number;
}

/** Where the lines that a program writes go, beside the platform's own log. A change restarts. */
export interface LogDestination {
  /** What the platform calls it, in 2 to 42 characters. */
  readonly name: string;
  /** Papertrail: `host:port`. @default none */
  readonly papertrail?: { readonly endpoint: string };
  /** Datadog. Its endpoint decides in which country logs are kept. @default endpoint https://http-intake.logs.datadoghq.com */
  readonly datadog?: { readonly apiKey: pulumi.Output<string>; readonly endpoint?: string };
  /** Better Stack, once named Logtail. @default none */
  readonly logtail?: { readonly token: pulumi.Output<string> };
  /** OpenSearch: an address, or a managed cluster by its name; the index that lines go to. @default index logs */
  readonly openSearch?: {
    readonly endpoint?: string;
    readonly cluster?: string;
    readonly index?: string;
    readonly user?: string;
    readonly password?: pulumi.Output<string>;
  };
}

/** When somebody is told that a program is not well. Free of charge. Who is told, is said once for all: see `Platform.alert`. */
export interface ProgramAlerts {
  /** Above so many percent of its CPUs. A change is a deployment. @default no alert */
  readonly cpuPercent?: number;
  /** Above so many percent of its memory. A change is a deployment. @default no alert */
  readonly memoryPercent?: number;
  /** After more restarts than this. A change is a deployment. @default no alert */
  readonly restarts?: number;
  /** Minutes over which it is looked at. A change is a deployment. @default 5 */
  readonly windowMinutes?: 5 | 10 | 30 | 60;
}

/** What every program has that a platform runs. */
export interface PlatformProgram {
  /** Its name inside the system. */
  readonly name: string;
  /** A build, or the source of one. */
  readonly image: Image | Source;
  /** Instead of the image's own command. */
  readonly command?: readonly string[];
  readonly scale: Scale;
  readonly env: Variables;
  /** Variables that are not only there while it runs. */
  readonly scopes?: Readonly<Record<string, VariableScope>>;
  readonly pull?: PullCredentials;
  /** Seconds between being asked to end and being killed. */
  readonly graceSeconds?: number;
  readonly logs?: readonly LogDestination[];
  readonly alerts?: ProgramAlerts;
}

/** A service as a platform takes it. */
export interface PlatformService extends PlatformProgram {
  /** Others reach it at `http://<name>:<port>`. */
  readonly port: number;
  /** More ports for other services, no host can lead to. */
  readonly internalPorts?: readonly number[];
  /** What answers 200: `live` or the instance is restarted, `ready` or it gets no traffic. */
  readonly health: { readonly live: HealthCheck; readonly ready: HealthCheck };
  /** Seconds between the end of new requests and being asked to end. */
  readonly drainSeconds?: number;
}

/** A program that nobody asks anything. */
export interface PlatformWorker extends PlatformProgram {
  /** What answers 200, or the instance is restarted. */
  readonly live?: HealthCheck & { readonly port: number };
}

/** When a job runs, as a deployment goes. */
export type JobTime = "before" | "after" | "failed-deploy";

/** A command that runs to its end: before a new version gets traffic (when it fails, the old version stays), after, or when that went wrong. */
export interface PlatformJob extends PlatformProgram {
  /** The service that it belongs to, where it has no options of its own: what is wrong is said there. */
  readonly of?: string;
  readonly when: JobTime;
  readonly command: readonly string[];
}

/** Files that are built once and then served as they are. */
export interface PlatformSite {
  readonly name: string;
  readonly source: Source;
  readonly env: Variables;
  readonly outputFolder?: string;
  readonly indexDocument?: string;
  readonly errorDocument?: string;
  readonly catchallDocument?: string;
  /** The same files as a service, where the platform builds nothing. Undefined: refused there. */
  readonly container?: PlatformService;
}
