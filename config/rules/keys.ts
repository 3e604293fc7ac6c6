import { fieldsIn, textsIn, tidy, unquoted } from "./texts.ts";
import { isHarmless, isSecretName } from "./names.ts";

/** What a known kind of key looks like. */
interface KeyForm {
  /** Whose it is, for messages. */
  readonly what: string;
  readonly form: RegExp;
}

/** Keys that say of themselves what they are. Sources: the issuers' documentation of their prefixes. Publishable ones are no secret, and no row. */
const keyForms: readonly KeyForm[] = [
  { what: "a secret key of Stripe or Clerk", form: /(?<![a-z0-9])[sr]k_(?:live|test)_[a-z0-9$=]{6,}/i },
  { what: "a webhook's signing secret", form: /(?<![a-z0-9])whsec_[a-z0-9+/=]{12,}/i },
  { what: "a key of Resend", form: /(?<![a-z0-9_])re_[a-z0-9]{8}_[a-z0-9]{18,}/i },
  { what: "a secret key of Supabase", form: /(?<![a-z0-9])sb_secret_[a-z0-9_-]{8,}|(?<![a-z0-9])sbp_[a-f0-9]{40}/i },
  {
    what: "a key of OpenAI or Anthropic",
    form: /(?<![a-z0-9])sk-(?:(?:proj|svcacct|admin|or-v\d)-[a-z0-9_-]{16,}|ant-[a-z0-9_-]{16,}|(?=[a-z0-9]*\d)[a-z0-9]{20,})/i,
  },
  { what: "a token of GitHub", form: /(?<![a-z0-9])(?:gh[pousr]_[a-z0-9]{30,}|github_pat_[a-z0-9_]{22,})/i },
  { what: "a token of GitLab", form: /(?<![a-z0-9])glpat-[a-z0-9_-]{16,}/i },
  // Upper case only, and the second with a digit: "asiapacificsoutheast" is a region.
  { what: "an access key of AWS", form: /(?<![A-Za-z0-9])(?:AKIA|ASIA(?=[A-Z]*\d))[A-Z0-9]{16}(?![A-Za-z0-9])/ },
  { what: "a token of DigitalOcean", form: /(?<![a-z0-9])do[opr]_v1_[a-f0-9]{32,}/i },
  { what: "a token of Slack", form: /(?<![a-z0-9])(?:xox[abeprs]-[a-z0-9-]{10,}|xapp-\d-[a-z0-9-]{10,})/i },
  { what: "a webhook of Slack", form: /hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/i },
  { what: "a key of SendGrid", form: /(?<![a-z0-9])SG\.[a-z0-9_-]{16,}\.[a-z0-9_-]{16,}/i },
  { what: "a key of Mailgun or Brevo", form: /(?<![a-z0-9])(?:key-[a-f0-9]{32}|xkeysib-[a-f0-9]{32,})/i },
  { what: "a secret of Google", form: /(?<![a-z0-9])(?:GOCSPX-[a-z0-9_-]{16,}|ya29\.[a-z0-9_-]{16,})/i },
  { what: "a token of Hugging Face, Replicate or Groq", form: /(?<![a-z0-9])(?:hf_[a-z0-9]{30,}|r8_[a-z0-9]{30,}|gsk_[a-z0-9]{40,})/i },
  { what: "a token of Shopify", form: /(?<![a-z0-9])shp(?:at|ca|pa|ss)_[a-f0-9]{32}/i },
  { what: "a key of Notion or Linear", form: /(?<![a-z0-9])(?:ntn_[a-z0-9]{40,}|secret_[a-z0-9]{40,}|lin_api_[a-z0-9]{30,})/i },
  { what: "a token of Sentry or PostHog", form: /(?<![a-z0-9])(?:sntry[su]_[a-z0-9_+/=]{30,}|phx_[a-z0-9]{30,})/i },
  { what: "a token of Pulumi", form: /(?<![a-z0-9])pul-[a-f0-9]{40}/i },
  { what: "a key of Tailscale", form: /(?<![a-z0-9])tskey-[a-z]+-[a-z0-9-]{10,}/i },
  { what: "a secret token of Mapbox", form: /(?<![a-z0-9])sk\.eyJ[\w-]{10,}/ },
  { what: "a token of npm or PyPI", form: /(?<![a-z0-9])(?:npm_[a-z0-9]{30,}|pypi-AgE[a-z0-9_-]{20,})/i },
  { what: "a token of Docker Hub", form: /(?<![a-z0-9])dckr_pat_[a-z0-9_-]{20,}/i },
  { what: "an authorization header", form: /^(?:Authorization: ?)?Bearer (?=\S*\d)[\w.~+/=-]{16,}$/i },
  { what: "a private key", form: /-----? ?BEGIN[A-Z0-9 ]*PRIVATE KEY|AGE-SECRET-KEY-1[A-Z0-9]{20,}/i },
];

/** What kind of secret stands in a value, in words; undefined for none. What browsers may have is none. */
export function secretIn(value: string): string | undefined {
  const texts = textsIn(value);
  const key = keyForms.find(({ form }) => texts.some((text) => form.test(text)));
  if (key !== undefined) return key.what;
  const tokens = texts.flatMap(tokensIn);
  if (tokens.some(({ role }) => isServiceRole(role))) return "Supabase's key of the role service_role";
  if (tokens.some(({ role }) => role === undefined)) return "a signed token";
  if (texts.some((text) => /^Basic /i.test(text) && textsIn(text).some((inner) => /^[^\s:]+:\S+$/.test(inner))))
    return "an authorization header";
  if (texts.some(holdsLogin)) return "a URL with a password";
  return fieldsIn(value).some(([name, field]) => isPasswordField(name, field)) ? "a password" : undefined;
}

