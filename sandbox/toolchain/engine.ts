import { mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ToolchainError, cacheDirectory, findCached, findOnPath, isAtLeast, runQuietly, step, withLock } from "./common.mjs";
import { besideLanguageHost, buildEngine } from "./engine-build.ts";
import { engineVersion } from "./engine-version.ts";
import { findGo, goHome, minimumGo } from "./go.ts";
import { download, fetchText, plain, reasonOf } from "./http.ts";

/** The Pulumi engine, ready to run. */
export interface Engine {
  /** Absolute path of `pulumi`. */
  readonly pulumi: string;
  /** Folders to put first on PATH, so that `pulumi` and its language host are found. */
  readonly path: string[];
  readonly version: string;
  readonly source: "path" | "download" | "built";
}

const platform = `${process.platform}-${process.arch}`;

/**
 * Finds the real Pulumi engine or gets it: `pulumi` on PATH if it is new enough, else what an earlier start has stored, else the
 * official download, else built from its Go module, together with this repository's own language host.
 */
export async function ensureEngine(): Promise<Engine> {
  const tried: string[] = [];
  const attempt = async (way: string, get: () => Promise<Engine>): Promise<Engine | undefined> => {
    try {
      return await get();
    } catch (error) {
      tried.push(`${way}: ${reasonOf(error)}`);
      return undefined;
    }
  };
  const found = (await attempt("pulumi on PATH", fromPath)) ?? (await stored());
  if (found) return found;
  return withLock(join(cacheDirectory(), "engine.lock"), "the Pulumi engine", async () => {
    const engine =
      (await stored()) ??
      (await attempt("official download", fromDownload)) ??
      (await attempt(`build of the Go module v${engineVersion}`, fromModule));
    if (engine) return engine;
    throw new ToolchainError(
      [
        `the Pulumi engine (${engineVersion} or newer) could not be had. Tried:`,
        ...tried.map((line) => `  - ${line.replaceAll("\n", "\n      ")}`),
        "Install one of these, then run the command again:",
        `  - Pulumi ${engineVersion} or newer, with its pulumi-language-nodejs: https://www.pulumi.com/docs/install/`,
        `  - Go ${minimumGo()} or newer, with a Go module proxy in reach: https://go.dev/dl/`,
      ].join("\n"),
    );
  });
}

async function fromPath(): Promise<Engine> {
  const pulumi = findOnPath("pulumi");
  if (!pulumi) throw new ToolchainError("not found");
  const version = await versionOf(pulumi);
  if (!isAtLeast(version, engineVersion)) throw new ToolchainError(`${pulumi} is ${version}, older than ${engineVersion}`);
  // One that lies elsewhere on PATH may belong to another engine; package managers link both from where they really are.
  const folder = [dirname(pulumi), dirname(realpathSync(pulumi))].find((PATH) => findOnPath("pulumi-language-nodejs", { PATH }));
  if (!folder) throw new ToolchainError(`${pulumi} has no pulumi-language-nodejs beside it`);
  return { pulumi, path: [folder], version, source: "path" };
}

const nameOf = (source: "download" | "built") => `pulumi-v${engineVersion}-${platform}-${source}`;

/** What an earlier start has stored. It was checked before it got its name. */
async function stored(): Promise<Engine | undefined> {
  for (const source of ["download", "built"] as const) {
    const pulumi = findCached(join(nameOf(source), "pulumi"));
    if (!pulumi) continue;
    const home = dirname(pulumi);
    const folder = source === "built" ? await besideLanguageHost(home) : home;
    return { pulumi: join(folder, "pulumi"), path: [folder], version: engineVersion, source };
  }
  return undefined;
}

async function fromDownload(): Promise<Engine> {
  const base = (process.env.GROUNDWORK_ENGINE_URL ?? "https://get.pulumi.com/releases/sdk").replace(/\/+$/, "");
  const archive = `pulumi-v${engineVersion}-${platform}.tar.gz`;
  const checksums = await fetchText(`${base}/pulumi-${engineVersion}-checksums.txt`);
  const sha256 = findChecksum(checksums.text, archive);
  if (!sha256) throw new ToolchainError(`${plain(checksums.url)} does not list ${archive}`);
  return install("download", async (folder) => {
    await step(`downloading the Pulumi engine ${engineVersion}`, async () => {
      await download(`${base}/${archive}`, join(folder, archive), sha256);
      await runQuietly("tar", ["-xzf", archive], { cwd: folder });
    });
    return join(folder, "pulumi");
  });
}

/** The SHA-256 that a list in the form of `sha256sum` gives for a file. */
export function findChecksum(list: string, file: string): string | undefined {
  const lines = list.split("\n").map((line) => /^([0-9a-f]{64})\s+\*?(\S+)\s*$/.exec(line));
  return lines.find((match) => match?.[2] === file)?.[1];
}

async function fromModule(): Promise<Engine> {
  const go = await findGo();
  const engine = await install("built", (folder) => buildEngine(go, folder));
  rmSync(goHome(), { recursive: true, force: true }); // 200 MB that are not needed again
  return engine;
}

/** Lets `fill` make the engine's folder, asks the engine for its version, and only then gives the folder its name. */
async function install(source: "download" | "built", fill: (folder: string) => Promise<string>): Promise<Engine> {
  const home = join(cacheDirectory(), nameOf(source));
  const temporary = `${home}.part`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    const filled = await fill(temporary);
    const version = await versionOf(join(filled, "pulumi"));
    if (version !== engineVersion) throw new ToolchainError(`it calls itself ${version} instead of ${engineVersion}`);
    rmSync(home, { recursive: true, force: true });
    renameSync(filled, home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  const engine = await stored();
  if (!engine) throw new ToolchainError(`${home} is gone again`);
  return engine;
}

/** Asks a `pulumi` for its version, with a home of its own: the user's is left alone. */
async function versionOf(pulumi: string): Promise<string> {
  const env = { ...process.env, PULUMI_HOME: join(cacheDirectory(), "pulumi-home"), PULUMI_SKIP_UPDATE_CHECK: "true" };
  const answer = (await runQuietly(pulumi, ["version"], { env, timeout: 60_000 })).trim();
  if (!/^v\d/.test(answer)) throw new ToolchainError(`${pulumi} version printed ${JSON.stringify(answer.slice(0, 80))}`);
  return answer.slice(1);
}
