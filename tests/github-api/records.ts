/** The one repository that there is. */
export const repository = { owner: "acme", name: "web", id: 1296269 } as const;

/** Who asks or wrote. */
export interface Account {
  readonly login: string;
  readonly id: number;
  readonly type: "User" | "Bot";
  /** What a token of an App or a fine-grained one may do: `{ issues: "write" }`. One without is a token of somebody who may do everything. */
  readonly permissions?: Readonly<Record<string, "read" | "write">>;
  readonly association?: "OWNER" | "MEMBER" | "COLLABORATOR" | "CONTRIBUTOR" | "NONE";
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

/** An issue or a pull request, as it is kept. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly isPull: boolean;
  readonly user: Account;
  readonly createdAt: string;
  /** Of a pull request: the commit at its head. */
  head: string;
  title: string;
  body: string;
  state: "open" | "closed";
  reason: string | null;
  labels: string[];
  locked: boolean;
  updatedAt: string;
  closedAt: string | null;
  closedBy: Account | null;
  /** Where a GET leads that is not answered any more. */
  gone?: "deleted" | "transferred";
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly user: Account;
  readonly createdAt: string;
  body: string;
  updatedAt: string;
}

/** Two jobs of a workflow have tokens of their own, and one account. */
export const actions = {
  login: "github-actions[bot]",
  id: 41898282,
  type: "Bot",
  permissions: { issues: "write", pull_requests: "write", contents: "read" },
} as const satisfies Account;
export const octocat = { login: "octocat", id: 583231, type: "User", association: "MEMBER" } as const satisfies Account;
/** Somebody who may write comments and issues, as everybody may, and nothing else. */
export const stranger = { login: "stranger", id: 9_000_001, type: "User", association: "NONE" } as const satisfies Account;
