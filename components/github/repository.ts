import { ActionsRepositoryPermissions } from "@pulumi/github/actionsRepositoryPermissions.js";
import { ActionsSecret } from "@pulumi/github/actionsSecret.js";
import { Branch } from "@pulumi/github/branch.js";
import { IssueLabel } from "@pulumi/github/issueLabel.js";
import { Repository as GithubRepository } from "@pulumi/github/repository.js";
import { RepositoryDependabotSecurityUpdates } from "@pulumi/github/repositoryDependabotSecurityUpdates.js";
import { RepositoryDeployKey } from "@pulumi/github/repositoryDeployKey.js";
import { RepositoryFile } from "@pulumi/github/repositoryFile.js";
import { RepositoryRuleset } from "@pulumi/github/repositoryRuleset.js";
import { RepositoryVulnerabilityAlerts } from "@pulumi/github/repositoryVulnerabilityAlerts.js";
import { WorkflowRepositoryPermissions } from "@pulumi/github/workflowRepositoryPermissions.js";
import * as pulumi from "@pulumi/pulumi";
import type { RepositoryChoice } from "../../config/delivery.ts";
import { Environment, type StandingEnvironment } from "./environment.ts";
import type { RepositoryPlan } from "./plan.ts";
import { rulesetsOf } from "./rulesets.ts";
import type { ResolvedSettings } from "./settings.ts";
import type { WorkflowFiles } from "./workflow-files.ts";

/** Options for {@link Repository}. */
export interface RepositoryArgs {
  /** What the system's delivery needs of it: branches, tags, environments and their secrets. Environments that leave it are deleted. */
  readonly plan: RepositoryPlan;
  /** How it is worked with. */
  readonly settings: ResolvedSettings;
  /** What the stack file says of it: its name, whether it stands already, its deploy keys. */
  readonly choice: RepositoryChoice;
  /** Its workflows, on every branch that stays. Another text is one commit on each, which starts nothing; a workflow that leaves is deleted by one. */
  readonly workflows: WorkflowFiles;
  /** Address of the environments' state, for their variables. Another one acts on the next run of a workflow. */
  readonly state: string;
  /** Values of secrets by their path in the stack file. Another one acts on the next run of a workflow, and restarts nothing. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** Reviewers by their numbers: login or team → id. */
  readonly reviewers: Readonly<Record<string, number>>;
  /** Minutes that deploys to a stack wait. Acts on the next deploy. */
  readonly waits: Readonly<Record<string, number>>;
  /** Branches that stand already; files of others are written over, since this stack cuts them. */
  readonly branches: readonly string[];
  /** Environments that stood before this stack had them, by name. */
  readonly standing: Readonly<Record<string, StandingEnvironment>>;
  /** Files that the state holds of it. */
  readonly held: readonly { readonly name: string; readonly file: string; readonly branch: string }[];
  /** Whether it kept its workflows itself the last time. */
  readonly keptBefore: boolean;
}

/**
 * A GitHub repository with its delivery: protected branches and tags, environments with their secrets, workflows. Private unless the system says
 * otherwise. Always protected: `pulumi destroy --ignore-protect` gives it up, and it stays, with its branches, labels and security settings;
 * environments, secrets, rulesets and workflow files go. Free of charge but for the plan of its owner and the minutes of private workflows.
 */
export class Repository extends pulumi.ComponentResource {
  /** Its name. */
  public readonly name: pulumi.Output<string>;

  constructor(name: string, args: RepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, settings, choice, workflows } = args;
    super("groundwork:github:Repository", name, {}, opts);
    const repository = this.standing(name, args);
    this.name = pulumi.output(repository);
    const isMade = choice.from === "create";
    const here = { parent: this };
    // Taken away, these would leave the repository less safe than it was; what stands outlives the stack.
    const stays = { ...here, retainOnDelete: true };

