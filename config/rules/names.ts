import { isFalse, isTrue, unquoted, upperSnake } from "./texts.ts";

const browser =
  /^(?:(?:(?:NEXT|NUXT|EXPO|ASTRO|RSBUILD|PARCEL|BUN|PLASMO|CLIENT|BLITZ|NX|ELEVENTY|SNOWPACK|MODERN|SVELTE|REACT_NATIVE)_)?PUBLIC|VITE|REACT_APP|NUXT_APP|GATSBY|VUE_APP|STORYBOOK|REDWOOD_ENV|NG_APP|QCLI|QENV|RAZZLE|TARO_APP|UMI_APP|WXT)_/;

/** Whether bundlers hand a variable to browsers. */
export function isBrowserName(name: string): boolean {
  const upper = upperSnake(name);
  return browser.test(upper) && !/^PUBLIC_KEYS?(?:_|$)/.test(upper);
}

/** What stands behind the word that says it: in which form, for which environment, which of several. */
const tail =
  "(?:_(?:ACCESS|KEYS?|TOKENS?|VALUES?|BASE64|B64|PEM|JSON|JWT|RAW|PLAIN|TEXT|PROD|PRODUCTION|STAGING|DEV|LOCAL|TEST|LIVE|OLD|NEW|PREVIOUS|CURRENT|PRIMARY|SECONDARY|V?\\d+))*_?\\d*$";
/** Words that say by themselves that it is a secret. */
const complete = new RegExp(
  `(?:^|_)(?:[A-Z0-9]*(?:SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE)|PWD|CREDENTIALS?|CREDS|SECRETKEY|PRIVKEY|SERVICE_ROLE|PEPPER|CONNECTION_STRING|BASIC_AUTH|(?:AUTH|REFRESH|DEPLOY|BOT|SERVICE|ADMIN|ROOT|NPM|GITHUB|GITLAB|SLACK|CLOUDFLARE|DIGITALOCEAN|HEROKU|VERCEL|NETLIFY|HF|HUGGINGFACE)_(?:API_)?TOKEN|(?:OPENAI|ANTHROPIC|MISTRAL|GROQ|COHERE|REPLICATE|SENDGRID|RESEND|POSTMARK|MAILGUN|TWILIO|ADMIN|MASTER|HMAC|FERNET)_(?:API_)?KEY|(?:SMTP|MAIL|EMAIL|DB|DATABASE|POSTGRES|PG|MYSQL|MONGO|REDIS|RABBITMQ|AMQP|LDAP|FTP|SSH|ADMIN|ROOT|USER|AUTH|DEFAULT)_(?:PASS|PW))${tail}`,
);
/** Words that say so with a key or a token behind them. */
const withKey = new RegExp(
  `(?:^|_)(?:PRIVATE|SERVICE(?:_ROLE)?|SIGNING|MASTER|ENCRYPTION|WEBHOOK_SIGNING)_?(?:API_)?(?:KEYS?|TOKENS?)${tail}`,
);
/** Addresses that a password belongs to. */
const address =
  /(?:^|_)(?:DATABASE|DB|POSTGRES(?:QL)?|PG|MYSQL|MONGO(?:DB)?|REDIS|VALKEY|AMQP|RABBITMQ|BROKER)(?:_[A-Z]+)?_(?:URL|URI|DSN)$/;
/** Names of switches and counts about passwords and secrets. */
const about =
  /(?:^|_)(?:SHOW|HIDE|RESET|FORGOT|CHANGE|REQUIRED?|ENABLED?|ALLOW|DISABLED?|USE|WITH|HAS|NEEDS|FORCE|SKIP|MIN|MAX|AUTOFILL|FETCH)_(?:[A-Z0-9]+_)*[A-Z]+$/;

/** Whether a variable's name says that it is a secret: not merely that it is about one, as in `PASSWORD_MIN_LENGTH`. */
export function isSecretName(name: string): boolean {
  const upper = upperSnake(name);
  return complete.test(upper) || withKey.test(upper);
}

/** Whether a name says that its value is the address of something that wants a password. */
export function isAddressName(name: string): boolean {
  return address.test(upperSnake(name));
}

