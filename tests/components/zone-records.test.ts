import { expect, test } from "vitest";
import { Zone, type ZoneArgs } from "../../components/zone.ts";
import { type NameRecords, recordProblems, renderRecords, takenNames } from "../../components/zone/records.ts";
import { record } from "../harness.ts";

const all: Readonly<Record<string, NameRecords>> = {
  "@": {
    mx: [{ host: "mx.example.net", priority: 10 }],
    txt: ["v=spf1 mx -all"],
    caa: [{ issuer: "letsencrypt.org" }, { issuer: "pki.goog", wildcard: true, critical: true }],
  },
  "_sip._tcp": { srv: [{ host: "sip.example.net", port: 5060, priority: 1, weight: 5 }] },
  status: { cname: "status.example.net.", timeToLiveSeconds: 60 },
  old: { a: ["192.0.2.1"], aaaa: ["2001:db8::1"] },
  lab: { ns: ["ns1.example.net"] },
};

test("each kind of record as the provider has it", () => {
  expect(renderRecords(all)).toMatchObject([
    { type: "TXT", name: "@", value: "v=spf1 mx -all", ttl: 1800 },
    { type: "MX", name: "@", value: "mx.example.net.", ttl: 1800, priority: 10 },
    { type: "CAA", name: "@", value: "letsencrypt.org.", ttl: 1800, flags: 0, tag: "issue" },
    { type: "CAA", name: "@", value: "pki.goog.", ttl: 1800, flags: 128, tag: "issuewild" },
    { type: "SRV", name: "_sip._tcp", value: "sip.example.net.", ttl: 1800, port: 5060, priority: 1, weight: 5 },
    { type: "CNAME", name: "status", value: "status.example.net.", ttl: 60 },
    { type: "A", name: "old", value: "192.0.2.1", ttl: 1800 },
    { type: "AAAA", name: "old", value: "2001:db8::1", ttl: 1800 },
    { type: "NS", name: "lab", value: "ns1.example.net.", ttl: 1800 },
  ]);
});

test("the order of a list leaves no trace in the names", () => {
  const roles = (txt: readonly string[]) => renderRecords({ "@": { txt } }).map(({ role }) => role);
  expect(roles(["a", "b"]).sort()).toEqual(roles(["b", "a"]).sort());
});

test.each<[string, NameRecords, string]>([
  ["Mail", { txt: ["x"] }, 'records.Mail: is no name. Use lower-case letters, digits, "-" and "_", relative to the zone, or "@"'],
  ["*", { a: ["192.0.2.1"] }, "records.*: is no name."],
  ["x", {}, "records.x: says nothing. Name a record, or leave it out."],
  ["x", { cname: "a.example.net", txt: ["x"] }, "records.x.cname: nothing else can stand at this name. Remove one of them."],
  ["@", { cname: "a.example.net" }, "records.@.cname: the zone itself cannot be another name. Use addresses, or a redirect from it."],
  ["@", { ns: ["ns.example.net"] }, "records.@.ns: the name servers of the zone itself are DigitalOcean's."],
  ["x", { a: ["192.0.2.256"] }, 'records.x.a: "192.0.2.256" is no IPv4 address.'],
  ["x", { aaaa: ["192.0.2.1"] }, 'records.x.aaaa: "192.0.2.1" is no IPv6 address.'],
  ["x", { txt: [""] }, "records.x.txt: is empty."],
  ["x", { mx: [{ host: "mail", priority: 1 }] }, 'records.x: "mail" is no name of a server. Write it in full, as in "mail.example.net".'],
  ["x", { mx: [{ host: "a.example.net", priority: 65_536 }] }, "records.x.mx.priority: must be from 0 to 65535, is 65536."],
  ["x", { srv: [{ host: "a.example.net", port: 0, priority: 0, weight: 0 }] }, "records.x.srv.port: must be from 1 to 65535, is 0."],
  ["x", { caa: [{ issuer: "mailto:x" }] }, 'records.x.caa: "mailto:x" is no issuer. Write it as in "letsencrypt.org".'],
  ["x", { txt: ["x"], timeToLiveSeconds: 29 }, "records.x.timeToLiveSeconds: must be a whole number from 30 on, is 29."],
  ["x", { txt: ["x", "x"] }, "records.x: has the same record twice. Remove one of them."],
])("what cannot be is refused: %s %j", (name, records, message) => {
  expect(recordProblems({ [name]: records })).toEqual([expect.stringContaining(message)]);
});

test("what is fine passes", () => {
  expect(recordProblems(all)).toEqual([]);
});

const api = { name: "api", type: "CNAME", value: "shop-x1y2z.ondigitalocean.app." };
test.each<[string, Readonly<Record<string, NameRecords>>, readonly (typeof api)[], readonly string[]]>([
  [
    "mail beside a host's address",
    { "@": { mx: [{ host: "mx.example.net", priority: 1 }] } },
    [{ name: "@", type: "A", value: "172.66.0.96" }],
    [],
  ],
  ["a text beside a host that is a CNAME", { api: { txt: ["x"] } }, [api], ["api"]],
  ["an address at a host", { api: { a: ["192.0.2.1"] } }, [{ name: "api", type: "A", value: "192.0.2.9" }], ["api"]],
  ["a text that somebody made already", { x: { txt: ["v"] } }, [{ name: "x", type: "TXT", value: "v" }], ["x"]],
  ["a text beside another one", { x: { txt: ["v"] } }, [{ name: "x", type: "TXT", value: "w" }], []],
])("a name has one owner: %s", (_, records, standing, taken) => {
  const found = takenNames(renderRecords(records), standing, []);
  expect(found).toEqual(taken.map((name) => expect.stringContaining(`records.${name}: `) as string));
  expect(takenNames(renderRecords(records), standing, standing)).toEqual([]);
});

test("names are looked at before a record is made, once the zone stands", async () => {
  const args: ZoneArgs = {
    domain: "example.com",
    project: "shop",
    existing: { zone: "reference", project: "create" },
    records: { api: { a: ["192.0.2.1"] } },
  };
  const lookups = { getDomain: { domainUrn: "do:domain:example.com" }, getRecords: { records: [{ ...api, name: "www" }] } };
  const { resources } = await record(() => void new Zone("zone", args), { lookups });
  expect(resources.filter(({ type }) => type.endsWith(":DnsRecord")).map(({ inputs }) => inputs)).toEqual([
    { domain: "example.com", name: "api", type: "A", value: "192.0.2.1", ttl: 1800 },
  ]);
});
