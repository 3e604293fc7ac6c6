import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatProblems } from "../../config/problems.ts";
import { deliveryContradictions, sharedClaims, sharedEncryption, stackFileProblems, textProblems } from "../../config/stack-file.ts";
import { findSystem, stacksOf, systemNames } from "../../sandbox/systems.ts";
import { importSystem } from "../../systems/import-system.ts";

/** Every system of the repository, the one of the tests too. */
const wishes = [...systemNames(), "tests/systems/tiny", "tests/systems/delivered"];

const read = (project: string, stack: string): string => readFileSync(`${project}/Pulumi.${stack}.yaml`, "utf8");

describe.each(wishes)("the stack files of %s", (wish) => {
  const { name, project } = findSystem(wish);

  test.each(stacksOf(project))("%s fits the system's schema and holds no secret in the open", async (stack) => {
    const system = await importSystem(name, project);
    const problems = stackFileProblems(read(project, stack), stack, { project: name, ...system });
    expect(problems.length === 0 ? "" : formatProblems(`Pulumi.${stack}.yaml`, problems)).toBe("");
  });

  test("agree on where deploys go", async () => {
    const files = Object.fromEntries(stacksOf(project).map((stack) => [stack, read(project, stack)]));
    const { delivery } = await importSystem(name, project);
    expect(deliveryContradictions(files, Object.keys(delivery?.environments ?? {}))).toEqual([]);
  });

  test("claim no domain and no network twice, and share no secret", () => {
    const files = Object.fromEntries(stacksOf(project).map((stack) => [stack, read(project, stack)]));
    expect([...sharedClaims(files), ...sharedEncryption(files)]).toEqual([]);
  });
});

const lines = (text: string): string[] => textProblems(text).map(({ path, message }) => `${path}: ${message}`);
const right = "config:\n  groundwork:zone: example.com\n";
const open = (line: number): string =>
  `line ${line}: a value under groundwork:provided is not encrypted (not shown). Set it again with pulumi config set --secret ` +
  "--path 'groundwork:provided.<name>', and replace what was stored in the open.";

test.each<[string, string, string[]]>([
  ["a right file", right, []],
  ["what Pulumi adds", `${right}encryptionsalt: v1:abc\nsecretsprovider: passphrase\n`, []],
  ["an empty file", "", [': is empty. A stack file starts with "config:", and its keys stand indented below.']],
  ["a comment alone", "# later\n", [': is empty. A stack file starts with "config:", and its keys stand indented below.']],
  ["text", "hello\n", ['line 1: must start with "config:", and its keys stand indented below.']],
  ["a list of keys", "config:\n  - a\n", ["config: must hold keys such as groundwork:domain, indented below it."]],
  ["a misspelt config", "confg:\n  groundwork:zone: a.b\n", ['line 1: unknown key "confg". Did you mean "config"?']],
  [
    "a key that is not indented",
    `${right}groundwork:domain: example.com\n`,
    ['line 3: unknown key "groundwork:domain". It belongs indented below "config:".'],
  ],
  [
    "a key that stands twice",
    `${right}  groundwork:zone: example.org\n`,
    ['line 3: the key "groundwork:zone" stands twice in one place, and only one of them could count. Remove the other.'],
  ],
  [
    "a key that stands twice in braces",
    "config:\n  groundwork:sizes: { memory: 1 GB, memory: 2 GB }\n",
    ['line 2: the key "memory" stands twice in one place, and only one of them could count. Remove the other.'],
  ],
  [
    "a key that stands twice among the secrets",
    "config:\n  groundwork:provided:\n    sk-live-1: { secure: v1:x }\n    sk-live-1: { secure: v1:y }\n",
    ["line 4: the key stands twice in one place, and only one of them could count. Remove the other."],
  ],
  [
    "an open bracket",
    "config:\n  groundwork:zone: [a\n",
    [
      "line 3: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]. " +
        "Look at the brackets, quotes and indentation there and just above.",
    ],
  ],
  ["encrypted secrets", "config:\n  groundwork:provided:\n    a: { secure: v1:x }\n    b:\n      secure: v1:y\n", []],
  ["everything encrypted as one", "config:\n  groundwork:provided: { secure: v1:x }\n", []],
  ["a plain secret beside an encrypted one", "config:\n  groundwork:provided:\n    a: { secure: v1:x }\n    b: sk-live-1\n", [open(4)]],
  ["plain secrets further down", "config:\n  groundwork:provided:\n    a: { b: sk-live-1, c: [sk-live-2] }\n", [open(3), open(3)]],
])("%s", (_, text, expected) => {
  expect(lines(text)).toEqual(expected);
});

