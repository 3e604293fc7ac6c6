import { rmSync } from "node:fs";
import { join } from "node:path";
import { digitalOceanFindings, githubFindings } from "../../../operations/doctor/credentials.ts";
import { endpointFindings } from "../../../operations/doctor/endpoints.ts";
import { engineFindings } from "../../../operations/doctor/engine.ts";
import type { FindingId } from "../../../operations/doctor/finding.ts";
import { certificateFindings, delegationFindings, namesFrom, recordFindings } from "../../../operations/doctor/network.ts";
import { blindness, underOneCause, wellKnown } from "../../../operations/doctor/online.ts";
import { Probe } from "../../../operations/doctor/probe.ts";
import { imageFindings } from "../../../operations/doctor/registry.ts";
import { dockerOn } from "../../../operations/docker.ts";
import { familiesOf, scopesFor } from "../../../operations/token-scopes.ts";
import { digitalOceanServer, type Team } from "../loopback/digitalocean.ts";
import { nameServer, type Zone } from "../loopback/dns.ts";
import { server } from "../loopback/http.ts";
import { digest, registryServer, type RegistryState } from "../loopback/registry.ts";
import { selfSigned, tlsHost } from "../loopback/tls.ts";
import { dnsRecord, now } from "./found.ts";
import type { Case, Scene, Stage } from "./scene.ts";

const quick = (): Probe => new Probe({ second: 1 });
const types = ["digitalocean:index/app:App"];
const all = scopesFor(familiesOf(types), "deploy");

/** A team at DigitalOcean, whose right token is "right", and a shell that has it. */
async function cloud(stage: Stage, more: (team: Team) => Omit<Scene, "look"> & Partial<Scene>, needs = types): Promise<Scene> {
  const team: Team = { tokens: { right: all }, done: [] };
  const api = await digitalOceanServer(team);
  stage.env = { ...stage.env, DIGITALOCEAN_TOKEN: "right", DIGITALOCEAN_API_URL: api.origin };
  const { close, ...rest } = more(team);
  return {
    look: () => digitalOceanFindings(quick(), stage.env, { staging: needs }),
    ...rest,
    close: async () => (await close?.(), await api[Symbol.asyncDispose]()),
  };
}

/** GitHub, where the right token is an administrator's. */
async function github(stage: Stage, more: (site: Site) => Omit<Scene, "look" | "close">): Promise<Scene> {
  const site: Site = { tokens: { right: {} }, repositories: ["acme/web"], isAdmin: true };
  const api = await server(({ path, headers }) => {
    const token = site.tokens[String(headers.authorization).replace("Bearer ", "")];
    if (token === undefined) return { status: 401 };
    if (path === "/user") return { headers: token, body: {} };
    return site.repositories.includes(path.replace("/repos/", "")) ? { body: { permissions: { admin: site.isAdmin } } } : undefined;
  });
  stage.env = { ...stage.env, GITHUB_TOKEN: "right", GITHUB_API_URL: api.origin };
  return {
    look: () => githubFindings(quick(), stage.env, [{ owner: "acme", name: "web", stands: true }], now),
    ...more(site),
    close: () => api[Symbol.asyncDispose](),
  };
}

interface Site {
  /** Token → headers of the answer. */
  readonly tokens: Record<string, Readonly<Record<string, string>>>;
  repositories: readonly string[];
  isAdmin: boolean;
}

/** A Docker engine, as its command line shows it. */
function engine(stage: Stage, more: Omit<Scene, "look">): Scene {
  docker(stage, "echo active");
  return {
    look: () => engineFindings(dockerOn("unix:///x.sock", { ...stage.env, PATH: stage.folder }), "local", "unix:///x.sock"),
    ...more,
  };
}
const docker = (stage: Stage, script: string): void => stage.program("docker", script);

const zone = (): { -readonly [Kind in keyof Zone]: Record<string, readonly string[]> } => ({
  NS: { "example.com": ["ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com"] },
  CNAME: { "api.example.com": ["app.ondigitalocean.app"] },
  A: { "known.example.com": ["127.0.0.1"] },
  AAAA: {},
});

const record = dnsRecord("api", { type: "CNAME", fqdn: "api.example.com", value: "app.ondigitalocean.app." });

