import type { AfterJob, BuildDefinition, CiJob, DeploysOn, FlowRule, HooksDefinition, MigrationsDefinition } from "./definition.ts";
import type { Workflow } from "./actions/model.ts";

/** What the stack file of `delivery` says: where the system's delivery lives. */
export interface DeliverySettings {
  /** Project of the system, where its `Pulumi.yaml` lies in the repository of the program (`.` for its root), and what runs an image. */
  readonly system: { readonly name: string; readonly folder: string; readonly services: readonly string[] };
  /** Organisation or user. */
  readonly owner: string;
  readonly plan: GithubPlan;
  /** By the names of the definition. */
  readonly repositories: Readonly<Record<string, { readonly name: string }>>;
  /** By stack. The platform is the one that the environment's stack file names. */
  readonly environments: Readonly<Record<string, { readonly platform: string; readonly reviewers?: readonly string[] }>>;
}

/** Decides whether a private repository's environments can have reviewers (they need `enterprise`). */
export type GithubPlan = "free" | "team" | "enterprise";

/** Everything that delivery consists of, resolved: what workflows are rendered from, and repositories and environments are made from. */
export interface DeliveryPlan {
  readonly system: DeliverySettings["system"];
  readonly owner: string;
  readonly repositories: Readonly<Record<string, RepositoryPlan>>;
  /** The repository with the program, by its name in the definition. */
  readonly program: string;
  /** Stacks, in order of promotion. */
  readonly environments: readonly EnvironmentPlan[];
  readonly flow: readonly FlowRule[];
  readonly tell: "issue" | "slack";
  readonly driftAt: string;
}

export interface RepositoryPlan {
  /** By which the definition and the stack file call it. */
  readonly key: string;
  readonly name: string;
  /** `<owner>/<name>`. */
  readonly fullName: string;
  readonly visibility: "private" | "public";
  readonly program: boolean;
  readonly branch: string;
  readonly builds: readonly BuildPlan[];
  readonly ci: readonly CiJob[];
  readonly ciOnEveryPush: boolean;
  readonly migrations: readonly Required<MigrationsDefinition>[];
  readonly hooks?: HooksDefinition;
  /** The system's own workflows, by file name. */
  readonly workflows: Readonly<Record<string, Workflow>>;
  /** Branches that stay: pull requests only, with these status checks green. */
  readonly protectedBranches: readonly { readonly name: string; readonly requiredChecks: readonly string[] }[];
  /**
   * Branches that hold the workflows. GitHub takes them from the commit that an event is about, so a branch without them tests nothing and
   * deploys nothing.
   */
  readonly workflowsOn: readonly string[];
  /** Patterns of tags that deploy. Nobody moves or deletes one, and only `releasers` make one. */
  readonly protectedTags: readonly string[];
  readonly releasers: "writers" | "maintainers" | "administrators";
  /** Its GitHub environments, with everything that is in them. */
  readonly environments: readonly GithubEnvironment[];
  /** Secrets of the repository itself, which every workflow of it could read. */
  readonly secrets: readonly SecretPlan[];
}

export interface BuildPlan extends BuildDefinition {
  readonly service: string;
  /** `ghcr.io/<owner>/<repository>/<service>`, in small letters, as registries want it. */
  readonly image: string;
  readonly dockerfile: string;
}

/** A stack that workflows deploy. */
export interface EnvironmentPlan {
  /** The stack. */
  readonly name: string;
  readonly deploysOn: DeploysOn;
  readonly promotes?: string;
  readonly target: Target;
  readonly after: readonly AfterJob[];
  /** The GitHub environment for pull requests' previews; behind a gate for production. */
  readonly preview: string;
  /** How previews of this stack come about: with each pull request, or by hand from the protected branch. */
  readonly previewOn: "pull-request" | "dispatch";
  /** The GitHub environment in which drift is looked for. */
  readonly drift: string;
}

/** Where a stack runs, as far as credentials tell. */
export type Target = "app-platform" | "docker-host";

/** A GitHub environment. */
export interface GithubEnvironment {
  readonly name: string;
  /** The stack that it is for. */
  readonly stack: string;
  /** `deploy` may change the stack; `preview` and `drift` only look; `handover` only tells the program's repository. */
  readonly purpose: "deploy" | "preview" | "drift" | "handover";
  /** Refs whose jobs may read it: `any`, or these branches and tags. */
  readonly refs: "any" | { readonly branches: readonly string[]; readonly tags: readonly string[] };
  /** Who has to approve each job. Empty: nobody. */
  readonly reviewers: readonly string[];
  readonly secrets: readonly SecretPlan[];
  readonly variables: readonly VariablePlan[];
}

/** A secret that workflows read, under the name that they read it by. */
export interface SecretPlan {
  readonly name: string;
  /** Path below `groundwork:provided` of the delivery stack: `staging.passphrase`. */
  readonly from: string;
  readonly why: string;
}

export interface VariablePlan {
  readonly name: string;
  /** Where its value comes from: the address of the state. */
  readonly from: "state";
}
