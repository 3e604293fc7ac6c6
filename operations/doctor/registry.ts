import type { Finding } from "./finding.ts";
import type { Probe } from "./probe.ts";

/** Registries whose API has another host than their images' names. */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

const accepted = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/**
 * Whether images can be pulled by anybody, by their digest.
 *
 * @param origin Where a registry answers; a test has its own.
 */
export async function imageFindings(
  probe: Probe,
  stack: string,
  images: Readonly<Record<string, string>>,
  origin = (host: string): string => `https://${hosts[host] ?? host}`,
): Promise<Finding[]> {
  const all = await Promise.all(
    Object.entries(images).map(async ([service, image]): Promise<Finding[]> => {
      const [, host = "", repository = "", digest = ""] = /^([^/]+)\/(.+)@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
      if (digest === "") return [];
      const url = `${origin(host)}/v2/${repository}/manifests/${digest}`;
      const status = await manifest(probe, url);
      const add = (id: string, what: string, ...fix: string[]): Finding[] => [
        {
          id,
          stack,
          severity: "error",
          what,
          why: "What runs goes on; an instance that has to start anew cannot.",
          fix: [...fix, `docker buildx imagetools inspect ${image}`],
        },
      ];
      // GitHub's and Docker's registries say the same of what is private and of what is not there.
      if (status === 404)
        return add(
          "image-gone",
          `${service}: the registry has no ${image}`,
          `npm run ops -- rollback --stack ${stack}   # to a release whose images are there`,
        );
      if (status === 401 || status === 403)
        return add(
          "image-private",
          `${service}: nobody may pull ${image} without credentials, and the stack has none`,
          `# make the package public, or give its registry credentials in the system's file. Look at it with:`,
        );
      return [];
    }),
  );
  return all.flat();
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
