import type { Connection } from "../../components/database/url.ts";

/** Connections whose users and passwords hold what a URL, a query or a shell takes for something else. */
export const hardConnections: readonly Connection[] = [
  "app",
  "@:/?#%",
  "a b",
  " lead and trail ",
  "p@ss:w/o?r#d%41",
  "%40%2F%25",
  "100%",
  "a+b=c&d=e;f",
  "[::1]",
  "\\back'quote\"`$HOME`",
  "schlüssel-鍵-🔑",
  "user@host:5432/db?sslmode=disable",
  "!'()*~-._",
].flatMap((text, index) =>
  (["require", "disable"] as const).map((sslmode) => ({
    user: `u${index}${text}`,
    password: text,
    host: "private-db.example.internal",
    port: 25060,
    database: "app",
    sslmode,
  })),
);
