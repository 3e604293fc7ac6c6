import { parse } from "pg-connection-string";
import { describe, expect, test } from "vitest";
import { drivers, renderUrl } from "../../components/database/url.ts";
import { hardConnections } from "./hard-connections.ts";

const connection = { user: "a@b", password: ":/?#% x", host: "db.internal", port: 5432, database: "app", sslmode: "require" } as const;

test.each([
  ["postgres", "postgresql://a%40b:%3A%2F%3F%23%25%20x@db.internal:5432/app?sslmode=require"],
  ["psycopg", "postgresql+psycopg://a%40b:%3A%2F%3F%23%25%20x@db.internal:5432/app?sslmode=require"],
  ["asyncpg", "postgresql+asyncpg://a%40b:%3A%2F%3F%23%25%20x@db.internal:5432/app?ssl=require"],
  ["pg", "postgresql://a%40b:%3A%2F%3F%23%25%20x@db.internal:5432/app?sslmode=no-verify"],
  ["prisma", "postgresql://a%40b:%3A%2F%3F%23%25%20x@db.internal:5432/app?sslmode=require"],
  ["jdbc", "jdbc:postgresql://db.internal:5432/app?user=a%40b&password=%3A%2F%3F%23%25%20x&sslmode=require"],
] as const)("%s", (driver, url) => {
  expect(renderUrl(driver, connection)).toBe(url);
});

test("every driver is here", () => {
  expect(drivers).toEqual(["postgres", "psycopg", "asyncpg", "pg", "prisma", "jdbc"]);
});

describe("node-postgres's own parser", () => {
  test.each(hardConnections)("$user with $sslmode", ({ sslmode, port, ...rest }) => {
    expect(parse(renderUrl("pg", { ...rest, port, sslmode }))).toMatchObject({
      ...rest,
      port: String(port),
      ssl: sslmode === "require" ? { rejectUnauthorized: false } : false,
    });
  });

  test("would ask for a public authority's signature where it reads libpq's word", () => {
    expect(parse(renderUrl("postgres", connection)).ssl).toEqual({});
  });
});

/** Prisma's engines are Rust and read a URL as the URL standard says, which is what Node does too; then they decode percent signs. */
describe("the URL standard, by which Prisma reads", () => {
  test.each(hardConnections)("$user with $sslmode", ({ user, password, host, port, database, sslmode }) => {
    const url = new URL(renderUrl("prisma", { user, password, host, port, database, sslmode }));
    expect([url.username, url.password, url.pathname].map(decodeURIComponent)).toEqual([user, password, `/${database}`]);
    expect([url.protocol, url.hostname, url.port, url.search]).toEqual(["postgresql:", host, String(port), `?sslmode=${sslmode}`]);
  });
});
