import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../config/environments.ts";
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
  readonly region: Region;
  /** Range of the private network that services and databases share. */
  readonly networkRange: string;
  /** Lets the services into a private network. */
  joinNetwork(id: pulumi.Input<string>): void;
  /** Takes a service. The output is the image, once the platform runs it. */
  addService(service: PlatformService): pulumi.Output<Image>;
  /** Takes a job. */
  addJob(job: PlatformJob): void;
  /** Lets the world reach a service at `https://<host>/`. The output is for the host's DNS record. */
  expose(host: string, service: string): DnsTarget;
  /** Starts no service before this resource stands. A component would wait for all its children, so it is not taken. */
  after(resource: pulumi.CustomResource): void;
  /** Shows something in the system's project in the cloud's control panel, and on its bill. */
  addToProject(urn: pulumi.Input<string>): void;
  /** Registers what was gathered. Called once, by `defineSystem`; every call after it throws. */
  complete(): void;
}

/** What a platform is made for. */
export type PlatformContext = Pick<Platform, "system" | "stack" | "environment">;
