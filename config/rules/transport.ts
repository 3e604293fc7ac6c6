import type { Environment } from "../environments.ts";
import { quote } from "../problems.ts";
import { hostsIn, isInternalHost, isNamespaceHost, isOwnMachine } from "./hosts.ts";
import { deployed, mayShow, ofValue, ordinary } from "./judging.ts";
import { isOriginName } from "./origins.ts";
import type { ContentRule } from "./table.ts";
import { fieldsIn, isFalse, isTrue, textsIn, unquoted, upperSnake } from "./texts.ts";

/** What goes over the wire as it is, and what is written instead. */
const unencrypted = /^(?:.*\+)?(?:http|ws|ftp|redis|amqp|mqtt)$/;
/** Variables whose URL is an address to listen at, a proxy, a name that nobody calls, or asked inside of the container. */
const noAddress =
  /(?:^|_)(?:ASPNETCORE_URLS|LISTEN|BIND|(?:HTTPS?|ALL|NO)_PROXY|ENTITY_ID|SAML_ISSUER|NAMESPACE|XMLNS|HEALTH(?:_?CHECK)?(?:_\w+)?|PROBE(?:_\w+)?)$/;

/** The first host that a value names without encryption, or that is nobody's but the container's own. */
function plainHost(value: string, environment: Environment): string | undefined {
  for (const text of textsIn(value)) {
    for (const { scheme, host } of hostsIn(text)) {
      if (isOwnMachine(host)) {
        if (environment !== "local") return host.toLowerCase();
      } else if (unencrypted.test(scheme) && !isInternalHost(host) && !isNamespaceHost(host)) return host.toLowerCase();
    }
  }
  return undefined;
}

/** `<what>=<words that switch encryption or its check off>`, in a query or a connection string. */
const offSwitches: readonly (readonly [RegExp, RegExp])[] = [
  [/^ssl[_ -]?mode$/i, /^(?:disabled?|allow|prefer(?:red)?)$/i],
  [/^(?:ssl|tls|usessl|encrypt)$/i, /^(?:disable|allow|prefer|false|no|0|skip-verify|preferred)$/i],
  [
    /^(?:tlsinsecure|tlsallowinvalidcertificates|tlsallowinvalidhostnames|trustservercertificate|insecure|insecureskipverify)$/i,
    /^(?:true|1|yes)$/i,
  ],
  [/^ssl_cert_reqs$/i, /^(?:cert_)?none$/i],
  [/^verify$/i, /^(?:verify_none|none|false|0)$/i],
];

const databases =
  "(?:DB|DATABASE|POSTGRES(?:QL)?|PG|MYSQL|MONGO(?:DB)?|REDIS|VALKEY|KAFKA|AMQP|RABBITMQ|MINIO|S3|LDAP|OPENSEARCH|ELASTIC(?:SEARCH)?)";
/** Switches that have to be on. */
const mustBeOn = new RegExp(
  `^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|(?:[A-Z0-9]+_)*(?:SSL|TLS)_VERIFY|(?:[A-Z0-9]+_)*VERIFY(?:_(?:SSL|TLS|CERTS?|PEER))|(?:HTTPX|REQUESTS|CURL)_VERIFY|(?:[A-Z0-9]+_)*REJECT_UNAUTHORIZED|(?:[A-Z0-9]+_)*STRICT_SSL|(?:[A-Z0-9]+_)*COOKIE_SECURE|${databases}_(?:USE_)?(?:SSL|TLS|SECURE))$`,
);
/** Switches that have to be off. */
const mustBeOff =
  /^(?:[A-Z0-9]+_)*(?:(?:SSL|TLS)_NO_VERIFY|INSECURE_SKIP_VERIFY|SKIP_(?:SSL|TLS)_VERIFY|(?:SSL|TLS)_SKIP_VERIFY|(?:SSL|TLS|CURL)_INSECURE|VAULT_SKIP_VERIFY|INSECURE_TRANSPORT|OTLP_INSECURE)$/;

/** Rules about what travels, and how. */
export const transportRules: readonly ContentRule[] = [
  {
    id: "plain-http",
    demands: "URLs are encrypted outside local, and lead somewhere else; inside the system its services call each other by name.",
    severity: ordinary,
    check: ofValue((value, variable, { environment }) => {
      if (isOriginName(variable.name) || noAddress.test(upperSnake(variable.name))) return undefined;
      const host = plainHost(value, environment);
      if (host === undefined) return undefined;
      const own = isOwnMachine(host) ? "leads to the container itself" : "is not encrypted";
      return `${mayShow(variable, value) ? `the URL of ${quote(host)}` : "a URL"} ${own}. Use https (rediss, amqps), or http://<service>:<port> for a service of this system.`;
    }),
  },
  {
    id: "tls-off",
    demands: "Nobody switches the check of certificates, the encryption of connections or that of cookies off.",
    severity: deployed,
    check: ofValue((value, { name }) => {
      const upper = upperSnake(name);
      if ((mustBeOn.test(upper) && isFalse(value)) || (mustBeOff.test(upper) && isTrue(value)))
        return "switches encryption off, or the check of certificates. Remove it, or give the service the authority's certificate.";
      const isOff = (field: string, text: string): boolean =>
        offSwitches.some(([what, off]) => what.test(field) && off.test(unquoted(text)));
      if (/(?:^|_)(?:PG)?SSL_?MODE$/.test(upper) && isOff("sslmode", value))
        return 'lets connections go unencrypted. Use "require" or more.';
      if (/(?:^|_)SSL_CERT_REQS$/.test(upper) && isOff("ssl_cert_reqs", value)) return "switches the check of certificates off. Remove it.";
      return fieldsIn(value).some(([field, text]) => isOff(field, text))
        ? 'is a URL whose connection is not encrypted, or not checked. Use "sslmode=require" or more.'
        : undefined;
    }),
  },
];
