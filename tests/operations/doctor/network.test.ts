import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { endpointFindings } from "../../../operations/doctor/endpoints.ts";
import type { Finding } from "../../../operations/doctor/finding.ts";
import { certificateFindings, delegationFindings, namesFrom, recordFindings } from "../../../operations/doctor/network.ts";
import { Probe } from "../../../operations/doctor/probe.ts";
import { nameServer, type Zone } from "../loopback/dns.ts";
import { server } from "../loopback/http.ts";
import { selfSigned, tlsHost } from "../loopback/tls.ts";
import { dnsRecord, ids } from "./found.ts";

describe("names", () => {
  const records = [
    dnsRecord("api", { type: "CNAME", fqdn: "api.example.com", value: "app.ondigitalocean.app." }),
    dnsRecord("a", { type: "A", fqdn: "example.com", value: "203.0.113.7" }),
    dnsRecord("b", { type: "A", fqdn: "example.com", value: "203.0.113.8" }),
    dnsRecord("t", { type: "TXT", fqdn: "example.com", value: "x" }),
  ];
  const right: Zone = {
    NS: { "example.com": ["ns1.digitalocean.com", "NS2.digitalocean.com", "ns3.digitalocean.com"] },
    CNAME: { "api.example.com": ["app.ondigitalocean.app"] },
    A: { "example.com": ["203.0.113.8", "203.0.113.7"] },
    AAAA: {},
  };
  const look = async (zone: Zone): Promise<Finding[]> => {
    await using dns = await nameServer(zone);
    const names = namesFrom([dns.address]);
    return [...(await delegationFindings(names, "example.com")), ...(await recordFindings(names, "staging", records))];
  };
  test("delegated elsewhere, half, or not at all; then as it should be", async () => {
    expect(await look({ ...right, NS: { "example.com": ["ns.registrar.net"] } })).toMatchObject([
      { id: "delegation", what: "example.com is answered for by ns.registrar.net" },
    ]);
    expect(ids(await look({ ...right, NS: { "example.com": ["ns1.digitalocean.com", "ns.registrar.net"] } }))).toEqual(["delegation"]);
    expect(await look({ ...right, NS: {} })).toMatchObject([{ id: "delegation", what: "nobody answers for example.com" }]);
    expect(await look(right)).toEqual([]);
  });
  test("a host that leads elsewhere, and a server's address that is not the one in the state", async () => {
    expect(await look({ ...right, CNAME: { "api.example.com": ["old.example.net"] } })).toMatchObject([
      { id: "host-record", what: "api.example.com leads to old.example.net instead of app.ondigitalocean.app" },
    ]);
    expect(await look({ ...right, A: { "example.com": ["198.51.100.1"] } })).toMatchObject([
      { id: "host-record", what: "example.com leads to 198.51.100.1 instead of 203.0.113.7, 203.0.113.8" },
    ]);
    expect(await look({ ...right, CNAME: {} })).toMatchObject([
      { what: "api.example.com leads to nothing instead of app.ondigitalocean.app" },
    ]);
  });
  test("a name server that is silent is said once, and nothing of the names", async () => {
    const dns = await nameServer(right);
    const { address } = dns;
    await dns.close();
    const names = namesFrom([address]);
    expect(ids(await recordFindings(names, "staging", records))).toEqual(["resolver"]);
    expect(ids(await delegationFindings(names, "example.com"))).toEqual(["resolver"]);
  });
});

test("certificates: for another host, soon over, over, right", async () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const certificate = selfSigned(join(folder, "cert"), "api.example.com");
  const { host, port } = await tlsHost(certificate);
  onTestFinished(() => void host.close());
  const place = { address: "127.0.0.1", port, ca: certificate.cert };
  const inDays = (count: number): Date => new Date(Date.now() + count * 86_400_000);
  const look = (host: string, when: Date, at = place) => certificateFindings("staging", [host], when, at);
  expect(await look("api.example.com", inDays(0))).toEqual([]);
  expect(await look("api.example.com", inDays(50))).toMatchObject([{ id: "certificate-expiring", severity: "warning" }]);
  expect(await look("api.example.com", inDays(70))).toMatchObject([{ id: "certificate-expired", severity: "error" }]);
  expect(ids(await look("other.example.com", inDays(0)))).toEqual(["certificate-invalid"]);
  expect(
    (await certificateFindings("staging", ["api.example.com"], inDays(0), { ...place, ca: undefined })).map(({ what }) => what),
  ).toEqual(["the certificate of api.example.com is not taken: DEPTH_ZERO_SELF_SIGNED_CERT"]);
  expect(await look("api.example.com", inDays(0), { ...place, port: 1 })).toEqual([]);
});

test("services of others: unknown, silent, answering; never which", async () => {
  await using dns = await nameServer({ NS: {}, CNAME: {}, AAAA: {}, A: { "known.example.com": ["127.0.0.1"] } });
  await using other = await server(() => ({ status: 401 }));
  const names = namesFrom([dns.address]);
  const look = (url: string) => endpointFindings(new Probe({ second: 1 }), names, "staging", [{ name: "supabaseUrl", url }]);
  const unknown = await look("https://key@planted.example.com/rest");
  expect(unknown).toMatchObject([
    {
      id: "endpoint-unknown",
      fix: [`pulumi config set --stack staging --secret --path 'groundwork:provided.supabaseUrl'`, "pulumi up --stack staging"],
    },
  ]);
  expect(JSON.stringify(unknown)).not.toMatch(/planted|key@/);
  expect(ids(await look("http://127.0.0.1:1/"))).toEqual(["endpoint-silent"]);
  expect(await look(other.origin)).toEqual([]);
  expect(other.asked.map(({ method, headers }) => [method, headers.authorization])).toEqual([["HEAD", undefined]]);
});
