import * as z from "zod";
import { EdgeProxy } from "../../../components/edge-proxy.ts";
import { Service } from "../../../components/service.ts";
import { Zone } from "../../../components/zone.ts";
import { hostNames } from "../../../config/schema.ts";
import { defineSystem } from "../../../systems/define-system.ts";

/** The smallest system: one static site, without a database, a network or a secret. It stands outside `systems/` on purpose. */
export default defineSystem({
  services: ["web"],
  provided: {},

  schema: ({ scale }) => ({
    sizes: z.strictObject({ web: scale }).describe("What the site runs on."),
    hosts: hostNames.min(1).describe("Where the site answers, below the domain."),
  }),

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ domain, zone, images, sizes, hosts }, platform) {
    const health = { live: "/", ready: "/" };
    const web = new Service("web", { platform, image: images.web, port: 80, scale: sizes.web, health, env: {} });
    const edge = new EdgeProxy("edge", { platform, zone, domain, hosts: Object.fromEntries(hosts.map((host) => [host, web])) });
    return { webUrl: edge.urls[hosts[0] ?? ""] };
  },
});
