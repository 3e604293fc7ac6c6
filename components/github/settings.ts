/** How a repository is worked with. All of it is closed and tidy unless it says otherwise. Nothing here costs anything by itself. */
export interface RepositorySettings {
  /** One line about it, on its page. Only where the repository is made here; a change acts at once. @default none */
  readonly description?: string;
  /** Address of what it is about, on its page. Only where the repository is made here; a change acts at once. @default none */
  readonly homepage?: string;
  /** Words by which it is found: small letters, digits and hyphens. Only where the repository is made here; a change acts at once. @default none */
  readonly topics?: readonly string[];
  /**
   * Labels of issues, by name, beside those that GitHub gives a new repository. One that stands already gets this color and description; one
   * that leaves the list stays in the repository. @default none
   */
  readonly labels?: Readonly<Record<string, LabelSettings>>;
  /**
   * How pull requests are merged, any of these. With `merge`, history need not be a line, as branches that are merged into each other
   * (`dev` → `staging` → `main`) want it. Acts on the next merge. @default ["squash"]
   */
  readonly merges?: readonly ("squash" | "rebase" | "merge")[];
  /** How many people have to approve a pull request, 0 to 10. A new push needs a new approval. Acts on open pull requests too. @default 1 */
  readonly approvals?: number;
  /** Whether those whom `CODEOWNERS` names have to approve what is theirs. Acts on open pull requests too. @default false */
  readonly codeOwners?: boolean;
  /** Whether a pull request has to hold the latest commit of its branch before it is merged. Acts on open pull requests too. @default true */
  readonly upToDate?: boolean;
  /** Who may make a tag that deploys. Nobody may move or delete one. Acts on the next tag. @default "maintainers" */
  readonly releasers?: "writers" | "maintainers" | "administrators";
  /**
   * Actions beside GitHub's own and those of our workflows that workflows of this repository may use: `"pnpm/action-setup"`. A change acts
   * on the next run. @default none
   */
  readonly allowedActions?: readonly string[];
  /**
   * Who keeps our workflows' files: this stack commits them to the repository (`provisioned`); or `npm run generate` writes them into the
   * repository that holds the program, and a pull request changes them (`kept`). A path has one owner, and the files stay where they are when it
   * changes; back to `provisioned`, they are written over. @default "provisioned"
   */
  readonly workflowFiles?: "provisioned" | "kept";
}

/** How a label looks. */
export interface LabelSettings {
  /** Six hexadecimal digits: `"d73a4a"`. Acts at once. */
  readonly color: string;
  /** What it says, at most 100 characters. Acts at once. @default none */
  readonly description?: string;
}

/** Every setting, with the defaults. */
export type ResolvedSettings = Required<Omit<RepositorySettings, "description" | "homepage">> &
  Pick<RepositorySettings, "description" | "homepage">;

/** Fills the defaults in. */
export function resolveSettings(given: RepositorySettings): ResolvedSettings {
  return {
    topics: [],
    merges: ["squash"],
    approvals: 1,
    codeOwners: false,
    upToDate: true,
    releasers: "maintainers",
    allowedActions: [],
    workflowFiles: "provisioned",
    labels: {},
    ...given,
  };
}
