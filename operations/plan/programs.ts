import { renderValue } from "../plan.ts";
import { Hidden, type Values } from "./values.ts";

/** A service, worker, job or static site of an App. */
export interface Program extends Values {
  readonly name?: unknown;
  readonly envs?: readonly unknown[];
  readonly image?: Values;
  readonly autoscaling?: Values;
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Hidden);

/** Hidden values print as such. */
export const plainly = (value: unknown): string => (typeof value === "string" ? value : renderValue(value).replaceAll('"', ""));

/** `2 × apps-s-1vcpu-1gb`, `ghcr.io/acme/backend@sha256:…`: what it runs on, and what it runs. */
export function sourceOf({ image, instanceCount = 1, instanceSizeSlug: size, autoscaling }: Program): string[] {
  const count =
    autoscaling === undefined
      ? plainly(instanceCount)
      : `${plainly(autoscaling["minInstanceCount"])}–${plainly(autoscaling["maxInstanceCount"])}`;
  const digest = image?.["digest"] === undefined ? "" : `@${plainly(image["digest"]).slice(0, 19)}`;
  return [
    ...(size === undefined ? [] : [`${count} × ${plainly(size)}`]),
    ...(image === undefined ? [] : [`${plainly(image["repository"])}${digest}`]),
  ];
}

/** All of a program that a review looks for, on one line: `2 × apps-s-1vcpu-1gb, ghcr.io/acme/mails@sha256:…, port 8080, variables PORT, KEY (secret)` */
function programText(program: Program): string {
  const { envs = [], httpPort, internalPorts, runCommand, kind, github, git, sourceDir, dockerfilePath, buildCommand } = program;
  const named = (word: string, value: unknown): string[] => (value === undefined ? [] : [`${word} ${plainly(value)}`]);
  const repository = isObject(github) ? github["repo"] : isObject(git) ? git["repoCloneUrl"] : undefined;
  const names = envs.filter(isObject).map(({ key, type }) => `${plainly(key)}${type === "SECRET" ? " (secret)" : ""}`);
  const ports = Array.isArray(internalPorts) ? internalPorts.map(plainly) : [];
  return [
    ...sourceOf(program),
    ...named("built from", repository),
    ...named("folder", sourceDir),
    ...named("Dockerfile", dockerfilePath),
    ...named("builds by", buildCommand),
    ...named("port", httpPort),
    ...(ports.length === 0 ? [] : [`internal port ${ports.join(" and ")}`]),
    ...named("runs", runCommand),
    ...named("kind", kind),
    ...(names.length === 0 ? [] : [`${names.length === 1 ? "variable" : "variables"} ${names.join(", ")}`]),
  ].join(", ");
}

/** What answers requests by a rule: `web`, `a redirect to example.com (301)` */
function answerText({ match, component, redirect, cors }: Values): string {
  const own = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);
  const host = own(own(match, "authority"), "exact");
  const text = (value: unknown): string => (value === undefined ? "" : plainly(value));
  const answer = isObject(redirect)
    ? `a redirect to ${text(redirect["authority"] ?? host)}${text(redirect["uri"])} (${plainly(redirect["redirectCode"] ?? 302)})`
    : text(own(component, "name"));
  const kept = own(component, "preservePathPrefix") === true ? ", which gets the whole path" : "";
  return `${answer}${kept}${cors === undefined ? "" : `, CORS ${renderValue(cors)}`}`;
}

/** `services[0]` is a `service`, `staticSites` a `static site`. */
export const kindOf = (list: string): string =>
  list.replace(/s(?:\[\d+\])?$/, "").replace(/([A-Z])/, (letter) => ` ${letter.toLowerCase()}`);

const isProgram = (path: string): boolean => /^spec\.(?:services|workers|jobs|staticSites|functions)\[\d+\]$/.test(path);
const isRule = (path: string): boolean => /^spec\.ingress\.rules\[\d+\]$/.test(path);

/** The word for the service, worker, job or site that a path is; undefined where it is something in one. */
export const programAt = (path: string): string | undefined => (isProgram(path) ? kindOf(path.slice("spec.".length)) : undefined);

/**
 * What comes or goes as a whole in an App's spec, in words: a program, or a rule for requests; undefined for everything else. As JSON they are longer
 * than a line, and what matters stands at its end. Pure.
 */
export function inWords(path: string, value: unknown): string | undefined {
  const tell = isProgram(path) ? programText : isRule(path) ? answerText : undefined;
  const text = tell === undefined || !isObject(value) ? "" : tell(value);
  return text === "" ? undefined : text;
}
