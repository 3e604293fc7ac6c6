import { apiBase, tokenOf } from "../digitalocean.ts";
import { familiesOf, needsSpacesKey, scopesFor, scopeWords } from "../token-scopes.ts";
import type { Finding, FindingId, Skipped } from "./finding.ts";
import type { Probe } from "./probe.ts";
import { heldScopes } from "./scopes.ts";

const tokens = "https://cloud.digitalocean.com/account/api/tokens";

/**
 * Looks whether DigitalOcean's token is there, is taken, and has the scopes that the stacks need. What could not be seen is added to `skipped`.
 *
 * @param may `look`: only the scopes of a token for previews are asked about.
 */
export async function digitalOceanFindings(
  probe: Probe,
  environment: NodeJS.ProcessEnv,
  needs: Readonly<Record<string, readonly string[]>>,
  skipped: Skipped[] = [],
  may: "deploy" | "look" = "deploy",
): Promise<Finding[]> {
  const types = Object.values(needs).flat();
  const findings: Finding[] = [];
  const error = (id: FindingId, what: string, why: string, ...fix: string[]): void =>
    void findings.push({ id, severity: "error", what, why, fix });
  if (needsSpacesKey(types)) {
    const missing = ["SPACES_ACCESS_KEY_ID", "SPACES_SECRET_ACCESS_KEY"].filter((name) => !environment[name]);
    if (missing.length > 0)
      error(
        "spaces-key-missing",
        `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`,
        "Buckets are made with a key of Spaces, not with the token.",
        ...missing.map(readInto),
      );
  }
  const wanted = familiesOf(types);
  if (wanted.length === 0) return findings;
  const token = tokenOf(environment);
  if (token === undefined) {
    error(
      "token-missing",
      "DIGITALOCEAN_TOKEN is not set",
      "Every preview and up of these stacks asks DigitalOcean.",
      readInto("DIGITALOCEAN_TOKEN"),
      `# make one with custom scopes at ${tokens}; npm run ops -- bootstrap --plan lists them`,
    );
    return findings;
  }
  const base = apiBase(environment);
  const get = (path: string) => probe.get(new URL(path, base), { authorization: `Bearer ${token}` });
  const account = await get("/v2/account");
  if (account.status === 0) {
    error(
      "cloud-unreachable",
      `DigitalOcean's API at ${new URL(base).host} does not answer (${account.error ?? ""})`,
      "Nothing can be previewed or deployed from here.",
      `curl -sS -o /dev/null -w '%{http_code}\\n' ${new URL("/v2/account", base).href}`,
    );
    skipped.push({ what: "whether the token is taken, and its scopes", why: "DigitalOcean's API does not answer" });
    return findings;
  }
  if (account.status === 401) {
    error(
      "token-refused",
      "DigitalOcean refuses the token in DIGITALOCEAN_TOKEN",
      "It was revoked, has expired, or was pasted in part.",
      readInto("DIGITALOCEAN_TOKEN"),
      `# make another at ${tokens}`,
    );
    return findings;
  }
  const { status, status_message: message } =
    (account.body as { account?: { status?: string; status_message?: string } } | undefined)?.account ?? {};
  if (status === "locked" || status === "warning")
    error(
      "account-not-active",
      `the account's status is "${status}"${message ? `: ${message}` : ""}`,
      "DigitalOcean refuses new resources, or will.",
      "# settle it with DigitalOcean: https://cloudsupport.digitalocean.com",
      "doctl account get",
    );
  const wantedScopes = scopesFor(wanted, may);
  const { missing, unclear } = await heldScopes(probe, base, token, wantedScopes);
  const stacks = Object.keys(needs);
  const isRead = (scope: string): boolean => scopesFor(wanted, "look").includes(scope);
  const [reads, writes] = [missing.filter(isRead), missing.filter((scope) => !isRead(scope))];
  const makeAnother = `# make one at ${tokens} with all of these: ${scopeWords(wantedScopes)}`;
  if (reads.length > 0)
    error(
      "token-scope",
      `the token lacks ${scopeWords(reads)}`,
      `${stacks.join(", ")} ${stacks.length === 1 ? "consists" : "consist"} of such resources: no preview works. Scopes of a token cannot be added later.`,
      readInto("DIGITALOCEAN_TOKEN"),
      makeAnother,
    );
  // At a desk, a token that can only look may be wanted.
  if (writes.length > 0)
    findings.push({
      id: "token-scope-write",
      severity: "warning",
      what: `the token lacks ${scopeWords(writes)}`,
      why: "Previews and drift work with it, and an up ends half way. Where you only look, that is as it should be.",
      fix: [readInto("DIGITALOCEAN_TOKEN"), makeAnother],
    });
  const reasons = Map.groupBy(Object.entries(unclear), ([, reason]) => reason);
  for (const [reason, scopes] of reasons)
    skipped.push({ what: `whether the token has ${scopeWords(scopes.map(([scope]) => scope))}`, why: reason });
  return findings;
}

