import { readdirSync, rmSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { SecretFolder } from "../../../operations/bootstrap/folder.ts";
import { ensureKey, renewKey, retireKey, type StateKey } from "../../../operations/bootstrap/state-keys.ts";
import { server } from "../loopback/http.ts";
import { keysOf, newFolder, path, run, Team } from "./team.ts";

beforeEach(newFolder);

describe("whatever goes wrong, the next run ends with one key for each reader, and its secret here", () => {
  const readers = ["template-state-desk", "template-state-staging-preview"];
  /** A run in which the n-th request is answered so, done or not; then one in which nothing is. Returns what the first said. */
  async function broken(nth: number, status: number, isDone: boolean): Promise<string | undefined> {
    const team = new Team();
    let asked = 0;
    const answer = team.answer;
    team.answer = (request) => {
      // Only once, and a client that asks again gets what it wants.
      if (++asked !== nth) return answer(request);
      if (isDone) answer(request);
      return { status };
    };
    const said = await run(team).then(
      () => undefined,
      (error: Error) => error.message,
    );
    team.answer = answer;
    await run(team);
    expect((await run(team)).filter((line) => !line.startsWith("there: "))).toEqual(["by hand: staging.digitaloceanToken (deploys)"]);
    expect(team.keys.map(({ name }) => name)).toEqual(readers);
    const folder = new SecretFolder(path);
    for (const [index, reader] of ["desk", "staging.preview"].entries()) {
      expect(folder.read(`${reader}.stateKeyId`)).toBe(team.keys[index]?.access_key);
      expect(folder.read(`${reader}.stateKey`)).toBe(team.keys[index]?.secret_key);
    }
    expect(readdirSync(path).filter((name) => /begun|made|draft|former/.test(name))).toEqual([]);
    expect(team.buckets).toEqual({ "acme-state": { owner: "us", versioning: true, isPublic: false } });
    if (said !== undefined) expect(said).not.toMatch(/planted/);
    rmSync(path, { recursive: true, force: true });
    return said;
  }
  test("each request once answered 429, or 500 undone, or 500 though it was done", { timeout: 60_000 }, async () => {
    let total = 0;
    const team = new Team();
    const { answer } = team;
    team.answer = (request) => (total++, answer(request));
    await run(team);
    rmSync(path, { recursive: true, force: true });
    expect(total).toBeGreaterThan(10);
    const said: (string | undefined)[] = [];
    for (let nth = 1; nth <= total; nth++) {
      expect(await broken(nth, 429, false), `request ${nth}`).toBeUndefined();
      said.push(await broken(nth, 500, false), await broken(nth, 500, true));
    }
    // What makes a key is not asked for twice; everything else is.
    expect(new Set(said)).toEqual(new Set([undefined, "DigitalOcean answers 500 to POST /v2/spaces/keys"]));
  });

  test("a kill between any two writes", async () => {
    const names = ["template-state-desk"];
    const key: StateKey = { reader: "desk", name: "template-state-desk", bucket: "acme-state", permission: "readwrite" };
    /** A folder that is dead after so many changes. */
    class Mortal extends SecretFolder {
      left: number;
      constructor(left: number) {
        super(path);
        this.left = left;
      }
      #live(): void {
        if (this.left-- <= 0) throw new Error("killed");
      }
      override write(name: string, value: string): void {
        this.#live();
        super.write(name, value);
      }
      override replace(name: string, value: string): void {
        this.#live();
        super.replace(name, value);
      }
      override remove(name: string): void {
        this.#live();
        super.remove(name);
      }
    }
    for (let lives = 0; lives < 14; lives++) {
      const team = new Team();
      await using cloud = await server((request) => team.answer(request));
      const keys = keysOf(cloud.origin);
      const mortal = new Mortal(lives);
      const isWhole = await ensureKey(keys, mortal, key)
        .then(() => renewKey(keys, mortal, key))
        .then(
          () => true,
          () => false,
        );
      expect(isWhole).toBe(lives >= 13);
      const folder = new SecretFolder(path);
      const state = await ensureKey(keys, folder, key);
      expect(["made", "there"], `killed after ${lives}`).toContain(state.is);
      await retireKey(keys, folder, key);
      const own = folder.read("desk.stateKeyId");
      // One key, and it is the one whose secret is here.
      expect(team.keys.map(({ access_key, secret_key }) => [access_key, secret_key])).toEqual([[own, folder.read("desk.stateKey")]]);
      expect(team.keys[0]?.name.startsWith(names[0] ?? "")).toBe(true);
      expect(readdirSync(path).sort()).toEqual(["desk.stateKey", "desk.stateKeyId"]);
      rmSync(path, { recursive: true, force: true });
    }
  });
});
