import type { DatabaseServer, FutureConnection } from "../database.ts";
import { never } from "../never.ts";

/** A connection to what was refused. Who asks for one goes on, so that everything else that is wrong is found as well. */
export const nowhere: FutureConnection = {
  get user() {
    return never<string>();
  },
  get password() {
    return never<string>();
  },
  get host() {
    return never<string>();
  },
  get port() {
    return never<number>();
  },
  get database() {
    return never<string>();
  },
  sslmode: "require",
};

/** A server that was refused. */
export const refusedServer: DatabaseServer = {
  id: undefined,
  connect: () => nowhere,
  certificate: () => never<string>(),
};
