import type * as pulumi from "@pulumi/pulumi";
import type { Acknowledged } from "../config/acknowledge.ts";
import type { Environment } from "../config/environments.ts";
import type { ExistingProject } from "../config/existing.ts";
import type { Image } from "../config/images.ts";
import type { RateLimit } from "../config/rate-limit.ts";
import type { Region } from "../config/regions.ts";
import type { PlatformChoice } from "../config/schema.ts";
import type { StateResource } from "../config/state.ts";
import type { Problems } from "./gather.ts";
import type { PlatformJob, PlatformService, PlatformSite, PlatformWorker, Source, Variables } from "./workloads.ts";

/** A secret that a stateful service reads from a file, since its variables show in every inspection of it. */
export interface SecretFile {
  readonly value: pulumi.Input<string>;
  /** Which value this is: secrets of a platform never change, so a new value is a new secret with a new name. */
  readonly generation: number;
}

/** One instance of something that keeps data, run by the platform itself. Everything else starts after it and needs it by name only. */
export interface StatefulService {
  /** Others reach it at `<name>:<port>`. */
  readonly name: string;
  /** `postgres:17@sha256:…` */
  readonly image: string;
  /** Most memory that it gets, in MiB. */
  readonly memory: number;
  /** Most CPUs that it gets. */
  readonly cpu?: number | undefined;
  readonly env: Variables;
  /** Secrets by the variable that takes the path of their file, as in `POSTGRES_PASSWORD_FILE`. */
  readonly secretFiles: Readonly<Record<string, SecretFile>>;
  /** The folder whose content outlives it. `keep` protects the data against deletion, and leaves it when it leaves the program. */
  readonly data: { readonly path: string; readonly keep: boolean };
  /** Command inside it that ends with 0 once it can be used. */
  readonly health: readonly string[];
}

/** What managed products of the platform's cloud need to stand beside the services. */
export interface PlatformCloud {
  readonly region: Region;
  /** Range of the private network that services and databases share. */
  readonly networkRange: string;
  /** Lets the services into a private network. */
  joinNetwork(id: pulumi.Input<string>): void;
  /** Gives services addresses of their own to the outside. What they are is known once they run; none where nothing runs. */
  dedicateEgress(): pulumi.Output<readonly string[]>;
  /** Shows something in the system's project in the cloud's control panel, and on its bill. */
  addToProject(urn: pulumi.Input<string>): void;
}

/** Where the DNS record of an exposed host has to point. */
export interface DnsTarget {
  readonly type: "CNAME";
  readonly value: pulumi.Output<string>;
  /** For a host that is a zone, which cannot be a CNAME. */
  readonly addresses: readonly { readonly type: "A" | "AAAA"; readonly value: string }[];
}

/** How the platform's edge treats all hosts of a stack. On App Platform each change deploys. */
export interface Edge {
  /**
   * Whether the edge may keep answers of services, as far as their headers allow. False for what streams (server-sent events) or has a cache
   * of its own. A Docker host keeps none and refuses the option. A change deploys. @default true
   */
  readonly cache?: boolean;
  /** Whether the edge hides mail addresses in pages from those who collect them. Only on App Platform. A change deploys. @default true */
  readonly emailObfuscation?: boolean;
  /** Whether suspicious requests are looked at more closely, against floods of requests. Only on App Platform. A change deploys. @default false */
  readonly threatControl?: boolean;
  /** Takes all hosts off for a while: visitors get an error page, uptime checks fail. Taken away, they answer again; each deploys. @default none */
  readonly maintenance?: MaintenanceMode;
}

/** What happens while the hosts are taken off. `{}` is enough. */
export interface MaintenanceMode {
  /** Address of the page that visitors see then. Only on App Platform. A change deploys. @default the platform's own */
  readonly page?: string;
  /** Whether everything stops as well, jobs and workers too, so that it costs nothing meanwhile. Only on App Platform. A change deploys. @default false */
  readonly archive?: boolean;
}

/** What answers at a host: services by path, or another host. */
export type HostAnswer = Answering | Redirecting;

interface Answering {
  readonly routes: readonly Route[];
  readonly cors?: Cors;
  /** Headers that are added to every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Oldest TLS that is spoken. */
  readonly minimumTls?: "1.2" | "1.3";
  /** How often one address may ask. */
  readonly rateLimit?: RateLimit;
}

interface Redirecting {
  readonly redirect: { readonly to: string; readonly path?: string; readonly permanent: boolean };
  readonly minimumTls?: "1.2" | "1.3";
}

/** The paths of a host that begin like this, and who answers. */
export interface Route {
  /** `/`, or `/api`: that path and all below it. The longest one wins. */
  readonly path: string;
  readonly service: string;
  /** What the service gets to see: the whole path, the rest behind the prefix, or that rest behind another prefix. @default whole */
  readonly forward?: "whole" | "rest" | { readonly rewrite: string };
}

/**
 * Which pages of other sites may call a host, by their exact origin. Answers of the services themselves are overridden. A change acts at
 * once, as one of the routes, without a restart.
 */
