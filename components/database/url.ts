/** Where a database is, and who asks. */
export interface Connection {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Whether the connection is encrypted: `require` insists on it, without checking who the server is. */
  readonly sslmode: "require" | "disable";
}

/**
 * How each library writes a connection. All of them decode percent signs in user and password; they differ in the scheme, and in the
 * word for "encrypted, whoever the server is": a managed server's certificate is signed by an authority of its own, which is no file
 * of the image.
 */
const forms = {
  /** libpq's own form: psql, pg_dump, psycopg without SQLAlchemy, and most libraries that are not named here. */
  postgres: { scheme: "postgresql", query: ({ sslmode }) => ({ sslmode }) },
  /** SQLAlchemy with psycopg 3. */
  psycopg: { scheme: "postgresql+psycopg", query: ({ sslmode }) => ({ sslmode }) },
  /** SQLAlchemy with asyncpg, whose connect() has an argument `ssl` and none named `sslmode`. */
  asyncpg: { scheme: "postgresql+asyncpg", query: ({ sslmode }) => ({ ssl: sslmode }) },
  /** node-postgres. To it, `require` means a certificate that a public authority has signed; `no-verify` is what others call `require`. */
  pg: { scheme: "postgresql", query: ({ sslmode }) => ({ sslmode: sslmode === "require" ? "no-verify" : sslmode }) },
  /** Prisma's own engines. A Prisma that connects through its adapter for node-postgres takes `pg`. */
  prisma: { scheme: "postgresql", query: ({ sslmode }) => ({ sslmode }) },
  /**
   * pgJDBC, which takes no user and password in front of the host. They stand in the query, percent-encoded; a framework that takes
   * them as properties of their own gets them from there, decoded.
   */
  jdbc: { scheme: "jdbc:postgresql", query: ({ user, password, sslmode }) => ({ user, password, sslmode }) },
} as const satisfies Record<string, { readonly scheme: string; query(connection: Connection): Readonly<Record<string, string>> }>;

/** A library that reads connection URLs. */
export type Driver = keyof typeof forms;

/** Every library whose form is known. */
export const drivers = Object.keys(forms) as Driver[];

/** A connection as a library reads it, whatever characters user and password hold. Secret. */
export function renderUrl(driver: Driver, connection: Connection): string {
  const { scheme, query } = forms[driver];
  const { user, password, host, port, database } = connection;
  const login = driver === "jdbc" ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  const options = Object.entries(query(connection)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${scheme}://${login}${host}:${port}/${encodeURIComponent(database)}?${options.join("&")}`;
}
