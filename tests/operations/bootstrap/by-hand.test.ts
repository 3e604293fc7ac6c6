import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { SecretFolder } from "../../../operations/bootstrap/folder.ts";
import { take } from "../../../operations/bootstrap/take.ts";
import type { Wanted } from "../../../operations/bootstrap/wanted.ts";
import { digitalOceanServer } from "../loopback/digitalocean.ts";
import { newFolder, path, want } from "./team.ts";

beforeEach(newFolder);

describe("secrets that are made by hand", () => {
  const types = ["digitalocean:index/app:App"];
  const token = (may: "deploy" | "look"): Wanted => want("staging.digitaloceanToken", "token", { may, scopes: ["app:read"] });
  const scopes = {
    none: [],
    read: ["app:read"],
    write: ["app:create", "app:read", "app:update", "app:delete"],
    other: ["app:read", "vpc:delete"],
  };
  const attempt = async (held: keyof typeof scopes, may: "deploy" | "look", value = "dop_v1_planted"): Promise<string> => {
    const team = { tokens: { dop_v1_planted: scopes[held] }, done: [] };
    await using cloud = await digitalOceanServer(team);
    const answer = await take(token(may), value, types, new SecretFolder(path), { DIGITALOCEAN_API_URL: cloud.origin }).then(
      () => "taken",
      (error: Error) => error.message,
    );
    expect(team.done).toEqual([]);
    return answer;
  };
  test("are looked at before they are taken, and never shown", async () => {
    const refused = [
      await attempt("read", "deploy", "ghp_planted"),
      await attempt("none", "deploy"),
      await attempt("write", "look"),
      await attempt("read", "deploy", ""),
      await attempt("other", "look"),
      await attempt("read", "deploy"),
    ];
    expect(refused[0]).toBe('staging.digitaloceanToken begins with "dop_v1_", and this does not (not shown)');
    expect(refused[1]).toContain("the token lacks app: read");
    expect(refused[2]).toContain("this token can change things (app: create, update, delete). Make one with these scopes only: app: read");
    expect(refused[4]).toContain("this token can change things (vpc: delete)");
    expect(refused[5]).toContain("the token lacks app: create, update, delete");
    expect(refused[3]).toContain("nothing came in");
    expect(refused.join()).not.toContain("planted");
    expect(existsSync(path)).toBe(false);
    expect(await attempt("read", "look")).toBe("taken");
    expect(readFileSync(join(path, "staging.digitaloceanToken"), "utf8")).toBe("dop_v1_planted\n");
    expect(await attempt("read", "look")).toContain("is there already");
  });
  test("a deploying token has the scopes to write, or is not taken", async () => {
    expect(await attempt("write", "deploy")).toBe("taken");
  });
});