/** Parts of a URL or of a connection string that open a door, whatever they are called exactly. */
const openingField = /^(?:sig|signature|api[_-]?key|access[_-]?token|auth[_-]?token|account[_-]?key|shared[_-]?access[_-]?key)$/i;

function isPasswordField(name: string, value: string): boolean {
  if (!isSecretName(name) && !openingField.test(name)) return false;
  // A form's label, a place that is filled in later, or a key that says of itself that it is public.
  const isLabel = tidy(value).toLowerCase() === name.toLowerCase() || /^[:{$<%[]/.test(value) || /^(?:pk[._]|AIza)/.test(value);
  return !isLabel && !isHarmless(name, value) && tidy(value).length >= 3;
}

/** `postgres://app:secret@host`: a login with a password in front of the host. A password may hold a slash that nobody encoded; a port is none. */
function holdsLogin(text: string): boolean {
  return /(?:^|[^\w:/])(?:[a-z][a-z0-9+.:-]*:)?\/\/[^\s/?#@:,;"']*:(?!\d+(?:\/|$))[^\s?#@"']+@/i.test(text);
}

/** What a JSON web token says of itself. */
interface Token {
  readonly role: string | undefined;
  readonly issuer: string | undefined;
  readonly algorithm: string | undefined;
}

/** The JSON web tokens in a text, whoever signed them. */
export function tokensIn(text: string): readonly Token[] {
  return [...text.matchAll(/(?<![A-Za-z0-9-])(eyJ[\w-]*)\.(eyJ[\w-]+)\.[\w-]*/g)].flatMap(([, head = "", payload = ""]) => {
    try {
      const claims = decoded(payload);
      const word = (value: unknown): string | undefined => (typeof value === "string" ? value.trim().toLowerCase() : undefined);
      const role = Array.isArray(claims["role"]) ? (claims["role"] as unknown[])[0] : claims["role"];
      return [{ role: word(role), issuer: word(claims["iss"]), algorithm: word(decoded(head)["alg"]) }];
    } catch {
      return [];
    }
  });
}

const decoded = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;

/** Roles that pass every row's policy. */
const isServiceRole = (role: string | undefined): boolean => /^(?:service_role|supabase_admin|postgres)$/.test(role ?? "");

/** The claim `role` of a JSON web token; undefined where it is no token or has none. */
export function jwtRole(text: string): string | undefined {
  return tokensIn(text)[0]?.role;
}

/** Which keys of a Supabase project stand in a value. */
export function supabaseKeys(value: string): ReadonlySet<"secret" | "publishable" | "nameless"> {
  return new Set(
    textsIn(value).flatMap((text) => [
      ...tokensIn(text).map(({ role }) => (isServiceRole(role) ? "secret" : role === undefined ? "nameless" : "publishable")),
      ...(/(?<![a-z0-9])sb_secret_/i.test(text) ? (["secret"] as const) : []),
      ...(/(?<![a-z0-9])sb_publishable_/i.test(text) ? (["publishable"] as const) : []),
    ]),
  );
}

/** Whether a value holds keys of an issuer's test mode, of its live mode, or both. */
export function keyModes(value: string): ReadonlySet<"test" | "live"> {
  const forms = [/(?<![a-z0-9])(?:[srp]k|rzp)_(live|test)_[a-z0-9]/gi, /(?<![a-z0-9_])(live|test)_(?=[A-Za-z]*\d)[A-Za-z0-9]{30,}/g];
  const modes = textsIn(value).flatMap((text) => forms.flatMap((form) => [...text.matchAll(form)].map(([, mode]) => mode)));
  return new Set(modes.map((mode) => (mode?.toLowerCase() === "live" ? "live" : "test")));
}

/** Whether a text looks like nothing but chance: long, of one piece, and with every sort of character about equally often. */
export function looksRandom(value: string): boolean {
  // A slash belongs to base64, and to the path of a URL.
  const apart = (text: string): RegExp => (text.includes("://") ? /[/.:?&=\s,;]+/ : /[.:?&=\s,;]+/);
  const pieces = textsIn(value).flatMap((text) => [...text.split(apart(text)), ...(text.includes("://") ? [] : [unquoted(text)])]);
  return pieces.some((piece) => {
    const text = piece.replace(/^0x/i, "");
    // Keys that are made for browsers say so; a token says more in its claims.
    if (!/^[\w+/=-]{32,}$/.test(text) || /^(?:pk|pub|phc|sb_publishable|gtm|g|ua|sha\d{3}|6L|AIza)[_-]?/.test(text) || /^eyJ/.test(text))
      return false;
    if (/^[a-z]+(?:[-_][a-z0-9]+){2,}$/.test(text)) return false; // words
    const isHex = /^[0-9a-f]+$/i.test(text);
    return /\d/.test(text) && entropy(text) >= (isHex ? 3.2 : 4.2);
  });
}

/** Bits in each character of a text, by how often each occurs in it. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}