/** A host with a certificate, and an authority that signs. */
async function tls(stage: Stage, { breaks }: { readonly breaks: { readonly name?: string; readonly days?: number } }): Promise<Scene> {
  const right = selfSigned(join(stage.folder, "cert"), "api.example.com");
  const wrong = breaks.name === undefined ? right : selfSigned(join(stage.folder, "other"), breaks.name);
  const { host, port } = await tlsHost(right);
  let when = Date.now();
  const renewed = (): void => {
    when = Date.now();
    host.setSecureContext(right);
  };
  return {
    look: () => certificateFindings("staging", ["api.example.com"], new Date(when), { address: "127.0.0.1", port, ca: right.cert }),
    breaks() {
      when += (breaks.days ?? 0) * 86_400_000;
      host.setSecureContext(wrong);
    },
    commands: {
      "npm run ops -- doctor --stack staging": () => undefined,
      "npm run ops -- drift --stack staging": () => undefined,
      "pulumi up --stack staging": renewed,
    },
    close: () => new Promise<void>((closed) => void host.close(() => closed())),
  };
}

/** A registry with one image. */
async function registry(more: (state: RegistryState) => Omit<Scene, "look" | "close">): Promise<Scene> {
  const state: RegistryState = { how: "token" };
  const site = await registryServer(state);
  return {
    look: () =>
      imageFindings(quick(), "staging", { web: `ghcr.io/acme/web@${digest}` }, [], {
        pulled: new Set(),
        isHost: false,
        environment: {},
        origin: () => site.origin,
      }),
    ...more(state),
    close: () => site[Symbol.asyncDispose](),
  };
}

/** A service of others at an address that the stack holds as a secret. */
async function endpoint(more: (address: { url: string; isDown: boolean }) => Omit<Scene, "look" | "close">): Promise<Scene> {
  const dns = await nameServer(zone());
  const other = await server(() => ({ status: 401 }));
  const address = { url: other.origin, isDown: false };
  // Nobody listens at the port of a server that was closed.
  const gone = await server(() => undefined);
  await gone[Symbol.asyncDispose]();
  return {
    look: () =>
      endpointFindings(quick(), namesFrom([dns.address]), "staging", [
        { name: "supabaseUrl", url: address.isDown ? gone.origin : address.url },
      ]),
    ...more(address),
    close: async () => (await dns.close(), await other[Symbol.asyncDispose]()),
  };
}

const oneCase = (id: FindingId, broken: string, mended: string, open: Case["open"]): Case => ({ id, broken, mended, open });

