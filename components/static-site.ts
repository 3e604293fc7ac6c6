import * as pulumi from "@pulumi/pulumi";
import type { Image } from "../config/images.ts";
import type { Platform } from "../platforms/platform.ts";
import type { PlatformService, Source, Variables } from "../platforms/workloads.ts";
import { nameProblems } from "./service/program.ts";
import { resolveVariables, type Variable } from "./service/variables.ts";

/** Options for {@link StaticSite}. A change to any of them builds the site anew; the old one stays until the new one is there. */
export interface StaticSiteArgs {
  /** Where it stands. Each platform has stacks of its own, and another one is refused. */
  readonly platform: Platform;
  /** Source to build. A change builds and deploys anew. */
  readonly source: Source;
  /**
   * Variables of the build, or of the container that serves the files where nothing is built; visitors may see them all, so none may be
   * secret. A change builds and deploys anew. @default none
   */
  readonly env?: Readonly<Record<string, Variable>>;
  /** Folder that the build writes, from the folder of the source. A change builds and deploys anew. @default App Platform looks for _static, dist, public and build */
  readonly outputFolder?: string;
  /** What a folder shows. A change builds and deploys anew. @default index.html */
  readonly indexDocument?: string;
  /** What is shown where there is no such file, as 404. A change builds and deploys anew. @default 404.html */
  readonly errorDocument?: string;
  /** Instead: what is shown there as if it were the file, for sites that find their way in the browser. A change builds and deploys anew. @default none */
  readonly catchallDocument?: string;
  /** How the files are served where the platform builds nothing (a Docker host). App Platform does not look at it. @default refused there */
  readonly container?: StaticSiteContainer;
}

/** A server of the same files, in an image. A change restarts it. */
export interface StaticSiteContainer {
  /** The build that serves them. */
  readonly image: Image;
  /** Port that it listens on. @default 80 */
  readonly port?: number;
  /** Memory of one instance in MiB; costs nothing but that of the machine. @default 64 */
  readonly memory?: number;
}

/** Files that are built from source and served as they are. Its price is unknown: no source of ours tells it. */
export class StaticSite extends pulumi.ComponentResource {
  /** Its name inside the system; a host leads to it by this. */
  public readonly name: string;
  /** Whether there is something to reach: always. */
  public readonly runs = true;

  constructor(name: string, args: StaticSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, source, env: variables = {}, outputFolder, indexDocument, errorDocument, catchallDocument, container } = args;
    platform.refuse(name, nameProblems(name));
    const { env } = resolveVariables(name, { platform, image: source, env: variables, visible: true });
    super("groundwork:components:StaticSite", name, {}, opts);
    this.name = name;
    platform.addSite({
      name,
      source,
      env,
      ...(outputFolder === undefined ? {} : { outputFolder }),
      ...(indexDocument === undefined ? {} : { indexDocument }),
      ...(errorDocument === undefined ? {} : { errorDocument }),
      ...(catchallDocument === undefined ? {} : { catchallDocument }),
      ...(container === undefined ? {} : { container: asService(name, container, env) }),
    });
    this.registerOutputs({});
  }
}

function asService(name: string, { image, port = 80, memory = 64 }: StaticSiteContainer, env: Variables): PlatformService {
  const health = { live: { path: "/" }, ready: { path: "/" } };
  return { name, image, port, health, scale: { memory, dedicated: false, replicas: 1 }, env };
}
