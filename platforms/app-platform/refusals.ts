import { digitalOceanRegistry } from "../../config/images.ts";
import { resolveInstance } from "../../config/sizes.ts";
import type { Problems } from "../gather.ts";
import type { Edge, HostAnswer } from "../platform.ts";
import type { PlatformProgram, PlatformSite } from "../workloads.ts";

/** What App Platform cannot do of what a program asks for. Limits are those of its API. */
export function programRefusals({ image, scale, pull, scopes }: PlatformProgram): Problems {
  const built = "digest" in image;
  const size = resolveInstance(scale);
  return [
    "problem" in size && `scale: ${size.problem}`,
    !built && pull !== undefined && "pull: is for an image, and this is built from source. Remove it.",
    built &&
      image.registry === digitalOceanRegistry &&
      pull !== undefined &&
      "pull: App Platform pulls from the team's own registry without credentials. Remove it.",
    ...Object.entries(scopes ?? {}).map(
      ([variable, scope]) =>
        built &&
        scope !== "run" &&
        `${variable}: is for the build, and the image is built already. Give it to the build of the image, or build from source.`,
    ),
  ];
}

export function siteRefusals({ errorDocument, catchallDocument }: PlatformSite): Problems {
  return [
    errorDocument !== undefined &&
      catchallDocument !== undefined &&
      "catchallDocument: answers what errorDocument would. Choose one of them.",
  ];
}

export function hostRefusals(answer: HostAnswer): Problems {
  const headers = "headers" in answer ? Object.keys(answer.headers ?? {}) : [];
  return [
    headers.length > 0 &&
      `headers: App Platform adds none of its own (${headers.join(", ")}). Let the service send them, or leave them out on this platform.`,
    "rateLimit" in answer &&
      answer.rateLimit !== undefined &&
      "rateLimit: App Platform limits nobody. Let the services limit by themselves, or put a proxy in front of them that does, and leave it out on this platform.",
    answer.minimumTls !== undefined &&
      "minimumTls: the provider cannot set it. App Platform speaks TLS 1.2 and newer; leave it out. Set by hand, it would be gone with the next deployment.",
  ];
}

export function edgeRefusals({ maintenance }: Edge): Problems {
  const page = maintenance?.page;
  return [
    page !== undefined &&
      !/^https:\/\/[^\s/]+/.test(page) &&
      `maintenance.page: must be an address such as "https://status.example.com/down.html", is "${page}".`,
  ];
}
