import type { Environment } from "../environments.ts";
import { quote } from "../problems.ts";
import type { Content, ContentVariable, Severity } from "./content.ts";
import { isOriginName, openOrigin, originForm, plainOrigin } from "./origins.ts";
import {
  hasDefaultLogin,
  isBrowserName,
  isSecretName,
  isSigningName,
  keyModes,
  looksRandom,
  placeholderIn,
  secretIn,
  supabaseKey,
} from "./secrets.ts";
import { isTrue, listItems, textsIn, tidy, upperSnake } from "./texts.ts";

/** A rule about the content of variables. */
export interface ContentRule {
  readonly id: string;
  /** What it demands, for people. */
  readonly demands: string;
  /** How serious it is in each environment; never less in a stricter one. */
  readonly severity: Readonly<Record<Environment, Severity | "off">>;
  /**
   * Set where what is right depends on the environment, so that a value that is right in a stricter one may be wrong in a laxer one:
   * a live key belongs into production and nowhere else.
   */
  readonly bound?: true;
  /** What is wrong with a variable, and the way out. Never holds a secret. */
  readonly check: (variable: ContentVariable, content: Content) => string | undefined;
}

/** Local has the same rules, and lets one work on. */
const ordinary = { local: "warning", staging: "error", production: "error" } as const;
/** What leaves the machine with the first build, or is out of question anywhere. */
const everywhere = { local: "error", staging: "error", production: "error" } as const;
/** What only matters where others reach it. */
const deployed = { local: "off", staging: "error", production: "error" } as const;
const productionOnly = { local: "off", staging: "off", production: "error" } as const;

/** A value as a message may show it: never one that is secret, or looks as if it should be. */
function shown({ name, kind, value = "" }: ContentVariable): string {
  return kind === "secret" || isSecretName(name) || secretIn(value) !== undefined ? "its value" : quote(value);
}

const isBrowserVisible = ({ name, kind }: ContentVariable): boolean => kind === "public" || isBrowserName(name);

/** A check of values only: what is not known yet, or empty, breaks nothing. */
const ofValue =
  (check: (value: string, variable: ContentVariable, content: Content) => string | undefined): ContentRule["check"] =>
  (variable, content) =>
    variable.value === undefined || tidy(variable.value) === "" ? undefined : check(variable.value, variable, content);

/** A check of what a variable of one of these names holds. */
const named = (names: RegExp, check: Parameters<typeof ofValue>[0]): ContentRule["check"] =>
  ofValue((value, variable, content) => (names.test(upperSnake(variable.name)) ? check(value, variable, content) : undefined));

