import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { marker, putComment, renderComment } from "../../operations/comment.ts";
import { renderDrift, withoutEncrypted } from "../../operations/drift.ts";
import { type PlannedStep, parseSteps } from "../../operations/plan.ts";
import { commentsOf } from "../../operations/verbs/comment.ts";
import { planned } from "./planned.ts";

const app = (...paths: string[]): PlannedStep => planned({ op: "update", type: "App", paths });
const record = planned({ op: "delete", type: "DnsRecord", name: "edge-api" });
const spec = { services: [{ envs: [{ type: "SECRET" }, { type: "GENERAL" }] }], static_sites: [{ envs: [{ type: "SECRET" }] }] };

test("what the API encrypts is no drift; a plain variable, and everything else, is", () => {
  const noise = ["spec.services[0].envs[0].value", "spec.services[0].image.registryCredentials", "spec.staticSites[0].envs[0].value"];
  expect(withoutEncrypted([app(...noise)], spec)).toEqual({ steps: [], unsure: [] });
  const found = [
    "spec.services[0].envs[1].value",
    "spec.services[0].envs[0].key",
    "spec.services[0].instanceCount",
    "spec.services[1].envs[0].value",
  ];
  expect(withoutEncrypted([app(...noise, ...found), record], spec)).toEqual({ steps: [app(...found), record], unsure: [] });
  // Something differs, and nothing says what: not ours to leave out.
  expect(withoutEncrypted([app()], spec).steps).toEqual([app()]);
  const unknown = withoutEncrypted([app(...noise)], undefined);
  expect(unknown).toEqual({ steps: [], unsure: [noise[0], noise[2]] });
  expect(renderDrift({ stack: "staging", ...unknown })).toContain("2 variables of the App were not compared");
  expect(renderDrift({ stack: "staging", steps: [app("spec.name"), record], unsure: [] })).toBe(
    "staging: differs from what was last deployed\n  changed: App app (spec.name)\n  gone: DnsRecord edge-api",
  );
});

test("steps are read from JSON behind other words; without any JSON nothing is taken for clean", () => {
  const steps = [
    { op: "same", urn: "urn:pulumi:s::p::a:b:C::x" },
    {
      op: "update",
      urn: "urn:pulumi:s::p::g:c:Service$digitalocean:index/app:App::app",
      detailedDiff: { "spec.b": { kind: "update" }, "spec.a": { kind: "add" } },
    },
  ];
  const [step] = parseSteps(`a plugin says\n${JSON.stringify({ steps })}`);
  expect(step).toMatchObject({ op: "update", type: "App", name: "app", paths: ["spec.a", "spec.b"] });
  expect(() => parseSteps("nothing")).toThrow("what it printed is not its JSON");
});

test("the comment says first what goes, then what changes, and nothing breaks out of it", () => {
  const replaced = planned({ op: "replace", type: "Vpc", name: "network", paths: ["ipRange"] });
  const text = renderComment("template", [
    { stack: "quiet", steps: [] },
    { stack: "staging", steps: [app("spec.a")] },
    { stack: "production", steps: [app("spec.a"), replaced] },
    { stack: "broken", steps: [], failure: "error: ```\n# no" },
  ]);
  expect(text.match(/^### .*$/gm)).toEqual([
    "### broken: no preview",
    "### production: 2 changes",
    "### staging: 1 change",
    "### quiet: nothing changes",
  ]);
  expect(text).toContain("**Goes or is replaced:**\n\n```\nreplace Vpc network: ipRange\n```\n\n```\nupdate  App app: spec.a\n```");
  expect(text).toContain("error: '''\n# no\n```");
  const long = renderComment("template", [
    { stack: "staging", steps: Array.from({ length: 5000 }, () => app("spec.services[0].image.digest")) },
  ]);
  expect(long.length).toBeLessThan(65_536);
  expect(long).toContain("The rest is left out");
});

test("a pull request has one comment of ours, found on any page and written anew", async () => {
  const seen: string[] = [];
  const foreign = Array.from({ length: 100 }, (_, id) => ({ id, body: "hello" }));
  let pages: object[][] = [foreign];
  const server = createServer((request, response) => {
    const page = Number(/[?&]page=(\d+)/.exec(request.url ?? "")?.[1] ?? 1);
    seen.push(`${request.method} ${request.url?.split("?")[0]} ${page}`);
    const more =
      pages[page] === undefined
        ? {}
        : { link: `<http://${request.headers.host}/repos/acme/web/issues/7/comments?per_page=100&page=${page + 1}>; rel="next"` };
    response.writeHead(request.method === "POST" ? 201 : 200, { "content-type": "application/json", ...more });
    response.end(JSON.stringify(request.method === "GET" ? pages[page - 1] : {}));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const comments = await commentsOf(7, { GITHUB_TOKEN: "t", GITHUB_REPOSITORY: "acme/web", GITHUB_API_URL: address });
    const ours = marker("template", ["staging"]);
    expect(marker("template", ["b", "a"])).toBe(marker("template", ["a", "b"]));
    expect(await putComment(comments, ours, "new")).toBe("created");
    // What another job says of production stays.
    const others = { id: 4710, body: `${marker("template", ["production"])} old` };
    pages = [foreign, [others, { id: 4711, body: `${ours} old` }]];
    expect(await putComment(comments, ours, "new")).toBe("updated");
  } finally {
    server.close();
  }
  expect(seen).toEqual([
    "GET /repos/acme/web/issues/7/comments 1",
    "POST /repos/acme/web/issues/7/comments 1",
    "GET /repos/acme/web/issues/7/comments 1",
    "GET /repos/acme/web/issues/7/comments 2",
    "PATCH /repos/acme/web/issues/comments/4711 1",
  ]);
  await expect(commentsOf(7, {})).rejects.toThrow("--pr needs GITHUB_TOKEN and GITHUB_REPOSITORY");
});
