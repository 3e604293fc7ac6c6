import type { Environment } from "../environments.ts";
import { quote } from "../problems.ts";
import type { Content, ContentVariable, Severity } from "./content.ts";
import { deployed, everywhere, isBrowserVisible, mayShow, ofValue, ordinary } from "./judging.ts";
import { entropy, keyModes, looksRandom, secretIn, supabaseKeys, tokensIn } from "./keys.ts";
import { isAddressName, isHarmless, isPublicName, isSecretName, isSigningName, mustDiffer, supabaseName } from "./names.ts";
import { isOriginName, isPatternName, openOrigin, originForm, originsIn, ownMachineOrigin, plainOrigin } from "./origins.ts";
import { hasDefaultLogin, placeholderIn } from "./placeholders.ts";
import { runningRules } from "./running.ts";
import { isFalse, readingsOf, textsIn, tidy, unquoted, upperSnake } from "./texts.ts";
import { transportRules } from "./transport.ts";

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
  /**
   * Set where a stack file cannot accept a finding: another value is the only way out. "secrets": where the variable is a secret, by its
   * kind or by the form of its text, as whoever found it wrongly there can take another one. "production": in that environment.
   */
  readonly final?: true | "secrets" | "production";
  /** What is wrong with a variable, and the way out. Never holds a secret. */
  readonly check: (variable: ContentVariable, content: Content) => string | undefined;
}

/** The first item of a list of origins that a function finds fault with. Secret values are checked without being shown. */
const ofOrigins = (fault: (origin: string, variable: ContentVariable) => string | undefined): ContentRule["check"] =>
  ofValue((value, variable) => {
    if (!isOriginName(variable.name)) return undefined;
    const faults = originsIn(value).flatMap((origin) => {
      const words = fault(origin, variable);
      if (words === undefined) return [];
      return mayShow(variable, origin)
        ? [quote(origin), words]
        : ["one of its origins", words.replace(/: browsers send .*$/, ". Write scheme and host.")];
    });
    return faults.length === 0 ? undefined : `${faults[0]} ${faults[1]}`;
  });

const openOrigins = ofOrigins((origin) =>
  openOrigin(origin) ? 'lets every site in. Name each origin, as in "https://dashboard.example.com".' : undefined,
);

/** Whether the two hold the same secret, however each is quoted or encoded. */
function isSame(value: string, other: string): boolean {
  const readings = new Set(readingsOf(value).map(unquoted));
  return readingsOf(other).some((text) => readings.has(unquoted(text)));
}

/** What is said of a secret that browsers would see. */
export const browserSecret = (what: string): string =>
  `${what}, and visitors can read it in their browsers. Keep it on the server, and give browsers a key that is made for them.`;

