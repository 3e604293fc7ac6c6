import type { Environment } from "../../../config/environments.ts";
import type { ContentVariable, VariableKind } from "../../../config/rules/content.ts";

/** A variable in one line: `["NAME", "value"]`, plain unless a kind is named; `bits` stands in for the value of what is generated. */
type Told = readonly [name: string, value: string | undefined, kind?: VariableKind, bits?: number];

/** What one rule has to catch, and what looks like it and is right. */
export interface RuleCases {
  readonly rule: string;
  /** The environment that the cases stand in. */
  readonly environment: Environment;
  /** Variables that stand beside each case. */
  readonly beside?: readonly Told[];
  readonly evasions: readonly Told[];
  readonly passes: readonly Told[];
}

export const variable = ([name, value, kind = "plain", bits]: Told): ContentVariable => ({ name, value, kind, bits });

/** Made-up keys are put together here, so that no scanner takes this file for a leak. */
const key = (prefix: string, rest = "4f1d07aBcDeF4f1d07aBcDeF"): string => `${prefix}${rest}`;
const live = key("sk_live_");
const testKey = key("sk_test_");
const jwt = (role: string): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ iss: "supabase", role, exp: 2_000_000_000 })}.c2lnbmF0dXJl`;
};
const service = jwt("service_role");
const anon = jwt("anon");
const strong = "kQ8vZ2nW5xR7tY1uP4sD6fG9hJ3lA0cE";
const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----";

export const cases: readonly RuleCases[] = [
  {
    rule: "placeholder",
    environment: "staging",
    evasions: [
      ["API_KEY", "changethis", "secret"],
      ["API_KEY", "  ChangeThis ", "secret"],
      ["API_KEY", '"changeme"', "secret"],
      ["API_KEY", "my-change-this-key", "secret"],
      ["API_KEY", "CHANGETHISpassword", "secret"],
      ["API_KEY", '{"token":"change_this"}', "secret"],
      ["DATABASE_URL", "postgres://app:change%54his@db/app", "secret"],
      ["A", "c\u200bhangethis", "secret"],
      ["A", "ｃｈａｎｇｅｔｈｉｓ", "secret"],
      ["A", "", "secret"],
      ["A", ' "" ', "secret"],
      ["A", "Password", "secret"],
      ["A", "secret", "secret"],
      ["A", "<your key>", "secret"],
      ["A", "[Secret manager]", "secret"],
      ["A", "${CLERK_KEY}", "secret"],
      ["A", "your-service-key", "secret"],
      ["A", " XXXX ", "secret"],
      ["A", "eyJhbGc...", "secret"],
      ["A", "key-goes-here", "secret"],
      ["SETTING", "changethis", "plain"],
      ["SETTING", "<hostname>", "plain"],
    ],
    passes: [
      ["A", "sk_live_xxxy", "secret"],
      ["A", "exchange-that", "secret"],
      ["A", "yours-truly-42", "secret"],
      ["A", "a<b>c", "secret"],
      ["A", '["k8f2hh2","j39dk1x"]', "secret"],
      ["A", '{"type":"service_account","project_id":"p"}', "secret"],
      ["A", "interchange_items_daily", "secret"],
      ["A", "", "plain"],
      ["MODE", "default", "plain"],
      ["SERVICE_NAME", "test", "plain"],
    ],
  },
  {
    rule: "default-login",
    environment: "staging",
    evasions: [
      ["DATABASE_URL", "postgres://postgres:postgres@db:5432/app", "secret"],
      ["AMQP_URL", "amqp://GUEST:guest@broker:5672", "plain"],
      ["BROKERS", "x, amqp://guest:guest@broker", "plain"],
      ["CONFIG", '{"db":"mysql://root:root@db/app"}', "derived"],
      ["S3_ACCESS_KEY", " minioadmin ", "secret"],
    ],
    passes: [
      ["DATABASE_URL", "postgres://postgres:9f8a7b@db:5432/app", "secret"],
      ["AMQP_URL", "amqp://guest:guest2@broker", "secret"],
      ["HOMEPAGE", "https://example.com/guest:guest", "plain"],
      ["USER_NAME", "admin", "plain"],
    ],
  },
  {
    rule: "open-origin",
    environment: "production",
    evasions: [
      ["BACKEND_CORS_ORIGINS", "*"],
      ["BACKEND_CORS_ORIGINS", " * "],
      ["BACKEND_CORS_ORIGINS", '"*"'],
      ["BACKEND_CORS_ORIGINS", "https://*.example.com"],
      ["BACKEND_CORS_ORIGINS", "https://a.example.com, *"],
      ["BACKEND_CORS_ORIGINS", '["https://a.example.com", "*"]'],
      ["BACKEND_CORS_ORIGINS", '["https://a.example.com", "\\u002a"]'],
      ["BACKEND_CORS_ORIGINS", "['*']"],
      ["BACKEND_CORS_ORIGINS", "%2A"],
      ["BACKEND_CORS_ORIGINS", "https://%2a.example.com"],
      ["BACKEND_CORS_ORIGINS", "＊"],
      ["backend_cors_origins", "*"],
      ["corsOrigins", "https://a.example.com;*"],
      ["STORE_CORS", "/https:\\/\\/.+\\.example\\.com$/"],
      ["STORE_CORS", "null"],
      ["CLERK_AUTHORIZED_PARTIES", '["https://*"]'],
      ["CORS_ALLOW_ORIGIN", "all", "secret"],
      ["ALLOWED_ORIGINS", "*", "derived"],
    ],
    passes: [
      ["BACKEND_CORS_ORIGINS", "https://dashboard.example.com"],
      ["BACKEND_CORS_ORIGINS", '["https://a.example.com","https://b.example.com"]'],
      ["BACKEND_CORS_ORIGINS", "https://a.example.com:8443"],
      ["CLERK_AUTHORIZED_PARTIES", "[]"],
      ["CORS_ALLOW_HEADERS", "*"],
      ["CORS_ALLOW_METHODS", "*"],
      ["SCHEDULE", "*/5 * * * *"],
    ],
  },
  {
    rule: "origin-form",
    environment: "staging",
    evasions: [
      ["BACKEND_CORS_ORIGINS", "https://a.example.com/"],
      ["BACKEND_CORS_ORIGINS", "https://a.example.com/app"],
      ["BACKEND_CORS_ORIGINS", "https://A.example.com"],
      ["BACKEND_CORS_ORIGINS", "https://a.example.com:443"],
      ["BACKEND_CORS_ORIGINS", "dashboard.example.com"],
      ["BACKEND_CORS_ORIGINS", '["https://a.example.com", "https://b.example.com/x"]'],
      ["BACKEND_CORS_ORIGINS", "https://a.example.com https://b.example.com/"],
      ["BACKEND_CORS_ORIGINS", "https://user:key@a.example.com"],
    ],
    passes: [
      ["BACKEND_CORS_ORIGINS", "https://a.example.com,https://b.example.com"],
      ["BACKEND_CORS_ORIGINS", '"https://a.example.com"'],
      ["BACKEND_CORS_ORIGINS", ""],
      ["HOMEPAGE", "https://a.example.com/"],
    ],
  },
  {
    rule: "origin-https",
    environment: "staging",
    evasions: [
      ["BACKEND_CORS_ORIGINS", "http://a.example.com"],
      ["BACKEND_CORS_ORIGINS", "HTTP://a.example.com"],
      ["BACKEND_CORS_ORIGINS", "https://a.example.com, http://b.example.com"],
      ["BACKEND_CORS_ORIGINS", '["http://b.example.com"]'],
      ["BACKEND_CORS_ORIGINS", "http://localhost:5173"],
    ],
    passes: [
      ["BACKEND_CORS_ORIGINS", "https://a.example.com"],
      ["BACKEND_CORS_ORIGINS", "https://http.example.com"],
      ["CORS_MAX_AGE", "600"],
    ],
  },
  {
    rule: "browser-secret",
    environment: "local",
    evasions: [
      ["NEXT_PUBLIC_API", strong, "secret"],
      ["VITE_STRIPE_SECRET_KEY", "x"],
      ["next_public_jwt_secret", "x"],
      ["REACT_APP_dbPassword", "x"],
      ["PUBLIC_SUPABASE_SERVICE_ROLE_KEY", "x"],
      ["NUXT_PUBLIC_STRIPE", live],
      ["VITE_CONFIG", `{"stripe":"${testKey}"}`],
      ["NEXT_PUBLIC_KEYS", `a, "${live.toUpperCase()}"`],
      ["VITE_SUPABASE_KEY", service],
      ["VITE_URL", `https://x.example.com/?key=${encodeURIComponent(live)}`],
      ["VITE_DB", "postgres://app:pass@db/app"],
      ["PLAIN_NAME", key("ghp_", "a".repeat(36)), "public"],
      ["EXPO_PUBLIC_CERT", pem],
      ["NEXT_PUBLIC_AWS", key("AKIA", "ABCDEFGHIJKLMNOP")],
      ["VITE_HOOK", key("whsec_")],
      ["VITE_MAIL", key("re_", "abcdefgh_ABCDEFGHIJKLMNOPqrst")],
      ["GATSBY_AI", key("sk-proj-", "abcdefghijklmnopqrstuvwxyz")],
      ["REACT_APP_DB", key("sb_secret_")],
    ],
    passes: [
      ["NEXT_PUBLIC_SUPABASE_ANON_KEY", anon],
      ["NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", key("pk_test_")],
      ["NEXT_PUBLIC_PASSWORD_MIN_LENGTH", "12"],
      ["VITE_PASSWORD_RESET_URL", "https://example.com/reset"],
      ["NEXT_PUBLIC_SENTRY_DSN", "https://abc@o1.ingest.sentry.io/1"],
      ["NEXT_PUBLIC_SUPABASE_KEY", key("sb_publishable_")],
      ["VITE_TOKENIZER", "cl100k"],
      ["VITE_DESK", "desk_lives_here"],
      ["NEXT_PUBLIC_SERVICE", "orders"],
      ["PUBLIC_API_BROWSER_ORIGIN", "https://api.example.com"],
      ["STRIPE_SECRET_KEY", testKey, "secret"],
    ],
  },
  {
    rule: "browser-random",
    environment: "staging",
    evasions: [
      ["NEXT_PUBLIC_KEY", strong],
      ["VITE_KEY", `"${strong}"`],
      ["VITE_KEYS", `a,${strong}`],
      ["VITE_KEY", '["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]'],
    ],
    passes: [
      ["NEXT_PUBLIC_GIT_COMMIT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"],
      ["NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", key("pk_test_", "51H8vZ2nW5xR7tY1uP4sD6fG9hJ3lA0cE")],
      ["VITE_TITLE", "the-quick-brown-fox-jumps-over-the-lazy-dog"],
      ["VITE_URL", "https://dashboard.staging.example.com/a/b/c"],
      ["KEY", strong],
    ],
  },
  {
    rule: "secret-in-the-open",
    environment: "staging",
    evasions: [
      ["STRIPE", live],
      ["STRIPE", ` "${testKey}" `],
      ["OPTIONS", `{"a":["${key("ghp_", "b".repeat(36))}"]}`],
      ["DATABASE_URL", "postgres://app:p%40ss@db.example.com/app"],
      ["LEGACY_DSN", "https://pub:sec@sentry.example.com/1"],
      ["NOTIFY", `https://hooks.slack.com/services/T1/B2/${"x".repeat(20)}`],
      ["SECRET_KEY", "abc"],
      ["jwtSecret", "abc"],
      ["ADMIN_PASSWORD", "hunter2"],
      ["CERTIFICATE", pem],
      ["TOKENS", `x;${key("glpat-")}`],
    ],
    passes: [
      ["STRIPE", live, "secret"],
      ["SENTRY_DSN", "https://abc@o1.ingest.sentry.io/1"],
      ["PASSWORD_MIN_LENGTH", "12"],
      ["REQUIRE_PASSWORD", "true"],
      ["SECRETS_MANAGER", "vault"],
      ["PUBLIC_KEY", "abc"],
      ["API_URL", "https://api.example.com:8443/v1"],
      ["DATABASE_URL", "postgres://app:pw@db/app", "derived"],
      ["IDP", anon],
    ],
  },
  {
    rule: "key-mode",
    environment: "production",
    evasions: [
      ["CLERK_SECRET_KEY", testKey, "secret"],
      ["CLERK_SECRET_KEY", ` "${testKey.toUpperCase()}"`, "secret"],
      ["NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", key("pk_test_"), "public"],
      ["KEYS", `${live},${testKey}`, "secret"],
      ["CONFIG", `{"stripe":{"key":"${key("rk_test_")}"}}`, "secret"],
      ["URL", `https://x.example.com/?k=${key("sk%5Ftest%5F")}`, "secret"],
    ],
    passes: [
      ["CLERK_SECRET_KEY", live, "secret"],
      ["DISK", "disk_test_1"],
      ["SUITE", "task_test_runner"],
      ["NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", key("pk_live_"), "public"],
    ],
  },
  {
    rule: "key-mode",
    environment: "staging",
    evasions: [
      ["CLERK_SECRET_KEY", live, "secret"],
      ["STRIPE", `["${live}"]`, "secret"],
      ["NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", key("PK_LIVE_"), "public"],
    ],
    passes: [
      ["CLERK_SECRET_KEY", testKey, "secret"],
      ["DISK", "disk_live_1"],
      ["MODE", "live"],
    ],
  },
  {
    rule: "jwt-role",
    environment: "staging",
    evasions: [
      ["SUPABASE_SERVICE_KEY", anon, "secret"],
      ["supabaseServiceKey", ` ${anon}`, "secret"],
      ["SUPABASE_SERVICE_ROLE_KEY", `"${jwt("Authenticated")}"`, "secret"],
      ["SUPABASE_SECRET_KEY", key("sb_publishable_"), "secret"],
      ["NEXT_PUBLIC_SUPABASE_ANON_KEY", service, "public"],
      ["SUPABASE_ANON_KEY", `["${service}"]`, "secret"],
      ["VITE_SUPABASE_PUBLISHABLE_KEY", key("SB_SECRET_"), "public"],
    ],
    passes: [
      ["SUPABASE_SERVICE_KEY", service, "secret"],
      ["SUPABASE_SERVICE_KEY", key("sb_secret_"), "secret"],
      ["SUPABASE_SERVICE_KEY", "no-token-of-any-kind", "secret"],
      ["SUPABASE_ANON_KEY", anon, "public"],
      ["SUPABASE_ANON_KEY", key("sb_publishable_"), "public"],
      ["SUPABASE_URL", "https://p.supabase.co", "secret"],
    ],
  },
  {
    rule: "same-value",
    environment: "staging",
    beside: [
      ["AUTH_SECRET", strong, "secret"],
      ["SUPABASE_ANON_KEY", "abc", "public"],
      ["ADMIN_KEY", "k-1", "secret"],
    ],
    evasions: [
      ["JWT_SECRET", strong, "secret"],
      ["cookieSecret", ` ${strong} `, "secret"],
      ["SESSION_SECRET", `${strong}\n`, "secret"],
      ["SUPABASE_SERVICE_KEY", "abc", "secret"],
      ["TYPESENSE_SEARCH_ONLY_KEY", "k-1", "secret"],
    ],
    passes: [
      ["JWT_SECRET", `${strong}2`, "secret"],
      ["OPENAI_API_KEY", "k-1", "secret"],
      ["LABEL", strong],
    ],
  },
  {
    rule: "short-secret",
    environment: "production",
    evasions: [
      ["TOKEN", undefined, "secret", 64],
      ["SECRET_KEY", undefined, "secret", 128],
      ["jwtSecret", undefined, "secret", 255],
      ["JWT_SECRET", "short-but-real-9", "secret"],
      ["COOKIE_SECRET", `"${strong.slice(1)}"`, "secret"],
    ],
    passes: [
      ["TOKEN", undefined, "secret", 128],
      ["ID", undefined, "secret", 122],
      ["SECRET_KEY", undefined, "secret", 256],
      ["JWT_SECRET", strong, "secret"],
      ["API_KEY", "k-1", "secret"],
      ["CLERK_SECRET_KEY", "sk_live_short", "secret"],
    ],
  },
  {
    rule: "plain-http",
    environment: "staging",
    evasions: [
      ["API_URL", "http://api.example.com"],
      ["API_URL", " HTTP://api.example.com/v1 "],
      ["API_URLS", "https://a.example.com,http://b.example.com"],
      ["CONFIG", '{"url":"http://b.example.com"}'],
      ["CONFIG", "http%3A%2F%2Fb.example.com"],
      ["SOCKET", "ws://b.example.com"],
      ["SUPABASE_URL", "http://p.supabase.co", "secret"],
      ["API_URL", "http://localhost:8000"],
      ["API_URL", "http://10.0.0.4:8000", "derived"],
      ["CALLBACK", "https://x.example.com/?next=http://evil.example.com"],
    ],
    passes: [
      ["API_URL", "https://api.example.com"],
      ["API_URL", "http://backend:8000"],
      ["API_URL", "http://search-admin:7700/indexes", "derived"],
      ["NAMESPACE", "http://www.w3.org/2000/svg"],
      ["NOTE", "http is not used"],
    ],
  },
  {
    rule: "plain-http",
    environment: "local",
    evasions: [
      ["API_URL", "http://api.example.com"],
      ["API_URL", '"http://api.example.com"'],
      ["API_URLS", "http://localhost,http://api.example.com"],
    ],
    passes: [
      ["API_URL", "http://localhost:8000"],
      ["API_URL", "http://api.template.localhost"],
      ["API_URL", "http://127.0.0.1"],
    ],
  },
  {
    rule: "tls-off",
    environment: "staging",
    evasions: [
      ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
      ["NODE_TLS_REJECT_UNAUTHORIZED", ' "0" '],
      ["HTTP_SSL_VERIFY", "False"],
      ["VERIFY_TLS", "OFF"],
      ["PGSSLMODE", "Disable"],
      ["DATABASE_URL", "postgres://app:x@db/app?sslmode=disable", "secret"],
      ["CONFIG", '{"db":"postgres://db/app?a=1&SSLMODE=allow"}'],
    ],
    passes: [
      ["NODE_TLS_REJECT_UNAUTHORIZED", "1"],
      ["PGSSLMODE", "require"],
      ["DATABASE_URL", "postgres://app:x@db/app?sslmode=require", "secret"],
      ["SSL_VERIFY", "true"],
      ["PROFILE", "disable"],
    ],
  },
  {
    rule: "log-level",
    environment: "staging",
    evasions: [
      ["LOG_LEVEL", "VERBOSE"],
      ["LOG_LEVEL", "INFO,DEBUG"],
      ["logLevel", "loud"],
      ["APP_LOG_LEVEL", '"quiet"'],
    ],
    passes: [
      ["LOG_LEVEL", "INFO"],
      ["LOG_LEVEL", "warning"],
      ["LOG_LEVELS_DOCS", "see wiki"],
      ["LOG_LEVEL", ' "error" '],
    ],
  },
  {
    rule: "debug",
    environment: "production",
    evasions: [
      ["LOG_LEVEL", "DEBUG"],
      ["LOG_LEVEL", ' "debug"'],
      ["log_level", "Trace"],
      ["DEBUG", "true"],
      ["DEBUG", "1"],
      ["DEBUG", "app:*"],
      ["FLASK_DEBUG", "YES"],
      ["UVICORN_RELOAD", "on"],
    ],
    passes: [
      ["LOG_LEVEL", "WARNING"],
      ["DEBUG", "false"],
      ["DEBUG", ""],
      ["DEBUG_TOKEN_TTL", "1"],
      ["TITLE", "debug"],
    ],
  },
  {
    rule: "log-quiet",
    environment: "production",
    evasions: [
      ["LOG_LEVEL", "INFO"],
      ["LOG_LEVEL", ' "info" '],
      ["appLogLevel", "Notice"],
    ],
    passes: [
      ["LOG_LEVEL", "WARNING"],
      ["LOG_LEVEL", "error"],
      ["LEVEL", "INFO"],
    ],
  },
  {
    rule: "log-format",
    environment: "staging",
    evasions: [
      ["LOG_FORMAT", "console"],
      ["logFormat", "text"],
      ["LOG_FORMAT", '"pretty"'],
      ["APP_LOG_FORMAT", "json-lines-not"],
    ],
    passes: [
      ["LOG_FORMAT", "json"],
      ["LOG_FORMAT", ' "JSON" '],
      ["DATE_FORMAT", "text"],
    ],
  },
  {
    rule: "ui-in-production",
    environment: "production",
    evasions: [
      ["WITH_UI", "true"],
      ["WITH_UI", "1"],
      ["with_ui", " Yes "],
      ["WITH_UI", '"True"'],
      ["ENABLE_DOCS", "on"],
    ],
    passes: [
      ["WITH_UI", "false"],
      ["WITH_UI", "0"],
      ["WITH_UID", "true"],
    ],
  },
  {
    rule: "error-tracking",
    environment: "local",
    evasions: [
      ["SENTRY_DSN", "https://abc@o1.ingest.sentry.io/1"],
      ["SENTRY_DSN", "x", "secret"],
      ["sentryDsn", ' "https://abc@o1.ingest.sentry.io/1" '],
    ],
    passes: [
      ["SENTRY_DSN", ""],
      ["SENTRY_DSN", "  "],
      ["SENTRY_DSN_DOCS", "https://docs.sentry.io"],
    ],
  },
  {
    rule: "error-tracking",
    environment: "production",
    evasions: [
      ["SENTRY_DSN", "http://abc@o1.ingest.sentry.io/1"],
      ["SENTRY_DSN", "https://o1.ingest.sentry.io/1", "secret"],
      ["NEXT_PUBLIC_SENTRY_DSN", '"abc"', "public"],
    ],
    passes: [
      ["SENTRY_DSN", "https://abc@o1.ingest.sentry.io/1"],
      ["SENTRY_DSN", "", "plain"],
      ["SENTRY_DSN", '"https://abc@o1.ingest.us.sentry.io/1"', "secret"],
    ],
  },
  {
    rule: "workers",
    environment: "production",
    evasions: [
      ["WEB_CONCURRENCY", "3"],
      ["uvicorn_workers", ' "2" '],
      ["UvicornWorkers", "1"],
      ["WEB_CONCURRENCY", "auto"],
      ["GUNICORN_CMD_ARGS", "--bind :8000 --workers=3"],
      ["GUNICORN_CMD_ARGS", "-w 2 --timeout 30"],
    ],
    passes: [
      ["WEB_CONCURRENCY", "4"],
      ["UVICORN_WORKERS", "8"],
      ["GUNICORN_CMD_ARGS", "--bind :8000 --timeout 2"],
      ["CELERY_WORKERS", "1"],
      ["WORKER_TIMEOUT", "3"],
    ],
  },
  {
    rule: "workers",
    environment: "staging",
    evasions: [
      ["WEB_CONCURRENCY", "1"],
      ["WEB_CONCURRENCY", "5"],
      ["GUNICORN_WORKERS", '"2.5"'],
    ],
    passes: [
      ["WEB_CONCURRENCY", "2"],
      ["WEB_CONCURRENCY", "4"],
      ["MAX_WORKERS_QUEUE", "9"],
    ],
  },
  {
    rule: "environment-name",
    environment: "production",
    evasions: [
      ["ENVIRONMENT", "staging"],
      ["environment", '"local"'],
      ["SENTRY_ENVIRONMENT", "Staging"],
      ["NODE_ENV", "development"],
    ],
    passes: [
      ["ENVIRONMENT", "production"],
      ["ENVIRONMENT", '"Production"'],
      ["NODE_ENV", "production"],
      ["ENVIRONMENT_COLOUR", "red"],
    ],
  },
];
