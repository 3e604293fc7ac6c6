import { apiBase, tokenOf } from "../digitalocean.ts";
import type { ExportedState } from "../stack-state.ts";
import type { Finding, FindingId, Skipped } from "./finding.ts";
import type { Probe } from "./probe.ts";

/** Registries whose API has another host than their images' names. */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

const accepted = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** What decides how a stack gets its images. */
export interface Pulls {
  /** Programs whose image is pulled with credentials of their own. */
  readonly pulled: ReadonlySet<string>;
  /** A Docker host pulls as whoever its engine is logged in as. */
  readonly isHost: boolean;
  readonly environment: NodeJS.ProcessEnv;
  /** Where a registry answers; a test has its own. */
  readonly origin?: (host: string) => string;
}

/** Programs that were deployed with credentials for their image, by what their component wrote down. Pure. */
export const pulledWithCredentials = (resources: readonly ExportedState[]): Set<string> =>
  new Set(resources.flatMap(({ type, outputs }) => (type.startsWith("groundwork:") ? Object.keys(outputs["pulled"] ?? {}) : [])));

/** Whether what serves could be pulled again, by its digest. What cannot be seen from here is added to `skipped`. */
export async function imageFindings(
  probe: Probe,
  stack: string,
  images: Readonly<Record<string, string>>,
  skipped: Skipped[],
  { pulled, isHost, environment, origin = (host) => `https://${hosts[host] ?? host}` }: Pulls,
): Promise<Finding[]> {
  const all = await Promise.all(
    Object.entries(images).map(async ([service, image]): Promise<Finding[]> => {
      const [, host = "", repository = "", digest = ""] = /^([^/]+)\/(.+)@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
      if (digest === "") return [];
      const status =
        host === teamRegistry
          ? await manifestOfTeam(probe, environment, repository, digest)
          : await manifest(probe, `${origin(host)}/v2/${repository}/manifests/${digest}`);
      const add = (id: FindingId, what: string, ...fix: string[]): Finding[] => [
        {
          id,
          stack,
          severity: "error",
          what,
          why: "What runs goes on; an instance that has to start anew cannot.",
          fix: [...fix, `docker buildx imagetools inspect ${image}`],
        },
      ];
      const unseen = (why: string): Finding[] => (skipped.push({ what: `whether ${service} of ${stack} can be pulled again`, why }), []);
      if (status === 404)
        return add(
          "image-gone",
          `${service}: the registry has no ${image}`,
          `npm run ops -- rollback --stack ${stack}   # to a release whose images are there`,
        );
      if (status !== 401 && status !== 403) return [];
      if (host === teamRegistry) return unseen("the token may not look into the team's registry (registry:read)");
      // GitHub's and Docker's registries say the same of what is private and of what is not there.
      if (pulled.has(service)) return unseen("it is private, and only the App has the credentials for it");
      if (isHost) return unseen("it is private, and only the engine knows whether it is logged in there");
      return add(
        "image-private",
        `${service}: nobody may pull ${image} without credentials, and the stack has none`,
        `# make the package public, or give the service credentials (pull, in the system's file) and run pulumi up. Look at it with:`,
      );
    }),
  );
  return all.flat();
}

/** DigitalOcean's own, from which an App pulls as its team. */
const teamRegistry = "registry.digitalocean.com";

/** Whether the team's registry has a digest, in the words of a registry: 200, 404, or why not. */
async function manifestOfTeam(probe: Probe, environment: NodeJS.ProcessEnv, path: string, digest: string): Promise<number> {
  const [registry = "", ...repository] = path.split("/");
  const token = tokenOf(environment);
  if (token === undefined) return 403;
  const list = `/v2/registries/${registry}/repositories/${encodeURIComponent(repository.join("/"))}/digests`;
  for (let page = 1, seen = 0; ; page++) {
    const { status, body } = await probe.get(new URL(`${list}?per_page=100&page=${page}`, apiBase(environment)), {
      authorization: `Bearer ${token}`,
    });
    if (status !== 200) return status;
    const { manifests = [], meta } = body as { manifests?: readonly { readonly digest: string }[]; meta?: { readonly total?: number } };
    if (manifests.some((one) => one.digest === digest)) return 200;
    seen += manifests.length;
    if (manifests.length === 0 || seen >= (meta?.total ?? 0)) return 404;
  }
}

/** The status of a manifest, with a token where the registry hands one out to anybody. */
async function manifest(probe: Probe, url: string): Promise<number> {
  const first = await probe.ask(url, { method: "HEAD", headers: { accept: accepted } });
  const challenge = first.headers.get("www-authenticate") ?? "";
  const field = (name: string): string | undefined => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = field("realm");
  if (first.status !== 401 || !challenge.startsWith("Bearer ") || realm === undefined) return first.status;
  const where = new URL(realm);
  for (const name of ["service", "scope"]) if (field(name) !== undefined) where.searchParams.set(name, field(name) ?? "");
  const given = await probe.get(where);
  const { token, access_token: other } = (given.body ?? {}) as { token?: string; access_token?: string };
  const bearer = token ?? other;
  if (bearer === undefined) return given.status === 200 ? 401 : given.status;
  return (await probe.ask(url, { method: "HEAD", headers: { accept: accepted, authorization: `Bearer ${bearer}` } })).status;
}
