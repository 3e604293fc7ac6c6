import type * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { DatabaseArgs, DatabaseServer } from "../database.ts";
import { findResource } from "../../config/state.ts";
import { never } from "../never.ts";
import { databaseProblems, owner } from "./resolve.ts";

/** PostgreSQL's own images, by digest: the same bytes whenever and wherever they are pulled; and the folder of their data. */
const images: Readonly<Partial<Record<DatabaseArgs["version"], { readonly image: string; readonly data: string }>>> = {
  17: {
    image: "postgres:17@sha256:d74eeac9a635390a49bc21bd49fccd973de707e2a53a76ac49b552b8712ec46f",
    data: "/var/lib/postgresql/data",
  },
  // From 18 on a folder for each version lies below it.
  18: { image: "postgres:18@sha256:3a82e1f56c8f0f5616a11103ac3d47e632c3938698946a7ad26da0df1334744a", data: "/var/lib/postgresql" },
};

const port = 5432;

/** What only the cloud's product does, with the way out. */
const cloudOnly: Readonly<Partial<Record<keyof DatabaseArgs, string>>> = {
  maintenance: "nobody restarts a database on this platform. Remove it.",
  databases: "the image makes one database here. Make others in the migration, or pass them only where platform.cloud is defined.",
  users: "the image makes one user here. Make others in the migration, or pass them only where platform.cloud is defined.",
  pools: "no pooler runs on this platform. Pass them only where platform.cloud is defined, and connect without pool elsewhere.",
  allow: "nothing outside the platform's network reaches it here. Pass it only where platform.cloud is defined.",
  replicas: "one server keeps the data here. Pass them only where platform.cloud is defined, and connect without replica elsewhere.",
  storage: "its volume has the disk of the machine. Pass it only where platform.cloud is defined.",
  settings: "the image's own settings hold here. Pass them only where platform.cloud is defined.",
  restoreFrom: "there are no backups on this platform. Remove it, and load a dump instead.",
};

/** PostgreSQL as a service of the platform, its data in a volume. Checks the options, and returns what registers the resources; undefined where they are refused. */
export function createStateful(
  name: string,
  args: DatabaseArgs,
): ((parent: pulumi.Resource, keepData: boolean) => DatabaseServer) | undefined {
  const { platform, version, size } = args;
  const found = images[version];
  const service = findResource(platform.held ?? [], "docker:index/service:Service", name);
  const [, held] = /"postgres:(\d+)@/.exec(JSON.stringify(service?.outputs["taskSpec"] ?? "")) ?? [];
  const isRefused = platform.refuse(name, [
    ...databaseProblems(args),
    held !== undefined &&
      held !== version &&
      `version: is "${version}", and the volume holds the data of PostgreSQL ${held}, which no other version reads. Keep it, or dump the data, run pulumi destroy and load the dump.`,
    found === undefined && `version: this platform runs PostgreSQL ${Object.keys(images).join(", ")} only. Ask for that version.`,
    size.standby > 0 && "size.standby: one server keeps the data here. Ask for 0.",
    ...Object.entries(cloudOnly).map(([option, way]) => args[option as keyof DatabaseArgs] !== undefined && `${option}: ${way}`),
  ]);
  if (isRefused || found === undefined) return undefined;

  return (parent, keepData) => {
    // Read by the image when it makes the database, and never again: a new one would lock everybody out, so there is no generation to raise,
    // and it is protected with the data.
    const { result: password } = new RandomPassword(`${name}-password`, { length: 32, special: false }, { parent, protect: keepData });
    platform.addStateful({
      name,
      image: found.image,
      memory: size.memory,
      cpu: size.cpu,
      env: { POSTGRES_USER: owner, POSTGRES_DB: owner },
      secretFiles: { POSTGRES_PASSWORD_FILE: { value: password, generation: 1 } },
      data: { path: found?.data ?? "", keep: keepData },
      // Over TCP: while the image sets the database up it answers on its socket already, and nobody else can reach it yet.
      health: ["pg_isready", "--quiet", "--host=127.0.0.1", `--username=${owner}`, `--dbname=${owner}`],
    });
    return {
      id: undefined,
      connect(target) {
        const [other] = Object.entries(target).filter(([, value]) => value !== undefined);
        platform.refuse(name, [other && `there is no ${other[0]} "${other[1]}" on this platform. Ask for none.`]);
        // The image has no certificate; traffic stays on the platform's private network.
        return { user: owner, password, host: name, port, database: owner, sslmode: "disable" };
      },
      certificate() {
        platform.refuse(name, ["its image has no certificate on this platform. Ask for it only where platform.cloud is defined."]);
        return never<string>();
      },
    };
  };
}
