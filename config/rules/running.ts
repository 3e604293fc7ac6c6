import type { Environment } from "../environments.ts";
import { quote } from "../problems.ts";
import { isOwnMachine } from "./hosts.ts";
import { deployed, everywhere, named, ofValue, ordinary, productionOnly, shown } from "./judging.ts";
import type { ContentRule } from "./table.ts";
import { isFalse, isTrue, listItems, unquoted, upperSnake } from "./texts.ts";

/** Fewest and most processes of a web server, by what the environment is for. */
const workers: Readonly<Record<Environment, readonly [number, number]>> = {
  local: [1, Infinity],
  staging: [2, 4],
  production: [4, Infinity],
};

const serverArguments = /^(?:GUNICORN_CMD_ARGS|(?:UVICORN|HYPERCORN|GRANIAN)_(?:CMD_)?ARGS|WEB_ARGS)$/;

/** How many processes a variable asks a web server for; undefined where it is about something else. The last one of several counts. */
function workersIn(name: string, value: string): number | undefined {
  if (
    /^(?:WEB_CONCURRENCY|(?:WEB|API|BACKEND|UVICORN|GUNICORN|HYPERCORN|GRANIAN|PUMA|PM2)_(?:WORKERS|WORKER_COUNT|INSTANCES)|WORKERS(?:_COUNT)?)$/.test(
      name,
    )
  ) {
    const text = unquoted(value);
    return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  }
  if (!serverArguments.test(name)) return undefined;
  const given = [...unquoted(value).matchAll(/(?:^|\s)(?:--workers[=\s]\s*|-w\s*)["']?([^\s"']+)/g)].at(-1)?.[1];
  return given === undefined ? undefined : Number(given);
}

const levels = [
  "TRACE",
  "DEBUG",
  "INFO",
  "NOTICE",
  "WARN",
  "WARNING",
  "ERROR",
  "CRIT",
  "CRITICAL",
  "ALERT",
  "EMERG",
  "FATAL",
  "PANIC",
  "OFF",
  "SILENT",
  "NONE",
];
const levelName = /^(?!NPM_CONFIG_)(?:[A-Z0-9]+_)*LOG(?:GING)?_?(?:LEVEL|LVL)$/;
const debugFlag =
  /^(?:[A-Z0-9]+_)*DEBUG(?:_MODE)?$|^(?:ENABLE|IS|USE)_DEBUG$|^(?:UVICORN_|FLASK_|WEB_|APP_)?RELOAD$|^(?:SQLALCHEMY|DB|SQL|DATABASE)_ECHO$|^PYTHON(?:ASYNCIODEBUG|DEVMODE)$/;
const uiFlag =
  /^(?:[A-Z0-9]+_)*(?:(?:WITH|ENABLE|SHOW|SERVE|EXPOSE)_(?:[A-Z]+_)?(?:UI|DOCS|SWAGGER|REDOC|PLAYGROUND|GRAPHIQL|INTROSPECTION)|(?:SWAGGER|DOCS|REDOC|PLAYGROUND|GRAPHIQL|INTROSPECTION|UI)_ENABLED?|GRAPHQL_PLAYGROUND|GRAPHIQL)$/;

/** Words for an environment, as frameworks write them. */
const environmentWords: Readonly<Record<string, Environment>> = {
  dev: "local",
  develop: "local",
  development: "local",
  local: "local",
  stage: "staging",
  staging: "staging",
  stg: "staging",
  prod: "production",
  production: "production",
};

/** Rules about how a service runs, and what it tells. */
export const runningRules: readonly ContentRule[] = [
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
      const text = unquoted(value);
      const isTalkative =
        (levelName.test(upper) && /^(?:debug|trace)$/i.test(text)) ||
        (upper === "RUST_LOG" && /(?:^|[=,])(?:debug|trace)(?:,|$)/i.test(text));
      if (isTalkative) return "writes everything down, personal data too. Use INFO or WARNING.";
      // Node's DEBUG names what to debug, so that anything switches it on.
      const isOn = /^(?:NODE_)?DEBUG$/.test(upper) ? !isFalse(value) : debugFlag.test(upper) && (isTrue(value) || text.includes("*"));
      const isArgument =
        (serverArguments.test(upper) && /(?:^|\s)--(?:reload|debug)\b|--log-level[=\s]+(?:debug|trace)\b/i.test(text)) ||
        (upper === "NODE_OPTIONS" && /(?:^|\s)--inspect/.test(text));
      return isOn || isArgument ? "switches debugging on. Remove it." : undefined;
    }),
  },
  {
    id: "log-quiet",
    demands: "Production logs warnings and errors, no more and no less.",
    severity: { local: "off", staging: "off", production: "warning" },
    check: named(levelName, (value) => {
      if (/^(?:off|silent|none)$/i.test(unquoted(value))) return "logs nothing, so that nobody can see what went wrong. Use WARNING.";
      return /^(?:trace|debug|info|notice)$/i.test(unquoted(value)) ? "is talkative for production, where WARNING is usual." : undefined;
    }),
  },
  {
    id: "log-format",
    demands: "Logs are JSON outside local, so that they can be searched.",
    severity: deployed,
    check: ofValue((value, variable) => {
      const upper = upperSnake(variable.name);
      const way = "cannot be searched. Use json outside local.";
      if (/^(?:[A-Z0-9]+_)*(?:LOGS?_JSON|JSON_LOGS?)$/.test(upper))
        return isFalse(value) ? `switches JSON off, and what is not JSON ${way}` : undefined;
      if (!/^(?!GIT_|CHANGE_)(?:[A-Z0-9]+_)*LOG(?:GING)?_?FORMAT(?:TER)?$/.test(upper)) return undefined;
      // A template of JSON is JSON; the others are JSON with agreed names.
      const isJson =
        /^(?:json|jsonl|ndjson|ecs|gelf|bunyan)$/i.test(unquoted(value)) || /^\{\s*"[\s\S]*\}$/.test(value.trim().replace(/^'|'$/g, ""));
      return isJson ? undefined : `${shown(variable)} ${way}`;
    }),
  },
  {
    id: "ui-in-production",
    demands: "The API's own pages are off in production.",
    severity: productionOnly,
    check: ofValue((value, { name }) => {
      const upper = upperSnake(name);
      const isOn = uiFlag.test(upper)
        ? isTrue(value)
        : /^(?:[A-Z0-9]+_)*(?:DISABLE|HIDE)_(?:UI|DOCS|SWAGGER)$/.test(upper) && isFalse(value);
      return isOn ? `shows the API's own pages to everybody. Set it to ${uiFlag.test(upper) ? "false" : "true"} in production.` : undefined;
    }),
  },
  {
    id: "error-tracking",
    demands: "Local sends no errors to Sentry; elsewhere its DSN is an https URL.",
    severity: ordinary,
    bound: true,
    check: named(/(?:^|_)SENTRY_(?:[A-Z]+_)*DSN$|(?:^|_)SENTRY_?DSN(?:_[A-Z]+)?(?<!_DOCS)$/, (value, _, { environment }) => {
      const text = unquoted(value);
      if (text === "" || isFalse(value)) return undefined;
      if (environment === "local") return "is set, so errors of this machine would be reported beside real ones. Leave it empty in local.";
      const [, key = "", host = ""] = /^https:\/\/([^\s@/:]+)(?::[^\s@/]+)?@([^\s/:]+)(?::\d+)?\/(?:[\w.-]+\/)*\d+$/i.exec(text) ?? [];
      return host === "" || isOwnMachine(host) || /^(?:examplePublicKey|public)$/i.test(key)
        ? "is no DSN. Take it from the project's settings in Sentry, or leave it out."
        : undefined;
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
      const text = unquoted(value);
      const lower = text.toLowerCase();
      const wrong = `${shown(variable)} is not this stack's environment, which is ${quote(environment)}.`;
      if (upper === "ENVIRONMENT") return lower === environment ? undefined : wrong;
      // Several regions of one environment may tell themselves apart.
      if (
        /^(?:SENTRY|DD|OTEL|(?:NEXT_|NUXT_|EXPO_)?PUBLIC|VITE|APP|DEPLOY(?:MENT)?|DJANGO|FLASK|ASPNETCORE|DOTNET|PYTHON)_ENV(?:IRONMENT)?$|^ENV$/.test(
          upper,
        )
      ) {
        const [word = ""] = lower.split(/[-_]/);
        const meant = Object.hasOwn(environmentWords, word) ? environmentWords[word] : undefined;
        return meant !== environment && (meant !== undefined || upper === "SENTRY_ENVIRONMENT") ? wrong : undefined;
      }
      if (environment === "local") return undefined;
      if (/^(?:NODE|RAILS|RACK)_ENV$/.test(upper) && text !== "production")
        return `${shown(variable)} makes frameworks run for developers. Use production.`;
      return upper === "MIX_ENV" && text !== "prod" ? `${shown(variable)} makes frameworks run for developers. Use prod.` : undefined;
    }),
  },
  {
    id: "payment-mode",
    demands: "What takes money takes real money in production, and nowhere else.",
    severity: ordinary,
    bound: true,
    check: named(
      /^(?:[A-Z0-9]+_)*(?:PAYPAL|STRIPE|BRAINTREE|SQUARE|ADYEN|PLAID|PADDLE|MOLLIE|WISE)_(?:MODE|ENV(?:IRONMENT)?)$/,
      (value, variable, { environment }) => {
        const [text = ""] = listItems(value.toLowerCase());
        const isLive = /^(?:live|production|prod)$/.test(text);
        const isTest = /^(?:test|sandbox|development|dev|staging)$/.test(text);
        if (environment === "production")
          return isTest ? `${shown(variable)} takes no real money. Production needs the live mode.` : undefined;
        return isLive ? `${shown(variable)} takes real money, in ${environment}. Use the test mode.` : undefined;
      },
    ),
  },
];
