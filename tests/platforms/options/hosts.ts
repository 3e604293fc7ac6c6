import type { Platform } from "../../../platforms/platform.ts";
import { type Case, edge, host, origin, refused, show, site, spec, web, whole } from "./ask.ts";

/** Static sites, hosts, and the edge before all of them. */
export const hosts: readonly Case[] = [
  {
    asks: "static site",
    program: show({ env: { A: "1" }, outputFolder: "dist", indexDocument: "start.html", catchallDocument: "start.html" }),
    app: spec("staticSites[0]", {
      github: { repo: "acme/web", branch: "main", deployOnPush: false },
      envs: [{ key: "A", value: "1", type: "GENERAL", scope: "BUILD_TIME" }],
      outputDir: "dist",
      indexDocument: "start.html",
      catchallDocument: "start.html",
    }),
    docker: refused("site:\n  source: a Docker host builds nothing from source. Pass container with an image that serves the files."),
  },
  {
    asks: "static site in a container",
    program: (platform) => {
      platform.addSite({ ...site, container: { ...web, name: "site", port: 8080 } });
      platform.expose("www.example.com", { routes: [{ path: "/", service: "site" }] });
    },
    app: spec("ingress.rules[0].component.name", "site"),
    docker: { proxy: "\t\tname site\n\t\t\tport 8080" },
  },
  {
    asks: "static site: two documents for what is not there",
    program: show({ errorDocument: "a.html", catchallDocument: "b.html", container: web }),
    app: refused("site:\n  catchallDocument: answers what errorDocument would. Choose one of them."),
    docker: refused("site:\n  errorDocument: is for the image's own server to know. Leave it out on this platform."),
  },
  {
    asks: "host: services by path, the longest first",
    program: host({ routes: [whole, { path: "/api", service: "web" }] }),
    app: spec("ingress.rules", [
      {
        match: { authority: { exact: "www.example.com" }, path: { prefix: "/api" } },
        component: { name: "web", preservePathPrefix: true },
      },
      { match: { authority: { exact: "www.example.com" }, path: { prefix: "/" } }, component: { name: "web" } },
    ]),
    docker: { proxy: "\t\t@path0 path /api /api/*\n\t\thandle @path0 {\n\t\t\treverse_proxy {" },
  },
  {
    asks: "host: the rest behind a path",
    program: host({ routes: [{ path: "/api", service: "web", forward: "rest" }] }),
    app: spec("ingress.rules[0].component", { name: "web" }),
    docker: { proxy: "handle @path0 {\n\t\t\turi strip_prefix /api\n\t\t\treverse_proxy {" },
  },
  {
    asks: "host: another prefix instead of a path",
    program: host({ routes: [{ path: "/api", service: "web", forward: { rewrite: "/v1" } }] }),
    app: spec("ingress.rules[0].component", { name: "web", rewrite: "/v1" }),
    docker: { proxy: "uri strip_prefix /api\n\t\t\t\trewrite * /v1{uri}" },
  },
  {
    asks: "host: sends on to another one",
    program: host({ redirect: { to: "example.org", path: "/new", permanent: true } }),
    app: spec("ingress.rules[0]", {
      match: { authority: { exact: "www.example.com" } },
      redirect: { authority: "example.org", uri: "/new", redirectCode: 301 },
    }),
    docker: { proxy: "http://www.example.com {\n\tredir https://example.org/new permanent\n}" },
  },
  {
    asks: "host: one origin may call it",
    program: host({ routes: [whole], cors: { origins: [origin], credentials: true, maxAgeSeconds: 60 } }),
    app: spec("ingress.rules[0].cors", { allowOrigins: { exact: origin }, allowCredentials: true, maxAge: "60s" }),
    docker: { proxy: '\t@cors header_regexp Origin "^(https://a\\.example\\.com)$"' },
  },
  {
    asks: "host: several origins may call it, and nobody else",
    program: host({
      routes: [whole],
      cors: { origins: [origin, "https://b.example.com"], methods: ["PATCH"], headers: ["X-A"], expose: ["X-B"] },
    }),
    app: spec("ingress.rules[0].cors", {
      allowOrigins: { regex: "^(https://a\\.example\\.com|https://b\\.example\\.com)$" },
      allowMethods: ["PATCH"],
      allowHeaders: ["X-A"],
      exposeHeaders: ["X-B"],
    }),
    docker: { proxy: '\t\tAccess-Control-Allow-Methods "PATCH"' },
  },
  {
    asks: "host: headers of the proxy",
    program: host({ routes: [whole], headers: { "X-Frame-Options": "DENY" } }),
    app: refused(
      "www.example.com:\n  headers: App Platform adds none of its own (X-Frame-Options). Let the service send them, or leave them out on this platform.",
    ),
    docker: { proxy: '\t\tX-Frame-Options "DENY"' },
  },
  {
    asks: "host: oldest TLS",
    program: host({ routes: [whole], minimumTls: "1.3" }),
    app: refused(
      "www.example.com:\n  minimumTls: the provider cannot set it. App Platform speaks TLS 1.2 and newer; leave it out. Set by hand, it would be gone with the next deployment.",
    ),
    docker: refused(
      "www.example.com:\n  minimumTls: a Docker host speaks plain http on this machine only. Leave it out in this environment.",
    ),
  },
  {
    asks: "edge: nothing is kept, mail addresses are shown, requests are looked at",
    program: edge({ cache: false, emailObfuscation: false, threatControl: true }),
    app: spec("", { disableEdgeCache: true, disableEmailObfuscation: true, enhancedThreatControlEnabled: true }),
    docker: refused(
      "edge:\n  cache: a Docker host has no edge of a cloud before it. Leave it out in this environment.\n  emailObfuscation: a Docker host has no",
    ),
  },
  {
    asks: "edge: taken off for maintenance",
    program: edge({ maintenance: {} }),
    app: spec("maintenance", { enabled: true }),
    docker: {
      proxy: 'http://www.example.com {\n\theader Cache-Control no-store\n\theader Retry-After 60\n\trespond "Down for maintenance." 503\n}',
    },
  },
  {
    asks: "edge: taken off, with a page, and nothing runs",
    program: edge({ maintenance: { page: "https://status.example.com/down.html", archive: true } }),
    app: spec("maintenance", { enabled: true, archive: true, offlinePageUrl: "https://status.example.com/down.html" }),
    docker: refused(
      "edge:\n  maintenance.page: a Docker host answers with 503 alone. Leave it out in this environment.\n  maintenance.archive: what runs",
    ),
  },
  {
    asks: "edge: a page that is none",
    program: edge({ maintenance: { page: "down.html" } }),
    app: refused('edge:\n  maintenance.page: must be an address such as "https://status.example.com/down.html", is "down.html".'),
    docker: refused("edge:\n  maintenance.page: a Docker host answers with 503 alone."),
  },
  {
    asks: "edge: said twice",
    program: (platform) => [edge({ maintenance: {} }), (same: Platform) => same.edge({ maintenance: {} })].forEach((say) => say(platform)),
    app: refused("edge:\n  how the edge treats all hosts was said before. Say it at one EdgeProxy."),
    docker: refused("edge:\n  how the edge treats all hosts was said before. Say it at one EdgeProxy."),
  },
];
