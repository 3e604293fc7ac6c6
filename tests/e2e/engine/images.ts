import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type Docker from "dockerode";
import { postgresFolder, which } from "./dockerd.ts";

/** Makes an image of programs of this machine, with the libraries that they load. No registry is asked. */
export async function importImage(
  docker: Docker,
  tag: string,
  contents: {
    readonly programs: readonly string[];
    readonly folders?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
  },
  changes: readonly string[],
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "groundwork-image-"));
  try {
    for (const folder of ["bin", "etc", "tmp", "proc", "sys", "dev", "run"]) mkdirSync(join(root, folder));
    chmodSync(join(root, "tmp"), 0o1777);
    for (const folder of contents.folders ?? []) cpSync(folder, join(root, folder), { recursive: true, dereference: true });
    for (const program of contents.programs) {
      const file = which(program) ?? program;
      copy(file, join(root, "bin", basename(program)));
    }
    const loaded = [...contents.programs.map((program) => which(program) ?? program), ...(contents.folders ?? []).flatMap(libraries)];
    for (const library of new Set(loaded.flatMap(librariesOf))) copy(library, join(root, library));
    for (const [file, text] of Object.entries(contents.files ?? {})) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text, { mode: 0o755 });
    }
    const tar = spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const [repo = "", version = ""] = tag.split(":");
    const progress = await docker.importImage(tar.stdout, { repo, tag: version, changes });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The same image with something changed. */
export async function deriveImage(docker: Docker, from: string, tag: string, changes: readonly string[]): Promise<void> {
  const [repo, version] = tag.split(":");
  const container = await docker.createContainer({ Image: from, HostConfig: { NetworkMode: "none" } });
  await container.commit({ repo, tag: version, changes: changes.join("\n") });
  await container.remove();
}

/** A backend that answers, says its version and asks its database whether it has been migrated. */
const server = `
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { hostname } from "node:os";
if (process.env.VERSION === "broken") process.exit(3);
const database = (process.env.DATABASE_URL ?? "").replace("+psycopg", "");
const query = (text) => new Promise((resolve) => execFile("psql", [database, "-Atc", text], (error, out) => resolve(error ? undefined : out.trim())));
const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.url === "/healthz") return answer(200, {});
  if (request.url === "/readyz") return answer((await query("select count(*) from migrations")) === undefined ? 503 : 200, {});
  if (request.url === "/migrations") return answer(200, await query("select string_agg(version, ',' order by at) from migrations"));
  answer(200, { version: process.env.VERSION, instance: hostname(), environment: process.env.ENVIRONMENT });
});
server.listen(Number(process.env.PORT));
// Told to end it still answers until nobody asks it any more.
process.on("SIGTERM", () => setTimeout(() => server.close(() => process.exit(0)), 1500));
`;

const migrate = `#!/bin/sh
database="postgresql://\${DATABASE_URL#*://}"
sql() { psql "$database" -v ON_ERROR_STOP=1 -qc "$1" || exit 1; }
[ -z "$NEEDS" ] || sql "select from $NEEDS"
sql "create table if not exists migrations (version text, at timestamptz default now())"
sql "insert into migrations values ('$VERSION')"
`;

const database = `#!/bin/sh
set -e
data=/var/lib/postgresql/data/here
if [ ! -s $data/PG_VERSION ]; then
  mkdir -p $data && chown postgres $data
  own="setpriv --reuid postgres --regid postgres --clear-groups"
  $own initdb -D $data -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust --auth-host=scram-sha-256 --locale=C -E UTF8
  echo "host all all all scram-sha-256" >> $data/pg_hba.conf
  echo "create database $POSTGRES_DB" | $own postgres --single -D $data postgres
fi
setpriv --reuid postgres --regid postgres --clear-groups postgres -D $data -c "listen_addresses=*" -c unix_socket_directories=/tmp &
# Told to end it does not wait for its clients.
trap "kill -INT $!" TERM
wait $! || wait $!
`;

/** Everything that the local stack of the template system runs: database, proxy, and the backend in the version "1". */
export async function importImages(docker: Docker): Promise<void> {
  const postgres = postgresFolder() ?? "";
  const version = basename(postgres);
  const search = `ENV PATH=${postgres}/bin:/bin`;
  const psql = join(postgres, "bin", "psql");
  const users = "root:x:0:0::/:/bin/sh\npostgres:x:70:70::/:/bin/sh\n";
  await Promise.all([
    importImage(docker, "local/caddy:1", { programs: ["caddy"] }, [
      'CMD ["/bin/caddy","run","--config","/etc/caddy/Caddyfile","--adapter","caddyfile"]',
      "ENV XDG_CONFIG_HOME=/tmp XDG_DATA_HOME=/tmp",
    ]),
    importImage(
      docker,
      "local/postgres:1",
      {
        programs: ["sh", "mkdir", "chown", "setpriv", "cat"],
        folders: [postgres, `/usr/share/postgresql/${version}`],
        files: { "/etc/passwd": users, "/etc/group": "postgres:x:70:\n", "/bin/database": database },
      },
      // Where its psql looks for the server.
      ['CMD ["/bin/database"]', search, "ENV PGHOST=/tmp"],
    ),
    importImage(
      docker,
      "local/backend:1",
      {
        programs: ["sh", "touch", process.execPath, psql],
        files: { "/server.mjs": server, "/bin/alembic": migrate, "/etc/passwd": users },
      },
      ['CMD ["/bin/node","/server.mjs"]', "ENV VERSION=1 PATH=/bin PORT=8000"],
    ),
  ]);
}

function copy(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** Programs and libraries in a folder; the compiler of PostgreSQL, which is larger than all the rest, is never needed. */
function libraries(folder: string): string[] {
  return execFileSync("find", ["-L", folder, "-type", "f", "(", "-name", "*.so*", "-o", "-perm", "-u+x", ")"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && !/\.bc$|llvmjit/.test(file));
}

function librariesOf(file: string): string[] {
  try {
    const text = execFileSync("ldd", [file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...text.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library]) => library ?? "");
  } catch {
    return []; // static, or no program
  }
}
