import { loadShapes, type Shape } from "../../sandbox/catalogue/shape.ts";

/** `digitalocean:index/app:App` → its inputs as paths: `spec.services[].httpPort`. Free-form maps end at their name. */
export function offeredInputs(providers: readonly string[]): Map<string, readonly string[]> {
  return new Map(
    providers.flatMap((provider) =>
      Object.entries(loadShapes(provider).resources).map(([token, { inputs }]) => [
        token,
        Object.entries(inputs).flatMap(([name, shape]) => paths(shape, name)),
      ]),
    ),
  );
}

function paths(shape: Shape, at: string, above: readonly Shape[] = []): string[] {
  if (above.includes(shape)) return [at];
  const inner = [...above, shape];
  if (shape.items) return paths(shape.items, `${at}[]`, inner);
  if (shape.properties) return Object.entries(shape.properties).flatMap(([name, child]) => paths(child, `${at}.${name}`, inner));
  return [at];
}

/** The inputs that a registration uses, as the same paths. */
export function usedInputs(token: string, inputs: Readonly<Record<string, unknown>>, offered: ReadonlySet<string>): string[] {
  const walk = (value: unknown, at: string): string[] => {
    if (value === undefined || value === null) return [];
    if (offered.has(at)) return [at];
    if (Array.isArray(value)) return value.flatMap((item) => walk(item, `${at}[]`));
    if (typeof value === "object") return Object.entries(value).flatMap(([name, child]) => walk(child, `${at}.${name}`));
    // Not known yet: whatever it becomes.
    const below = [...offered].filter((path) => path.startsWith(`${at}[`) || path.startsWith(`${at}.`));
    if (below.length === 0) throw new Error(`${token} has no input ${at}`);
    return below.length === 1 ? below : [];
  };
  return Object.entries(inputs).flatMap(([name, value]) => walk(value, name));
}
