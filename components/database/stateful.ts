import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { DatabaseArgs, DatabaseServer } from "../database.ts";
import { owner } from "./managed.ts";

/** PostgreSQL's own images, by digest: the same bytes whenever and wherever they are pulled. */
const images: Readonly<Partial<Record<DatabaseArgs["version"], string>>> = {
  17: "postgres:17@sha256:d74eeac9a635390a49bc21bd49fccd973de707e2a53a76ac49b552b8712ec46f",
};

const port = 5432;

/** PostgreSQL as a service of the platform, its data in a volume. Checks the options, and returns what registers the resources. */
export function createStateful(
  name: string,
  { platform, version, size, maintenance }: DatabaseArgs,
): (parent: pulumi.Resource, keepData: boolean) => DatabaseServer {
  const image = images[version];
  if (image === undefined)
    throw new Error(`${name}: this platform runs PostgreSQL ${Object.keys(images).join(", ")} only. Ask for that version.`);
  if (maintenance !== undefined) throw new Error(`${name}: nobody restarts a database on this platform. Remove maintenance.`);

  return (parent, keepData) => {
    // Read by the image when it makes the database, and never again: a new one would lock everybody out, so there is no generation to raise.
    const { result: password } = new RandomPassword(`${name}-password`, { length: 32, special: false }, { parent });
    platform.addStateful({
      name,
      image,
      memory: size.memory,
      cpu: size.cpu,
      env: { POSTGRES_USER: owner, POSTGRES_DB: owner },
      secretFiles: { POSTGRES_PASSWORD_FILE: { value: password, generation: 1 } },

      data: { path: "/var/lib/postgresql/data", keep: keepData },
      // Over TCP: while the image sets the database up it answers on its socket already, and nobody else can reach it yet.
      health: ["pg_isready", "--quiet", "--host=127.0.0.1", `--username=${owner}`, `--dbname=${owner}`],
    });
    return {
      host: pulumi.output(name),
      port: pulumi.output(port),
      database: pulumi.output(owner),
      user: pulumi.output(owner),
      password,
      // The image has no certificate; traffic stays on the platform's private network.
      sslmode: "disable",
    };
  };
}
