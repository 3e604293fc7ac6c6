import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { codeOf, runAttached } from "./child.ts";
import type { Login } from "./login.ts";
import { entryFor, isSame, type Rule, sessionsIn } from "./rules.ts";
import { changeRules, type TrustedSources } from "./trusted.ts";

export interface SessionOptions {
  readonly login: Login;
  /** The address that is let in. */
  readonly address: string;
  /** What `psql` is started with beside the login. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** The command that shuts the address out where this run could not. */
  readonly closeBy: string;
  /** Milliseconds between a change of the list and a look at it. */
  readonly pause?: number;
}

/**
 * Lets an address in, runs psql, and shuts the address out again, however psql or this process ends, but for a SIGKILL; what that leaves, the
 * next session takes away, and `doctor` finds. Returns psql's exit code.
 */
export async function session(
  sources: TrustedSources,
  { login, address, args, environment, say, closeBy, pause }: SessionOptions,
): Promise<number> {
  const { cluster } = login;
  const entry = entryFor(address, {
    username: userInfo().username,
    hostname: hostname(),
    pid: process.pid,
    timestamp: new Date().toISOString(),
  });
  // From here on a signal ends psql, and this process goes on to shut the address out. While psql runs, the terminal's Ctrl-C is its own.
  const ended = new AbortController();
  let isRunning = false;
  const end = (signal: NodeJS.Signals): void => ended.abort(codeOf(signal));
  const interrupt = (signal: NodeJS.Signals): void => (isRunning ? undefined : end(signal));
  process.on("SIGINT", interrupt).on("SIGTERM", end).on("SIGHUP", end);
  try {
    await changeRules(
      sources,
      cluster,
      (rules) => [...withoutDead(closed(rules), say), ...(rules.some((rule) => isSame(rule, entry)) ? [] : [entry])],
      pause,
    );
    say(`${address} may reach ${login.database} until this session ends.`);
    const certificate = await sources.certificate(cluster);
    if (ended.signal.aborted) return ended.signal.reason as number;
    isRunning = true;
    return await withCertificate(certificate, (file) => psql(login, file, args, environment, ended.signal));
  } finally {
    isRunning = false;
    try {
      await changeRules(sources, cluster, (rules) => rules.filter((rule) => !isSame(rule, entry)), pause);
      say(`${address} is shut out again.`);
    } catch (error) {
      throw new LeftOpen(address, closeBy, error);
    } finally {
      process.off("SIGINT", interrupt).off("SIGTERM", end).off("SIGHUP", end);
    }
  }
}

/** The address is still let in. The next session takes it away, if nobody does before. */
export class LeftOpen extends Error {
  constructor(address: string, closeBy: string, reason: unknown) {
    const why = reason instanceof Error ? reason.message : String(reason);
    super(`${address} could not be shut out, and may still reach the database: ${why}. As soon as that is over, run:\n  ${closeBy}`);
  }
}

/** Takes away what sessions have left: of dead processes, or, where that is asked for, of all. Returns whom it shut out. */
export async function shut(
  sources: TrustedSources,
  cluster: string,
  { all, address, pause }: { readonly all: boolean; readonly address?: string; readonly pause?: number },
): Promise<readonly string[]> {
  const gone = new Set<string>();
  const goes = (rules: readonly Rule[]): Rule[] => [
    ...sessionsIn(rules).flatMap(({ rule, alive }) => (all || alive === false ? [rule] : [])),
    ...rules.filter(({ type, value }) => type === "ip_addr" && value === address),
  ];
  await changeRules(
    sources,
    cluster,
    (rules) => {
      const left = goes(rules);
      for (const { value } of left) gone.add(value);
      const stays = rules.filter((rule) => !left.includes(rule));
      // An empty list lets everybody in.
      if (stays.length === 0 && left.length > 0)
        throw new Error(
          "without this entry the list would be empty, and an empty list admits everybody. How to mend that says: npm run ops -- doctor",
        );
      return stays;
    },
    pause,
  );
  return [...gone];
}

/** An empty list admits everybody: an entry would shut the services out, and taking it away would open the database again. */
function closed(rules: readonly Rule[]): readonly Rule[] {
  if (rules.length > 0) return rules;
  throw new Error("the database admits everybody: its list of trusted sources is empty. How to shut it says: npm run ops -- doctor");
}

function withoutDead(rules: readonly Rule[], say: (line: string) => void): readonly Rule[] {
  const dead = sessionsIn(rules).filter(({ alive }) => alive === false);
  for (const { rule, maker } of dead)
    say(`Left by a session that was killed (${maker.username}, ${maker.timestamp}), and shut out now: ${rule.value}`);
  return rules.filter((rule) => !dead.some((one) => one.rule === rule));
}

async function withCertificate<T>(certificate: string | undefined, use: (file: string | undefined) => Promise<T>): Promise<T> {
  if (certificate === undefined) return use(undefined);
  const folder = mkdtempSync(join(tmpdir(), "groundwork-"));
  try {
    const file = join(folder, "ca.crt");
    writeFileSync(file, certificate);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything by the environment, since other users of a machine see the words of a command line. */
export function psqlEnvironment({ host, port, user, database, password }: Login, certificate: string | undefined): Record<string, string> {
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGPASSWORD: password,
    PGAPPNAME: "groundwork-db",
    PGCONNECT_TIMEOUT: "20",
    // The name in the server's certificate is not compared: the authority signs this team's clusters only.
    ...(certificate === undefined ? { PGSSLMODE: "require" } : { PGSSLMODE: "verify-ca", PGSSLROOTCERT: certificate }),
  };
}

function psql(
  login: Login,
  certificate: string | undefined,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  ended: AbortSignal,
): Promise<number> {
  // What the shell has for other databases must not lead this session there.
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => !/^PG(?!OPTIONS$|TZ$|DATESTYLE$)/.test(name)));
  const missing = "there is no psql on PATH. Install it (Debian: apt install postgresql-client; macOS: brew install libpq)";
  return runAttached("psql", args, { ...rest, ...psqlEnvironment(login, certificate) }, ended, missing);
}
