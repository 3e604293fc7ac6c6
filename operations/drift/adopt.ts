import { memoryText, sizeOfSlug } from "../../config/sizes.ts";
import { appType } from "../verify.ts";
import type { Finding, Property } from "./judge.ts";
import { holdsData, keyOf, type Remedy, word } from "./remedies.ts";

/** A change of the stack file. */
export interface Option {
  /** Keys below `config`. */
  readonly path: readonly string[];
  readonly value: string | number | boolean;
}

/** What the stack file has to say so that a property is what the program asks for; or why it cannot. */
export type Adoption = { readonly options: readonly Option[] } | { readonly reason: string };

interface Rule {
  readonly type: string;
  readonly path: RegExp;
  /** @param name The element that the path names, else the resource's. */
  readonly adopt: (actual: unknown, name: string) => Adoption;
}

const ofSize = (actual: unknown, name: string): Adoption => {
  const size = typeof actual === "string" ? sizeOfSlug(actual) : undefined;
  if (size === undefined) return { reason: `no size of the stack file is ${String(actual)}` };
  const at = ["groundwork:sizes", name];
  return {
    options: [
      { path: [...at, "memory"], value: memoryText(size.memory) },
      { path: [...at, "cpu"], value: size.cpu },
      ...(size.dedicated === true ? [{ path: [...at, "dedicated"], value: true }] : []),
    ],
  };
};

/** What the cloud calls something, and the option that asks for it. */
const rules: readonly Rule[] = [
  {
    type: "App",
    path: /^spec\.(?:services|workers)\[([^\]]*)\]\.instanceCount$/,
    adopt: (actual, name) => ({ options: [{ path: ["groundwork:sizes", name, "replicas"], value: Number(actual) }] }),
  },
  { type: "App", path: /^spec\.(?:services|workers)\[([^\]]*)\]\.instanceSizeSlug$/, adopt: ofSize },
  {
    type: "App",
    path: /^spec\.services\[([^\]]*)\]\.image\.(?:digest|repository|registry)$/,
    adopt: (_, name) => ({
      reason: `an image is deployed by its digest, not written down: deploy ${name} with it if it is meant to serve`,
    }),
  },
  {
    type: "App",
    path: /envs\[([^\]]*)\](?:\.value|\.type)?$/,
    adopt: (_, name) => ({ reason: `${name} is set by the system or by an option of its own: change that, or restore` }),
  },
  { type: "DatabaseCluster", path: /^size$/, adopt: ofSize },
  {
    type: "DatabaseCluster",
    path: /^nodeCount$/,
    adopt: (actual, name) => ({ options: [{ path: ["groundwork:sizes", name, "standby"], value: Number(actual) - 1 }] }),
  },
  {
    type: "DatabaseFirewall",
    path: /^rules/,
    adopt: () => ({
      reason: "who may reach the database for a time stands under groundwork:databaseAccess, with an end: add the address there",
    }),
  },
];

/** What the stack file has to say for a property, as far as that is known. Pure. */
export function adoptionOf(type: string, name: string, { path, actual, isAsked }: Property): Adoption {
  if (!isAsked) return { options: [] };
  const short = type.split(":").at(-1) ?? "";
  for (const rule of rules) {
    const found = rule.type === short ? rule.path.exec(path) : null;
    if (found) return rule.adopt(parse(actual), found[1] ?? name);
  }
  return { reason: "no option of the stack file says it: it is part of the system, so change it there, or restore" };
}

/** A shown value; what is not shown is no value. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** How to keep what is there. Pure. */
export function adopt(stack: string, finding: Finding, choice: string): Remedy & { readonly options: readonly Option[] } {
  const { type, name, urn, kind, properties } = finding;
  const none = { commands: [], options: [], isOffered: false };
  if (kind === "unread") return { ...none, words: "" };
  if (kind === "gone") return { ...none, words: `Take ${name} out of the system if it is not to come back; pulumi up then forgets it.` };
  if (/^github:.*Secret$/.test(type))
    return {
      ...none,
      words: "Give the stack file the new value with pulumi config set --secret, then pulumi up: nobody can read it back.",
    };
  const all = properties.map((property) => ({ property, adoption: adoptionOf(type, name, property) }));
  const reasons = all.flatMap(({ property, adoption }) => ("reason" in adoption ? [`${property.path}: ${adoption.reason}.`] : []));
  if (reasons.length > 0) return { ...none, words: reasons.join(" ") };
  const options = all.flatMap(({ adoption }) => ("options" in adoption ? adoption.options : []));
  const isDeployed = type === appType;
  if (isDeployed && options.length === 0) return { ...none, words: "The next deployment takes it back: nothing of the program says it." };
  const writes = options.map(
    ({ path: [key = "", ...rest], value }) =>
      `pulumi config set --path ${word([key, ...rest].join("."))} ${word(String(value))} --stack ${word(stack)}`,
  );
  const takes = isDeployed ? `pulumi up --stack ${word(stack)}` : `pulumi refresh --target ${word(urn)} --stack ${word(stack)}`;
  const words = isDeployed
    ? "The stack file then says so, and one deployment makes it the deployed state."
    : "The state then holds what is there; nothing in the cloud changes.";
  if (holdsData(type))
    return { commands: [...writes, takes], options, words: `A person runs this, since it holds data. ${words}`, isOffered: false };
  const command = `npm run ops -- drift --stack ${word(stack)} --adopt ${word(keyOf(finding))}${choice}`;
  return { commands: [command, ...writes, takes], options, words, isOffered: true };
}