/** Every rule, in the order in which problems are told. */
export const contentRules: readonly ContentRule[] = [
  {
    id: "placeholder",
    final: "secrets",
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
    final: true,
    demands: "No login that a product is delivered with.",
    severity: deployed,
    check: ofValue((value, { name }) => {
      return hasDefaultLogin(name, value)
        ? "holds the login that the product is delivered with. Give it a user and a password of its own."
        : undefined;
    }),
  },
  {
    id: "open-origin",
    final: "production",
    demands: "No origin is a wildcard or a pattern.",
    severity: ordinary,
    check(variable, content) {
      const { name, value = "" } = variable;
      if (isOriginName(name) && isFalse(value)) return undefined;
      if (isOriginName(name) && isPatternName(name) && tidy(value) !== "")
        return "is a pattern, and lets more sites in than anybody meant. Name each origin.";
      return openOrigins(variable, content);
    },
  },
  {
    id: "origin-form",
    demands: "An origin is what browsers send: scheme, host, a port where it is not the usual one, nothing behind it.",
    severity: ordinary,
    check: ofOrigins((origin, { name }) => (openOrigin(origin) || isPatternName(name) || isFalse(origin) ? undefined : originForm(origin))),
  },
  {
    id: "origin-https",
    demands: "Origins are encrypted outside local.",
    severity: deployed,
    check: ofOrigins((origin) => {
      if (plainOrigin(origin)) return "is not encrypted. Use https outside local.";
      return ownMachineOrigin(origin) ? "is a page on anybody's own machine. Leave it to local." : undefined;
    }),
  },
  {
    id: "browser-secret",
    final: "secrets",
    demands: "What browsers get is no secret, neither by its kind nor by its name nor by its value.",
    severity: everywhere,
    check(variable) {
      if (!isBrowserVisible(variable)) return undefined;
      const { name, kind, value = "" } = variable;
      const isNamed = (isSecretName(name) || isAddressName(name)) && (value === "" || !isHarmless(name, value));
      const what = kind === "secret" ? "is a secret" : isNamed ? "has the name of a secret" : secretIn(value) && `holds ${secretIn(value)}`;
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
      !isPublicName(variable.name)
        ? "looks like a secret, and visitors can read it in their browsers. If it is one, keep it on the server."
        : undefined,
    ),
  },
  {
    id: "secret-in-the-open",
    final: "secrets",
    demands: "Keys, tokens and URLs with a password are secrets, not plain variables.",
    severity: ordinary,
    check: ofValue((value, variable) => {
      const { kind, name } = variable;
      if (kind !== "plain" || isBrowserVisible(variable)) return undefined;
      const isNamed = isSecretName(name) && !isHarmless(name, value);
      const isKey =
        /(?:^|_)(?:API_?KEY|ACCESS_TOKEN|TOKEN|KEY)(?:_\d+)?$/.test(upperSnake(name)) && !isPublicName(name) && looksRandom(value);
      const what = secretIn(value) ?? (isNamed ? "a secret, by its name" : isKey ? "what looks like a key" : undefined);
      return what === undefined
        ? undefined
        : `holds ${what}, in the open. Provide it (groundwork:provided) and hand it over in a SecretSet.`;
    }),
  },
  {
    id: "key-mode",
    final: true,
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
    final: true,
    demands: "Supabase's service key has the role service_role, and its anon key has not; every token is signed.",
    severity: ordinary,
    check: ofValue((value, { name }) => {
      const keys = supabaseKeys(value);
      const asked = supabaseName(name);
      if (asked === "secret" && (keys.has("publishable") || keys.has("nameless")))
        return "is not the service key: its role is another one than service_role. Take it from the project's settings, API keys.";
      if (asked === "publishable" && keys.has("secret"))
        return "is the service key, which passes every row's policy. Take the anon or publishable key.";
      const isUnsigned = textsIn(value).some((text) => tokensIn(text).some(({ algorithm }) => algorithm === "none"));
      if (isUnsigned) return "is a token that nobody signed (alg none). Take the one that its issuer signed.";
      return /(?:^|_)JWT_ALG(?:ORITHMS?)?$/.test(upperSnake(name)) && textsIn(value).some((text) => /^none$/i.test(text))
        ? "takes tokens that nobody signed. Name the algorithm that the issuer signs with."
        : undefined;
    }),
  },
  {
    id: "same-value",
    demands: "What signs different things, or grants different rights, has different values.",
    severity: ordinary,
    check: ofValue((value, { name }, { variables }) => {
      const twin = variables.find(
        (other) => other.name < name && mustDiffer(other.name, name) && tidy(other.value ?? "") !== "" && isSame(other.value ?? "", value),
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
      const text = unquoted(value);
      if (text.length < 32) return "is shorter than 32 characters, and others are signed or encrypted with it. Generate a longer one.";
      // Sixteen different characters, all equally often, have 4 bits each; what somebody typed over and over has fewer.
      return entropy(text) < 2.9 || "0123456789".repeat(10).includes(text)
        ? "repeats itself, and others are signed or encrypted with it. Generate one."
        : undefined;
    },
  },
  ...transportRules,
  ...runningRules,
];
