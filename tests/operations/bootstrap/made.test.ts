import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { endpointOf } from "../../../operations/bootstrap/spaces.ts";
import { server } from "../loopback/http.ts";
import { keysOf, newFolder, path, run, Team } from "./team.ts";

beforeEach(newFolder);

describe("what is missing is made, and made once", () => {
  test("bucket, keys that are limited to it, passphrases; then all of it is there", async () => {
    const team = new Team();
    const all = (state: string): string[] => [
      `${state}: passphrase of staging`,
      `${state}: passphrase of production`,
      `${state}: bucket acme-state at HERE, private, with versioning`,
      `${state}: key of the state for desk (reads and writes acme-state only)`,
      `${state}: key of the state for staging.preview (reads acme-state only)`,
    ];
    expect(await run(team)).toEqual([...all("made"), "by hand: staging.digitaloceanToken (deploys)"]);
    expect(team.buckets).toEqual({ "acme-state": { owner: "us", versioning: true, isPublic: false } });
    expect(team.keys.map(({ name, grants }) => [name, grants])).toEqual([
      ["template-state-desk", [{ bucket: "acme-state", permission: "readwrite" }]],
      ["template-state-staging-preview", [{ bucket: "acme-state", permission: "read" }]],
    ]);
    // For the owner alone.
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readdirSync(path).map((name) => statSync(join(path, name)).mode & 0o777)).toEqual([...Array<number>(6)].map(() => 0o600));
    const [first, second] = ["staging", "production"].map((stack) => readFileSync(join(path, `${stack}.passphrase`), "utf8"));
    expect(first).toMatch(/^[\w-]{43}\n$/);
    expect(first).not.toBe(second);

    const before = JSON.stringify([team.keys, team.buckets]);
    expect(await run(team)).toEqual([...all("there"), "by hand: staging.digitaloceanToken (deploys)"]);
    expect(JSON.stringify([team.keys, team.buckets])).toBe(before);
    expect(readFileSync(join(path, "staging.passphrase"), "utf8")).toBe(first);
  });

  test("a bucket that stands is closed and keeps versions from then on; a key that is new is waited for", async () => {
    const team = new Team();
    team.buckets["acme-state"] = { owner: "us", versioning: false, isPublic: true };
    team.slow = 3;
    expect((await run(team))[2]).toBe("made: bucket acme-state at HERE, private, with versioning");
    expect(team.buckets["acme-state"]).toEqual({ owner: "us", versioning: true, isPublic: false });
  });

  test("somebody else's name, and no key with every right is left behind; nor one of a killed run", async () => {
    const team = new Team();
    team.buckets["acme-state"] = { owner: "others", versioning: false, isPublic: false };
    team.keys.push({
      name: "groundwork-bootstrap-1",
      access_key: "OLD",
      secret_key: "x",
      grants: [{ bucket: "", permission: "fullaccess" }],
    });
    await expect(run(team)).rejects.toThrow('the name "acme-state" is taken by somebody else, or the key does not reach it');
    expect(team.keys).toEqual([]);
  });

  test("what is not here is not made a second time: a passphrase that a stack file has, a key whose secret is elsewhere", async () => {
    const team = new Team();
    team.keys.push({ name: "template-state-desk", access_key: "THEIRS", secret_key: "x", grants: [] });
    const steps = await run(team, { sealed: ["production"] });
    expect(steps).toContain("there: passphrase of production");
    expect(existsSync(join(path, "production.passphrase"))).toBe(false);
    expect(steps).toContain("by hand: key of the state for desk (reads and writes acme-state only)");
    expect(team.keys.map(({ access_key }) => access_key)).toContain("THEIRS");
  });

  test("a plan asks nobody and writes nothing; a token that may not is told so", async () => {
    expect((await run(new Team(), { plan: true, keys: undefined })).map((line) => line.split(":")[0])).toEqual([
      "to make",
      "to make",
      "to make",
      "to make",
      "to make",
      "by hand",
    ]);
    expect(existsSync(path)).toBe(false);
    await using refusing = await server(() => ({ status: 403 }));
    await expect(run(new Team(), { keys: keysOf(refusing.origin) })).rejects.toThrow(
      "it needs spaces_key:read, spaces_key:create_credentials and spaces_key:delete",
    );
  });
});

test("the region's endpoint, or the provider's own variable for another", () => {
  expect(endpointOf("fra1", {})).toBe("https://fra1.digitaloceanspaces.com");
  expect(endpointOf("fra1", { SPACES_ENDPOINT_URL: "http://{{.Region}}.spaces.test/" })).toBe("http://fra1.spaces.test");
});
