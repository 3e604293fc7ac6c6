import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, FindingId } from "../../../operations/doctor/finding.ts";

/** Commands of a fix that reach beyond this machine's shell. They are noted, and what they would do is done by the scene. */
const outside = ["npm", "nvm", "git", "pulumi", "docker", "gh", "doctl", "dig", "curl", "sudo"];

/** A place in which something can be broken, looked at and mended. */
export interface Scene {
  /** What doctor finds here. */
  look(): Promise<readonly Finding[]>;
  /** Breaks it. */
  readonly breaks: () => unknown;
  /** What a person does at somebody's site before the commands, as the fix asks for in a comment. */
  readonly person?: () => unknown;
  /** What is typed where a command asks for it. */
  readonly typed?: readonly string[];
  /** The outside commands that the fix has to run, and what they do. Others are refused. */
  readonly commands?: Readonly<Record<string, () => unknown>>;
  /** Closes what was opened. */
  readonly close?: () => unknown;
}

/** What every scene gets: a folder of its own, and the environment of the shell, which a fix may change. */
export interface Stage {
  readonly folder: string;
  env: NodeJS.ProcessEnv;
  /** Puts a program on PATH, in place of one of that name. */
  program(name: string, script: string): void;
}

/** One kind of finding, in words and as a scene. */
export interface Case {
  readonly id: FindingId;
  readonly broken: string;
  readonly mended: string;
  open(stage: Stage): Scene | Promise<Scene>;
}

export function openStage(): Stage & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  return {
    folder,
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder },
    program(name, script) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs all lines of a fix in one shell, as its reader would, and keeps what it exported. */
export async function runFix({ fix }: Finding, stage: Stage, { typed = [], commands = {} }: Scene): Promise<void> {
  const before = { ...stage.env };
  const [ran, left] = [join(stage.folder, "ran"), join(stage.folder, "environment")];
  const noted = outside.map((name) => `${name}() { echo "${name} $*" >> '${ran}'; }`);
  const script = ["set -e", ...noted, ...fix, `env -0 > '${left}'`].join("\n");
  await new Promise<void>((resolve, reject) => {
    const child = execFile("bash", ["-c", script], { env: { ...before, PATH: "/usr/bin:/bin" }, cwd: stage.folder }, (error, _, stderr) =>
      error === null ? resolve() : reject(new Error(`${fix.join("\n")}\n${stderr}`)),
    );
    child.stdin?.on("error", () => undefined).end(typed.map((line) => `${line}\n`).join(""));
  });
  const lines = existsSync(ran) ? readFileSync(ran, "utf8").trim().split("\n") : [];
  for (const line of lines) {
    const known = Object.keys(commands).find((start) => line.startsWith(start));
    if (known === undefined) throw new Error(`the fix runs something that nobody thought of: ${line}`);
  }
  for (const [start, effect] of Object.entries(commands)) {
    if (!lines.some((line) => line.startsWith(start))) throw new Error(`the fix does not run: ${start}\n${fix.join("\n")}`);
    await effect();
  }
  const exported = readFileSync(left, "utf8")
    .split("\0")
    .filter((pair) => pair.includes("="))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const)
    .filter(([name, value]) => !["PATH", "PWD", "SHLVL", "_", "OLDPWD"].includes(name) && value !== before[name]);
  stage.env = { ...stage.env, ...Object.fromEntries(exported) };
  rmSync(ran, { force: true });
}
