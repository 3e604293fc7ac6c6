import type { Description, Meant } from "./description.ts";
import type { OperationName } from "./operations.ts";

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

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal in GitHub's own words. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly object[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, more: { errors?: readonly object[]; headers?: Readonly<Record<string, string>> } = {}) {
    super(message);
    this.status = status;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

const invalid = (...errors: readonly object[]): Refusal => new Refusal(422, "Validation Failed", { errors });

/** Which permission an operation takes, in the words of `x-accepted-github-permissions`. */
const accepted: Readonly<Record<OperationName, string>> = {
  "users/get-authenticated": "",
  "repos/get": "metadata=read",
  "pulls/get": "pull_requests=read",
  "issues/list-for-repo": "issues=read",
  "issues/create": "issues=write",
  "issues/get": "issues=read; pull_requests=read",
  "issues/update": "issues=write; pull_requests=write",
  "issues/list-comments": "issues=read; pull_requests=read",
  "issues/create-comment": "issues=write; pull_requests=write",
  "issues/get-comment": "issues=read; pull_requests=read",
  "issues/update-comment": "issues=write; pull_requests=write",
  "issues/delete-comment": "issues=write; pull_requests=write",
  "issues/list-labels-for-repo": "issues=read; pull_requests=read",
  "issues/create-label": "issues=write; pull_requests=write",
  "issues/get-label": "issues=read; pull_requests=read",
};

/** A title may be a number, and null stands for nothing. */
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

const longest = 65_536;

/** One repository of GitHub, in memory: `acme/web`. Ids and times only grow. */
export class State {
  readonly owner = "acme";
  readonly name = "web";
  readonly id = 1296269;
  readonly issues: Issue[] = [];
  readonly comments: Comment[] = [];
  readonly labels: Label[] = [];
  hasIssues = true;
  /** What a token may not edit although it may write. */
  isProtected: (one: Comment) => boolean = () => false;
  readonly #description: Description;
  #last = 4_000_000_000; // ids of comments do not fit into 32 bits
  #seconds = Date.parse("2026-01-01T00:00:00Z") / 1000;

  constructor(description: Description) {
    this.#description = description;
  }

  #id = (): number => ++this.#last;
  #now = (): string => new Date(this.#seconds++ * 1000).toISOString().replace(".000Z", "Z");

  /** What somebody wrote before the test begins. */
  addIssue(user: Account, values: Partial<Pick<Issue, "title" | "body" | "labels" | "isPull" | "locked" | "state">> = {}): Issue {
    const now = this.#now();
    const number = this.issues.length + 1;
    const defaults = { title: `Number ${number}`, body: "", labels: [], isPull: false, locked: false, state: "open" } as const;
    const made: Issue = {
      ...{ ...defaults, labels: [] as string[], ...values },
      id: this.#id(),
      number,
      user,
      createdAt: now,
      updatedAt: now,
      reason: null,
      closedAt: null,
      closedBy: null,
    };
    for (const label of made.labels) this.addLabel(label);
    this.issues.push(made);
    return made;
  }

