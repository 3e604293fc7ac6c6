import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, runQuietly, step, withLock } from "./common.mjs";
import { engineVersion } from "./engine-version.ts";
import { engineModule, goEnvironment } from "./go.ts";

/** Builds `pulumi` from its Go module into a folder under `folder`, and returns that one. */
export async function buildEngine(go: string, folder: string): Promise<string> {
  const home = join(folder, "home");
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${engineVersion}`;
  const build = ["build", "-trimpath", "-ldflags", flags, "-o", join(home, "pulumi"), "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"];
  await step(`building the Pulumi engine ${engineVersion} from its Go module (minutes the first time)`, (detail) => {
    let modules = 0;
    const onLine = (line: string): void => {
      if (line.startsWith("go: downloading")) detail(`${++modules} modules downloaded`);
    };
    return runQuietly(go, build, { cwd: engineModule, env: goEnvironment(), onLine });
  });
  return home;
}

/**
 * Puts a built engine beside this checkout's own language host (the Go module has none for Node), and returns their folder. The engine
 * expects the host beside itself: found elsewhere, every command would warn of it. Several checkouts may share the cache, but not the host.
 */
export async function besideLanguageHost(home: string): Promise<string> {
  const toolchain = join(repository, ".sandbox", "toolchain");
  // One folder for each Node that is used here, so that none is rewritten while another runs.
  const node = createHash("sha256").update(process.execPath).digest("hex").slice(0, 8);
  const folder = join(toolchain, `pulumi-v${engineVersion}-${node}`);
  const pulumi = join(folder, "pulumi");
  const host = join(folder, "pulumi-language-nodejs");
  // `exec`, so that the engine's child is the host itself.
  const source = join(repository, "sandbox", "toolchain", "language-host.mjs");
  const script = `#!/bin/sh\nexec ${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(source)} "$@"\n`;
  const isReady = (): boolean => existsSync(pulumi) && existsSync(host) && readFileSync(host, "utf8") === script;
  if (isReady()) return folder;
  await withLock(`${folder}.lock`, "the language host", () => {
    if (isReady()) return;
    mkdirSync(folder, { recursive: true });
    const part = `${folder}.part`;
    rmSync(part, { force: true });
    try {
      linkSync(join(home, "pulumi"), part);
    } catch {
      copyFileSync(join(home, "pulumi"), part); // the cache is on another disk
    }
    renameSync(part, pulumi);
    rmSync(part, { force: true }); // renaming between two names of one file does nothing
    writeFileSync(part, script);
    chmodSync(part, 0o755);
    renameSync(part, host);
  });
  return folder;
}

function quote(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
