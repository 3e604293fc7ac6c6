import { describe, expect, test } from "vitest";
import { EdgeProxy, type EdgeProxyArgs, type HostTarget, path, redirect } from "../../components/edge-proxy.ts";
import { plainHosts, sendsHsts } from "../../components/edge-proxy/hsts.ts";
import { Service } from "../../components/service.ts";
import type { Environment } from "../../config/environments.ts";
import { loadPlatform } from "../../platforms/load.ts";
import { acknowledgeAll, record, throwRefused, type Registration } from "../harness.ts";

const image = { registry: "ghcr.io" as const, repository: "acme/web", digest: `sha256:${"a".repeat(64)}` };

type Args = Partial<Omit<EdgeProxyArgs<string>, "hosts">> & { readonly hosts?: (web: Service) => Record<string, HostTarget> };

/** Registers a proxy over one service on App Platform, and gives the App's spec and the proxy's records. */
async function proxy(
  { hosts = (web) => ({ www: web }), ...args }: Args,
  environment: Environment = "staging",
  records: readonly object[] = [],
) {
  const { resources } = await record(
    async () => {
      const choice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" } as const;
      const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment, acknowledged: acknowledgeAll() });
      const scale = { memory: 1024, dedicated: false, replicas: 1 };
      const web = new Service("web", { platform, image, port: 80, scale, health: { live: "/l", ready: "/r" }, env: {} });
      new EdgeProxy("edge", { platform, zone: "example.com", domain: "example.com", hosts: hosts(web), ...args });
      throwRefused(platform);
      await platform.checked();
      platform.complete();
    },
    { lookups: { getRecords: { records } } },
  );
  const app = resources.find(({ name }) => name === "app") as Registration;
  const dns = resources.filter(({ type }) => type.endsWith(":DnsRecord"));
  return {
    spec: app.inputs["spec"] as { ingress: { rules: unknown[] } },
    names: resources.map(({ name }) => name),
    dns: dns.map(({ name, inputs: { name: at, type, value } }) => [name, at, type, value].join(" ")).sort(),
  };
}

describe("hosts", () => {
  test("lead by path, and to another host", async () => {
    const { spec, names } = await proxy({
      hosts: (web) => ({
        app: { "/": web, "/v1": path(web, "rest") },
        www: redirect("app", { permanent: true }),
        old: redirect("example.org"),
      }),
    });
    const match = (host: string, prefix: string) => ({ authority: { exact: host }, path: { prefix } });
    expect(spec.ingress.rules).toEqual([
      { match: match("app.example.com", "/v1"), component: { name: "web" } },
      { match: match("app.example.com", "/"), component: { name: "web" } },
      { match: match("old.example.com", "/"), redirect: { authority: "example.org", redirectCode: 302 } },
      { match: match("www.example.com", "/"), redirect: { authority: "app.example.com", redirectCode: 301 } },
    ]);
    expect(names).toEqual(expect.arrayContaining(["edge-app", "edge-www", "edge-old"]));
  });

  test.each<[string, Args, string]>([
    [
      "a path",
      { hosts: (web) => ({ www: { "/api/": web } }) },
      'www: "/api/" is no path. Write "/", or "/api" without a slash at the end.',
    ],
    ["nothing", { hosts: () => ({ www: {} }) }, "www: leads nowhere. Name a service."],
    ["itself", { hosts: () => ({ www: redirect("www") }) }, "www: leads back to itself."],
    [
      "no host",
      { hosts: () => ({ www: redirect("nobody") }) },
      'www: leads to "nobody", which is no host here. Write another host in full.',
    ],
    [
      "a redirect's path",
      { hosts: () => ({ www: redirect("a.example", { path: "x" }) }) },
      'www.redirect.path: "x" does not begin with "/". Write "/x".',
    ],
    [
      "a rewrite",
      { hosts: (web) => ({ www: { "/a": path(web, { rewrite: "b" }) } }) },
      'www/a.forward.rewrite: "b" does not begin with "/". Write "/b".',
    ],
    [
      "an open origin",
      { cors: { www: { origins: ["https://*.example.com"] } } },
      'cors.www.origins: "https://*.example.com" lets every site in.',
    ],
    ["a plain origin", { cors: { www: { origins: ["http://a.example.com"] } } }, "is not encrypted"],
    ["no origin", { cors: { www: { origins: [] } } }, "cors.www.origins: names nobody. Leave cors out."],
    ["a method", { cors: { www: { origins: ["https://a.example.com"], methods: ["*"] } } }, 'cors.www.methods: "*" is no method.'],
    ["a host of cors", { cors: { api: { origins: ["https://a.example.com"] } } }, "cors.api: there is no such host."],
    [
      "cors of a redirect",
      { hosts: () => ({ www: redirect("a.example") }), cors: { www: { origins: ["https://a.example.com"] } } },
      "cors.www: the host only sends on to another one, which answers for itself.",
    ],
  ])("refuses %s", async (_, args, message) => {
    await expect(proxy(args)).rejects.toThrow(message);
  });
});

