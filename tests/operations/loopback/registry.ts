import { server } from "./http.ts";

/** How a registry holds its one image: for anybody, for anybody who asks for a token first, for nobody, or not. */
export interface RegistryState {
  how: "open" | "token" | "private" | "gone";
}

/** A container registry with one image, `acme/web` by this digest. */
export const digest = `sha256:${"a".repeat(64)}`;

export function registryServer(state: RegistryState) {
  return server(({ path, headers }, origin) => {
    if (path.startsWith("/token?")) return state.how === "private" ? { status: 403 } : { body: { token: "anonymous" } };
    if (path !== `/v2/acme/web/manifests/${digest}`) return undefined;
    if (state.how === "open") return {};
    const challenge = `Bearer realm="${origin}/token",service="ghcr.io",scope="repository:acme/web:pull"`;
    if (headers.authorization !== "Bearer anonymous") return { status: 401, headers: { "www-authenticate": challenge } };
    return { status: state.how === "gone" ? 404 : 200 };
  });
}
