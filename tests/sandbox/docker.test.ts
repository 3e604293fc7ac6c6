import { describe, expect, test } from "vitest";
import { duration, readBack, renderService, type ServiceSpec } from "../../sandbox/docker/service-spec.ts";
import { mappedImage, readDockerSettings } from "../../sandbox/docker/settings.ts";
import { absent, readShared } from "../catalogue/shared.ts";

describe("settings", () => {
  test("without the variable nothing is made real, and the others are not taken for nothing", () => {
    expect(readDockerSettings({})).toBeUndefined();
    expect(readDockerSettings({ SANDBOX_DOCKER: "" })).toBeUndefined();
    expect(() => readDockerSettings({ SANDBOX_DOCKER_HOST: "unix:///x" })).toThrow(
      "SANDBOX_DOCKER_HOST has no effect without SANDBOX_DOCKER=engine. Set both, or neither.",
    );
    expect(() => readDockerSettings({ SANDBOX_DOCKER_IMAGES: "{}" })).toThrow("SANDBOX_DOCKER_IMAGES has no effect");
  });

  test("with it: the socket and the images", () => {
    expect(readDockerSettings({ SANDBOX_DOCKER: "engine" })).toEqual({ images: {} });
    expect(
      readDockerSettings({ SANDBOX_DOCKER: "engine", SANDBOX_DOCKER_HOST: "unix:///x", SANDBOX_DOCKER_IMAGES: '{"a/b":"c:1"}' }),
    ).toEqual({ host: "unix:///x", images: { "a/b": "c:1" } });
  });

  test.each([
    [{ SANDBOX_DOCKER: "yes" }, 'SANDBOX_DOCKER is "yes". Set it to "engine" for real containers, or leave it out.'],
    [{ SANDBOX_DOCKER: "engine", SANDBOX_DOCKER_HOST: "tcp://10.0.0.1:2375" }, "It must be a socket of this machine"],
    [{ SANDBOX_DOCKER: "engine", SANDBOX_DOCKER_IMAGES: "backend:1" }, "must be a JSON object such as"],
    [{ SANDBOX_DOCKER: "engine", SANDBOX_DOCKER_IMAGES: '{"a":1}' }, "must be a JSON object such as"],
    [{ SANDBOX_DOCKER: "engine", SANDBOX_DOCKER_IMAGES: '["a"]' }, "must be a JSON object such as"],
  ])("%j is refused", (environment, message) => {
    expect(() => readDockerSettings(environment)).toThrow(message);
  });

  test("an image is found by its whole reference first, then without digest, then without tag", () => {
    const reference = "localhost:5000/caddy:2@sha256:0";
    const images = { "localhost:5000/caddy": "untagged", "localhost:5000/caddy:2": "tagged", [reference]: "whole" };
    expect(mappedImage(images, reference)).toBe("whole");
    expect(mappedImage(images, "localhost:5000/caddy:2@sha256:1")).toBe("tagged");
    expect(mappedImage(images, "localhost:5000/caddy:3")).toBe("untagged");
    expect(mappedImage(images, "localhost:5000/other")).toBeUndefined();
  });
});

describe("what the engine is told", () => {
  const recordings = readShared<{
    engine: Record<string, ServiceSpec>;
    resources: Record<string, { inputs: Record<string, unknown> }>;
  }>("recordings/docker.json");

  test("is what the real plugin told it", ({ skip }) => {
    skip(absent !== undefined, absent);
    const inputs = strip(recordings?.resources["web"]?.inputs) as Record<string, unknown>;
    const sent = renderService(inputs, "local/web:1");
    expect(sorted(sent)).toEqual(sorted(recordings?.engine["rec-web"]));
  });

  test("a field that it is not told about is refused instead of being lost", () => {
    const spec = (task: object) => ({ name: "web", taskSpec: { containerSpec: { image: "x" }, ...task } });
    expect(() => renderService(spec({ placement: { constraints: ["node.role==worker"] } }), "x")).toThrow(
      "the sandbox cannot tell a Docker engine about taskSpec.placement yet, so it would have no effect there",
    );
    expect(() => renderService(spec({ containerSpec: { image: "x", capAdds: ["NET_ADMIN"] } }), "x")).toThrow(
      "taskSpec.containerSpec.capAdds",
    );
  });

  test.each([
    ["5s", 5e9],
    ["1m30s", 90e9],
    ["250ms", 25e7],
    ["0s", 0],
    ["", undefined],
  ])("%s", (text, nanoseconds) => {
    expect(duration(text)).toBe(nanoseconds);
  });

  test("what somebody changed on it is read back over the record, and nothing else", () => {
    const outputs = {
      mode: { replicated: { replicas: 2 } },
      taskSpec: { containerSpec: { image: "asked", env: null }, resources: { limits: { memoryBytes: 6 } } },
    };
    const inputs = {
      name: "web",
      mode: { replicated: { replicas: 2 } },
      taskSpec: { containerSpec: { image: "x" }, resources: { limits: { memoryBytes: 6 } } },
    };
    const spec = renderService(inputs, "sha256:1");
    expect(readBack(outputs, spec, "asked")).toEqual(outputs);
    const changed = renderService(
      {
        ...inputs,
        mode: { replicated: { replicas: 1 } },
        taskSpec: { containerSpec: { image: "x", env: { A: "b=c" } }, resources: { limits: { memoryBytes: 7 } } },
      },
      "sha256:2",
    );
    expect(readBack(outputs, changed, "sha256:2")).toEqual({
      mode: { replicated: { replicas: 1 } },
      taskSpec: { containerSpec: { image: "sha256:2", env: { A: "b=c" } }, resources: { limits: { memoryBytes: 7 } } },
    });
  });
});

/** Inputs without the bridge's own notes. */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (name === "__defaults" ? [] : [[name, strip(field)]])));
}

/** Variables in order: the plugin takes them from a map. And without what it sends empty. */
function sorted(spec: ServiceSpec | undefined): unknown {
  const container: Record<string, unknown> = { ...spec?.TaskTemplate.ContainerSpec };
  delete container["DNSConfig"];
  container["Env"] = [...(container["Env"] as string[])].sort();
  return { ...spec, TaskTemplate: { ...spec?.TaskTemplate, ContainerSpec: container } };
}
