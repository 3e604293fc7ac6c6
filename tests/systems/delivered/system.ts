import * as z from "zod";
import { push, release } from "../../../components/github/definition.ts";
import { EdgeProxy } from "../../../components/edge-proxy.ts";
import { Service } from "../../../components/service.ts";
import { Zone } from "../../../components/zone.ts";
import { defineSystem } from "../../../systems/define-system.ts";

/** A private repository with the program and a service, a public one with the other: everything that can be said of repositories is said. */
export default defineSystem({
  services: ["api", "web"],
  provided: {},

  delivery: {
    repositories: {
      application: {
        visibility: "private",
        program: true,
        description: "What is delivered",
        homepage: "https://example.net",
        topics: ["groundwork", "example"],
        labels: { question: { color: "cc317c", description: "Somebody wants to know" } },
        merges: ["squash", "rebase"],
        approvals: 2,
        codeOwners: true,
        upToDate: false,
        releasers: "administrators",
        // A test has the owner of the files change.
        workflowFiles: process.env["DELIVERED_FILES"] === "kept" ? "kept" : "provisioned",
        allowedActions: ["pnpm/action-setup"],
        branches: ["next"],
        builds: { api: { context: "api" } },
        ci: [{ name: "Test API", steps: [{ name: "Test", run: "npm test" }] }],
      },
      storefront: {
        visibility: "public",
        builds: { web: { context: "." } },
        ci: [{ name: "Test storefront", steps: [{ name: "Test", run: "npm test" }] }],
      },
    },
    environments: {
      staging: { deploysOn: push("main") },
      production: { deploysOn: release(), promotes: "staging" },
    },
    tell: "slack",
  },

  schema: ({ scale }) => ({ sizes: z.strictObject({ api: scale, web: scale }).describe("What each part runs on.") }),

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ domain, zone, images, sizes }, platform) {
    const rest = { platform, port: 80, health: { live: "/", ready: "/" }, env: {} };
    const api = new Service("api", { ...rest, image: images.api, scale: sizes.api });
    const web = new Service("web", { ...rest, image: images.web, scale: sizes.web });
    new EdgeProxy("edge", { platform, zone, domain, hosts: { api, www: web } });
    return {};
  },
});