/** Whether a value that stands under the name of a secret is none: a switch, a count, the path of a file, or what a page asks for. */
export function isHarmless(name: string, value: string): boolean {
  const upper = upperSnake(name);
  const text = unquoted(value);
  if (text === "" || /^(?:include|omit|same-origin)$/i.test(text) || /^InstrumentationKey=/i.test(text)) return true;
  // A path, as in GOOGLE_APPLICATION_CREDENTIALS; base64 may begin with a slash too, and has no second folder and no ending.
  if (/^(?:\.{0,2}|~)(?:\/[\w.-]+){2,}$/.test(text) || (/^PWD$/.test(upper) && text.startsWith("/"))) return true;
  if (isSigningName(name)) return false;
  if (isTrue(value) || isFalse(value)) return true;
  return about.test(upper) && (/^\d{1,6}$/.test(text) || /^(?:https?:\/\/[^@\s]+|\/[^\s]*)$/i.test(text));
}

/** Whether a name says that others are signed or encrypted with its value. `STRIPE_SECRET_KEY` and the like are issued, and open a door instead. */
export function isSigningName(name: string): boolean {
  return signing.test(upperSnake(name));
}

const signing = new RegExp(
  `^(?:(?:APP|DJANGO|FLASK|RAILS|BACKEND|API|NEXTAUTH)_)?SECRET_KEY(?:_BASE)?${tail}|^(?:APP|DJANGO|FLASK|BACKEND|MEDUSA)_SECRET${tail}|^APP_KEY${tail}` +
    `|(?:^|_)(?:(?:JWT|COOKIE|SESSION|AUTH|NEXTAUTH|CSRF|HMAC|ENCRYPTION|(?:ACCESS|REFRESH)_TOKEN)_?SECRET|(?:JWT|COOKIE|SESSION|CSRF|HMAC|FERNET)_KEY|(?:JWT_SIGNING|ENCRYPTION|MASTER)_?KEY|JWT_SIGNING_SECRET|PEPPER)${tail}`,
);

/** Whether a name says that its value may be known to everybody. */
export function isPublicName(name: string): boolean {
  return /(?:^|_)(?:PUBLIC|PUBLISHABLE|ANON|SITE|CLIENT|SEARCH(?:_ONLY)?|MAPS?|MEASUREMENT|PROJECT|VAPID|READ_?ONLY|FRONTEND|BROWSER|INTEGRITY)(?:_|$)|(?:^|_)(?:ID|IDS|DSN|COMMIT|SHA|HASH|DIGEST|REVISION|RELEASE|BUILD|ETAG|NONCE|URL|URI)$/.test(
    upperSnake(name).replace(browser, ""),
  );
}

/** Which key of a Supabase project a name asks for. */
export function supabaseName(name: string): "secret" | "publishable" | undefined {
  const upper = upperSnake(name);
  const which = "(?:_?(?:KEY|TOKEN|JWT))?(?:_?\\d+)?$";
  if (
    new RegExp(`(?:^|_)(?:SUPABASE|SB)_(?:[A-Z]+_)*(?:SERVICE_?ROLE|SERVICE|SECRET|ADMIN)${which}|(?:^|_)SERVICE_?ROLE${which}`).test(upper)
  )
    return "secret";
  return /(?:^|_)(?:SUPABASE|SB)_(?:[A-Z]+_)*(?:ANON|PUBLISHABLE|PUBLIC)(?:_|$)|^ANON_KEY$|^(?:[A-Z]+_)?PUBLIC_SUPABASE_KEY$/.test(upper)
    ? "publishable"
    : undefined;
}

/** Two names for keys that must differ: who holds one must not be able to do what the other is for. */
export function mustDiffer(a: string, b: string): boolean {
  if (isSigningName(a) && isSigningName(b)) return true;
  const [one, other] = [upperSnake(a), upperSnake(b)];
  const weak = /(?:^|_)(?:ANON|PUBLISHABLE|SEARCH_ONLY|READ_?ONLY)(?:_|$)/;
  if (weak.test(one) === weak.test(other) || ![one, other].every((name) => /KEY|TOKEN/.test(name))) return false;
  // Two names of what everybody may have.
  return ![one, other].every((name) => weak.test(name) || isBrowserName(name));
}