/** What a classic token has to have ticked. */
const classicScopes = ["repo", "workflow"];

/** Looks whether GitHub's token reaches the repositories of the delivery stack as their administrator. */
export async function githubFindings(
  probe: Probe,
  environment: NodeJS.ProcessEnv,
  repositories: readonly { readonly owner: string; readonly name: string; readonly stands: boolean }[],
  now: Date,
): Promise<Finding[]> {
  const stack = "delivery";
  const findings: Finding[] = [];
  const add = (id: FindingId, severity: Finding["severity"], what: string, why: string, ...fix: string[]): void =>
    void findings.push({ id, stack, severity, what, why, fix });
  const token = environment["GITHUB_TOKEN"];
  const another = "# the permissions that it needs: README.md, step 8; make one at https://github.com/settings/personal-access-tokens/new";
  if (!token) {
    add(
      "github-token-missing",
      "error",
      "GITHUB_TOKEN is not set",
      "Only the stack delivery asks GitHub; it cannot be previewed without.",
      readInto("GITHUB_TOKEN"),
      another,
    );
    return findings;
  }
  const base = environment["GITHUB_API_URL"] ?? "https://api.github.com";
  const get = (path: string) =>
    probe.get(`${base.replace(/\/$/, "")}${path}`, { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" });
  const user = await get("/user");
  if (user.status === 0) {
    add(
      "github-unreachable",
      "error",
      `GitHub's API at ${new URL(base).host} does not answer (${user.error ?? ""})`,
      "The stack delivery cannot be previewed from here.",
      `curl -sS -o /dev/null -w '%{http_code}\\n' ${base}`,
    );
    return findings;
  }
  if (user.status === 401) {
    add(
      "github-token-refused",
      "error",
      "GitHub refuses the token in GITHUB_TOKEN",
      "It was revoked, has expired, or was pasted in part.",
      readInto("GITHUB_TOKEN"),
      another,
    );
    return findings;
  }
  const scopes = user.headers.get("x-oauth-scopes");
  // Only classic tokens tell their scopes; a fine-grained one shows what it may in each repository.
  if (scopes !== null && scopes !== "") {
    const held = scopes.split(",").map((scope) => scope.trim());
    const missing = classicScopes.filter((scope) => !held.includes(scope));
    if (missing.length > 0)
      add(
        "github-token-scope",
        "error",
        `GITHUB_TOKEN lacks the scope ${missing.join(" and ")}`,
        "Without repo it sees no private repository, without workflow it may not commit workflow files.",
        "gh auth refresh --scopes repo,workflow",
        another,
      );
  }
  const expires = user.headers.get("github-authentication-token-expiration");
  const days = expires === null ? Infinity : Math.floor((Date.parse(expires) - now.getTime()) / 86_400_000);
  if (days < 14)
    add(
      "github-token-expiring",
      "warning",
      `GITHUB_TOKEN expires in ${Math.max(0, days)} days`,
      "GitHub refuses it from then on.",
      readInto("GITHUB_TOKEN"),
      another,
    );
  for (const { owner, name, stands } of repositories) {
    const answer = await get(`/repos/${owner}/${name}`);
    const { permissions } = (answer.body ?? {}) as { permissions?: { admin?: boolean } };
    if (answer.status === 404 && stands)
      add(
        "github-repository",
        "error",
        `GITHUB_TOKEN does not see ${owner}/${name}`,
        "The repository is not there, or not among those that the token is for.",
        `gh repo view ${owner}/${name}`,
        another,
      );
    else if (answer.status === 200 && permissions?.admin !== true)
      add(
        "github-not-admin",
        "error",
        `GITHUB_TOKEN is no administrator of ${owner}/${name}`,
        "Rulesets, environments and their secrets are an administrator's.",
        readInto("GITHUB_TOKEN"),
        another,
      );
  }
  return findings;
}

/** Asks for a secret without leaving it in the shell's history. */
export const readInto = (name: string): string => `read -rs ${name} && export ${name}`;

/** How far apart two clocks may be. S3 refuses requests that are off by a quarter of an hour. */
const mostSkew = 300;

/** The clock of this machine against those of the servers that were asked; the smallest difference counts, since an answer takes its time. Pure. */
export function clockFindings(ahead: readonly number[]): Finding[] {
  const [least] = ahead.toSorted((a, b) => Math.abs(a) - Math.abs(b));
  if (least === undefined || Math.abs(least) < mostSkew) return [];
  const minutes = Math.round(Math.abs(least) / 60);
  return [
    {
      id: "clock",
      severity: "error",
      what: `the clock of this machine is ${minutes} min ${least > 0 ? "ahead" : "behind"}`,
      why: "The state's bucket refuses requests that are more than 15 min off, and locks and releases get wrong times.",
      fix: ["sudo timedatectl set-ntp true"],
    },
  ];
}
