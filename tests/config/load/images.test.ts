import { describe, expect, test } from "vitest";
import { digest, load, problems } from "./file.ts";

describe("images", () => {
  const other = `ghcr.io/acme/backend@sha256:${"b".repeat(64)}`;
  const way = (service: string) =>
    `no image is known for this service. Pass its digest: GROUNDWORK_IMAGES='{"${service}":"ghcr.io/<owner>/<repository>@sha256:<digest>"}' pulumi up --stack staging, ` +
    "or build everything but the services first: pulumi config set groundwork:images none --stack staging.";

  test("what the run passes comes before what the file pins", () => {
    const { images } = load({}, { images: JSON.stringify({ backend: other }) });
    expect(images.backend?.digest).toBe(`sha256:${"b".repeat(64)}`);
    expect(images.worker?.digest).toBe(digest);
  });

  test.each(["ghcr.io/acme/team/backend", "docker.io/acme/backend", "registry.digitalocean.com/house/team/backend"])(
    "may be %s",
    (name) => {
      const [registry, ...repository] = name.split("/");
      const { images } = load({}, { images: JSON.stringify({ backend: `${name}@${digest}` }) });
      expect(images.backend).toEqual({ registry, repository: repository.join("/"), digest });
    },
  );

  test("a service without one is named, with the way out", () => {
    expect(problems({ "groundwork:images": undefined })).toEqual([`images/backend: ${way("backend")}`, `images/worker: ${way("worker")}`]);
    expect(problems({ "groundwork:images": undefined }, { images: JSON.stringify({ backend: other }) })).toEqual([
      `images/worker: ${way("worker")}`,
    ]);
  });

  test("none builds everything but the services, until images are passed", () => {
    expect(load({ "groundwork:images": "none" }).images).toEqual({});
    expect(load({}, { images: "none" }).images).toEqual({});
    expect(problems({ "groundwork:images": "none" }, { images: JSON.stringify({ backend: other }) })).toEqual([
      `images/worker: ${way("worker")}`,
    ]);
  });

  test.each([
    ["unknown service", JSON.stringify({ backnd: other }), 'GROUNDWORK_IMAGES: unknown service "backnd". Did you mean "backend"?'],
    [
      "another registry",
      JSON.stringify({ backend: `registry.example.com/a/b@${digest}` }),
      'GROUNDWORK_IMAGES/backend: cannot be pulled from "registry.example.com". Push it to "ghcr.io", "docker.io", "registry.digitalocean.com".',
    ],
    [
      "no owner",
      JSON.stringify({ backend: `docker.io/nginx@${digest}` }),
      `GROUNDWORK_IMAGES/backend: "docker.io/nginx@${digest}" is no image of docker.io. Write docker.io/<owner>/<repository>@sha256:….`,
    ],
    [
      "folders on Docker Hub",
      JSON.stringify({ backend: `docker.io/a/b/c@${digest}` }),
      `GROUNDWORK_IMAGES/backend: "docker.io/a/b/c@${digest}" is no image of docker.io. Write docker.io/<owner>/<repository>@sha256:….`,
    ],
    [
      "two registries of DigitalOcean",
      JSON.stringify({ backend: `registry.digitalocean.com/one/a@${digest}`, worker: `registry.digitalocean.com/two/b@${digest}` }),
      'images/worker: comes from the registry "two" and others from "one", but App Platform knows one of a team. Push all to one.',
    ],
    [
      "no registry",
      JSON.stringify({ backend: `acme/backend@${digest}` }),
      `GROUNDWORK_IMAGES/backend: "acme/backend@${digest}" names no registry. Write it in full, as in "ghcr.io/acme/backend@sha256:…".`,
    ],
    [
      "no image",
      JSON.stringify({ backend: 5 }),
      'GROUNDWORK_IMAGES/backend: must be an image such as "ghcr.io/acme/backend@sha256:…", got 5.',
    ],
    [
      "not JSON",
      "{backend:x",
      'GROUNDWORK_IMAGES: must be "none" or one image per service, as in {"backend":"ghcr.io/acme/backend@sha256:…"}, got "{backend:x".',
    ],
    [
      "tag",
      JSON.stringify({ backend: "ghcr.io/acme/backend:1.2" }),
      'GROUNDWORK_IMAGES/backend: "ghcr.io/acme/backend:1.2" is not a digest, and a tag can move. Pass "<image>@sha256:…"; docker buildx imagetools inspect <image>:<tag> shows it.',
    ],
  ])("%s", (_, passed, message) => {
    expect(problems({}, { images: passed })).toEqual([message]);
  });
});
