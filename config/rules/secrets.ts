import { listItems, textsIn, tidy, upperSnake } from "./texts.ts";

/** What a known kind of key looks like. */
interface KeyForm {
  /** Whose it is, for messages. */
  readonly what: string;
  readonly form: RegExp;
  /** Whether everybody may see it. */
  readonly isPublic?: boolean;
}

/** Keys that say of themselves what they are. Sources: the issuers' documentation of their prefixes. */
const keyForms: readonly KeyForm[] = [
  { what: "a secret key of Stripe or Clerk", form: /(?<![a-z0-9])[sr]k_(?:live|test)_[a-z0-9$=]{6,}/i },
  { what: "a publishable key of Stripe or Clerk", form: /(?<![a-z0-9])pk_(?:live|test)_[a-z0-9$=]{6,}/i, isPublic: true },
  { what: "a webhook's signing secret", form: /(?<![a-z0-9])whsec_[a-z0-9+/=]{12,}/i },
  { what: "a key of Resend", form: /(?<![a-z0-9_])re_[a-z0-9]{6,}_[a-z0-9]{12,}/i },
  { what: "a secret key of Supabase", form: /(?<![a-z0-9])sb_secret_[a-z0-9_-]{8,}/i },
  { what: "a publishable key of Supabase", form: /(?<![a-z0-9])sb_publishable_[a-z0-9_-]{8,}/i, isPublic: true },
  { what: "a key of OpenAI or Anthropic", form: /(?<![a-z0-9])sk-(?:proj-|svcacct-|ant-)?[a-z0-9_-]{20,}/i },
  { what: "a token of GitHub", form: /(?<![a-z0-9])(?:gh[pousr]_[a-z0-9]{30,}|github_pat_[a-z0-9_]{22,})/i },
  { what: "a token of GitLab", form: /(?<![a-z0-9])glpat-[a-z0-9_-]{16,}/i },
  { what: "an access key of AWS", form: /(?<![a-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![a-z0-9])/i },
  { what: "a token of DigitalOcean", form: /(?<![a-z0-9])do[opr]_v1_[a-f0-9]{32,}/i },
  { what: "a token of Slack", form: /(?<![a-z0-9])xox[abeprs]-[a-z0-9-]{10,}/i },
  { what: "a webhook of Slack", form: /hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/i },
  { what: "a key of SendGrid", form: /(?<![a-z0-9])SG\.[a-z0-9_-]{16,}\.[a-z0-9_-]{16,}/i },
  { what: "a token of npm", form: /(?<![a-z0-9])npm_[a-z0-9]{30,}/i },
  { what: "a token of Docker Hub", form: /(?<![a-z0-9])dckr_pat_[a-z0-9_-]{20,}/i },
  { what: "a private key", form: /-----BEGIN[A-Z ]*PRIVATE KEY/i },
];

/** What kind of secret stands in a value, in words; undefined for none. What browsers may have is none. */
export function secretIn(value: string): string | undefined {
  const texts = textsIn(value);
  const key = keyForms.find(({ form, isPublic }) => isPublic !== true && texts.some((text) => form.test(text)));
  if (key !== undefined) return key.what;
  if (texts.some((text) => jwtRole(text) === "service_role")) return "Supabase's key of the role service_role";
  return texts.some(holdsPassword) ? "a URL with a password" : undefined;
}

/** Whether a value holds keys of an issuer's test mode, of its live mode, or both. */
export function keyModes(value: string): ReadonlySet<"test" | "live"> {
  const modes = textsIn(value).flatMap((text) => [...text.matchAll(/(?<![a-z0-9])[srp]k_(live|test)_/gi)].map(([, mode]) => mode));
  return new Set(modes.map((mode) => (mode?.toLowerCase() === "live" ? "live" : "test")));
}

/** The claim `role` of a JSON web token, whoever signed it; undefined where it is no token or has none. */
export function jwtRole(text: string): string | undefined {
  const [, payload] = /(?<![\w-])eyJ[\w-]*\.(eyJ[\w-]+)\.[\w-]*/.exec(text) ?? [];
  if (payload === undefined) return undefined;
  try {
    const { role } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { role?: unknown };
    return typeof role === "string" ? role.trim().toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

/** Which key of a Supabase project stands in a value. */
export function supabaseKey(value: string): "secret" | "publishable" | undefined {
  for (const text of textsIn(value)) {
    const role = jwtRole(text);
    if (role === "service_role" || /^sb_secret_/i.test(text)) return "secret";
    if (role !== undefined || /^sb_publishable_/i.test(text)) return "publishable";
  }
  return undefined;
}

/** `postgres://app:secret@host`: a login with a password in front of the host. */
function holdsPassword(text: string): boolean {
  return /[a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:[^\s/?#@]+@/i.test(text);
}

const delivered =
  /:\/\/(?:postgres:(?:postgres|password)|root:(?:root|password)?|admin:(?:admin|password)|guest:guest|minioadmin:minioadmin|sa:sa|test:test|user:password)@|^minioadmin$/i;

/** Whether a value holds a login that some product is delivered with. */
export function hasDefaultLogin(value: string): boolean {
  return textsIn(value).some((text) => delivered.test(text));
}

const secretWords =
  "SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PWD|PRIVATE|SERVICE_ROLE|SERVICE|SIGNING|MASTER|ENCRYPTION|CREDENTIALS?|CONNECTION_STRING|AUTH_TOKEN|REFRESH_TOKEN|DEPLOY_TOKEN|BOT_TOKEN|WEBHOOK_SECRET|DATABASE_URL|DB_URL|REDIS_URL|MONGO(?:DB)?_UR[IL]";
const complete =
  /^(?:SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?|CONNECTION_STRING|SERVICE_ROLE|AUTH_TOKEN|REFRESH_TOKEN|DEPLOY_TOKEN|BOT_TOKEN|WEBHOOK_SECRET|DATABASE_URL|DB_URL|REDIS_URL|MONGO(?:DB)?_UR[IL])$/;
const named = new RegExp(`(?:^|_)(${secretWords})((?:_(?:KEY|TOKEN|VALUE|BASE64|B64|PEM|JSON))*)(?:_?\\d+)?$`);

/** Whether a variable's name says that it is a secret: not merely that it is about one, as in `PASSWORD_MIN_LENGTH`. */
export function isSecretName(name: string): boolean {
  const [, word = "", tail = ""] = named.exec(upperSnake(name)) ?? [];
  // "PRIVATE", "SERVICE" and the like say nothing without "KEY" or "TOKEN" behind them.
  return word !== "" && (complete.test(word) || tail !== "");
}

/** Whether a name says that others are signed or encrypted with its value. `STRIPE_SECRET_KEY` and the like are issued, and open a door instead. */
export function isSigningName(name: string): boolean {
  return /^(?:(?:APP|DJANGO|FLASK|RAILS|BACKEND|API)_)?SECRET_KEY(?:_BASE)?$|(?:^|_)(?:(?:JWT|COOKIE|SESSION|AUTH|NEXTAUTH|CSRF)_SECRET|(?:SIGNING|ENCRYPTION|MASTER)_KEY)$/.test(
    upperSnake(name),
  );
}

/** Whether bundlers hand a variable to browsers. */
export function isBrowserName(name: string): boolean {
  return /^(?:NEXT_PUBLIC|VITE|REACT_APP|PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|VUE_APP|STORYBOOK|SNOWPACK_PUBLIC|REDWOOD_ENV|NG_APP)_/.test(
    upperSnake(name),
  );
}

const placeholders =
  /^(?:password\d*|passw0rd|secret\d*|secret[-_ ]?key|admin\d*|root|test(?:ing)?\d*|example|sample|default|dummy|demo|foo|bar|foobar|todo|fixme|tbd|n\/?a|none|null|undefined|nil|empty|placeholder|redacted|hidden|abc123|qwerty\d*|letmein|1234567?8?9?0?|0+|x{3,}|\*+|\.{3,}|-+|key|token|api[-_ ]?key|my[-_ ]?(?:secret|password|key|token))$/i;
const instructions =
  /^(?:<.*>|\[[^"']*\]|\{\{.*\}\}|\$?\{[^"']*\}|%[^%]*%)$|^(?:your|insert|enter|put|add|replace|set|paste)[-_ ].*|(?:\.{3}|…)$|(?:^|[-_ ])(?:here|goes[-_ ]here|placeholder|dummy)$/i;

/** Why a value is no secret but what a template put in its place. Holds no part of the value. */
export function placeholderIn(value: string, kind: "secret" | "plain"): string | undefined {
  const text = tidy(value);
  if (kind === "secret" && text.replace(/^["'`]+|["'`]+$/g, "").trim() === "") return "is empty";
  if (textsIn(value).some((part) => /change[-_. ]*(?:this|(?:me|it)(?![a-z]))/i.test(part)))
    return "still holds the placeholder of a template";
  const whole = textsIn(value).filter((part) => part.length >= text.length - 4);
  if (kind === "plain")
    return whole.some((part) => /^<[^<>]+>$|^your[-_ ].*[-_ ]?(?:here|key|token|domain|url)$/i.test(part))
      ? "still holds a placeholder"
      : undefined;
  return whole.some((part) => placeholders.test(part) || instructions.test(part)) || text === "" ? "still holds a placeholder" : undefined;
}

/** Whether a text looks like nothing but chance: long, of one piece, and with every sort of character about equally often. */
export function looksRandom(value: string): boolean {
  return listItems(value).some((text) => {
    if (!/^[\w+/=-]{32,}$/.test(text) || /^(?:pk|pub|phc|sb_publishable|gtm|g|ua)[_-]/i.test(text) || !/\d/.test(text) || /^eyJ/.test(text))
      return false;
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    const bits = [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
    return bits >= (/^[0-9a-f]+$/i.test(text) ? 3.2 : 4.2);
  });
}