    for (const [label, { color, description = "" }] of Object.entries(settings.labels)) {
      new IssueLabel(`${name}-${label}`, { repository, name: label, color, description }, stays);
    }
    if (isMade) {
      const alerts = new RepositoryVulnerabilityAlerts(`${name}-alerts`, { repository, enabled: true }, stays);
      new RepositoryDependabotSecurityUpdates(`${name}-updates`, { repository, enabled: true }, { ...stays, dependsOn: [alerts] });
    }
    if (isMade || choice.actions === "restrict") this.restrictActions(name, repository, workflows.actions, args);
    for (const [title, { key, write }] of Object.entries(choice.deployKeys)) {
      // The API gives the key back without what stands behind it.
      const text = key.split(" ").slice(0, 2).join(" ");
      new RepositoryDeployKey(`${name}-${title}`, { repository, title, key: text, readOnly: !write }, here);
    }
    for (const { name: secretName, from } of plan.secrets) {
      new ActionsSecret(`${name}-${secretName}`, { repository, secretName, value: secretOf(args, from) }, here);
    }

    const branches = plan.protectedBranches
      .filter((branch) => branch.name !== plan.branch)
      .map(({ name: branch }) => new Branch(`${name}-${branch}`, { repository, branch, sourceBranch: plan.branch }, stays));
    // A job of an environment that does not exist would make one, open to every branch: environments stand before the workflows do.
    const environments = plan.environments.map((environment) => this.environment(name, repository, environment, args));
    // Before the files, which administrators commit past them, and gone after them: so they stand in nobody's way when their bypass comes or goes.
    const rulesets = rulesetsOf(plan, settings).map(({ key, ...ruleset }) => ({
      of: ruleset.target,
      made: new RepositoryRuleset(`${name}-${key}`, { repository, ...ruleset }, { ...here, dependsOn: branches }),
    }));
    const onBranches = rulesets.filter(({ of }) => of === "branch").map(({ made }) => made);
    const isKept = settings.workflowFiles === "kept";
    const files = isKept ? {} : workflows.files;
    const committed = plan.workflowsOn.flatMap((branch) =>
      Object.entries(files).map(([file, content]) => {
        const message = `${file.split("/").at(-1)}: as the delivery stack says\n\n[skip ci]`;
        return new RepositoryFile(
          `${name}-${branch === plan.branch ? "" : `${branch}-`}${file}`,
          {
            repository,
            branch,
            file,
            content,
            // Each file is a commit of its own: without these words each would test and deploy.
            commitMessage: message,
            // What is made here, a repository or a branch, holds nothing of anybody else's; a reply that was lost is taken up again. What the
            // repository kept itself is ours too.
            overwriteOnCreate: isMade || args.keptBefore || (choice.overwrite ?? false) || !args.branches.includes(branch),
          },
          // A branch is cut before any file is committed, so that it holds none of them yet. Whether a file may write over something is only
          // asked when it is committed for the first time.
          {
            ...here,
            dependsOn: [...branches, ...onBranches, ...environments.flatMap(({ parts }) => parts)],
            ignoreChanges: ["overwriteOnCreate"],
          },
        );
      }),
    );
    // What the repository keeps itself from now on is let go of, where a delete would take away what has just been committed. The engine does that
    // for one that is read under its own name and number.
    const released = isKept && !args.keptBefore ? args.held : [];
    const freed = released.map(({ name: held, file, branch }) =>
      RepositoryFile.get(held, fileId(choice.name, file, branch), undefined, here),
    );
    const workflowFiles = pulumi.all([...committed, ...freed].map(({ id }) => id)).apply(() => settings.workflowFiles);
    this.registerOutputs({ name: this.name, workflowFiles });
  }

  /** The name of the repository, once it stands. */
  private standing(key: string, { plan, settings, choice }: RepositoryArgs): pulumi.Input<string> {
    const { name, from } = choice;
    const kept = { parent: this, protect: true, retainOnDelete: true };
    switch (from) {
      case "create": {
        const { merges, description, homepage, topics } = settings;
        return new GithubRepository(
          key,
          {
            name,
            visibility: plan.visibility,
            ...(description === undefined ? {} : { description }),
            ...(homepage === undefined ? {} : { homepageUrl: homepage }),
            topics: [...topics],
            // With a first commit, so that there is a branch to protect.
            autoInit: true,
            hasIssues: true,
            allowSquashMerge: merges.includes("squash"),
            allowRebaseMerge: merges.includes("rebase"),
            allowMergeCommit: merges.includes("merge"),
            allowUpdateBranch: true,
            deleteBranchOnMerge: true,
            squashMergeCommitTitle: "PR_TITLE",
            // What a pull request says of itself, or its commits, may hold words that start no workflow: merged, and never deployed.
            squashMergeCommitMessage: "BLANK",
            // Private repositories have these with a paid product only, and public ones free of charge.
            ...(plan.visibility === "public"
              ? { securityAndAnalysis: { secretScanning: { status: "enabled" }, secretScanningPushProtection: { status: "enabled" } } }
              : {}),
          },
          kept,
        ).name;
      }
      case "import":
        // What it is stays as it is: a difference is none of ours.
        return new GithubRepository(key, { name, visibility: plan.visibility }, { ...kept, import: name, ignoreChanges: own }).name;
      case "reference":
        return name;
    }
  }

  /** Actions at full commits only, GitHub's own and those that are used; a token that reads unless a workflow says otherwise. */
  private restrictActions(name: string, repository: pulumi.Input<string>, used: readonly string[], { settings }: RepositoryArgs): void {
    const opts = { parent: this, retainOnDelete: true };
    const patternsAlloweds = [...new Set([...used, ...settings.allowedActions])].sort().map((action) => `${action}@*`);
    new ActionsRepositoryPermissions(
      `${name}-actions`,
      {
        repository,
        enabled: true,
        allowedActions: "selected",
        allowedActionsConfig: { githubOwnedAllowed: true, verifiedAllowed: false, patternsAlloweds },
        shaPinningRequired: true,
      },
      opts,
    );
    new WorkflowRepositoryPermissions(
      `${name}-tokens`,
      // One switch for opening pull requests and approving them: with it, whoever can push has his own approved by a workflow.
      { repository, defaultWorkflowPermissions: "read", canApprovePullRequestReviews: false },
      opts,
    );
  }

  private environment(
    name: string,
    repository: pulumi.Input<string>,
    plan: RepositoryPlan["environments"][number],
    args: RepositoryArgs,
  ): Environment {
    return new Environment(
      `${name}-${plan.name}`,
      {
        repository,
        plan,
        secrets: Object.fromEntries(plan.secrets.map((secret) => [secret.name, secretOf(args, secret.from)])),
        variables: Object.fromEntries(plan.variables.map((variable) => [variable.name, args.state])),
        reviewers: plan.reviewers.map((reviewer) => ({ team: reviewer.includes("/"), id: args.reviewers[reviewer] ?? 0 })),
        wait: plan.purpose === "deploy" ? (args.waits[plan.stack] ?? 0) : 0,
        standing: args.standing[plan.name],
      },
      { parent: this },
    );
  }
}

