/**
 * What may be shown of a list that is secret as a whole. DigitalOcean's and Docker's providers take no secrets, so the engine marks all of
 * an App's services because of one variable in them. What is not named here stays hidden.
 */

/** Fields, by the last part of their path; in an App's spec and in a swarm service's. */
const visibleFields: Readonly<Record<string, ReadonlySet<string>>> = {
  "digitalocean:index/app:App": new Set(
    `name key scope type kind instanceCount instanceSizeSlug minInstanceCount maxInstanceCount percent httpPort internalPorts
    digest tag registry registryType repository enabled deployOnPush branch repo sourceDir dockerfilePath environmentSlug outputDir
    indexDocument errorDocument catchallDocument httpPath port periodSeconds timeoutSeconds initialDelaySeconds failureThreshold
    successThreshold drainSeconds gracePeriodSeconds rule operator window value disabled emails channel endpoint indexName
    path prefix exact preservePathPrefix rewrite buildCommand runCommand engine version size production clusterName dbName dbUser`.split(
      /\s+/,
    ),
  ),
  "docker:index/service:Service": new Set(
    `name image replicas mode order parallelism delay monitor failureAction maxFailureRatio condition maxAttempts window targetPort
    publishedPort publishMode protocol memoryBytes nanoCpus readOnly user dir stopGracePeriod stopSignal interval retries startPeriod
    timeout target source type id fileName secretName configName platforms constraints aliases`.split(/\s+/),
  ),
};

/** A part of these hides whatever it is called. */
const neverShown =
  /(?:^|[.\]])(?:registryCredentials|slackWebhooks\[\d+\]\.url|repoCloneUrl|apiKey|token|password|basicAuth\.user)(?:$|[.[])/;

/** Whether a value that stands inside a secret may be shown by where it stands. A variable's depends on its type too. */
export function isVisible(token: string, path: string, sibling: Readonly<Record<string, unknown>>): boolean {
  if (neverShown.test(path)) return false;
  const field = /([A-Za-z]+)(?:\[\d+\])*$/.exec(path)?.[1] ?? "";
  if (isVariable(path)) return sibling["type"] === "GENERAL";
  return visibleFields[token]?.has(field) ?? false;
}

/** The value of a variable of an App. */
export const isVariable = (path: string): boolean => /(?:^|[.\]])envs\[\d+\]\.value$/.test(path);

/** Whether a value is secret though nothing marks it: a variable that says so itself, and what is never shown. */
export const isSecretField = (path: string, sibling: Readonly<Record<string, unknown>>): boolean =>
  neverShown.test(path) || (isVariable(path) && sibling["type"] === "SECRET");