const unquoted = (value: string): string => tidy(value).replace(/^["'`]+|["'`]+$/g, "");

/** The first item of a list of origins that a function finds fault with. Secret values are checked without being shown. */
const ofOrigins = (fault: (origin: string) => string | undefined): ContentRule["check"] =>
  ofValue((value, variable) => {
    if (!isOriginName(variable.name)) return undefined;
    const isHidden = (origin: string): boolean => variable.kind === "secret" || secretIn(origin) !== undefined;
    const faults = listItems(value).flatMap((origin) => {
      const words = fault(origin);
      if (words === undefined) return [];
      return isHidden(origin)
        ? ["one of its origins", words.replace(/: browsers send .*$/, ". Write scheme and host.")]
        : [quote(origin), words];
    });
    return faults.length === 0 ? undefined : `${faults[0]} ${faults[1]}`;
  });

/** Fewest and most processes of a web server, by what the environment is for. */
const workers: Readonly<Record<Environment, readonly [number, number]>> = {
  local: [1, Infinity],
  staging: [2, 4],
  production: [4, Infinity],
};

/** How many processes a variable asks a web server for; undefined where it is about something else. */
function workersIn(name: string, value: string): number | undefined {
  if (/^(?:WEB_CONCURRENCY|(?:WEB|UVICORN|GUNICORN|HYPERCORN|GRANIAN|PUMA|PM2)_(?:WORKERS|INSTANCES)|WORKERS)$/.test(name))
    return Number(unquoted(value));
  if (!/^(?:GUNICORN_CMD_ARGS|UVICORN_(?:CMD_)?ARGS|WEB_ARGS)$/.test(name)) return undefined;
  const [, count] = /(?:^|\s)(?:--workers[= ]\s*|-w\s*)["']?(\d+)/.exec(unquoted(value)) ?? [];
  return count === undefined ? undefined : Number(count);
}

const levels = ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"];
const levelName = /^(?:[A-Z0-9]+_)*LOG_?LEVEL$/;
const debugFlag =
  /^(?:(?:APP|FLASK|DJANGO|FASTAPI|UVICORN|STARLETTE|SENTRY|ECHO|SQL)_)?DEBUG$|^(?:UVICORN_|FLASK_)?RELOAD$|^SQLALCHEMY_ECHO$/;

/** Hosts that a URL may name without encryption: parts of the same system by their names; texts that only look like addresses. */
const isInternalHost = (host: string): boolean =>
  (/^[a-z0-9-]+$/i.test(host) && !/^localhost$/i.test(host) && !/^\d+$/.test(host)) || /^www\.w3\.org$/i.test(host);
const isOwnMachine = (host: string): boolean =>
  /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\]|host\.docker\.internal)$/i.test(host);

function plainHttpHost(value: string, environment: Environment): string | undefined {
  for (const text of textsIn(value)) {
    for (const [, host = ""] of text.matchAll(/(?:http|ws):\/\/(?:[^\s/?#@"']*@)?(\[[^\]]*\]|[^\s/?#:@"',;|)\]}]+)/gi)) {
      if (!isInternalHost(host) && !(environment === "local" && isOwnMachine(host))) return host.toLowerCase();
    }
  }
  return undefined;
}

/** Two names for keys that must differ: who holds one must not be able to do what the other is for. */
const mustDiffer = (a: string, b: string): boolean => {
  const [one, other] = [upperSnake(a), upperSnake(b)];
  if (isSigningName(one) && isSigningName(other)) return true;
  const weak = /ANON|PUBLISHABLE|SEARCH_ONLY|READ_?ONLY/;
  return weak.test(one) !== weak.test(other) && [one, other].every((name) => /KEY|TOKEN/.test(name));
};

/** What is said of a secret that browsers would see. */
export const browserSecret = (what: string): string =>
  `${what}, and visitors can read it in their browsers. Keep it on the server, and give browsers a key that is made for them.`;

/** Every rule, in the order in which problems are told. */
export const contentRules: readonly ContentRule[] = [
  {
    id: "placeholder",
    demands: "No secret is empty, a default or a template's placeholder, and no other variable a template's placeholder.",
    severity: ordinary,
    check({ kind, value }) {
      if (value === undefined) return undefined;
      const what = placeholderIn(value, kind === "secret" ? "secret" : "plain");
      return what === undefined ? undefined : `${what}. Set its value.`;
    },
  },
  {
    id: "default-login",
    demands: "No login that a product is delivered with.",
    severity: deployed,
    check: ofValue((value) => {
      return hasDefaultLogin(value)
        ? "holds the login that the product is delivered with. Give it a user and a password of its own."
        : undefined;
    }),
  },
  {
    id: "open-origin",
    demands: "No origin is a wildcard or a pattern.",
    severity: ordinary,
    check: ofOrigins((origin) =>
      openOrigin(origin) ? 'lets every site in. Name each origin, as in "https://dashboard.example.com".' : undefined,
    ),
  },
  {
    id: "origin-form",
    demands: "An origin is what browsers send: scheme, host, a port where it is not the usual one, nothing behind it.",
    severity: ordinary,
    check: ofOrigins((origin) => (openOrigin(origin) ? undefined : originForm(origin))),
  },
  {
    id: "origin-https",
    demands: "Origins are encrypted outside local.",
    severity: deployed,
    check: ofOrigins((origin) => (plainOrigin(origin) ? "is not encrypted. Use https outside local." : undefined)),
  },
  {
    id: "browser-secret",
    demands: "What browsers get is no secret, neither by its kind nor by its name nor by its value.",
    severity: everywhere,
    check(variable) {
      if (!isBrowserVisible(variable)) return undefined;
      const { name, kind, value = "" } = variable;
      const what =
        kind === "secret" ? "is a secret" : isSecretName(name) ? "has the name of a secret" : secretIn(value) && `holds ${secretIn(value)}`;
      return what === undefined ? undefined : browserSecret(what);
    },
  },
  {
    id: "browser-random",
    demands: "What browsers get does not look like a secret that is pure chance.",
    severity: { local: "warning", staging: "warning", production: "warning" },
    check: ofValue((value, variable) =>
      isBrowserVisible(variable) &&
      secretIn(value) === undefined &&
      !isSecretName(variable.name) &&
      looksRandom(value) &&
      !/(?:COMMIT|SHA|HASH|DIGEST|REVISION|BUILD)(?:_ID)?$/.test(upperSnake(variable.name))
        ? "looks like a secret, and visitors can read it in their browsers. If it is one, keep it on the server."
        : undefined,
    ),
  },
  {
    id: "secret-in-the-open",
    demands: "Keys, tokens and URLs with a password are secrets, not plain variables.",
    severity: ordinary,
    check: ofValue((value, variable) => {
      const { kind, name } = variable;
      if (kind !== "plain" || isBrowserVisible(variable)) return undefined;
      const what =
        secretIn(value) ??
        (isSecretName(name) && !isTrue(value) && !/^(?:false|no|off|\d{1,6})$/i.test(unquoted(value))
          ? "a secret, by its name"
          : undefined);
      return what === undefined
        ? undefined
        : `holds ${what}, in the open. Provide it (groundwork:provided) and hand it over in a SecretSet.`;
    }),
  },
  {
    id: "key-mode",
    demands: "Live keys are in production and nowhere else.",
    severity: ordinary,
    bound: true,
    check: ofValue((value, _, { environment }) => {
      const modes = keyModes(value);
      if (environment === "production")
        return modes.has("test") ? "holds a key of the issuer's test mode. Production needs the live one." : undefined;
      return modes.has("live") ? `holds a key of the issuer's live mode, in ${environment}. Use one of its test mode.` : undefined;
    }),
  },
  {
    id: "jwt-role",
    demands: "Supabase's service key has the role service_role, and its anon key has not.",
    severity: ordinary,
    check: ofValue((value, { name }) => {
      const key = supabaseKey(value);
      const upper = upperSnake(name);
      if (/SUPABASE_(?:SERVICE|SECRET)(?:_ROLE)?(?:_KEY)?$/.test(upper) && key === "publishable") {
        return "is not the service key: its role is another one than service_role. Take it from the project's settings, API keys.";
      }
      if (/SUPABASE_(?:ANON|PUBLISHABLE)/.test(upper) && key === "secret")
        return "is the service key, which passes every row's policy. Take the anon or publishable key.";
      return undefined;
    }),
  },
  {
    id: "same-value",
    demands: "What signs different things, or grants different rights, has different values.",
    severity: ordinary,
    check: ofValue((value, { name }, { variables }) => {
      const twin = variables.find(
        (other) => other.name < name && other.value !== undefined && tidy(other.value) === tidy(value) && mustDiffer(other.name, name),
      );
      return twin === undefined ? undefined : `has the value of ${twin.name}. Give each its own.`;
    }),
  },
  {
    id: "short-secret",
    demands: "A generated secret has 120 bits at least (a UUID has 122), and what signs or encrypts has 256, or 32 characters.",
    severity: ordinary,
    check({ name, kind, value, bits }) {
      const least = isSigningName(name) ? 256 : 120;
      if (bits !== undefined)
        return bits < least
          ? `is generated with ${Math.floor(bits)} bits, and ${least} are the least. Ask for more bytes or characters.`
          : undefined;
      if (kind !== "secret" || value === undefined || least < 256 || tidy(value) === "") return undefined;
      return unquoted(value).length < 32
        ? "is shorter than 32 characters, and others are signed or encrypted with it. Generate a longer one."
        : undefined;
    },
  },
  {
    id: "plain-http",
    demands: "URLs are encrypted outside local; inside the system its services call each other by name.",
    severity: ordinary,
    check: ofValue((value, variable, { environment }) => {
      if (isOriginName(variable.name)) return undefined;
      const host = plainHttpHost(value, environment);
      if (host === undefined || (environment === "local" && isOwnMachine(host))) return undefined;
      const own = isOwnMachine(host) ? "leads to the container itself" : "is not encrypted";
      return `${variable.kind === "secret" ? "a URL" : `the URL of ${quote(host)}`} ${own}. Use https, or http://<service>:<port> for a service of this system.`;
    }),
  },
  {
    id: "tls-off",
    demands: "Nobody switches the check of certificates or the encryption of connections off.",
    severity: deployed,
    check: ofValue((value, { name }) => {
      const upper = upperSnake(name);
      const off = /^["']*(?:0|f|false|n|no|off|none|disabled?)["']*$/i.test(tidy(value));
      if (
        /^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|(?:[A-Z0-9]+_)*(?:SSL|TLS)_VERIFY|(?:[A-Z0-9]+_)*VERIFY_(?:SSL|TLS))$/.test(
          upper,
        ) &&
        off
      ) {
        return "switches the check of certificates off. Remove it, or give the service the authority's certificate.";
      }
      if (/(?:^|_)(?:PG)?SSL_?MODE$/.test(upper) && /^["']*(?:disable|allow)["']*$/i.test(tidy(value)))
        return 'lets connections go unencrypted. Use "require" or more.';
      const inUrl = textsIn(value).some((text) => /[?&](?:ssl_?mode|ssl)=(?:disable|allow|false|0)(?:&|$)/i.test(text));
      return inUrl ? 'is a URL whose connection is not encrypted. Use "sslmode=require" or more.' : undefined;
    }),
  },
  {
    id: "log-level",
    demands: "LOG_LEVEL is one of the levels.",
    severity: ordinary,
    check: named(levelName, (value, variable) =>
      levels.includes(unquoted(value).toUpperCase()) ? undefined : `${shown(variable)} is no level. Use DEBUG, INFO, WARNING or ERROR.`,
    ),
  },
  {
    id: "debug",
    demands: "Production runs without debugging: it slows down, and shows code and data in errors and logs.",
    severity: productionOnly,
    check: ofValue((value, { name }) => {
      const upper = upperSnake(name);
      if (levelName.test(upper) && /^(?:debug|trace)$/i.test(unquoted(value)))
        return "writes everything down, personal data too. Use INFO or WARNING.";
      return (debugFlag.test(upper) && isTrue(value)) || (upper === "DEBUG" && unquoted(value).includes("*"))
        ? "switches debugging on. Remove it."
        : undefined;
    }),
  },
  {
    id: "log-quiet",
    demands: "Production logs warnings and errors.",
    severity: { local: "off", staging: "off", production: "warning" },
    check: named(levelName, (value) =>
      /^(?:trace|debug|info|notice)$/i.test(unquoted(value)) ? "is talkative for production, where WARNING is usual." : undefined,
    ),
  },
  {
    id: "log-format",
    demands: "Logs are JSON outside local, so that they can be searched.",
    severity: deployed,
    check: named(/^(?:[A-Z0-9]+_)*LOG_?FORMAT$/, (value, variable) =>
      unquoted(value).toLowerCase() === "json" ? undefined : `${shown(variable)} cannot be searched. Use json outside local.`,
    ),
  },
  {
    id: "ui-in-production",
    demands: "The API's own pages are off in production.",
    severity: productionOnly,
    check: named(/^(?:[A-Z0-9]+_)*(?:WITH|ENABLE|SHOW|SERVE)_(?:UI|DOCS|SWAGGER|PLAYGROUND|GRAPHIQL)$/, (value) =>
      isTrue(value) ? "shows the API's own pages to everybody. Set it to false in production." : undefined,
    ),
  },
  {
    id: "error-tracking",
    demands: "Local sends no errors to Sentry; elsewhere its DSN is an https URL.",
    severity: ordinary,
    bound: true,
    check: named(/(?:^|_)SENTRY_DSN$/, (value, _, { environment }) => {
      if (environment === "local") return "is set, so errors of this machine would be reported beside real ones. Leave it empty in local.";
      return /^https:\/\/[^\s@/]+@[^\s/]+\/\S+$/i.test(unquoted(value))
        ? undefined
        : "is no DSN. Take it from the project's settings in Sentry, or leave it out.";
    }),
  },
  {
    id: "workers",
    demands: "A web server has 2 to 4 processes in staging, and 4 at least in production.",
    severity: ordinary,
    bound: true,
    check: ofValue((value, variable, { environment }) => {
      const count = workersIn(upperSnake(variable.name), value);
      if (count === undefined) return undefined;
      const [least, most] = workers[environment];
      if (Number.isInteger(count) && count >= least && count <= most) return undefined;
      const range = most === Infinity ? `${least} processes at least` : `${least} to ${most} processes`;
      return `${shown(variable)} does not fit ${environment}: it takes ${range}.`;
    }),
  },
  {
    id: "environment-name",
    demands: "What tells a service its environment tells the truth.",
    severity: everywhere,
    bound: true,
    check: ofValue((value, variable, { environment }) => {
      const upper = upperSnake(variable.name);
      const text = unquoted(value).toLowerCase();
      if (/^(?:SENTRY_)?ENVIRONMENT$/.test(upper) && text !== environment)
        return `${shown(variable)} is not this stack's environment, which is ${quote(environment)}.`;
      return upper === "NODE_ENV" && environment !== "local" && text !== "production"
        ? `${shown(variable)} makes Node's frameworks run for developers. Use production.`
        : undefined;
    }),
  },
];
