import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresFolder, which } from "../../e2e/engine/dockerd.ts";

/** Why there is no true PostgreSQL here; nothing where there is one. */
export function whyNoPostgres(): string | undefined {
  const missing = [
    ...["psql", "openssl"].filter((tool) => which(tool) === undefined),
    ...(postgresFolder() === undefined ? ["PostgreSQL's server"] : []),
  ];
  return missing.length === 0 ? undefined : `not on this machine: ${missing.join(", ")} (on Debian: apt-get install postgresql openssl)`;
}

/** A PostgreSQL server on loopback, over TLS only, with a user and a database of its name. */
export interface Postgres extends AsyncDisposable {
  readonly port: number;
  readonly certificate: string;
}

const password = "AVNS_planted0password";
export const login = { user: "app", password, database: "app" };

export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-postgres-"));
  const bin = join(postgresFolder() ?? "", "bin");
  // The server refuses to run as root.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const own = (path: string): void => {
    if (nobody.uid !== undefined) chownSync(path, nobody.uid, nobody.gid);
  };
  chmodSync(folder, 0o755);
  const [data, words, key, cert] = ["data", "words", "key.pem", "cert.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(words, password);
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=database", "-keyout", key, "-out", cert];
  execFileSync("openssl", request, { stdio: "ignore" });
  chmodSync(key, 0o600);
  for (const path of [data, words, key, cert]) own(path);
  const options = { ...nobody, stdio: "ignore" as const, cwd: folder };
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", login.user, "--auth=scram-sha-256", `--pwfile=${words}`, "--no-sync"], options);
  writeFileSync(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: "off",
    ssl: "on",
    ssl_cert_file: cert,
    ssl_key_file: key,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", data, ...args], options);
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const ask = (database: string, sql: string): void =>
    void execFileSync("psql", ["--no-psqlrc", "--quiet", "--command", sql], {
      stdio: "ignore",
      env: {
        PATH: process.env["PATH"],
        PGHOST: "127.0.0.1",
        PGPORT: String(port),
        PGUSER: login.user,
        PGPASSWORD: password,
        PGDATABASE: database,
      },
    });
  for (let tries = 0; ; tries++) {
    try {
      ask("postgres", `create database ${login.database}`);
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(100);
    }
  }
  return {
    port,
    certificate: readFileSync(cert, "utf8"),
    async [Symbol.asyncDispose]() {
      // At once, without waiting for sessions.
      server.kill("SIGQUIT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((closed) => server.close(() => closed()));
  return port;
}
