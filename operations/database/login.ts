import type { ExportedState } from "../stack-state.ts";
import { didYouMean, list, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";

/** How psql gets into a database. */
export interface Login {
  /** Id of the cluster. */
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Secret. */
  readonly password: string;
}

/** A resource of an export; its secrets are in the clear where that was asked for. */
export type OpenResource = Pick<ExportedState, "type" | "name" | "id" | "outputs">;

const signature = "4dabf18193072939515e22adb298388d";

/** A value of an export that was asked for with its secrets. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(signature in value)) return value;
  const { plaintext } = value as { plaintext?: string };
  return plaintext === undefined ? undefined : (JSON.parse(plaintext) as unknown);
}

/**
 * A stack's PostgreSQL cluster.
 *
 * @param wish The database's name in the system, where there are several.
 */
export function clusterOf(
  stack: string,
  resources: readonly OpenResource[],
  wish: string | undefined,
): OpenResource & { readonly id: string } {
  const all = resources.filter(
    ({ type, outputs }) => type === "digitalocean:index/databaseCluster:DatabaseCluster" && outputs["engine"] === "pg",
  );
  const names = all.map(({ name }) => name);
  const [first, another] = wish === undefined ? all : all.filter(({ name }) => name === wish);
  if (all.length === 0) throw new UsageError(`${stack} has no PostgreSQL to look into`);
  if (!first)
    throw new UsageError(`${stack} has no database ${quote(wish ?? "")}.${didYouMean(wish ?? "", names)} Databases: ${list(names)}.`);
  if (another) throw new UsageError(`${stack} has several databases. Choose one with --database: ${list(names)}.`);
  return { ...first, id: first.id ?? "" };
}

/**
 * The login of a stack's database.
 *
 * @param wish The database's name in the system, where there are several.
 * @param admin As the cluster's administrator instead of the user that services have.
 */
export function loginOf(
  stack: string,
  resources: readonly OpenResource[],
  { wish, admin }: { readonly wish: string | undefined; readonly admin: boolean },
): Login {
  const { id: cluster, outputs } = clusterOf(stack, resources, wish);
  const of = (type: string): Readonly<Record<string, unknown>> | undefined =>
    resources.find((one) => one.type === type && one.outputs["clusterId"] === cluster)?.outputs;
  const user = admin ? undefined : of("digitalocean:index/databaseUser:DatabaseUser");
  const [password, name] = user ? [plain(user["password"]), user["name"]] : [plain(outputs["password"]), plain(outputs["user"])];
  if (typeof password !== "string")
    throw new Error(
      `the state of ${stack} does not show the password of ${quote(String(name))}: is PULUMI_CONFIG_PASSPHRASE that of this stack? npm run ops -- doctor --stack ${stack}`,
    );
  const database = of("digitalocean:index/databaseDb:DatabaseDb")?.["name"] ?? plain(outputs["database"]);
  return {
    cluster,
    host: String(outputs["host"]),
    port: Number(outputs["port"]),
    user: String(name),
    database: String(database),
    password,
  };
}
