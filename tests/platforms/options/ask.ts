import type { Edge, HostAnswer, Platform } from "../../../platforms/platform.ts";
import type { PlatformJob, PlatformService, PlatformSite, PlatformWorker } from "../../../platforms/workloads.ts";

/** What becomes of an option: a value in a resource, lines of the proxy's configuration, or a refusal that names it and the way out. */
export type Answer =
  | { readonly resource: readonly [type: string, name: string]; readonly at: string; readonly is: unknown }
  | { readonly proxy: string }
  | { readonly nothing: string }
  | { readonly refused: string };

/** One thing that a component can ask of a platform, and what each platform answers. */
export interface Case {
  readonly asks: string;
  readonly program: (platform: Platform) => void;
  readonly app: Answer;
  readonly docker: Answer;
}

export const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
export const scale = { memory: 1024, dedicated: false, replicas: 1 };
export const source = { github: "acme/web", branch: "main" };
export const web: PlatformService = {
  name: "web",
  image,
  port: 80,
  scale,
  env: {},
  health: { live: { path: "/l" }, ready: { path: "/r" } },
};
const crew: PlatformWorker = { name: "crew", image, scale, env: {} };
const task: PlatformJob = { name: "task", image, scale, env: {}, when: "before", command: ["run", "it"] };
export const site: PlatformSite = { name: "site", source, env: {} };
export const origin = "https://a.example.com";

export const serve =
  (more: Partial<PlatformService>) =>
  (platform: Platform): void =>
    void platform.addService({ ...web, ...more });
export const work =
  (more: Partial<PlatformWorker>) =>
  (platform: Platform): void =>
    void platform.addWorker({ ...crew, ...more });
export const run =
  (more: Partial<PlatformJob>) =>
  (platform: Platform): void => {
    platform.addService(web);
    platform.addJob({ ...task, ...more });
  };
export const show =
  (more: Partial<PlatformSite>) =>
  (platform: Platform): void =>
    platform.addSite({ ...site, ...more });
export const host =
  (answer: HostAnswer) =>
  (platform: Platform): void => {
    platform.addService(web);
    platform.expose("www.example.com", answer);
  };
export const whole = { path: "/", service: "web" };
export const edge =
  (options: Edge) =>
  (platform: Platform): void => {
    host({ routes: [whole] })(platform);
    platform.edge(options);
  };

export const spec = (at: string, is: unknown): Answer => ({ resource: ["App", "app"], at: `spec.${at}`, is });
export const inService = (at: string, is: unknown): Answer => ({ resource: ["Service", "web"], at, is });
export const refused = (text: string): Answer => ({ refused: text });
export const both = (text: string) => ({ app: refused(text), docker: refused(text) });
