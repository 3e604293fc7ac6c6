import { describe, expect, test } from "vitest";
import { backendFinding } from "../../../operations/doctor/doctor.ts";
import type { Finding } from "../../../operations/doctor/finding.ts";
import { type Examined, passphraseFindings, stackFindings } from "../../../operations/doctor/stack.ts";
import { type Opened, tornFinding, type Way } from "../../../operations/doctor/torn.ts";
import { ids, now } from "./found.ts";

describe("a stack", () => {
  const stackOutputs = {
    type: "pulumi:pulumi:Stack",
    name: "s",
    outputs: { domain: "example.com", network: "10.0.0.0/20" },
    initErrors: [],
  };
  const secrets = (since: string, more: object = {}) => ({
    type: "groundwork:components:SecretSet",
    name: "keys",
    outputs: { values: { KEY: { since, generation: 2, maxAgeDays: 90, ...more }, OLD: { since: "2020-01-01T00:00:00Z" } } },
    initErrors: [],
  });
  const well: Examined = {
    stack: "staging",
    choice: "--stack staging",
    state: { resources: [stackOutputs, secrets("2026-11-01T00:00:00Z")], pending: [] },
    holder: { text: "nobody", alive: false },
    halfWritten: [],
    file: { config: { "groundwork:domain": "example.com", "groundwork:platform": { network: "10.0.0.0/20" } }, problems: [] },
    now,
  };
  const held = (alive: boolean | "unknown", heldSince = "2026-11-21T17:59:00Z"): Partial<Examined> => ({
    holder: { text: "ann@laptop (process 7, since 17:59)", alive },
    heldSince,
  });
  test.each<[string[], Partial<Examined>, string]>([
    [[], {}, ""],
    [["half-written"], { halfWritten: ["x.attrs"] }, "npm run ops -- unlock --stack staging"],
    [["lock-left"], held(false), "npm run ops -- unlock --stack staging"],
    [["lock-elsewhere"], held("unknown"), "npm run ops -- unlock --stack staging --force   # only where nobody works on it"],
    [[], held(true), ""],
    [["lock-old"], held(true, "2026-11-21T15:00:00Z"), "kill -INT 7   # ends it in order; then: npm run ops -- unlock --stack staging"],
    [["pending"], { state: { resources: [], pending: ["creating Vpc network"] } }, "npm run ops -- unlock --stack staging"],
    // A run that lives is doing it.
    [[], { ...held(true), state: { resources: [], pending: ["creating Vpc network"] } }, ""],
    [["stack-file"], { file: { config: {}, problems: ["line 3: is not YAML"] } }, "# mend Pulumi.staging.yaml by hand, then:"],
    [["no-stack-file"], { file: undefined }, "git log --all --oneline -- '*Pulumi.staging.yaml'"],
    [
      ["file-differs"],
      { file: { config: { "groundwork:domain": "other.com" }, problems: [] } },
      "pulumi preview --stack staging --diff   # then pulumi up, or: git checkout -- Pulumi.staging.yaml",
    ],
    [
      ["file-differs"],
      { file: { config: { "groundwork:platform": { network: "10.9.0.0/20" } }, problems: [] } },
      "pulumi preview --stack staging --diff   # then pulumi up, or: git checkout -- Pulumi.staging.yaml",
    ],
    [
      ["secret-old"],
      { state: { resources: [secrets("2026-08-01T00:00:00Z")], pending: [] } },
      "# raise the generation of KEY in keys to 3 (system.ts), then:",
    ],
    [
      ["secret-old"],
      { state: { resources: [secrets("2026-08-01T00:00:00Z", { generation: undefined })], pending: [] } },
      "pulumi config set --stack staging --secret --path 'groundwork:provided.<name>'   # the one that KEY reads, once somebody issued another",
    ],
    [[], { state: undefined, file: undefined }, ""],
  ])("%j", (expected, broken, fix) => {
    const found = stackFindings({ ...well, ...broken });
    expect(ids(found)).toEqual(expected);
    if (fix !== "") expect(found[0]?.fix[0]).toBe(fix);
  });
  const [right, wrong] = [true, false].map((opens) => ({ file: opens, state: opens })) as [Opened, Opened];
  test("one shell holds one passphrase: with several stacks, it is enough that it is one of theirs", () => {
    expect(ids(passphraseFindings({ a: wrong, b: right }, { given: true, asked: false }))).toEqual([]);
    expect(passphraseFindings({ a: wrong, b: right }, { given: true, asked: true })).toMatchObject([
      { id: "passphrase-wrong", stack: "a" },
    ]);
    expect(ids(passphraseFindings({ a: wrong, b: wrong }, { given: true, asked: false }))).toEqual([
      "passphrase-wrong",
      "passphrase-wrong",
    ]);
    expect(ids(passphraseFindings({ a: wrong }, { given: false, asked: false }))).toEqual(["passphrase-missing"]);
    // A stack file without a secret has nothing to tell by, and its state has.
    const byState = (state: boolean) => passphraseFindings({ a: { file: undefined, state } }, { given: true, asked: true });
    expect(byState(false)).toMatchObject([
      { id: "passphrase-wrong", stack: "a", what: "PULUMI_CONFIG_PASSPHRASE is not the passphrase of its state" },
    ]);
    expect(byState(true)).toEqual([]);
    expect(passphraseFindings({ a: { file: undefined, state: undefined } }, { given: false, asked: true })).toEqual([]);
  });
});

