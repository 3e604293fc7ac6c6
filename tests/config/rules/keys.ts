/** Made-up keys are put together here, so that no scanner takes these files for a leak. */
export const key = (prefix: string, rest = "4f1d07aBcDeF4f1d07aBcDeF"): string => `${prefix}${rest}`;

/** A JSON web token of these claims. */
export function token(claims: object, head: object = { alg: "HS256", typ: "JWT" }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(head)}.${part(claims)}.c2lnbmF0dXJl`;
}

export const jwt = (role: string): string => token({ iss: "supabase", role, exp: 2_000_000_000 });
export const service = jwt("service_role");
export const anon = jwt("anon");
export const strong = "kQ8vZ2nW5xR7tY1uP4sD6fG9hJ3lA0cE";
export const live = key("sk_live_");
export const testKey = key("sk_test_");

export const base64 = (text: string): string => Buffer.from(text).toString("base64");