export const outsideCases: readonly Case[] = [
  oneCase("spaces-key-missing", "no key of Spaces, and a bucket in the stack", "it is read in", (stage) => {
    stage.env = { ...stage.env, SPACES_ACCESS_KEY_ID: "a", SPACES_SECRET_ACCESS_KEY: "b" };
    return {
      look: () => digitalOceanFindings(quick(), stage.env, { staging: ["digitalocean:index/spacesBucket:SpacesBucket"] }),
      breaks: () => delete stage.env["SPACES_SECRET_ACCESS_KEY"],
      typed: ["secret"],
    };
  }),
  oneCase("token-missing", "no token in the environment", "it is read in", (stage) =>
    cloud(stage, () => ({ breaks: () => delete stage.env["DIGITALOCEAN_TOKEN"], typed: ["right"] })),
  ),
  oneCase("token-refused", "a token that was revoked", "a person makes another, and it is read in", (stage) =>
    cloud(stage, (team) => ({
      breaks: () => delete team.tokens["right"],
      person: () => (team.tokens["another"] = all),
      typed: ["another"],
    })),
  ),
  oneCase("token-scope", "a token that may not read Apps", "a person makes another, and it is read in", (stage) =>
    cloud(stage, (team) => ({
      breaks: () => (team.tokens["right"] = all.filter((scope) => scope !== "app:read")),
      person: () => (team.tokens["another"] = all),
      typed: ["another"],
    })),
  ),
  oneCase("token-scope-write", "a token that can only look", "a person makes another, and it is read in", (stage) =>
    cloud(stage, (team) => ({
      breaks: () => (team.tokens["right"] = ["app:read"]),
      person: () => (team.tokens["another"] = all),
      typed: ["another"],
    })),
  ),
  oneCase("cloud-unreachable", "an API that does not answer", "the network is back", async (stage) => {
    const gone = await server(() => undefined);
    await gone[Symbol.asyncDispose]();
    return cloud(stage, () => {
      const right = stage.env["DIGITALOCEAN_API_URL"];
      return {
        breaks: () => (stage.env["DIGITALOCEAN_API_URL"] = gone.origin),
        commands: { "curl -sS": () => (stage.env["DIGITALOCEAN_API_URL"] = right) },
      };
    });
  }),
  oneCase("no-network", "a machine without a network", "the network is back", async (stage) => {
    const [gone, blind] = [await server(() => undefined), await nameServer(zone())];
    const seeing = await nameServer({ ...zone(), A: { [wellKnown]: ["192.0.2.1"] } });
    await gone[Symbol.asyncDispose]();
    return cloud(stage, () => {
      const right = stage.env["DIGITALOCEAN_API_URL"];
      let asked = seeing.address;
      return {
        look: async () => {
          const found = await digitalOceanFindings(quick(), stage.env, { staging: types });
          const code = await blindness(namesFrom([asked]));
          return code === undefined ? found : underOneCause(found, code);
        },
        breaks: () => ([stage.env["DIGITALOCEAN_API_URL"], asked] = [gone.origin, blind.address]),
        commands: {
          "curl -sS": () => ([stage.env["DIGITALOCEAN_API_URL"], asked] = [right, seeing.address]),
          "npm run ops -- doctor --resolver": () => undefined,
        },
        close: async () => (await blind.close(), await seeing.close()),
      };
    });
  }),
  oneCase("account-not-active", "an account that is locked", "a person settles it with DigitalOcean", (stage) =>
    cloud(stage, (team) => ({
      breaks: () => (team.account = { status: "locked" }),
      person: () => (team.account = { status: "active" }),
      commands: { "doctl account get": () => undefined },
    })),
  ),
  oneCase("github-token-missing", "no token of GitHub", "it is read in", (stage) =>
    github(stage, () => ({ breaks: () => delete stage.env["GITHUB_TOKEN"], typed: ["right"] })),
  ),
  oneCase("github-token-refused", "a token of GitHub that was revoked", "a person makes another, and it is read in", (stage) =>
    github(stage, (site) => ({
      breaks: () => delete site.tokens["right"],
      person: () => (site.tokens["another"] = {}),
      typed: ["another"],
    })),
  ),
  oneCase("github-token-scope", "a classic token without a scope", "GitHub's command line adds it", (stage) =>
    github(stage, (site) => ({
      breaks: () => (site.tokens["right"] = { "x-oauth-scopes": "repo" }),
      commands: { "gh auth refresh --scopes repo,workflow": () => (site.tokens["right"] = { "x-oauth-scopes": "repo, workflow" }) },
    })),
  ),
  oneCase("github-token-expiring", "a token that ends in three days", "a person makes another, and it is read in", (stage) =>
    github(stage, (site) => ({
      breaks: () => (site.tokens["right"] = { "github-authentication-token-expiration": "2026-11-25 12:00:00 UTC" }),
      person: () => (site.tokens["another"] = {}),
      typed: ["another"],
    })),
  ),
  oneCase("github-unreachable", "GitHub's API does not answer", "the network is back", async (stage) => {
    const gone = await server(() => undefined);
    await gone[Symbol.asyncDispose]();
    return github(stage, () => {
      const right = stage.env["GITHUB_API_URL"];
      return {
        breaks: () => (stage.env["GITHUB_API_URL"] = gone.origin),
        commands: { "curl -sS": () => (stage.env["GITHUB_API_URL"] = right) },
      };
    });
  }),
  oneCase("github-repository", "a repository that the token does not reach", "a person lets the token at it", (stage) =>
    github(stage, (site) => ({
      breaks: () => (site.repositories = []),
      person: () => (site.repositories = ["acme/web"]),
      commands: { "gh repo view acme/web": () => undefined },
    })),
  ),
  oneCase("github-not-admin", "a token of somebody who may not administer", "an administrator's is read in", (stage) =>
    github(stage, (site) => ({ breaks: () => (site.isAdmin = false), person: () => (site.isAdmin = true), typed: ["right"] })),
  ),
  oneCase("docker-missing", "no docker on PATH", "a person installs it", (stage) =>
    engine(stage, {
      breaks: () => rmSync(join(stage.folder, "docker")),
      person: () => docker(stage, "echo active"),
      commands: { "docker version": () => undefined },
    }),
  ),
  oneCase("docker-silent", "an engine that does not run", "it is started", (stage) =>
    engine(stage, {
      breaks: () => docker(stage, "echo 'Cannot connect' >&2; exit 1"),
      commands: { "sudo systemctl start docker": () => docker(stage, "echo active") },
    }),
  ),
  oneCase("docker-no-swarm", "an engine that is no swarm", "docker swarm init", (stage) =>
    engine(stage, { breaks: () => docker(stage, "echo inactive"), commands: { "docker swarm init": () => docker(stage, "echo active") } }),
  ),
  oneCase("delegation", "a zone that is delegated elsewhere", "a person names DigitalOcean's servers at the registrar", async () => {
    const records = zone();
    const [{ "example.com": right = [] }, dns] = [records.NS, await nameServer(records)];
    return {
      look: () => delegationFindings(namesFrom([dns.address]), "example.com"),
      breaks: () => (records.NS["example.com"] = ["ns.registrar.net"]),
      person: () => (records.NS["example.com"] = right),
      commands: { "dig +short NS example.com": () => undefined },
      close: () => dns.close(),
    };
  }),
  oneCase("resolver", "a name server that is silent", "another one is asked", async () => {
    const [silent, dns] = [await nameServer(zone()), await nameServer(zone())];
    let asked = dns.address;
    await silent.close();
    return {
      look: () => delegationFindings(namesFrom([asked]), "example.com"),
      breaks: () => (asked = silent.address),
      commands: { "npm run ops -- doctor --resolver 1.1.1.1": () => (asked = dns.address) },
      close: () => dns.close(),
    };
  }),
  oneCase("host-record", "a host that leads elsewhere than the state says", "pulumi up writes the record again", async () => {
    const records = zone();
    const dns = await nameServer(records);
    return {
      look: () => recordFindings(namesFrom([dns.address]), "staging", [record]),
      breaks: () => (records.CNAME["api.example.com"] = ["old.example.net"]),
      commands: {
        "npm run ops -- drift --stack staging": () => undefined,
        "pulumi up --refresh=false --stack staging": () => (records.CNAME["api.example.com"] = ["app.ondigitalocean.app"]),
      },
      close: () => dns.close(),
    };
  }),
  oneCase("certificate-expired", "a certificate that is over", "another is issued", (stage) => tls(stage, { breaks: { days: 70 } })),
  oneCase("certificate-expiring", "a certificate that is soon over", "another is issued", (stage) => tls(stage, { breaks: { days: 50 } })),
  oneCase("certificate-invalid", "a certificate for another host", "another is issued", (stage) =>
    tls(stage, { breaks: { name: "other.example.com" } }),
  ),
  oneCase("image-gone", "an image that was deleted", "a rollback to one that is there", () =>
    registry((state) => ({
      breaks: () => (state.how = "gone"),
      commands: {
        "npm run ops -- rollback --stack staging": () => (state.how = "token"),
        "docker buildx imagetools inspect": () => undefined,
      },
    })),
  ),
  oneCase("image-private", "a package that is private", "a person makes it public", () =>
    registry((state) => ({
      breaks: () => (state.how = "private"),
      person: () => (state.how = "token"),
      commands: { "docker buildx imagetools inspect": () => undefined },
    })),
  ),
  oneCase("endpoint-unknown", "an address whose host does not exist", "the right one is set and deployed", () =>
    endpoint((address) => {
      const right = address.url;
      return {
        breaks: () => (address.url = "https://gone.example.com"),
        commands: {
          "pulumi config set --stack staging --secret --path groundwork:provided.supabaseUrl": () => (address.url = right),
          "pulumi up --stack staging": () => undefined,
        },
      };
    }),
  ),
  oneCase("endpoint-silent", "a service of others that is down", "it is up again", () =>
    endpoint((address) => ({
      breaks: () => (address.isDown = true),
      person: () => (address.isDown = false),
      commands: { "npm run ops -- logs --stack staging": () => undefined },
    })),
  ),
];
