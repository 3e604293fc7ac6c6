import { DnsRecord } from "@pulumi/digitalocean/dnsRecord.js";
import * as z from "zod";
import { EdgeProxy } from "../../../components/edge-proxy.ts";
import { Service } from "../../../components/service.ts";
import { Zone } from "../../../components/zone.ts";
import { defineSystem } from "../../../systems/define-system.ts";

/** Two services, and a record that has nothing to do with them, so that it can fail beside them. */
export default defineSystem({
  services: ["api", "web"],
  provided: {},

  schema: ({ scale }) => ({
    sizes: z.strictObject({ api: scale, web: scale }),
    note: z.string().default("first").describe("Text of the record."),
    greeting: z.string().default("hello").describe("A variable of the services."),
  }),

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ domain, zone, images, sizes, note, greeting }, platform) {
    const rest = { platform, port: 80, health: { live: "/", ready: "/" }, env: { GREETING: greeting } };
    const api = new Service("api", { ...rest, image: images.api, scale: sizes.api });
    const web = new Service("web", { ...rest, image: images.web, scale: sizes.web });
    new EdgeProxy("edge", { platform, zone, domain, hosts: { api, www: web } });
    new DnsRecord("note", { domain: zone ?? domain, name: "note", type: "TXT", value: note });
    return {};
  },
});
