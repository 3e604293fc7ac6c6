import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../config/environments.ts";
import type { ExistingProject } from "../config/existing.ts";
import type { Image } from "../config/images.ts";
import type { Region } from "../config/regions.ts";
import type { PlatformChoice } from "../config/schema.ts";
import type { Scale } from "../config/sizes.ts";

/** Variables of a service or job. A value that is a secret Output goes into the platform's secret store. */
export type Variables = Readonly<Record<string, pulumi.Input<string>>>;

/** A service as a platform takes it. */
export interface PlatformService {
  /** Its name inside the system: other services reach it at `http://<name>:<port>`. */
  readonly name: string;
  readonly image: Image;
  readonly port: number;
  readonly scale: Scale;
  readonly env: Variables;
  /** Paths that answer 200: `live` or the instance is restarted, `ready` or it gets no traffic. */
  readonly health: { readonly live: string; readonly ready: string };
}

/** A command that runs to its end before a new version gets traffic; when it fails, the old version stays. */
export interface PlatformJob {
  readonly name: string;
  readonly image: Image;
  readonly command: readonly string[];
  readonly scale: Scale;
  readonly env: Variables;
}

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
  /** Shows something in the system's project in the cloud's control panel, and on its bill. */
  addToProject(urn: pulumi.Input<string>): void;
}

/** Where the DNS record of an exposed host has to point. */
export interface DnsTarget {
  readonly type: "CNAME";
  readonly value: pulumi.Output<string>;
}

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
  /** Where managed products come from. Undefined: there are none, and the platform runs stateful services itself. */
  readonly cloud: PlatformCloud | undefined;
  /** Takes a service. The output is the image, once the platform runs it. */
  addService(service: PlatformService): pulumi.Output<Image>;
  /** Takes a job. */
  addJob(job: PlatformJob): void;
  /** Takes a stateful service; a platform that cannot keep its data throws, naming the way out. */
  addStateful(service: StatefulService): void;
  /** What a browser shows for a host: `https://api.example.com`. */
  origin(host: string): string;
  /** Lets a service be reached at a host's origin. The output is for the host's DNS record; undefined where it needs none. */
  expose(host: string, service: string): DnsTarget | undefined;
  /** Starts no service before this resource stands. A component would wait for all its children, so it is not taken. */
  after(resource: pulumi.CustomResource): void;
  /**
   * Registers what was gathered. Called once, by `defineSystem`; every call after it throws. Undefined where nothing is deployed, or
   * where services are deployed one by one and their own outputs say all.
   */
  complete(): Deployed | undefined;
}

/** What is known once a deployment serves, and not before. */
export interface Deployed {
  /** What names the deployment; another one has another name. */
  readonly serving: pulumi.Output<string>;
  /** Fingerprint of all that was asked for. Secret. */
  readonly asked: pulumi.Output<string>;
}

/** What a platform is made for. */
export interface PlatformContext extends Pick<Platform, "system" | "stack" | "environment"> {
  /** Mark of the next deployment, raised after a failure so that there is something to deploy. @default 0, no mark */
  readonly attempt?: number;
  /** Where the project of the environment comes from, on platforms that have one. @default "create" */
  readonly project?: ExistingProject;
}