  addComment(user: Account, issue: number, body: string): Comment {
    const now = this.#now();
    const made: Comment = { id: this.#id(), issue, user, body, createdAt: now, updatedAt: now };
    this.comments.push(made);
    return made;
  }

  /** GitHub makes labels that are given to an issue and are not there yet, in a grey. */
  addLabel(name: string, color = "ededed", description: string | null = null): Label {
    const known = this.#label(name);
    if (known) return known;
    const made: Label = { id: this.#id(), name, color, description };
    this.labels.push(made);
    return made;
  }

  /** Answers a request of somebody, or throws a {@link Refusal}. */
  answer({ operation, parameters: given, body, isForApps }: Meant, who: Account): Answer {
    if (operation === "users/get-authenticated") {
      if (!isForApps && who.type === "Bot") throw new Refusal(403, "Resource not accessible by integration");
      return { status: 200, body: this.#description.form("private-user", { ...this.#user(who), user_view_type: "private" }) };
    }
    const isHere = [given["owner"], given["repo"]].join("/").toLowerCase() === `${this.owner}/${this.name}`;
    if (!isHere) throw new Refusal(404, "Not Found");
    this.#permit(operation, who);
    const now = this.#now();
    switch (operation) {
      case "repos/get":
        return { status: 200, body: this.#description.form("full-repository", { ...this.#repository(), has_issues: this.hasIssues }) };
      case "pulls/get": {
        const pull = this.issues.find(({ number, isPull }) => isPull && number === Number(given["pull_number"]));
        if (!pull) throw new Refusal(404, "Not Found");
        return { status: 200, body: this.#pull(pull) };
      }
      case "issues/list-for-repo": {
        this.#needIssues();
        const { state = "open", labels = "", creator, direction = "desc", since = "" } = given;
        const wanted = labels === "" ? [] : labels.toLowerCase().split(",");
        const found = this.issues.filter(
          (one) =>
            one.gone === undefined &&
            (state === "all" || one.state === state) &&
            (creator === undefined || one.user.login === creator) &&
            one.updatedAt >= since &&
            wanted.every((name) => one.labels.some((label) => label.toLowerCase() === name)),
        );
        return this.#page(direction === "asc" ? found : found.reverse(), given, (one) => this.#issue(one));
      }
      case "issues/create": {
        this.#needIssues();
        const title = text(body["title"]);
        if (title.trim() === "") throw invalid({ resource: "Issue", code: "missing_field", field: "title" });
        checkLength("Issue", "custom", "body", "body", body["body"]);
        const made = this.addIssue(who, { title, body: text(body["body"]), labels: this.#names(body["labels"]) });
        return { status: 201, body: this.#issue(made) };
      }
      case "issues/get":
        return { status: 200, body: this.#issue(this.#find(given)) };
      case "issues/update": {
        const found = this.#find(given);
        checkLength("Issue", "custom", "body", "body", body["body"]);
        if (body["title"] !== undefined) found.title = text(body["title"]);
        if (body["body"] !== undefined) found.body = text(body["body"]);
        if (body["labels"] !== undefined) found.labels = this.#names(body["labels"]);
        if (body["state"] !== undefined && body["state"] !== found.state) {
          const isClosed = body["state"] === "closed";
          found.state = isClosed ? "closed" : "open";
          found.reason = text(body["state_reason"]) || (isClosed ? "completed" : "reopened");
          found.closedAt = isClosed ? now : null;
          found.closedBy = isClosed ? who : null;
        }
        found.updatedAt = now;
        return { status: 200, body: this.#issue(found) };
      }
      case "issues/list-comments": {
        const { number } = this.#find(given);
        const found = this.comments.filter(({ issue, updatedAt }) => issue === number && updatedAt >= (given["since"] ?? ""));
        return this.#page(found, given, (one) => this.#comment(one));
      }
      case "issues/create-comment": {
        const { number, locked } = this.#find(given);
        if (locked && who.type === "Bot") throw new Refusal(403, "Unable to create comment because issue is locked.");
        checkLength("IssueComment", "unprocessable", "data", "Body", body["body"]);
        if (body["body"] === "")
          throw invalid({ resource: "IssueComment", code: "unprocessable", field: "data", message: "Body cannot be blank" });
        return { status: 201, body: this.#comment(this.addComment(who, number, text(body["body"]))) };
      }
      case "issues/get-comment":
        return { status: 200, body: this.#comment(this.#findComment(given)) };
      case "issues/update-comment": {
        const found = this.#findComment(given);
        if (this.isProtected(found)) throw new Refusal(403, "Resource not accessible by integration");
        checkLength("IssueComment", "unprocessable", "data", "Body", body["body"]);
        found.body = text(body["body"]);
        found.updatedAt = now;
        return { status: 200, body: this.#comment(found) };
      }
      case "issues/delete-comment":
        this.comments.splice(this.comments.indexOf(this.#findComment(given)), 1);
        return { status: 204 };
      case "issues/list-labels-for-repo":
        return this.#page(this.labels, given, (one) => this.#labelForm(one));
      case "issues/create-label": {
        const [name, color, description] = [
          text(body["name"]),
          text(body["color"]) || "ededed",
          (body["description"] ?? null) as string | null,
        ];
        if (this.#label(name)) throw invalid({ resource: "Label", code: "already_exists", field: "name" });
        if (!/^[0-9a-f]{6}$/i.test(color)) throw invalid({ resource: "Label", code: "invalid", field: "color" });
        if ((description ?? "").length > 100)
          throw invalid({
            resource: "Label",
            code: "custom",
            field: "description",
            message: "description is too long (maximum is 100 characters)",
          });
        return { status: 201, body: this.#labelForm(this.addLabel(name, color, description)) };
      }
      case "issues/get-label": {
        const found = this.#label(given["name"] ?? "");
        if (!found) throw new Refusal(404, "Not Found");
        return { status: 200, body: this.#labelForm(found) };
      }
    }
  }

  #permit(operation: OperationName, { permissions, type }: Account): void {
    if (permissions === undefined) return;
    const holds = (one: string): boolean => {
      const [name = "", level] = one.split("=");
      return name === "metadata" || permissions[name] === "write" || permissions[name] === level;
    };
    if (accepted[operation].split("; ").some(holds)) return;
    throw new Refusal(403, `Resource not accessible by ${type === "Bot" ? "integration" : "personal access token"}`, {
      headers: { "x-accepted-github-permissions": accepted[operation] },
    });
  }

  #needIssues(): void {
    if (!this.hasIssues) throw new Refusal(410, "Issues has been disabled in this repository.");
  }

  #label = (name: string): Label | undefined => this.labels.find((one) => one.name.toLowerCase() === name.toLowerCase());

  #names = (labels: unknown): string[] =>
    ((labels ?? []) as (string | { name: string })[]).map((one) => this.addLabel(typeof one === "string" ? one : one.name).name);

  #find({ issue_number }: Readonly<Record<string, string>>): Issue {
    const found = this.issues.find(({ number }) => number === Number(issue_number));
    if (!found) throw new Refusal(404, "Not Found");
    if (!found.isPull) this.#needIssues();
    if (found.gone === "deleted") throw new Refusal(410, "This issue was deleted");
    // GitHub answers 301 here. Where it went, this token may not look.
    if (found.gone === "transferred") throw new Refusal(404, "Not Found");
    return found;
  }

  #findComment({ comment_id }: Readonly<Record<string, string>>): Comment {
    const found = this.comments.find(({ id }) => id === Number(comment_id));
    if (!found) throw new Refusal(404, "Not Found");
    return found;
  }

  /** One page, with links as GitHub writes them: by the repository's id. */
  #page<T>(all: readonly T[], given: Readonly<Record<string, string>>, form: (one: T) => unknown): Answer {
    const { per_page = "30", page = "1", issue_number } = given;
    const more = Object.entries(given).filter(([name]) => !["owner", "repo", "issue_number", "per_page", "page"].includes(name));
    const [size, number] = [Number(per_page), Number(page)];
    const last = Math.max(1, Math.ceil(all.length / size));
    const path = issue_number === undefined ? "" : `/${issue_number}/comments`;
    const link = (to: number, rel: string): string =>
      `<$BASE/repositories/${this.id}/issues${path}?${String(new URLSearchParams([...more, ["per_page", per_page], ["page", String(to)]]))}>; rel="${rel}"`;
    const links = [
      ...(number > 1 ? [link(number - 1, "prev")] : []),
      ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
      ...(number > 1 ? [link(1, "first")] : []),
    ];
    return {
      status: 200,
      body: all.slice((number - 1) * size, number * size).map(form),
      headers: links.length === 0 ? {} : { link: links.join(", ") },
    };
  }

  #user = ({ login, id, type }: Account) =>
    this.#description.form("simple-user", { login, id, type, html_url: `https://github.com/${login.replace(/(.*)\[bot\]$/, "apps/$1")}` });

  #repository = () => ({
    id: this.id,
    name: this.name,
    full_name: `${this.owner}/${this.name}`,
    owner: this.#user({ login: this.owner, id: 1, type: "User" }),
  });

  #address = (path: string): string => `https://api.github.com/repos/${this.owner}/${this.name}${path}`;

  #labelForm = ({ id, name, color, description }: Label) =>
    this.#description.form("label", { id, name, color, description, url: this.#address(`/labels/${encodeURIComponent(name)}`) });

  #common = (one: Issue | Comment) => ({
    id: one.id,
    body: one.body,
    user: this.#user(one.user),
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    author_association: one.user.association ?? "NONE",
  });

  #comment = (one: Comment) => {
    const page = `https://github.com/${this.owner}/${this.name}/issues/${one.issue}#issuecomment-${one.id}`;
    return this.#description.form("issue-comment", {
      ...this.#common(one),
      html_url: page,
      issue_url: this.#address(`/issues/${one.issue}`),
    });
  };

  #issueValues = (one: Issue) => ({
    ...this.#common(one),
    number: one.number,
    title: one.title,
    state: one.state,
    locked: one.locked,
    closed_at: one.closedAt,
    comments: this.comments.filter(({ issue }) => issue === one.number).length,
    html_url: `https://github.com/${this.owner}/${this.name}/${one.isPull ? "pull" : "issues"}/${one.number}`,
    labels: one.labels.map((name) => this.#labelForm(this.addLabel(name))),
  });

  #issue = (one: Issue) =>
    this.#description.form("issue", {
      ...this.#issueValues(one),
      state_reason: one.reason,
      closed_by: one.closedBy && this.#user(one.closedBy),
      ...(one.isPull ? { pull_request: { url: null, html_url: null, diff_url: null, patch_url: null } } : {}),
    });

  #pull = (one: Issue) => this.#description.form("pull-request", this.#issueValues(one));
}

function checkLength(resource: string, code: string, field: string, name: string, value: unknown): void {
  if ([...text(value)].length <= longest) return;
  throw invalid({ resource, code, field, message: `${name} is too long (maximum is ${longest} characters)` });
}