test("an environment that deploys to another place than its file says, and one without a file, are named", () => {
  const delivery = "config:\n  groundwork:environments: { staging: { target: docker-host } }\n";
  expect(deliveryContradictions({ delivery, staging: read(".", "staging") }, ["staging", "production"])).toEqual([
    {
      path: "environments/staging/target",
      message:
        'is "docker-host", and Pulumi.staging.yaml says "app-platform": its workflows would get credentials of the wrong place. Change one of them.',
    },
    {
      path: "environments/production",
      message: "has no stack file. Write Pulumi.production.yaml, or take the environment out of the system's file.",
    },
  ]);
});

test("an unknown key is found without an engine", async () => {
  const system = await importSystem("template", "tests");
  const text = read(".", "staging").replace("groundwork:domain", "groundwork:domian");
  const paths = stackFileProblems(text, "staging", { project: "template", ...system }).map(({ path, message }) => `${path}: ${message}`);
  expect(paths).toEqual([
    "domain: is required. The domain of this environment; services get hosts below it.",
    ': unknown key "domian". Did you mean "domain"?',
  ]);
});

test("two stacks that claim the same domain and network are named", () => {
  const production = read(".", "production");
  expect(sharedClaims({ production, "production-eu": production, shared: read(".", "shared") })).toEqual([
    { path: "domain", message: '"example.com" is claimed by the stacks "production" and "production-eu". Each stack needs its own.' },
    {
      path: "platform/network",
      message: '"10.42.16.0/20" is claimed by the stacks "production" and "production-eu". Each stack needs its own.',
    },
  ]);
});

test("two stacks that one passphrase opens, or that hold one encrypted text, are named", () => {
  const file = (salt: string, secret: string): string =>
    `config:\n  groundwork:provided:\n    a: { secure: "v1:${secret}" }\nencryptionsalt: v1:${salt}:v1:nonce${secret}:word\n`;
  const paths = (files: Record<string, string>) => sharedEncryption(files).map(({ path, message }) => `${path}: ${message.split(". ")[0]}`);
  expect(paths({ staging: file("s", "x"), production: file("p", "y"), shared: read(".", "shared") })).toEqual([]);
  expect(paths({ staging: file("s", "x"), production: file("s", "y") })).toEqual([
    'encryptionsalt: is the same in the stacks "staging" and "production", so that who opens one opens both',
  ]);
  expect(paths({ staging: file("s", "x"), production: file("p", "x") })).toEqual([
    'provided: an encrypted secret is the same in the stacks "staging" and "production", so that who opens one opens both',
  ]);
});

test("npm run sandbox -- --system <unknown> says what exists, and nothing else", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["sandbox/cli.ts", "--system", "templat", "preview"], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain('error: there is no system "templat". Did you mean "template"? Systems: "template", or the path');
});

test.each<[string, string]>([
  ["templat", 'there is no system "templat". Did you mean "template"? Systems: "template", or the path of a folder with a system.ts.'],
  ["shop", 'there is no system "shop". Systems: "template", or the path of a folder with a system.ts.'],
  [
    "tests/config",
    'there is no system "tests/config". It has no system.ts. Systems: "template", or the path of a folder with a system.ts.',
  ],
])("%s is no system, and what exists is said", (wish, message) => {
  expect(() => findSystem(wish)).toThrow(message);
});
