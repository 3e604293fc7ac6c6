export type Headers = Readonly<Record<string, string | number | undefined>>;

/** What came back of a request that failed, or nothing where it never came. */
export interface Failure {
  readonly method: string;
  /** Path below the API's address. */
  readonly path: string;
  readonly repository: string;
  readonly answer?: { readonly status: number; readonly headers: Headers; readonly message: string };
  /** Why there is no answer. */
  readonly reason?: string;
}

/** GitHub did not do what it was asked for. Says why and what helps, and never a token. */
export class GitHubError extends Error {
  /** None where no answer came. */
  readonly status: number | undefined;
  /** Seconds after which it may be tried again; undefined where that would not help. */
  readonly pause: number | undefined;

  constructor(message: string, status?: number, pause?: number) {
    super(message);
    this.status = status;
    this.pause = pause;
  }

  /** Whether it may have been done all the same: the answer is lost, or broke on its way. */
  get mayBeDone(): boolean {
    return this.status === undefined || this.status >= 500;
  }
}

/** Words for a failure. Pure. */
export function explain({ method, path, repository, answer, reason }: Failure, now: Date): string {
  const asked = `${method} ${path}`;
  if (!answer)
    return `GitHub gives no answer to ${asked}: ${reason ?? "the connection broke"}. Is GITHUB_API_URL right, and GitHub up (https://www.githubstatus.com)?`;
  const { status, headers, message } = answer;
  const said = `(${status}, "${message}")`;
  const end = limitEnd(answer, now);
  if (end) {
    const limit = /secondary rate/i.test(message)
      ? "GitHub asks for a pause, since much was written in a short time"
      : "This token's requests to GitHub are used up";
    return `${limit}: it goes on at ${atMinute(end)} UTC, ${inMinutes(end, now)} ${said}. Run it again then.`;
  }
  if (status === 401)
    return `GitHub does not know the token in GITHUB_TOKEN ${said}. In a workflow it is \${{ github.token }}; one of your own may have expired.`;
  if (status === 403 && /is locked/.test(message))
    return `${thing(path, repository)} is locked, so nothing can be written there ${said}. Unlock it, and run this again.`;
  if (status === 403 && /not accessible by/.test(message)) {
    const needed = permissions(String(headers["x-accepted-github-permissions"] ?? ""));
    const refused = `The token in GITHUB_TOKEN may not do this in ${repository}: ${asked} ${said}.`;
    if (needed === "") return `${refused} GitHub does not say which permission it lacks.`;
    if (/personal access token/.test(message)) return `${refused} It needs the permissions ${needed}.`;
    return `${refused} Add to the job in the workflow: permissions: ${needed}. Runs of forks and of Dependabot can only read, whatever it says.`;
  }
  if (status === 404) return `There is no ${thing(path, repository)}, or the token in GITHUB_TOKEN may not see it ${said}.`;
  if (status === 410 && /has been disabled|are disabled/.test(message))
    return `${repository} has its issues switched off ${said}. Switch them on in its settings under General, Features.`;
  if (status >= 500) return `GitHub is in trouble: ${asked} failed ${said}. Run it again later; https://www.githubstatus.com tells when.`;
  return `GitHub refuses ${asked} ${said}`;
}

/** Seconds after which it may be tried again: after a limit, or a while after trouble. Pure. */
export function pauseOf({ answer }: Failure, now: Date): number | undefined {
  if (!answer || answer.status >= 500) return 1;
  const end = limitEnd(answer, now);
  return end && Math.max(0, Math.ceil((end.getTime() - now.getTime()) / 1000));
}

/** When a limit ends, where one was reached. */
function limitEnd({ status, headers, message }: NonNullable<Failure["answer"]>, now: Date): Date | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const wait = headers["retry-after"];
  if (wait !== undefined) return new Date(now.getTime() + Number(wait) * 1000);
  if (headers["x-ratelimit-remaining"] === "0") return new Date(Number(headers["x-ratelimit-reset"]) * 1000);
  // GitHub's advice where it names no time.
  return status === 429 || /rate limit/i.test(message) ? new Date(now.getTime() + 60_000) : undefined;
}

/** Rounded up, so that it does not come too early. */
const atMinute = (end: Date): string => new Date(Math.ceil(end.getTime() / 60_000) * 60_000).toISOString().slice(11, 16);

function inMinutes(end: Date, now: Date): string {
  const minutes = Math.max(1, Math.ceil((end.getTime() - now.getTime()) / 60_000));
  return `in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

/** `issues=write; pull_requests=write` is one of both, as a workflow writes it; with a comma, both are needed. */
const permissions = (accepted: string): string =>
  accepted
    .split(/; */)
    .filter((set) => set !== "")
    .map((set) => `{ ${set.replaceAll("_", "-").replaceAll("=", ": ").replaceAll(/, */g, ", ")} }`)
    .join(" or ");

/** What a path is about. A pull request's comments are those of the issue with its number. */
function thing(path: string, repository: string): string {
  const [, kind, number] = /\/(pulls|issues)\/(\d+)/.exec(path) ?? [];
  if (number !== undefined) return kind === "pulls" ? `pull request ${number} in ${repository}` : `#${number} in ${repository}`;
  return /\/issues\/comments\//.test(path) ? `such comment in ${repository}` : `repository ${repository} (GITHUB_REPOSITORY)`;
}
