import type { HealthCheck } from "../workloads.ts";

/**
 * Shell command that checks a service from inside its container. Docker has one check where there are two questions, so it asks
 * `ready` until it is answered once: only then does the instance get a name on the network, and an update goes on. From then on it
 * asks `live`: what fails it is ended and started again. It takes what the image has of wget, curl, Python and Node.
 *
 * @param memory File that remembers that the instance was ready; it has to go with the container.
 */
export function probe(
  port: number,
  { live, ready }: { readonly live: HealthCheck; readonly ready: HealthCheck },
  { memory = "/dev/shm/ready", seconds = 2 }: { readonly memory?: string; readonly seconds?: number } = {},
): string {
  const url = ({ path, port: own = port }: HealthCheck): string => word(`http://127.0.0.1:${own}${path}`);
  return [
    `get() {`,
    `if command -v wget >/dev/null; then wget -q -T ${seconds} -O /dev/null "$1";`,
    `elif command -v curl >/dev/null; then curl -fsS -m ${seconds} -o /dev/null "$1";`,
    `elif command -v python3 >/dev/null; then python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=${seconds})' "$1";`,
    `else node -e 'fetch(process.argv[1]).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))' "$1"; fi; };`,
    `if [ -e ${memory} ]; then get ${url(live)}; else get ${url(ready)} && touch ${memory}; fi || exit 1`,
  ].join(" ");
}

function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
