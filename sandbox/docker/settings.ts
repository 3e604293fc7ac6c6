import { isObject } from "../catalogue/values.ts";

/** How the sandbox's docker stand-in uses a Docker engine. */
export interface DockerSettings {
  /** Socket to use instead of the one that the stack file names. */
  readonly host?: string;
  /** Image that a program names → image that the engine has. */
  readonly images: Readonly<Record<string, string>>;
}

/** Reads what the user asks for; undefined: nothing is made real. */
export function readDockerSettings(environment: NodeJS.ProcessEnv): DockerSettings | undefined {
  const [mode, host, images] = ["SANDBOX_DOCKER", "SANDBOX_DOCKER_HOST", "SANDBOX_DOCKER_IMAGES"].map(
    (name) => environment[name] || undefined,
  );
  if (mode === undefined) {
    const inert = host !== undefined ? "SANDBOX_DOCKER_HOST" : images !== undefined ? "SANDBOX_DOCKER_IMAGES" : undefined;
    if (inert !== undefined) throw new Error(`${inert} has no effect without SANDBOX_DOCKER=engine. Set both, or neither.`);
    return undefined;
  }
  if (mode !== "engine") throw new Error(`SANDBOX_DOCKER is "${mode}". Set it to "engine" for real containers, or leave it out.`);
  if (host !== undefined && !/^unix:\/\/\/\S+$/.test(host))
    throw new Error(`SANDBOX_DOCKER_HOST is "${host}". It must be a socket of this machine, such as unix:///var/run/docker.sock.`);
  return { ...(host === undefined ? {} : { host }), images: parseImages(images) };
}

function parseImages(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const wrong = `SANDBOX_DOCKER_IMAGES must be a JSON object such as {"ghcr.io/acme/backend": "local/backend:1"}.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(wrong, { cause: error });
  }
  if (!isObject(value) || Object.values(value).some((image) => typeof image !== "string")) throw new Error(wrong);
  return value as Record<string, string>;
}

/**
 * The image of the engine that stands for one that a program names: by the whole reference, or by it without its digest, or without
 * its tag too.
 */
export function mappedImage(images: Readonly<Record<string, string>>, reference: string): string | undefined {
  const untold = reference.replace(/@.*$/, "");
  return images[reference] ?? images[untold] ?? images[untold.replace(/:[^:/]*$/, "")];
}