describe("a stack file and a state that no single passphrase opens", () => {
  const torn = (file: boolean, state: boolean, way?: Way) => tornFinding("staging", "--stack staging", { file, state }, way);
  const set = "read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE";
  const checkout = "git checkout 1a2b3c4 -- Pulumi.staging.yaml";
  test("both or neither: nothing is torn", () => {
    expect(torn(true, true)).toBeUndefined();
    expect(torn(false, false)).toBeUndefined();
  });
  test("which of the two opens is said, and a passphrase is asked for only where what is brought back needs the other one", () => {
    expect(torn(true, false, { run: 3 })).toMatchObject({
      what: "PULUMI_CONFIG_PASSPHRASE opens Pulumi.staging.yaml, and not the state, which is encrypted with another one",
      fix: ["npm run ops -- restore --stack staging --to 3   # the state that the last run left; another one was put in its place"],
    });
    expect(torn(false, true, { run: 3 })?.fix.slice(1)).toEqual([`${set}   # the one that opens the file`]);
    expect(torn(false, true, { checkout })).toMatchObject({
      what: "PULUMI_CONFIG_PASSPHRASE opens the state, and not Pulumi.staging.yaml, which is encrypted with another one",
      fix: [
        `${checkout}   # the one that goes with the state; what came since has to be said there again`,
        "# to change the passphrase of both: docs/recovery.md",
      ],
    });
    expect(torn(true, false, { checkout })?.fix[1]).toBe(`${set}   # the one that opens the state`);
    expect(torn(true, false)?.fix[1]).toBe("npm run ops -- restore --stack staging");
  });
  test("the wrong passphrase for the file is not asked to be set where it is the state's", () => {
    expect(ids(passphraseFindings({ a: { file: false, state: true } }, { given: true, asked: true }))).toEqual([]);
    expect(ids(passphraseFindings({ a: { file: false, state: undefined } }, { given: true, asked: true }))).toEqual(["passphrase-wrong"]);
  });
});

test("the backend: what is missing, and what refuses", () => {
  const s3 = { PULUMI_BACKEND_URL: "s3://state" };
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const look = (environment: NodeJS.ProcessEnv, message = "x"): Finding => backendFinding(environment, message);
  expect(look({})).toMatchObject({ id: "backend-missing", what: "PULUMI_BACKEND_URL is not set" });
  expect(look({ PULUMI_BACKEND_URL: "file:///no/such/folder" })).toMatchObject({
    id: "backend-missing",
    fix: ["mkdir -p '/no/such/folder'"],
  });
  expect(look(s3)).toMatchObject({
    id: "state-key-missing",
    what: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and the state is in a bucket",
  });
  expect(look({ ...s3, ...keys }, "the backend cannot be read: … InvalidAccessKeyId: …").id).toBe("state-key-refused");
  expect(look({ ...s3, ...keys }, "the backend cannot be read: no such host\nmore")).toMatchObject({
    id: "backend",
    what: "the backend cannot be read: no such host",
  });
});
