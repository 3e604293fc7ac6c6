import type { ServiceContainer, Step, Workflow } from "./actions/model.ts";
import type { RepositorySettings } from "./settings.ts";

/** How a system gets from a commit to its environments: what its system file says of it, the same for everyone who runs it. */
export interface DeliveryDefinition {
  /** By what the stack file calls them. Exactly one holds the program. */
  readonly repositories: Readonly<Record<string, RepositoryDefinition>>;
  /** Stacks that workflows deploy, in order of promotion. */
  readonly environments: Readonly<Record<string, EnvironmentDefinition>>;
  /** Which branches may be merged into which; a required check, since rulesets cannot say it. A base that is not listed takes every branch. */
  readonly flow?: readonly FlowRule[];
  /**
   * Who is told of a deploy that failed. `slack` needs the secret `SLACK_WEBHOOK_URL` of the repository.
   * @default "issue"
   */
  readonly tell?: "issue" | "slack";
  /**
   * When drift is looked for, in UTC.
   * @default "17 4 * * *"
   */
  readonly driftAt?: string;

  /**
   * Whether it has buckets, so that a deploy also needs a key of Spaces.
   * @default false
   */
  readonly buckets?: boolean;
}

/** A repository of the system. */
export interface RepositoryDefinition extends RepositorySettings {
  readonly visibility: "private" | "public";
  /** Whether it holds the program and the stack files. The others hand the digests of their images to the one that does. */
  readonly program?: boolean;
  /**
   * Where work is merged, and from where rollbacks, rotations and drift runs are started.
   * @default "main"
   */
  readonly branch?: string;
  /** Further branches that stay and are protected. Those that environments deploy from are added by themselves. */
  readonly branches?: readonly string[];
  /** Service → how its image is built, once for each commit. */
  readonly builds?: Readonly<Record<string, BuildDefinition>>;
  /** Jobs of `ci.yml`, on every pull request and before every deploy. */
  readonly ci?: readonly CiJob[];
  /**
   * Whether `ci.yml` also runs on pushes to branches that nothing is deployed from.
   * @default false
   */
  readonly ciOnEveryPush?: boolean;
  /** Where migrations lie; each pull request that adds one is told what it means for a rollback. */
  readonly migrations?: readonly MigrationsDefinition[];
  /** What each developer's machine looks at before a commit; see {@link HooksDefinition}. @default nothing */
  readonly hooks?: HooksDefinition;
  /** Workflows of the system's own: path below `.github/workflows/` → workflow. */
  readonly workflows?: Readonly<Record<string, Workflow>>;
}

/** How an image is built. It is pushed to `ghcr.io/<owner>/<repository>/<service>`. */
export interface BuildDefinition {
  /** The folder that is handed to the build. */
  readonly context: string;
  /** Below the repository's root. @default "<context>/Dockerfile" */
  readonly dockerfile?: string;
  /** The stage that is built, where it is not the last one. */
  readonly target?: string;
  /** Plain build arguments. `GIT_COMMIT` and `BUILD_TIME` are always given. */
  readonly args?: Readonly<Record<string, string>>;
}

/** A job that tests a commit. Its name is that of a required status check. */
export interface CiJob {
  readonly name: string;
  /** Run in a checkout of the commit. */
  readonly steps: readonly Step[];
  readonly services?: Readonly<Record<string, ServiceContainer>>;
  readonly env?: Readonly<Record<string, string>>;
  /** @default 20 */
  readonly timeoutMinutes?: number;
  /** Whether a pull request cannot be merged while it is red. @default true */
  readonly required?: boolean;
}

export interface MigrationsDefinition {
  /** Whose image brings them; deploys tell the stack which ones. */
  readonly service: string;
  /** Folder with one file for each migration. */
  readonly folder: string;
  /** How files of migrations end; `/migration.sql` where each has a folder. @default ".sql" */
  readonly ending?: string;
}

/**
 * Commands without which no commit is made. They are files of the repository (`.husky/pre-commit`, `lint-staged.config.mjs`), kept as
 * `workflowFiles` says; its own `package.json` has `"prepare": "husky"` and, in `devDependencies`, husky 9 and lint-staged. Every program
 * has to be run by a job of `ci` too. A change acts on the next commit of whoever has pulled it.
 */
export interface HooksDefinition {
  /** Pattern of files → commands, which get those of a commit that match: `"*.ts": ["eslint --fix", "prettier --write"]`. What they change is committed. @default none */
  readonly staged?: Readonly<Record<string, readonly string[]>>;
  /** Commands over everything, one after the other: `npx tsc --noEmit`. A red one stops the commit. @default none */
  readonly commit?: readonly string[];
}

/** An environment that workflows deploy to. Its name is that of the stack. */
export interface EnvironmentDefinition {
  readonly deploysOn: DeploysOn;
  /** The environment whose healthy images it takes. Production has to name one: it builds nothing that nobody has run. */
  readonly promotes?: string;
  /** Jobs after the deploy, against what runs now. */
  readonly after?: readonly AfterJob[];
}

/** A job that looks at what has been deployed. */
export interface AfterJob {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Secrets of the environment that the steps name, as variables of the same name in the stack file's `provided`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** @default 20 */
  readonly timeoutMinutes?: number;
  /** What a red job does: the environment goes back to the release before. @default "nothing" */
  readonly onFailure?: "nothing" | "rollback";
}

/** What starts a deploy. */
export type DeploysOn =
  | { readonly on: "push"; readonly branch: string }
  /** A published GitHub release with a tag `v1.2.3`, and no pre-release. */
  | { readonly on: "release" }
  /** Somebody starts the workflow, on the repository's branch. */
  | { readonly on: "manual" };

export const push = (branch: string): DeploysOn => ({ on: "push", branch });
export const release = (): DeploysOn => ({ on: "release" });
export const manual = (): DeploysOn => ({ on: "manual" });

/** `into` takes pull requests from these branches only; `*` stands for anything. Branches of forks never match. */
export interface FlowRule {
  readonly into: string;
  readonly from: readonly string[];
}

/**
 * Stands in a comment of a migration that the version before it can live with. A migration without it is taken for one that cannot be
 * rolled back over.
 */
export const backwardCompatibleMarker = "groundwork: backward compatible";

/** Pattern of the tags that releases to production have; the exact form is checked by the workflow. */
export const releaseTags = "v*";
