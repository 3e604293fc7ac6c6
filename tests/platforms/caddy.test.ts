import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCaddyfile } from "../../platforms/docker-host/caddyfile.ts";
import type { HostAnswer } from "../../platforms/platform.ts";

const found = ((): boolean => {
  try {
    execFileSync("caddy", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Every service is this one, which says what it was asked. */
const service = "localhost";
const routes = [{ path: "/", service }];
const own = "http://page.shop.localhost";
const hosts: Readonly<Record<string, HostAnswer>> = {
  "plain.localhost": { routes },
  "paths.localhost": {
    routes: [
      { path: "/api", service },
      { path: "/rest", service, forward: "rest" },
      { path: "/old", service, forward: { rewrite: "/v1" } },
    ],
    headers: { "X-Frame-Options": "DENY", "X-Own": "proxy" },
  },
  "www.localhost": { redirect: { to: "plain.localhost", permanent: true } },
  "away.localhost": { redirect: { to: "example.org", path: "/new", permanent: false } },
  "cors.localhost": {
    routes,
    cors: { origins: [own, "https://b.example.com"], methods: ["PATCH"], headers: ["X-A"], credentials: true, maxAgeSeconds: 60 },
  },
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

describe.skipIf(!found)(`the proxy's configuration, run by Caddy${found ? "" : " (skipped: no caddy on PATH)"}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-caddy-"));
  let upstream: Server;
  let caddy: ChildProcess;
  let port: number;

  const ask = (host: string, path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers: { ...headers, host } }, (answer) => {
        let body = "";
        answer.on("data", (data: Buffer) => (body += data.toString()));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      });
      asked.on("error", reject).end();
    });

  beforeAll(async () => {
    upstream = createServer((asked, answer) => {
      answer.writeHead(200, { "x-own": "service", "access-control-allow-origin": "*" }).end(`${asked.method} ${asked.url}`);
    });
    const listen = (server: Server): Promise<number> =>
      new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
    const served = await listen(upstream);
    const free = createServer();
    port = await listen(free);
    await new Promise((resolve) => free.close(resolve));
    const text = renderCaddyfile(new Map(Object.entries(hosts)), { portOf: () => served, origin: (host) => `http://${host}` });
    writeFileSync(join(folder, "Caddyfile"), text.replace("{\n", `{\n\thttp_port ${port}\n`));
    caddy = spawn("caddy", ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"], {
      stdio: "ignore",
      env: { PATH: process.env["PATH"], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    for (let tries = 0; tries < 100; tries++) {
      if (await ask("plain.localhost", "/").catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("Caddy did not start");
  });
  afterAll(() => {
    caddy.kill("SIGKILL");
    upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ["plain.localhost", "/a?b=c", 200, "GET /a?b=c"],
    ["paths.localhost", "/api", 200, "GET /api"],
    ["paths.localhost", "/api/x?y", 200, "GET /api/x?y"],
    ["paths.localhost", "/apix", 404, ""],
    ["paths.localhost", "/rest/x?y", 200, "GET /x?y"],
    ["paths.localhost", "/old/x?y", 200, "GET /v1/x?y"],
    ["paths.localhost", "/other", 404, ""],
    ["nobody.localhost", "/", 404, ""],
  ])("%s%s is answered with %i %s", async (host, path, status, body) => {
    expect(await ask(host, path)).toMatchObject({ status, body });
  });

  test("a header of the proxy stands for the service's own", async () => {
    expect((await ask("paths.localhost", "/api")).headers).toMatchObject({ "x-frame-options": "DENY", "x-own": "proxy" });
  });

  test.each([
    ["www.localhost", 301, "http://plain.localhost/a?b=c"],
    ["away.localhost", 302, "https://example.org/new"],
  ])("%s sends on with %i to %s", async (host, status, location) => {
    expect(await ask(host, "/a?b=c")).toMatchObject({ status, headers: { location } });
  });

  const preflight = (origin: string) => ask("cors.localhost", "/x", "OPTIONS", { origin, "access-control-request-method": "PATCH" });

  test.each([own, "https://b.example.com"])("pages of %s may call", async (origin) => {
    const allowed = { "access-control-allow-origin": origin, "access-control-allow-credentials": "true", vary: "Origin" };
    expect(await preflight(origin)).toMatchObject({
      status: 204,
      body: "",
      headers: {
        ...allowed,
        "access-control-allow-methods": "PATCH",
        "access-control-allow-headers": "X-A",
        "access-control-max-age": "60",
      },
    });
    expect(await ask("cors.localhost", "/x", "GET", { origin })).toMatchObject({ status: 200, body: "GET /x", headers: allowed });
  });

  test.each(["https://evil.example.com", `${own}.evil.example`, "https://bxexample.com", "null"])("pages of %s may not", async (origin) => {
    expect((await preflight(origin)).headers).not.toHaveProperty("access-control-allow-credentials");
    expect((await ask("cors.localhost", "/x", "GET", { origin })).headers["access-control-allow-origin"]).toBeUndefined();
  });
});
