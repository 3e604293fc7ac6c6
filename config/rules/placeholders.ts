import { fieldsIn, readingsOf, textsIn, tidy, unquoted } from "./texts.ts";
import { isSecretName } from "./names.ts";
import { tokensIn } from "./keys.ts";

/** Words that are no value, wherever the whole value is one of them. */
const words =
  "pass(?:word|wd)?|p[a@]ss?w[o0]rd|secret|s3cr3t|supersecret|topsecret|secretkey|notasecret|admin|root|test(?:ing)?|example|sample|default|dummy|demo|fake|foo|bar|foobar|insecure|placeholder|redacted|hidden|qwerty|letmein|hunter2|keyboard|cat|key|token|value|api|my|super|top|very|not|a|the|your|change|replace|me|this|here|now|please";
const wordsOnly = new RegExp(`^(?:(?:${words})[-_. ]?)+(?:[-_. ]?\\d{1,4})?[!?.]*$`, "i");
/** Nothing, in many words. */
const nothing =
  /^(?:true|false|todo|fixme|tbd|n\/?a|none|null|undefined|nil|nan|empty|abc123|abcd(?:ef(?:gh)?)?(?:123\d*)?|[x?*.…_0-]+|-+|\[\]|\{\}|\[object object\]|[0-]{8,}|\d{1,4}|0?123456?7?8?9?0?)$/i;
/** The same character, or the digits in their order, over and over. */
const monotonous = (text: string): boolean =>
  text.length >= 3 && (/^(.)\1+$/s.test(text) || "12345678901234567890123456789012345678901234567890".startsWith(text));
const instructions =
  /^(?:<.*>|\[[\w .-]*[a-z][\w .-]*\]|\{\{.*\}\}|\$?\{[\w .:-]*\}|\$\(.*\)|\$[A-Z_][A-Z0-9_]*|%\w+%)$|^(?:your|insert|enter|put|add|replace|set|paste)[-_ ][a-z_ -]+\d{0,2}$|^(?:todo|fixme)\b|(?:\.{3}|…)$|(?:^|[-_ ])(?:here|goes[-_ ]here|placeholder|dummy)$|^process\.env\./i;
