import type { Properties } from "../../cloud/store.ts";
import { isObject, text } from "../values.ts";

/** Throws in the words of the API. */
type Refuse = (message: string) => never;

const list = (value: unknown): Properties[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Most and least that the API's description has for the numbers of a health check. */
const healthLimits = {
  failureThreshold: [1, 50],
  initialDelaySeconds: [0, 3600],
  periodSeconds: [1, 300],
  port: [1, 65535],
  successThreshold: [1, 50],
  timeoutSeconds: [1, 120],
} as const;

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What the API's description says of one component, beside its size: where it comes from, its checks, where its lines go. */
export function refuseParts(refuse: Refuse, path: string, component: Properties): void {
  const field = (name: string): string => `error validating app spec field "${path}.${name}"`;
  const sources = ["git", "github", "gitlab", "bitbucket", "image"].filter((name) => isObject(component[name]));
  if (sources.length > 1) refuse(`${field(snake(sources[1] ?? ""))}: only one of git, github, gitlab, bitbucket and image may be set`);
  if (isObject(component.image)) refuseImage(refuse, field, component.image);
  for (const name of ["healthCheck", "livenessHealthCheck"] as const) {
    const check = component[name];
    if (!isObject(check)) continue;
    for (const [option, [least, most]] of Object.entries(healthLimits)) {
      const value = check[option];
      const limit = name === "livenessHealthCheck" && option === "successThreshold" ? 1 : most;
      if (typeof value === "number" && value !== 0 && (value < least || value > limit))
        refuse(`${field(`${snake(name)}.${snake(option)}`)}: must be between ${least} and ${limit}`);
    }
  }
  for (const [index, log] of list(component.logDestinations).entries()) {
    const receivers = ["papertrail", "datadog", "logtail", "openSearch"].filter((name) => isObject(log[name]));
    if (receivers.length !== 1) refuse(`${field(`log_destinations[${index}]`)}: exactly one destination must be set`);
    if (!/^[A-Za-z0-9()[\]'"][-A-Za-z0-9_. /()[\]]{0,40}[A-Za-z0-9()[\]'"]$/.test(text(log.name)))
      refuse(`${field(`log_destinations[${index}].name`)}: invalid name`);
  }
  if (text(component.catchallDocument) !== "" && text(component.errorDocument) !== "")
    refuse(`${field("catchall_document")}: only one of catchall_document and error_document may be set`);
}

function refuseImage(refuse: Refuse, field: (name: string) => string, { digest, tag }: Properties): void {
  if (text(digest) !== "" && text(tag) !== "") refuse(`${field("image.tag")}: cannot be specified if digest is provided`);
}

const redirectCodes = [300, 301, 302, 303, 304, 307, 308];

/** What the API's description says of the rules of an ingress. */
export function refuseIngress(refuse: Refuse, spec: Properties): void {
  const field = (index: number, name: string): string => `error validating app spec field "ingress.rules[${index}].${name}"`;
  for (const [index, { component, redirect, cors }] of (isObject(spec.ingress) ? list(spec.ingress.rules) : []).entries()) {
    if (isObject(component) === isObject(redirect)) refuse(`${field(index, "component")}: only one of component or redirect may be set`);
    if (isObject(component) && component.preservePathPrefix === true && text(component.rewrite) !== "")
      refuse(`${field(index, "component.rewrite")}: is mutually exclusive with preserve_path_prefix`);
    if (isObject(redirect)) {
      const { redirectCode, scheme } = redirect;
      if (typeof redirectCode === "number" && redirectCode !== 0 && !redirectCodes.includes(redirectCode))
        refuse(`${field(index, "redirect.redirect_code")}: ${redirectCode} is not supported`);
      if (text(scheme) !== "" && !["http", "https"].includes(text(scheme)))
        refuse(`${field(index, "redirect.scheme")}: must be http or https`);
    }
    const maxAge = isObject(cors) ? text(cors.maxAge) : "";
    if (maxAge !== "" && !/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(maxAge)) refuse(`${field(index, "cors.max_age")}: invalid duration`);
  }
}
