import { sorted } from "../gather.ts";

/** Configuration of the proxy: which host leads to which service and port. Any other host is nobody's. */
export function renderCaddyfile(hosts: ReadonlyMap<string, { readonly service: string; readonly port: number }>): string {
  const sites = sorted(hosts).map(
    ([host, { service, port }]) => `
http://${host} {
	reverse_proxy {
		# Every instance has an address of its own: asked for anew each second, so that a new version is found as it comes.
		dynamic a {
			name ${service}
			port ${port}
			refresh 1s
		}
		# One that does not take the connection is passed over; a request that may change something is sent once.
		lb_policy round_robin
		lb_try_duration 5s
		lb_try_interval 100ms
		fail_duration 2s
	}
}
`,
  );
  return `{
	admin off
	auto_https off
}
${sites.join("")}
http:// {
	respond 404
}
`;
}