/** References that some tool replaces on its way, and that arrived as they are. */
const references = /^(?:op:\/\/|vault:|ssm:|secretsmanager:|arn:aws:(?:secretsmanager|ssm):|ENC\[|sops:|doppler:)/i;
const changeMe =
  /(?<!ex|inter)ch[a@]nge[-_.\s]*(?:this|(?:me|it)(?![a-z]|_?[a-z]{3,})|me(?:now|please))|django-insecure-|replace[-_. ]?(?:me|this)(?![a-z])/i;
/** Known keys that are all one letter behind their prefix, or words. */
const emptyKey =
  /(?<![a-z0-9])(?:[srp]k_(?:live|test)|whsec|sb_secret|gh[pousr])_(?:x{4,}|your|\.{3}|…|placeholder|key|replace|change)|(?<![a-z0-9])x{4,}\.(?=[a-z])/i;
const yourHost = /:\/\/(?:[^\s/?#]*[.@])?(?:your|my|<)[-_]?(?:domain|host|project|company|app|org|site|server|instance)\b/i;

/** Why a value is no value but what a template put in its place. Holds no part of the value. */
export function placeholderIn(value: string, kind: "secret" | "plain"): string | undefined {
  const texts = textsIn(value);
  const readings = readingsOf(value);
  if (kind === "plain") return plainPlaceholder(texts, readings);
  if (readings.some((text) => text === "" || tidy(unquoted(text)) === "")) return "is empty";
  if (texts.some((text) => changeMe.test(text)) || texts.join("") === "") return "still holds the placeholder of a template";
  const isWhole = readings.some(
    (text) => wordsOnly.test(text) || nothing.test(text) || monotonous(text) || instructions.test(text) || references.test(text),
  );
  return isWhole || texts.some((text) => emptyKey.test(text) || yourHost.test(text)) ? "still holds a placeholder" : undefined;
}

/** Ordinary words are ordinary values; only what no service can mean is a placeholder. */
function plainPlaceholder(texts: readonly string[], readings: readonly string[]): string | undefined {
  const marks =
    /^<[a-z][\w .:-]{3,}>$|^(?:your|insert|replace)[-_ ].*[-_ ]?(?:here|key|token|domain|url|host|value|id)$|^\{\{.*\}\}$|^\$\{\w+\}$|^(?:todo|fixme|tbd)(?::.*|[!?. ]*)$|^replace[-_ ]?me$|^(?:undefined|nan|\[object object\]|placeholder|x{4,})$|^calling \[tostring\]/i;
  const inside =
    /:\/\/[^\s]*(?:<[^<>\s]+>|\$\{\w+\}|\{\{)|[-_/](?:your|insert)[-_](?:[a-z]+[-_])*here$|:\/\/[^\s/]*change-?(?:this|me)\b|calling \[tostring\] on an \[output/i;
  if (texts.some((text) => /^ch[a@]nge[-_.\s]?(?:this|me)(?![a-z])[\W\d]*$/i.test(text)))
    return "still holds the placeholder of a template";
  const isWhole = readings.some((text) => marks.test(text));
  return isWhole || texts.some((text) => inside.test(text) || yourHost.test(text) || emptyKey.test(text))
    ? "still holds a placeholder"
    : undefined;
}

/** Passwords that everybody tries first, whoever the user is. */
const common =
  /^(?:(?:pass|p[a@]ssw[o0]rd|admin|administrator|root|test|user|secret|example|qwerty|letmein|change-?me|change-?this|postgres)\d{0,3}|123456\d{0,4})[!?]?$/i;
/** What products are delivered with, and user names that are as common. */
const delivered =
  /^(?:postgresql|guest|minioadmin|sa|redis|default|bitnami|rabbitmq|mysql|mariadb|mongo|neo4j|elastic|opensearch|clickhouse|keycloak|grafana|toor)$/i;

function isDeliveredLogin(user: string, password: string): boolean {
  if (password === "") return /^(?:root|sa|default)$/i.test(user);
  if (common.test(password) || user.toLowerCase() === password.toLowerCase()) return true;
  return delivered.test(password) && (user === "" || common.test(user) || delivered.test(user));
}

/** Whether a value holds a login that some product is delivered with. */
export function hasDefaultLogin(name: string, value: string): boolean {
  const texts = textsIn(value);
  // Supabase signs the keys of its development set with a secret that is in its documentation.
  if (texts.some((text) => /^minioadmin$/i.test(text) || tokensIn(text).some(({ issuer }) => issuer === "supabase-demo"))) return true;
  const logins = texts.flatMap((text) => [
    ...[...text.matchAll(/:\/\/\s*([^\s/?#@:]*)(?::([^\s/?#@]*))?@/g)].filter(
      ([, user, password]) => password !== undefined || isDeliveredLogin(user ?? "", ""),
    ),
    ...[...text.matchAll(/^([a-z][\w.-]*):([\w.-]+)(?:@[\w.(-].*)?$/gi)].filter(
      ([, user = "", password]) => user === password || text.includes("@"),
    ),
  ]);
  if (logins.some(([, user = "", password = ""]) => isDeliveredLogin(user, password))) return true;
  const fields = fieldsIn(value);
  const user = fields.find(([field]) => /^(?:user(?:[ _-]?(?:id|name))?|uid|login)$/i.test(field))?.[1];
  const password = fields.find(([field]) => /^(?:password|passwd|pwd|pass)$/i.test(field))?.[1];
  if (user !== undefined && password !== undefined && isDeliveredLogin(user, password)) return true;
  return (
    isSecretName(name) &&
    /(?:PASS(?:WORD|WD)?|PWD)(?:_\d+)?$/i.test(name) &&
    (common.test(unquoted(value)) || delivered.test(unquoted(value)))
  );
}