export interface Cors {
  /** Origins, exactly as a browser sends them. */
  readonly origins: readonly string[];
  /** Methods beyond the simple ones. @default the platform's */
  readonly methods?: readonly string[];
  /** Headers that a page may send. @default none */
  readonly headers?: readonly string[];
  /** Headers of the answer that a page may read. @default none */
  readonly expose?: readonly string[];
  /** Whether cookies come along. @default false */
  readonly credentials?: boolean;
  /** Seconds that a browser may keep the answer. @default the browser's own, about 5 */
  readonly maxAgeSeconds?: number;
}

/** Who is told of what goes wrong. One list for all of a stack's alerts. A change acts at once; on App Platform it is a deployment. */
export interface AlertDestinations {
  /** Addresses; the cloud takes those of members of its team only. @default none */
  readonly emails?: readonly string[];
  /** Channels of Slack with the secret URL of their webhook. @default none */
  readonly slack?: readonly { readonly channel: string; readonly url: pulumi.Output<string> }[];
}

/** What happens to a deployment or a domain, beside that one failed. */
export type DeploymentEvent =
  "deployment-live" | "deployment-started" | "deployment-canceled" | "domain-live" | "scaling-failed" | "scaled";

/**
 * What components ask of the thing that runs a system. A platform gathers while the system's function runs, and registers what
 * needs the whole picture when it is completed; so the order inside a system never matters.
 */
export interface Platform {
  readonly type: PlatformChoice["type"];
  /** The system's name: the Pulumi project. */
  readonly system: string;
  readonly stack: string;
  readonly environment: Environment;
  /** What its stack file says that it may do less well than the environment demands. */
  readonly acknowledged: Acknowledged;
  /** What the stack's state held before this run: for components that must not ask for what the cloud would refuse half way. */
  readonly held?: readonly StateResource[];
  /** Services whose database is ahead of the image that they are to run, after a return to a former release: their migrations are not run. @default none */
  readonly ahead?: ReadonlySet<string>;
  /** Where managed products come from. Undefined: there are none, and the platform runs stateful services itself. */
  readonly cloud: PlatformCloud | undefined;
  /** Takes a service. The output is what it runs, once the platform runs it. */
  addService(service: PlatformService): pulumi.Output<Image | Source>;
  /** Takes a worker. The output is what it runs, once the platform runs it. */
  addWorker(worker: PlatformWorker): pulumi.Output<Image | Source>;
  /** Takes a job. The output is what it ran, once it did. */
  addJob(job: PlatformJob): pulumi.Output<Image | Source>;
  /** Takes a static site. */
  addSite(site: PlatformSite): void;
  /** Takes a stateful service; a platform that cannot keep its data refuses it, naming the way out. */
  addStateful(service: StatefulService): void;
  /** What a browser shows for a host: `https://api.example.com`. */
  origin(host: string): string;
  /** All that a browser may show for a host, the one above first: on a machine of one's own it may answer at a port of localhost too. */
  origins(host: string): readonly string[];
  /** Lets the world reach a host. The output is for the host's DNS record; undefined where it needs none. */
  expose(host: string, answer: HostAnswer): DnsTarget | undefined;
  /** Says how the edge treats all hosts. Once. */
  edge(options: Edge): void;
  /**
   * Says who is told of what goes wrong: of failed deployments and domains always, of more where it is asked for, and of what
   * services ask for themselves ({@link ProgramAlerts}). Once.
   */
  alert(to: AlertDestinations, events?: readonly DeploymentEvent[]): void;
  /** Starts no service before this resource stands. A component would wait for all its children, so it is not taken. */
  after(resource: pulumi.CustomResource): void;
  /**
   * Notes what is wrong with the options of a component, so that all of it is told at once; whether there was anything. Who was refused
   * goes on without registering what it cannot make.
   */
  refuse(component: string, problems: Problems): boolean;
  /** All that is wrong with what it was given, a text for each component. A run with any ends before something is registered. */
  refused(): readonly string[];
  /** Completes nothing before this has turned out well: a look at what stands in the cloud, taken once nothing else is wrong. */
  wait(check: () => Promise<void>): void;
  /** Waits for all that {@link wait} was given, and fails where one fails. Called by `defineSystem`, before `complete`. */
  checked(): Promise<void>;
  /**
   * Registers what was gathered. Called once, by `defineSystem`; every call after it throws. Throws with all that is {@link refused}.
   * Undefined where nothing is deployed.
   */
  complete(): Deployed | undefined;
}

/** What is known once a deployment serves, and not before. */
export interface Deployed {
  /** What names the deployment; another one has another name. Undefined where services are deployed one by one: then it gets a number. */
  readonly serving?: pulumi.Output<string>;
  /** Fingerprint of all that was asked for. Secret. */
  readonly asked: pulumi.Output<string>;
}

/** What a platform is made for. */
export interface PlatformContext extends Pick<Platform, "system" | "stack" | "environment" | "held" | "ahead"> {
  /** The domain that hosts are below. @default unknown, so that no host has a place of its own */
  readonly domain?: string;
  /** Mark of the next deployment, raised after a failure so that there is something to deploy. @default 0, no mark */
  readonly attempt?: number;
  /** What the stack file acknowledges. @default nothing */
  readonly acknowledged?: Acknowledged;
  /** Where the project of the environment comes from, on platforms that have one. @default "create" */
  readonly project?: ExistingProject;
  /** Credentials for images that the platform was given before, each as its place, its service and its generation. @default none */
  readonly pulled?: ReadonlySet<string>;
}
