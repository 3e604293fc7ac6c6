/** Whether a host is the machine, or the container, that asks. */
export function isOwnMachine(host: string): boolean {
  const text = host.toLowerCase().replace(/\.$/, "");
  if (/^(?:localhost|.*\.localhost|localhost\.localdomain|ip6-localhost|ip6-loopback|host\.docker\.internal)$/.test(text)) return true;
  // The URL parser knows every way to write an address: 127.1, 0x7f.1, 2130706433.
  const address = /^[\d.x[\]a-f:]+$/.test(text) && URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`).hostname : text;
  return /^(?:127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/.test(address);
}

/** Hosts that a URL may name without encryption: parts of the same system by their names, and what the cloud answers inside of a machine. */
export function isInternalHost(host: string): boolean {
  if (isOwnMachine(host)) return false;
  return /^(?:[a-z0-9_-]*[a-z_-][a-z0-9_-]*|[a-z0-9.-]+\.(?:internal|svc|svc\.cluster\.local)|169\.254\.169\.254)$/i.test(
    host.replace(/\.$/, ""),
  );
}

/** Hosts of names that only look like addresses: XML namespaces and schemas. */
export function isNamespaceHost(host: string): boolean {
  return /^(?:www\.w3\.org|schemas\.(?:xmlsoap\.org|microsoft\.com|openxmlformats\.org)|json-schema\.org|schema\.org|purl\.org|xmlns\.com|www\.opengis\.net|ns\.adobe\.com|www\.okta\.com)$/i.test(
    host,
  );
}

/** The hosts that a text names, each behind its scheme. The last `@` ends the login. */
export function hostsIn(text: string): readonly { readonly scheme: string; readonly host: string }[] {
  const urls = text.matchAll(/([a-z][a-z0-9+.-]*):[\\/]{1,3}(?:[^\s\\/?#"']*@)?(\[[^\]]*\]|[^\s\\/?#:@"',;|)\]}]+)/gi);
  return [...urls].map(([, scheme = "", host = ""]) => ({ scheme: scheme.toLowerCase(), host }));
}
