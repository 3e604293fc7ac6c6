import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Connection, Driver } from "../../components/database/url.ts";
import { renderUrl } from "../../components/database/url.ts";
import { cacheDirectory, findOnPath, runQuietly } from "../../sandbox/toolchain/common.mjs";
import { hardConnections } from "../components/hard-connections.ts";
import { firstLine, pythonWith, type Tool } from "../python.ts";

/** A Python with the drivers. */
async function findPython(): Promise<Tool<string>> {
  const found = await pythonWith("drivers", join(import.meta.dirname, "requirements.txt"));
  return "tool" in found ? { tool: join(found.tool, "python3") } : found;
}

const jdbc = { version: "42.7.8", sha256: "2a32a9dcbc42d67a50ad3a0de5efd102c8d2be46720045f2cbd6689f160ab7c7" };

/** The JDBC driver's archive in the cache, by Maven. */
async function findJdbc(): Promise<Tool<string>> {
  for (const name of ["java", "mvn"]) if (findOnPath(name) === undefined) return { absent: `${name} is not on PATH` };
  const jar = join(cacheDirectory(), `postgresql-${jdbc.version}.jar`);
  const isIt = (file: string): boolean => existsSync(file) && createHash("sha256").update(readFileSync(file)).digest("hex") === jdbc.sha256;
  if (isIt(jar)) return { tool: jar };
  const local = join(cacheDirectory(), `maven-${process.pid}`);
  try {
    const artifact = `-Dartifact=org.postgresql:postgresql:${jdbc.version}`;
    await runQuietly("mvn", ["-q", "-B", "dependency:get", artifact, "-Dtransitive=false", `-Dmaven.repo.local=${local}`], {
      timeout: 120_000,
    });
    const got = join(local, "org", "postgresql", "postgresql", jdbc.version, `postgresql-${jdbc.version}.jar`);
    if (!isIt(got)) return { absent: `Maven gave another postgresql-${jdbc.version}.jar than the one that is expected` };
    renameSync(got, jar);
    return { tool: jar };
  } catch (error) {
    return { absent: `the JDBC driver cannot be had: ${firstLine(error)}` };
  } finally {
    rmSync(local, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 1 << 24 });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}

test.for<[Driver, (sslmode: string) => Record<string, string>]>([
  ["postgres", (sslmode) => ({ sslmode })],
  ["psycopg", (sslmode) => ({ sslmode })],
  ["asyncpg", (sslmode) => ({ sslmode })],
])("%s's own parser reads back what was written", async ([driver, encryption], context) => {
  const python = await findPython();
  if ("absent" in python) return context.skip(python.absent);
  const urls = hardConnections.map((connection) => [driver, renderUrl(driver, connection)]);
  const parsed = JSON.parse(run(python.tool, [join(import.meta.dirname, "parse.py")], JSON.stringify(urls))) as Record<string, unknown>[];
  expect(parsed).toHaveLength(hardConnections.length);
  for (const [index, { sslmode, ...connection }] of hardConnections.entries()) {
    expect(parsed[index]).toMatchObject({ ...connection, ...encryption(sslmode) });
  }
});

test("pgJDBC's own parser reads back what was written", async (context) => {
  const jar = await findJdbc();
  if ("absent" in jar) return context.skip(jar.absent);
  const encode = (text: string): string => Buffer.from(text).toString("base64");
  const urls = hardConnections.map((connection) => encode(renderUrl("jdbc", connection)));
  const lines = run("java", ["-cp", jar.tool, join(import.meta.dirname, "Parse.java")], `${urls.join("\n")}\n`)
    .trim()
    .split("\n");
  const fields = (connection: Connection): string[] => {
    const { user, password, host, port, database, sslmode } = connection;
    return [user, password, host, String(port), database, sslmode];
  };
  expect(lines.map((line) => line.split(" ").map((field) => Buffer.from(field, "base64").toString()))).toEqual(hardConnections.map(fields));
});
