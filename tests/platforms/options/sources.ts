import * as pulumi from "@pulumi/pulumi";
import { type Case, image, refused, serve, source, spec, work } from "./ask.ts";

/** Where a program comes from, and with which credentials. */
export const sources: readonly Case[] = [
  {
    asks: "service: built from source on GitHub",
    program: serve({ image: { ...source, folder: "api", dockerfile: "api/Dockerfile", build: "make" } }),
    app: spec("services[0]", {
      github: { repo: "acme/web", branch: "main", deployOnPush: false },
      sourceDir: "api",
      dockerfilePath: "api/Dockerfile",
      buildCommand: "make",
    }),
    docker: refused("web:\n  image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: built from any repository",
    program: serve({ image: { git: "https://git.example.com/web.git", branch: "main" } }),
    app: spec("services[0].git", { repoCloneUrl: "https://git.example.com/web.git", branch: "main" }),
    docker: refused("image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: a source of two places",
    program: serve({ image: { ...source, git: "https://git.example.com/web.git" } }),
    app: refused("web:\n  image: needs github or git, one of them."),
    docker: refused("image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: pushes of a plain repository",
    program: serve({ image: { git: "https://git.example.com/web.git", branch: "main", deployOnPush: true } }),
    app: refused("web:\n  image.deployOnPush: needs github; a plain git URL tells nobody of a push."),
    docker: refused("image: a Docker host builds nothing from source. Pass an image."),
  },
  {
    asks: "service: variable of the build",
    program: serve({ image: source, env: { A: "1" }, scopes: { A: "build" } }),
    app: spec("services[0].envs", [{ key: "A", value: "1", type: "GENERAL", scope: "BUILD_TIME" }]),
    docker: refused("A: is for the build, and the image is built already. Give it to the build of the image."),
  },
  {
    asks: "service: variable of the build of an image",
    program: serve({ env: { A: "1" }, scopes: { A: "both" } }),
    app: refused("web:\n  A: is for the build, and the image is built already. Give it to the build of the image, or build from source."),
    docker: refused("web:\n  A: is for the build, and the image is built already. Give it to the build of the image."),
  },
  {
    asks: "service: credentials of a private image",
    program: serve({ pull: { user: "robot", token: pulumi.secret("hunter2"), generation: 1 } }),
    app: spec("services[0].image.registryCredentials", "[secret]"),
    docker: refused(
      "web:\n  pull: a Docker host gets no credentials from here. Log its engine in (docker login), or make the package public.",
    ),
  },
  {
    asks: "service: credentials for the team's own registry",
    program: serve({
      image: { ...image, registry: "registry.digitalocean.com" },
      pull: { user: "robot", token: pulumi.secret("hunter2"), generation: 1 },
    }),
    app: refused("web:\n  pull: App Platform pulls from the team's own registry without credentials. Remove it."),
    docker: refused(
      "web:\n  pull: a Docker host gets no credentials from here. Log its engine in (docker login), or make the package public.",
    ),
  },
  {
    asks: "worker: built from source",
    program: work({ image: source }),
    app: spec("workers[0].github", { repo: "acme/web", branch: "main", deployOnPush: false }),
    docker: refused("crew:\n  image: a Docker host builds nothing from source. Pass an image."),
  },
];
