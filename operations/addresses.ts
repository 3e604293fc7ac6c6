import { BlockList, isIP } from "node:net";

/** A machine's own, private ones, and those that a provider's machines share; of IANA's registry of special-purpose addresses. */
const inside = blockList([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "fe80::/10",
  "::1/128",
]);

/** Those that stand for no one machine. */
const nobodys = blockList(["0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"]);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    list.addSubnet(network, Number(bits), familyOf(network));
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** An address, or the first one of a range, that nobody on the internet has. */
export function isPrivate(address: string): boolean {
  const [plain = ""] = address.split("/");
  return isIP(plain) !== 0 && inside.check(plain, familyOf(plain));
}

/** An address by which a machine can be seen from another one: on the internet, or on the same machine. */
export const isSeen = (address: string): boolean =>
  isIP(address) !== 0 &&
  (/^127\.|^::1$/.test(address) || !(inside.check(address, familyOf(address)) || nobodys.check(address, familyOf(address))));
