import { expect, test } from "vitest";
import type { Skipped } from "../../../operations/doctor/finding.ts";
import { Probe } from "../../../operations/doctor/probe.ts";
import { imageFindings, pulledWithCredentials, type Pulls } from "../../../operations/doctor/registry.ts";
import { server } from "../loopback/http.ts";
import { digest, registryServer, type RegistryState } from "../loopback/registry.ts";
import { ids } from "./found.ts";

test("images: gone, private, there, also behind a token for anybody", async () => {
  const image = `ghcr.io/acme/web@${digest}`;
  const look = async (how: RegistryState["how"], more: Partial<Pulls> = {}) => {
    const skipped: Skipped[] = [];
    await using registry = await registryServer({ how });
    const found = await imageFindings(new Probe({ second: 1 }), "staging", { web: image, local: "web:dev" }, skipped, {
      pulled: new Set(),
      isHost: false,
      environment: {},
      origin: () => registry.origin,
      ...more,
    });
    return { found, skipped: skipped.map(({ what, why }) => `${what}: ${why}`) };
  };
  expect(await look("open")).toEqual({ found: [], skipped: [] });
  expect(await look("token")).toEqual({ found: [], skipped: [] });
  expect(ids((await look("private")).found)).toEqual(["image-private"]);
  expect((await look("gone")).found).toMatchObject([
    {
      id: "image-gone",
      fix: ["npm run ops -- rollback --stack staging   # to a release whose images are there", `docker buildx imagetools inspect ${image}`],
    },
  ]);
  // Who has credentials, or may have them, is not told that it has none.
  const pulled = pulledWithCredentials([
    { type: "groundwork:components:Service", name: "web", outputs: { pulled: { web: 1 } }, initErrors: [] },
  ]);
  expect(await look("private", { pulled })).toEqual({
    found: [],
    skipped: ["whether web of staging can be pulled again: it is private, and only the App has the credentials for it"],
  });
  expect(await look("private", { isHost: true })).toEqual({
    found: [],
    skipped: ["whether web of staging can be pulled again: it is private, and only the engine knows whether it is logged in there"],
  });
});

test("images in the team's own registry are looked for with the token", async () => {
  const image = (letter: string): string => `registry.digitalocean.com/acme/web/api@sha256:${letter.repeat(64)}`;
  const skipped: Skipped[] = [];
  const state = { status: 200 };
  await using api = await server(({ path, headers }) => {
    if (headers.authorization !== "Bearer t") return { status: 401 };
    const page = /^\/v2\/registries\/acme\/repositories\/web%2Fapi\/digests\?per_page=100&page=(\d)$/.exec(path)?.[1];
    if (page === undefined || state.status !== 200) return { status: page === undefined ? 404 : state.status };
    return { body: { manifests: [{ digest: `sha256:${(page === "1" ? "a" : "b").repeat(64)}` }], meta: { total: 2 } } };
  });
  const look = (letter: string, token = "t") =>
    imageFindings(new Probe({ second: 1 }), "staging", { web: image(letter) }, skipped, {
      pulled: new Set(),
      isHost: false,
      environment: { DIGITALOCEAN_TOKEN: token, DIGITALOCEAN_API_URL: api.origin },
    });
  expect(await look("b")).toEqual([]);
  expect(ids(await look("c"))).toEqual(["image-gone"]);
  expect(skipped).toEqual([]);
  state.status = 403;
  expect(await look("a")).toEqual([]);
  expect(await look("a", "")).toEqual([]);
  expect(skipped.map(({ why }) => why)).toEqual(
    [...Array<string>(2)].map(() => "the token may not look into the team's registry (registry:read)"),
  );
});