describe("the domain itself", () => {
  const hosts: NonNullable<Args["hosts"]> = (web) => ({ "@": web, www: redirect("@") });
  const addresses = [
    "edge-@-a-1 @ A 162.159.140.98",
    "edge-@-a-2 @ A 172.66.0.96",
    "edge-@-aaaa-3 @ AAAA 2606:4700:7::60",
    "edge-@-aaaa-4 @ AAAA 2a06:98c1:58::60",
  ];

  test("has addresses where it is the zone, which cannot be a CNAME", async () => {
    const mail = { name: "@", type: "MX", value: "mx.example.net" };
    const { spec, dns } = await proxy({ hosts }, "staging", [mail, { name: "@", type: "A", value: "172.66.0.96" }]);
    expect(dns).toEqual([...addresses, "edge-www www CNAME app-x1y2z.ondigitalocean.app."]);
    const match = (host: string) => ({ authority: { exact: host }, path: { prefix: "/" } });
    expect(spec.ingress.rules).toEqual([
      { match: match("example.com"), component: { name: "web" } },
      { match: match("www.example.com"), redirect: { authority: "example.com", redirectCode: 302 } },
    ]);
  });

  test("is a name like others below its zone", async () => {
    const { dns } = await proxy({ hosts, domain: "staging.example.com" });
    expect(dns).toEqual(["edge-@ staging CNAME app-x1y2z.ondigitalocean.app.", "edge-www www.staging CNAME app-x1y2z.ondigitalocean.app."]);
  });

  test("is refused where somebody else's address stands at it", async () => {
    const old = { name: "@", type: "A", value: "192.0.2.1" };
    await expect(proxy({ hosts }, "staging", [old, { name: "www", type: "A", value: "192.0.2.2" }])).rejects.toThrow(
      "edge:\n  hosts.@: example.com leads to 192.0.2.1 already, and visitors would be sent there as well. " +
        "Remove those records first (doctl compute domain records list example.com).",
    );
  });
});

describe("HSTS", () => {
  const whole = { sentBy: "services", includeSubDomains: true } as const;
  const at = (name: string, type: string, value: string) => ({ name, type, value });

  test("the header", () => {
    expect(sendsHsts({ sentBy: "proxy", includeSubDomains: true })).toEqual({
      "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    });
    expect(sendsHsts({ sentBy: "proxy", maxAgeSeconds: 60 })).toEqual({ "Strict-Transport-Security": "max-age=60" });
    expect(sendsHsts({ sentBy: "services" })).toEqual({});
  });

  test.each<[string, readonly ReturnType<typeof at>[], readonly string[]]>([
    ["ours", [at("www", "A", "192.0.2.1")], []],
    ["App Platform's", [at("api.staging", "CNAME", "shop-x1.ondigitalocean.app.")], []],
    ["a name of ours", [at("alias", "CNAME", "www.example.com.")], []],
    ["a name of a name of ours", [at("b", "CNAME", "a.example.com."), at("a", "CNAME", "www.example.com.")], []],
    ["said to be ready", [at("mail", "A", "192.0.2.1")], []],
    ["no address", [at("@", "MX", "mail.example.com."), at("@", "TXT", "v=spf1"), at("_x", "SRV", "y.")], []],
    ["an address", [at("old", "A", "192.0.2.1"), at("old", "AAAA", "2001:db8::1")], ["old.example.com"]],
    ["the domain itself", [at("@", "A", "192.0.2.1")], ["example.com"]],
    ["a name of somebody else", [at("shop", "CNAME", "shops.example.net.")], ["shop.example.com"]],
    ["one that only looks like App Platform's", [at("x", "CNAME", "ondigitalocean.app.evil.example.")], ["x.example.com"]],
    ["a wildcard", [at("*", "A", "192.0.2.1")], ["*.example.com"]],
  ])("%s", (_, records, plain) => {
    expect(plainHosts("example.com", records, ["www.example.com"], ["mail.example.com"])).toEqual(plain);
  });

  test("a host that needs no word is refused: it would hide the day on which it does", async () => {
    const records = [at("old", "A", "192.0.2.1"), at("alias", "CNAME", "old.example.com.")];
    const ready = (...hosts: string[]) => proxy({ hsts: { ...whole, httpsReady: hosts } }, "production", records);
    await ready("old.example.com");
    await expect(ready("old.example.com", "gone.example.com")).rejects.toThrow(
      "hsts.httpsReady: gone.example.com needs no word: it has no address in example.com, or is seen to speak https. Remove it.",
    );
    await expect(ready("old.example.com", "alias.example.com")).rejects.toThrow("alias.example.com needs no word");
  });

  test("nothing is deployed while a host of the zone may speak plain http; all of them are named", async () => {
    const records = [at("old", "A", "192.0.2.1"), at("older", "A", "192.0.2.2")];
    await expect(proxy({ hsts: whole }, "production", records)).rejects.toThrow(/old\.example\.com may not[^]*older\.example\.com may not/);
    const { names } = await proxy({ hsts: { ...whole, httpsReady: ["old.example.com", "older.example.com"] } }, "production", records);
    expect(names).toContain("app");
  });

  test.each<[Args, Environment, string]>([
    [
      { hsts: { sentBy: "proxy" } },
      "production",
      'hsts.sentBy: App Platform adds no header. Let the services send it, and say "services".',
    ],
    [{ hsts: whole }, "staging", "hsts.includeSubDomains: is for production. In other environments it would bind hosts that come and go."],
    [{ hsts: { sentBy: "services", maxAgeSeconds: -1 } }, "production", "hsts.maxAgeSeconds: must be a whole number of seconds."],
  ])("%j in %s is refused", async (args, environment, message) => {
    await expect(proxy(args, environment)).rejects.toThrow(message);
  });
});
