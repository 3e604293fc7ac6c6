import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Report } from "../../../operations/doctor/finding.ts";
import { repository } from "../../../sandbox/systems.ts";
import { digitalOceanServer, scopeOf, type Team } from "../loopback/digitalocean.ts";
import { nameServer } from "../loopback/dns.ts";
import { server } from "../loopback/http.ts";

/** Every scope that a stack with an App and its zone may want, but these. */
const without = (...missing: string[]): readonly string[] =>
  ["apps", "domains", "projects", "vpcs", "databases", "uptime/checks", "monitoring/alerts"]
    .flatMap((kind) => ["GET", "POST", "PUT", "DELETE"].map((method) => scopeOf(method, `/v2/${kind}`)))
    .concat("project:assign_resource", "database:view_credentials")
    .filter((scope) => !missing.includes(scope));

test(
  "the verb outside the sandbox: a bucket's lock, a token's scopes, the zone; each gone when it is mended",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const exported = {
      deployment: { resources: [{ urn: "urn:pulumi:staging::tiny::pulumi:pulumi:Stack::tiny-staging", type: "pulumi:pulumi:Stack" }] },
    };
    const answers = {
      version: "v3.270.0",
      "plugin ls": "[]",
      "stack ls": JSON.stringify([{ name: "staging" }, { name: "shared" }]),
      "stack export": JSON.stringify(exported),
    };
    const cases = Object.entries(answers).map(([start, text]) => `"${start}"*) echo '${text}';;`);
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\ncase "$*" in ${cases.join(" ")} *) exit 1;; esac\n`, { mode: 0o755 });

    const team: Team = { tokens: { planted: without("app:update") }, done: [] };
    await using api = await digitalOceanServer(team);
    let lock: string | undefined = JSON.stringify({ pid: 7, username: "ann", hostname: "other", timestamp: new Date().toISOString() });
    const key = ".pulumi/locks/organization/tiny/staging/1.json";
    await using bucket = await server(({ path }) =>
      path.includes("list-type=2")
        ? { body: lock !== undefined && path.includes("staging") ? `<Contents><Key>${key}</Key></Contents>` : "<ListBucketResult/>" }
        : { body: lock },
    );
    const servers: Record<string, readonly string[]> = { "example.net": ["ns.registrar.net"] };
    const known: Record<string, readonly string[]> = { "api.digitalocean.com": ["192.0.2.1"] };
    await using dns = await nameServer({ NS: servers, CNAME: {}, A: known, AAAA: {} });
    let address = api.origin;
    const doctor = (wrong?: string): Promise<{ code: number; ids: string[]; report: Report }> =>
      new Promise((resolve, reject) => {
        const args = [
          "doctor",
          "--json",
          "--system",
          "tests/systems/tiny",
          "--stack",
          "staging",
          "--stack",
          wrong ?? "shared",
          "--resolver",
          dns.address,
        ];
        const env = {
          ...process.env,
          PATH: [folder, process.env["PATH"]].join(delimiter),
          DIGITALOCEAN_TOKEN: "planted",
          DIGITALOCEAN_API_URL: address,
          PULUMI_BACKEND_URL: `s3://state?endpoint=${bucket.origin}`,
          AWS_ACCESS_KEY_ID: "id",
          AWS_SECRET_ACCESS_KEY: "planted",
        };
        execFile(
          process.execPath,
          [join(repository, "operations", "cli.ts"), ...args],
          { env, cwd: repository },
          (error, stdout, stderr) => {
            if (!stdout.startsWith("{")) return reject(new Error(`${error?.code}: ${stderr}`));
            const report = JSON.parse(stdout) as Report;
            const ids = report.findings.map(({ id, stack = "" }) => `${id} ${stack}`.trim()).sort();
            resolve({ code: Number(error?.code ?? 0), ids, report });
          },
        );
      });

    const broken = await doctor();
    expect(broken).toMatchObject({ code: 7, ids: ["delegation shared", "lock-elsewhere staging", "token-scope-write"] });
    expect(broken.report.findings.find(({ id }) => id === "token-scope-write")?.what).toBe("the token lacks app: update");
    expect(JSON.stringify(broken.report)).not.toContain("planted");

    team.tokens["planted"] = without();
    lock = undefined;
    servers["example.net"] = ["ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com"];
    expect(await doctor()).toMatchObject({ code: 0, ids: [], report: { findings: [], skipped: [] } });
    expect(team.done).toEqual([]);

    // A stack that nobody has is no healthy one.
    await expect(doctor("shraed")).rejects.toThrow(/^2: error: tiny has no stack "shraed"\. Did you mean "shared"\? Stacks: /);

    // No name of the internet, and no API: one cause, and no advice to change what it says nothing of.
    delete known["api.digitalocean.com"];
    const blind = await doctor();
    expect(blind.ids).toEqual(["resolver"]);
    await using gone = await server(() => undefined);
    await gone[Symbol.asyncDispose]();
    address = gone.origin;
    const cutOff = await doctor();
    expect(cutOff).toMatchObject({ code: 7, ids: ["no-network"] });
    expect(cutOff.report.findings[0]?.what).toMatch(
      /^no network: api\.digitalocean\.com is not known here \(ENOTFOUND\), and DigitalOcean's API at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)$/,
    );
    // What a network's finding says of us is said for this system: it knows of none by itself.
    const again = cutOff.report.findings.flatMap(({ fix }) => fix).filter((line) => line.includes("npm run ops"));
    expect(again).toEqual([expect.stringMatching(/npm run ops -- doctor --system tests\/systems\/tiny\b/)]);
    expect(JSON.stringify(cutOff.report.findings)).not.toMatch(/pulumi (?:config|up)/);
    expect(cutOff.report.skipped.map(({ what }) => what)).toEqual([
      "whether the token is taken, and its scopes",
      "delegation, names, certificates, images, services of others",
    ]);
  },
);
