import type { CloudObject, Properties } from "../../cloud/store.ts";
import { goTime } from "../digitalocean/common.ts";
import { text } from "../values.ts";
import type { CloudContext, Kinds, ResourceKind } from "../kind.ts";
import { failed, joinId, parts, path, refuse, repositoryOf, types } from "./common.ts";
import { findEnvironment } from "./environment.ts";

/** Where a secret or variable is: in a repository, or in one of its environments. */
interface Holder {
  readonly repository: CloudObject;
  readonly id: string;
  /** Path of the request. */
  readonly address: string;
}

type Place = (cloud: CloudContext, inputs: Properties, method: string, what: string) => Holder;

const inRepository =
  (name: string): Place =>
  (cloud, inputs, method, what) => {
    const address = `${path(cloud, inputs.repository)}/actions/${what}`;
    return {
      repository: repositoryOf(cloud, inputs.repository, { method, path: address }),
      id: joinId(inputs.repository, inputs[name]),
      address,
    };
  };

/** Secrets of an environment are addressed by the repository's number, which the plugin asks for first; variables by its name. */
const inEnvironment =
  (name: string): Place =>
  (cloud, inputs, method, what) => {
    const own = path(cloud, inputs.repository);
    const repository = repositoryOf(cloud, inputs.repository, { method: "GET", path: own });
    const holder = what.startsWith("secrets") ? `/repositories/${text(repository.outputs.repoId)}` : own;
    const address = `${holder}/environments/${encodeURIComponent(text(inputs.environment))}/${what}`;
    if (!findEnvironment(cloud, repository, inputs.environment)) refuse(cloud, method, address, 404, "Not Found");
    return { repository, id: joinId(inputs.repository, inputs.environment, inputs[name]), address };
  };

const values = ["encryptedValue", "plaintextValue", "value", "valueEncrypted"] as const;
const own: Readonly<Record<string, string>> = {
  encryptedValue: "encrypted_value",
  plaintextValue: "plaintext_value",
  value: "value",
  valueEncrypted: "value_encrypted",
};

/** Secrets are written over: what somebody else has set under a name is lost with the first `up`. */
const secret = (place: Place, count: number, collection: string, form: string): ResourceKind => ({
  failed,
  request: { collection },
  exactlyOne: [values.map((one) => ({ path: one, own: own[one] ?? one }))],
  rules: { secretName: { secretName: true }, encryptedValue: { base64: true }, valueEncrypted: { base64: true } },
  deletesOnce: true,
  importId: parts(count),
  importForm: form,
  create(cloud, inputs) {
    const { repository, id } = place(cloud, inputs, "GET", "secrets/public-key");
    const type = inputs.environment === undefined ? types.secret : types.environmentSecret;
    const createdAt = cloud.store.get(type, id)?.outputs.createdAt ?? goTime(cloud.now);
    return {
      id,
      name: text(inputs.secretName),
      outputs: { createdAt, ...written(cloud), keyId: inputs.keyId ?? keyOf(cloud), repositoryId: repository.outputs.repoId },
    };
  },
  update(cloud, _object, inputs) {
    place(cloud, inputs, "GET", "secrets/public-key");
    return written(cloud);
  },
  read(found, prior) {
    // No answer has a value. Of the times, only the remote one is looked at again.
    const kept = Object.fromEntries([...values, "keyId"].map((name) => [name, prior?.[name] ?? null]));
    const known = (name: string): unknown => prior?.[name] || found[name];
    return { ...found, ...kept, createdAt: known("createdAt"), updatedAt: known("updatedAt"), remoteUpdatedAt: found.updatedAt };
  },
  byHand: (outputs, now) => ({ ...outputs, updatedAt: goTime(now), remoteUpdatedAt: goTime(now) }),
});

/** Variables are made once: one that stands is refused. */
const variable = (place: Place, count: number, collection: string, form: string): ResourceKind => ({
  failed,
  request: { collection },
  rules: { variableName: { secretName: true } },
  deletesOnce: true,
  importId: parts(count),
  importForm: form,
  create(cloud, inputs) {
    const { repository, id, address } = place(cloud, inputs, "POST", "variables");
    const type = inputs.environment === undefined ? types.variable : types.environmentVariable;
    if (cloud.store.get(type, id)) refuse(cloud, "POST", address, 409, "Already exists - Variable already exists");
    const now = goTime(cloud.now);
    return { id, name: text(inputs.variableName), outputs: { createdAt: now, repositoryId: repository.outputs.repoId, updatedAt: now } };
  },
  update(cloud, _object, inputs) {
    place(cloud, inputs, "PATCH", `variables/${text(inputs.variableName)}`);
    return { updatedAt: goTime(cloud.now) };
  },
  byHand: (outputs, now) => ({ ...outputs, updatedAt: goTime(now) }),
});

const written = (cloud: CloudContext): Properties => ({ updatedAt: goTime(cloud.now), remoteUpdatedAt: goTime(cloud.now) });
const keyOf = (cloud: CloudContext): string => cloud.store.derive("public key").readBigUInt64BE().toString().slice(0, 18);

const api = "https://api.github.com";

export const secrets: Kinds = {
  [types.secret]: secret(inRepository("secretName"), 2, `${api}/repos/{owner}/{repository}/actions/secrets`, "<repository>:<secret>"),
  [types.variable]: variable(
    inRepository("variableName"),
    2,
    `${api}/repos/{owner}/{repository}/actions/variables`,
    "<repository>:<variable>",
  ),
  [types.environmentSecret]: secret(
    inEnvironment("secretName"),
    3,
    `${api}/repositories/{id}/environments/{environment}/secrets`,
    "<repository>:<environment>:<secret>",
  ),
  [types.environmentVariable]: variable(
    inEnvironment("variableName"),
    3,
    `${api}/repos/{owner}/{repository}/environments/{environment}/variables`,
    "<repository>:<environment>:<variable>",
  ),
};