/** All that a repository is by itself; an import keeps it. */
const own = [
  "description",
  "homepageUrl",
  "topics",
  "autoInit",
  "hasIssues",
  "hasDiscussions",
  "hasDownloads",
  "hasProjects",
  "hasWiki",
  "isTemplate",
  "allowAutoMerge",
  "allowForking",
  "allowSquashMerge",
  "allowRebaseMerge",
  "allowMergeCommit",
  "allowUpdateBranch",
  "deleteBranchOnMerge",
  "mergeCommitTitle",
  "mergeCommitMessage",
  "squashMergeCommitTitle",
  "squashMergeCommitMessage",
  "securityAndAnalysis",
  "vulnerabilityAlerts",
  "webCommitSignoffRequired",
  "pages",
  "archived",
  // An import keeps it among the inputs, and it changes with everything.
  "etag",
];

/** A file's number, as the provider puts it together. */
const fileId = (repository: string, file: string, branch: string): string => `${repository}:${file.replaceAll(":", "??")}:${branch}`;

function secretOf({ secrets }: RepositoryArgs, from: string): pulumi.Output<string> {
  const value = secrets[from];
  if (value === undefined) throw new TypeError(`provided/${from.replaceAll(".", "/")}: is read by a workflow, and nobody asked for it`);
  return value;
}
