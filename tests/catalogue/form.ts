import type { Ledger } from "./ledger.ts";
import { type Values } from "./recorded.ts";

/** Random values: what counts is their form. */
const forms: Readonly<Record<string, RegExp>> = {
  "bytes.base64": /^[A-Za-z0-9+/]{43}=$/,
  "bytes.hex": /^[0-9a-f]{64}$/,
  "bytes.id": /^[A-Za-z0-9+/]{43}=$/,
  "net.options.com.docker.network.driver.overlay.vxlanid_list": /^4\d{3}$/,
  "int.id": /^[1-9]$/,
  "int.result": /^[1-9]$/,
  "pw.bcryptHash": /^\$2a\$10\$[./A-Za-z0-9]{53}$/,
  "pw.result": /^[A-Za-z0-9]{24}$/,
  "rid.b64Std": /^[A-Za-z0-9+/]{4}$/,
  "rid.b64Url": /^[A-Za-z0-9_-]{4}$/,
  "rid.dec": /^\d{1,8}$/,
  "rid.hex": /^[0-9a-f]{6}$/,
  "rid.id": /^[A-Za-z0-9_-]{4}$/,
  "cert.sha1Fingerprint": /^[0-9a-f]{40}$/,
  "spaceskey.accessKey": /^DO[0-9A-F]{18}$/,
  "spaceskey.id": /^DO[0-9A-F]{18}$/,
  "spaceskey.secretKey": /^[0-9a-f]{40}$/,
  ...Object.fromEntries(
    [
      "repo.repoId",
      ...["ghenv", "ghenvsecret", "ghenvvar", "ghfile", "ghpolicy", "ghsecret", "ghvar"].map((name) => `${name}.repositoryId`),
    ].map((path) => [path, /^\d{4,9}$/]),
  ),
  "deploykey.id": /^web:\d{4,9}$/,
  "deploykey.etag": /^W\/"[0-9a-f]{64}"$/,
  "ghfile.commitSha": /^[0-9a-f]{40}$/,
  "ghpolicy.id": /^web:production:\d{4,9}$/,
  "ghpolicy.policyId": /^\d{4,9}$/,
  "ruleset.id": /^\d{4,9}$/,
  "ruleset.nodeId": /^U[0-9A-Za-z=]+$/,
  "ruleset.rulesetId": /^\d{4,9}$/,
  "repo.etag": /^W\/"[0-9a-f]{64}"$/,
  "repo.nodeId": /^UmVwb3NpdG9yeTo[0-9A-Za-z=]+$/,
  "ghenvsecret.keyId": /^\d{18}$/,
  "ghenvsecret.value": /^[0-9a-f]{40}$/,
  "ghsecret.keyId": /^\d{18}$/,
  "str.id": /^[a-z0-9]{8}$/,
  "str.result": /^[a-z0-9]{8}$/,
};

/** A text without what differs from account to account and from day to day. */
function form(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>")
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>")
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, "<Go time>")
    .replaceAll(/AVNS_[A-Za-z0-9_-]{19}/g, "<password>")
    .replaceAll(/^<uuid>-\d{26}$/g, "<uuid>-<count>")
    .replaceAll(/-[0-9a-f]{5}(?=\.ondigitalocean\.app)/g, "-<hash>")
    .replaceAll(/^\d{9}$/g, "<number>")
    .replaceAll(/^[0-9a-z]{25}$/g, "<swarm id>")
    .replaceAll(/^[0-9a-f]{64}$/g, "<container id>")
    .replaceAll(/^[0-9a-f]{12}$/g, "<short id>")
    .replaceAll("github.example.com", "github.com")
    .replaceAll(/^10\.0\.\d+\.\d+/g, "<address>")
    .replaceAll(/^02(:[0-9a-f]{2}){5}$/g, "<MAC>");
}

/** Compares two values of a resource field by field: presence, null, empty and zero, secretness, form. */
export function compareFields(ledger: Ledger, resource: string, section: string, recorded: unknown, standIn: unknown): void {
  const visit = (path: string, a: unknown, b: unknown): void => {
    if (isSecret(a) || isSecret(b)) {
      ledger.same(`${resource} ${path} (secret)`, isSecret(a), isSecret(b));
      return visit(path, isSecret(a) ? a.$secret : a, isSecret(b) ? b.$secret : b);
    }
    if (Array.isArray(a) && Array.isArray(b)) {
      ledger.same(`${resource} ${path}.length`, a.length, b.length);
      a.forEach((element, index) => index < b.length && visit(`${path}[${index}]`, element, b[index]));
      return;
    }
    if (isValues(a) && isValues(b)) {
      for (const name of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) visit(`${path}.${name}`, a[name], b[name]);
      return;
    }
    const own = forms[`${resource}.${path.replace(/^\w+\./, "")}`];
    if (own && own.test(String(a)) && own.test(String(b)) && typeof a === typeof b) return ledger.agree();
    ledger.same(`${resource} ${path}`, typeof a === "string" ? form(a) : a, typeof b === "string" ? form(b) : b);
  };
  visit(section, recorded, standIn);
}

const isValues = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);
const isSecret = (value: unknown): value is { $secret: unknown } => isValues(value) && "$secret" in value;
