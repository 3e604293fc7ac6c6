import type { Meant } from "./description.ts";
import * as forms from "./forms.ts";
import type { OperationName } from "./operations.ts";
import { type Account, type Comment, type Issue, type Label, repository } from "./records.ts";

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
  "pulls/list-files": "pull_requests=read",
  "repos/list-pull-requests-associated-with-commit": "pull_requests=read",
  "repos/compare-commits-with-basehead": "contents=read",
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
  readonly issues: Issue[] = [];
  /** What is in pull requests, by their number: the commit at their head, the paths, and the commit on the branch once they are merged. */
  readonly changes = new Map<number, { readonly head: string; readonly files?: readonly string[]; readonly merged?: string }>();
  /** The branch, oldest first. */
  commits: readonly string[] = [];
  readonly comments: Comment[] = [];
  readonly labels: Label[] = [];
  hasIssues = true;
  /** What a token may not edit although it may write. */
  isProtected: (one: Comment) => boolean = () => false;
  #last = 4_000_000_000; // ids of comments do not fit into 32 bits
  #seconds = Date.parse("2026-01-01T00:00:00Z") / 1000;

  #id = (): number => ++this.#last;
  #now = (): string => new Date(this.#seconds++ * 1000).toISOString().replace(".000Z", "Z");

  /** What somebody wrote before the test begins. */
  addIssue(user: Account, values: Partial<Pick<Issue, "title" | "body" | "labels" | "isPull" | "locked" | "state" | "head">> = {}): Issue {
    const now = this.#now();
    const number = this.issues.length + 1;
    const defaults = {
      title: `Number ${number}`,
      body: "",
      labels: [],
      isPull: false,
      locked: false,
      state: "open",
      head: "c0ffee".padEnd(40, "0"),
    } as const;
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
      return { status: 200, body: forms.account(who) };
    }
    const isHere = [given["owner"], given["repo"]].join("/").toLowerCase() === `${repository.owner}/${repository.name}`;
    if (!isHere) throw new Refusal(404, "Not Found");
    this.#permit(operation, who);
    const now = this.#now();
    switch (operation) {
      case "repos/get":
        return { status: 200, body: forms.fullRepository(this.hasIssues) };
      case "pulls/get": {
        const pull = this.issues.find(({ number, isPull }) => isPull && number === Number(given["pull_number"]));
        if (!pull) throw new Refusal(404, "Not Found");
        return { status: 200, body: forms.pull(pull, this.#around(pull), this.changes.get(pull.number)?.head) };
      }
      case "pulls/list-files": {
        const files = this.changes.get(Number(given["pull_number"]))?.files ?? [];
        return this.#page(files, given, forms.changedFile);
      }
      case "repos/list-pull-requests-associated-with-commit": {
        const merged = [...this.changes].filter(([, { merged }]) => merged === given["commit_sha"]).map(([number]) => number);
        const found = this.issues.filter(({ isPull, number }) => isPull && merged.includes(number));
        return this.#page(found, given, (one) => forms.mergedPull(one, this.#around(one)));
      }
      case "repos/compare-commits-with-basehead": {
        const [base = "", head = ""] = (given["basehead"] ?? "").split("...");
        const [from, to] = [this.commits.indexOf(base), this.commits.indexOf(head)];
        const between = from < 0 || to < 0 ? [] : this.commits.slice(from + 1, to + 1);
        // A page of it, without the headers that lists have.
        const [size, page] = [Number(given["per_page"] ?? 30), Number(given["page"] ?? 1)];
        return { status: 200, body: forms.comparison(between.slice((page - 1) * size, page * size), between.length) };
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
        return this.#page(found, given, (one) => forms.comment(one));
      }
      case "issues/create-comment": {
        const { number, locked } = this.#find(given);
        if (locked && who.type === "Bot") throw new Refusal(403, "Unable to create comment because issue is locked.");
        checkLength("IssueComment", "unprocessable", "data", "Body", body["body"]);
        if (body["body"] === "")
          throw invalid({ resource: "IssueComment", code: "unprocessable", field: "data", message: "Body cannot be blank" });
        return { status: 201, body: forms.comment(this.addComment(who, number, text(body["body"]))) };
      }
      case "issues/get-comment":
        return { status: 200, body: forms.comment(this.#findComment(given)) };
      case "issues/update-comment": {
        const found = this.#findComment(given);
        if (this.isProtected(found)) throw new Refusal(403, "Resource not accessible by integration");
        checkLength("IssueComment", "unprocessable", "data", "Body", body["body"]);
        found.body = text(body["body"]);
        found.updatedAt = now;
        return { status: 200, body: forms.comment(found) };
      }
      case "issues/delete-comment":
        this.comments.splice(this.comments.indexOf(this.#findComment(given)), 1);
        return { status: 204 };
      case "issues/list-labels-for-repo":
        return this.#page(this.labels, given, (one) => forms.label(one));
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
        return { status: 201, body: forms.label(this.addLabel(name, color, description)) };
      }
      case "issues/get-label": {
        const found = this.#label(given["name"] ?? "");
        if (!found) throw new Refusal(404, "Not Found");
        return { status: 200, body: forms.label(found) };
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

  #issue = (one: Issue) => forms.issue(one, this.#around(one));

  #around = (one: Issue): forms.Around => ({
    labels: one.labels.map((name) => this.addLabel(name)),
    comments: this.comments.filter(({ issue }) => issue === one.number).length,
  });

  /** One page, with links as GitHub writes them: by the repository's id. */
  #page<T>(all: readonly T[], given: Readonly<Record<string, string>>, form: (one: T) => unknown): Answer {
    const { per_page = "30", page = "1", issue_number } = given;
    const more = Object.entries(given).filter(([name]) => !["owner", "repo", "issue_number", "per_page", "page"].includes(name));
    const [size, number] = [Number(per_page), Number(page)];
    const last = Math.max(1, Math.ceil(all.length / size));
    const path = issue_number === undefined ? "" : `/${issue_number}/comments`;
    const link = (to: number, rel: string): string =>
      `<$BASE/repositories/${repository.id}/issues${path}?${String(new URLSearchParams([...more, ["per_page", per_page], ["page", String(to)]]))}>; rel="${rel}"`;
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
}

function checkLength(resource: string, code: string, field: string, name: string, value: unknown): void {
  if ([...text(value)].length <= longest) return;
  throw invalid({ resource, code, field, message: `${name} is too long (maximum is ${longest} characters)` });
}
