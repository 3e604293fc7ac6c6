import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "../../../sandbox/systems.ts";

export function git(folder: string, ...args: string[]): string {
  const ours = ["-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main"];
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  const { status, stdout, stderr } = spawnSync("git", [...ours, ...args], { cwd: folder, encoding: "utf8", env, maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Of this project, what a deploy reads; its tests stay out. */
const program = ["components", "config", "operations", "platforms", "sandbox", "systems"];
const single = /^(package(-lock)?\.json|index\.ts|\.nvmrc|Pulumi\.yaml)$/;

/** What a repository begins with. */
export interface Beginning {
  /** The system whose program it holds: its folder there, and where the stack files of a sandbox lie. Undefined: an application alone. */
  readonly program?: { readonly folder: string; readonly stackFiles: string } | undefined;
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
}

/** A repository that jobs check out: with the program, this project as it lies here, with the stack files of a sandbox. */
export class Origin {
  readonly folder: string;

  constructor(folder: string, { program: system, files }: Beginning) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    if (system) this.#copyProgram(system.folder, system.stackFiles);
    writeFileSync(join(folder, ".gitignore"), "node_modules\n.sandbox/\n");
    git(folder, "init", "--quiet");
    // Jobs fetch a commit by its name.
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true");
    this.commit(files);
  }

  #copyProgram(system: string, stackFiles: string): void {
    for (const name of new Set([...program, system].filter((one) => one !== ".")))
      cpSync(join(repository, name), join(this.folder, name), { recursive: true });
    for (const name of readdirSync(repository).filter((one) => single.test(one))) cpSync(join(repository, name), join(this.folder, name));
    for (const name of readdirSync(stackFiles).filter((one) => /^Pulumi\..+\.yaml$/.test(one)))
      cpSync(join(stackFiles, name), join(this.folder, system, name));
  }

  /** Changes files on main; returns the commit. */
  commit(files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
    git(this.folder, "add", "--all");
    git(this.folder, "commit", "--quiet", "--message", Object.keys(files).join(", "));
    return git(this.folder, "rev-parse", "HEAD");
  }

  /** What `actions/checkout` leaves, with the packages that `npm ci` would find. */
  checkOut(folder: string, commit: string, depth: number): void {
    git(folder, "init", "--quiet");
    git(folder, "fetch", "--quiet", "--depth", String(depth), `file://${this.folder}`, commit);
    git(folder, "checkout", "--quiet", "FETCH_HEAD");
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** The commit that a branch is at. */
  head(branch = "main"): string {
    return git(this.folder, "rev-parse", "--verify", `refs/heads/${branch}`);
  }

  /** What a branch would bring into main: path → text. */
  proposed(branch: string): Record<string, string> {
    const names = git(this.folder, "diff", "--name-only", `main...refs/heads/${branch}`).split("\n");
    return Object.fromEntries(names.map((name) => [name, git(this.folder, "show", `refs/heads/${branch}:${name}`)]));
  }
}
