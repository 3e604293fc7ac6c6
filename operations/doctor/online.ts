import type { Names } from "./network.ts";
import type { Finding, FindingId } from "./finding.ts";

/** A name that is there as long as there is a cloud to deploy to. */
export const wellKnown = "api.digitalocean.com";

/** Why names of the internet cannot be looked up; undefined where they can. */
export async function blindness(names: Pick<Names, "resolve4">): Promise<string | undefined> {
  try {
    await names.resolve4(wellKnown);
    return undefined;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    // It is there, and has addresses of another kind.
    return code === "ENODATA" ? undefined : code;
  }
}

const unreachable: readonly FindingId[] = ["cloud-unreachable", "github-unreachable"];

/** A backend that is out of reach like everything else, in the words of Pulumi and its clients. */
const isCutOff = ({ id, what }: Finding): boolean =>
  id === "backend" && /no such host|dial tcp|i\/o timeout|network is unreachable/.test(what);

/**
 * What was found by somebody who sees no name of the internet: one cause is one finding. That a name is not known, or a host does not answer, would say
 * nothing then of what it belongs to. Pure.
 *
 * @param code Why no name can be looked up.
 */
export function underOneCause(findings: readonly Finding[], code: string): Finding[] {
  const silent = findings.filter(({ id }) => unreachable.includes(id));
  const rest = findings.filter((one) => !silent.includes(one) && !isCutOff(one));
  const check = `curl -sS -o /dev/null -w '%{http_code}\\n' https://${wellKnown}`;
  const resolver = "npm run ops -- doctor --resolver 1.1.1.1   # whether only the name server is at fault";
  const cause: Finding =
    silent.length > 0
      ? {
          id: "no-network",
          severity: "error",
          what: `no network: ${wellKnown} is not known here (${code}), and ${silent.map(({ what }) => what).join(", and ")}`,
          why: "Nothing outside of this machine was looked at, so nothing is said of tokens, names, certificates, images and services of others.",
          fix: [check, resolver],
        }
      : {
          id: "resolver",
          severity: "error",
          what: `the name server that is asked does not know ${wellKnown} (${code})`,
          why: "Whether the domain is delegated, and where its hosts lead, cannot be seen.",
          fix: [resolver],
        };
  return [...rest, cause];
}
