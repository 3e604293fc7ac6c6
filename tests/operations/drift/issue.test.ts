import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Drift } from "../../../operations/drift/drift.ts";
import { issueOf, type Telling } from "../../../operations/drift/issue.ts";
import type { Finding } from "../../../operations/drift/judge.ts";
import { marksIn } from "../../../operations/drift/standing.ts";
import { stackOptionsOf } from "../../../operations/drift/stack-options.ts";
import { tellOfDrift } from "../../../operations/drift/tell.ts";
import { openGitHub } from "../../../operations/github/client.ts";
import { scrubber } from "../../../operations/scrub.ts";
import { GitHubApi } from "../../github-api/server.ts";
import { hurried } from "../github/hurried.ts";

const finding = (token: string, name: string, more: Partial<Finding> = {}): Finding => ({
  urn: `urn:pulumi:staging::template::${token}::${name}`,
  type: token,
  name,
  id: "1",
  kind: "changed",
  properties: [],
  ...more,
});
const property = (path: string, expected: string, actual: string, isAsked = true) => ({ path, expected, actual, isAsked });
const digitalOcean = (name: string) => `digitalocean:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;

const many: Drift = {
  stack: "staging",
  findings: [
    finding(digitalOcean("DnsRecord"), "edge-api", { properties: [property("ttl", "1800", "17")] }),
    finding(digitalOcean("Vpc"), "network", { properties: [property("description", '""', '"by hand"', false)] }),
    finding(digitalOcean("UptimeCheck"), "monitoring-api", { kind: "gone" }),
    finding("github:index/repositoryRuleset:RepositoryRuleset", "application-main", {
      properties: [property("enforcement", '"active"', '"disabled"')],
    }),
    finding("github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret", "application-staging-TOKEN", {
      properties: [property("value", '(secret, set "2026-11-20")', '(secret, set again "2026-11-21")', false)],
    }),
    finding(digitalOcean("App"), "app", {
      properties: [
        property("spec.services[backend].envs[SECRET_KEY].value", "(secret, as last deployed)", "(secret, another value)"),
        property("spec.services[backend].instanceCount", "1", "4"),
      ],
    }),
    finding(digitalOcean("DatabaseFirewall"), "database-firewall", {
      properties: [property("rules[1]", "(nothing)", '{"type":"ip_addr","value":"0.0.0.0/0"}')],
      opening: "database open to the internet",
    }),
    finding(digitalOcean("DatabaseCluster"), "database", { properties: [property("size", '"db-s-1vcpu-1gb"', '"db-s-2vcpu-4gb"')] }),
    finding(digitalOcean("DatabaseDb"), "database-db", { kind: "gone" }),
    finding(digitalOcean("Cdn"), "cdn", {
      kind: "unread",
      why: "GET https://api.digitalocean.com/v2/cdn/endpoints/1: 503 Service Unavailable",
    }),
  ],
  notes: ["Whether a secret of the App was replaced by hand cannot be told: no run has written down what the cloud made of them."],
  unmanaged: [
    { kind: "droplet", id: "4711", name: "try-out", where: "project" },
    { kind: "CNAME record", id: "12", name: "old.staging.example.com", where: "host" },
  ],
};

const telling: Telling = {
  system: "template",
  choice: "",
  now: new Date("2026-11-21T04:17:00Z"),
  run: "https://github.com/acme/web/actions/runs/7",
  standing: new Map(),
  options: await stackOptionsOf("template", "staging", readFileSync("Pulumi.staging.yaml", "utf8")),
  scrub: (text) => text,
};

test("the issue of a stack: what hurts first, both values, since when, and what to do", async () => {
  const { title, body } = issueOf(many, telling);
  expect(title).toBe("Drift: DatabaseDb database-db gone with its data (9 resources of staging are not as deployed)");
  await expect(body).toMatchFileSnapshot("golden/drift-staging.md");
  expect([...body.matchAll(/^### `(\w+)`/gm)].map(([, type]) => type)).toEqual([
    "DatabaseDb",
    "DatabaseFirewall",
    "ActionsEnvironmentSecret",
    "App",
    "RepositoryRuleset",
    "UptimeCheck",
    "DatabaseCluster",
    "DnsRecord",
    "Vpc",
  ]);
});

test("one small thing", async () => {
  const one = { ...many, findings: many.findings.slice(0, 1), notes: [], unmanaged: [] };
  await expect(issueOf(one, { ...telling, choice: " --system vectis", run: undefined }).body).toMatchFileSnapshot("golden/drift-one.md");
});

test("what hurts is said in the first words: a secret, other code; a plain variable or a count is neither", () => {
  const first = (path: string, expected: string, actual: string) => {
    const one = finding(digitalOcean("App"), "app", { properties: [property(path, expected, actual)] });
    const { body } = issueOf({ ...many, findings: [one, many.findings[0]!] }, telling);
    return /^\|(.*?)\| `App` `app` \| (.*?) \| 2026/m
      .exec(body)
      ?.slice(1)
      .map((part) => part.trim());
  };
  const web = "spec.services[web]";
  expect(first(`${web}.envs[KEY].value`, "(secret, as last deployed)", "(secret, another value)")?.[0]).toBe("**A secret was replaced**");
  expect(first(`${web}.image.digest`, '"sha256:1"', '"sha256:2"')?.[0]).toBe("**Other code runs**");
  expect(first("spec.jobs[seed]", "(nothing)", '{"name":"seed"}')).toEqual([
    "**Other code runs**",
    '`spec.jobs[seed]`: `{"name":"seed"}` came',
  ]);
  expect(first(`${web}.envs[LOG_LEVEL].value`, '"INFO"', '"DEBUG"')).toEqual([
    "",
    `\`${web}.envs[LOG_LEVEL].value\`: \`"INFO"\` → \`"DEBUG"\``,
  ]);
  expect(first(`${web}.instanceCount`, "2", "(nothing)")).toEqual(["", `\`${web}.instanceCount\`: \`2\` went`]);
});

test("a finding keeps since when it is known; a digest does not follow the clock", () => {
  const [first, second] = many.findings;
  const before = issueOf({ ...many, findings: [first!] }, telling);
  const later = { ...telling, now: new Date("2026-11-23T04:17:00Z"), standing: marksIn(before.body) };
  const after = issueOf({ ...many, findings: [first!, second!] }, later).body;
  expect(after.match(/Seen since .*/g)).toEqual(["Seen since 2026-11-21 04:17 UTC.", "Seen since 2026-11-23 04:17 UTC."]);
  expect(issueOf({ ...many, findings: [first!] }, later).digest).toBe(before.digest);
  expect(issueOf({ ...many, findings: [first!, second!] }, later).digest).not.toBe(before.digest);
});

test("nothing breaks out of it: no link, no mention, no marker, no row, no command", () => {
  const evil =
    "x` | [a](https://evil.example) @everyone <img src=x> <!-- groundwork: drift of template/production -->\n| --- |\n# head $(id)'";
  const drift = {
    ...many,
    findings: [finding(digitalOcean("DnsRecord"), evil, { properties: [property(evil, evil, evil)] })],
    notes: [evil],
    unmanaged: [{ kind: "droplet", id: evil, name: evil, where: "name" as const }],
  };
  const { body, title } = issueOf(drift, telling);
  const unfenced = body.replaceAll(/^(```+)[^]*?^\1$/gm, "");
  expect(unfenced.split("\n").filter((line) => line.startsWith("# ") || line === "| --- |")).toEqual([]);
  expect(body.match(/<!-- (?!since [0-9a-f]{12} )/g) ?? []).toEqual([]);
  expect(title).not.toContain("evil");
  // Outside of code nothing of it is left.
  const prose = unfenced.replaceAll(/(`+)[^`](?:.|\n)*?\1(?!`)/g, "");
  expect(prose).not.toMatch(/evil\.example|@everyone|<img/);
  expect(body).toContain(`--restore 'DnsRecord/x`);
});

test("an issue of hundreds of resources stays within what GitHub takes, and says what it left out", () => {
  const rows = Array.from({ length: 100 }, (_, index) => property(`p${index}`, "a".repeat(200), "b".repeat(200)));
  const findings = Array.from({ length: 400 }, (_, index) => finding(digitalOcean("DnsRecord"), `record-${index}`, { properties: rows }));
  const danger = finding(digitalOcean("DatabaseFirewall"), "door", { properties: [property("rules", "a", "b")] });
  const { body } = issueOf({ ...many, findings: [...findings, danger] }, telling);
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain("And 60 more properties.");
  expect(body).toMatch(/\d+ further resources, the least harmful ones, found no room here/);
  expect(body).toContain("`door`");
});

test("no planted secret leaves in any form, not even where a finding holds it", () => {
  const secret = "s3cr3t-Wert/mit+Zeichen=";
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64"), JSON.stringify(secret)];
  const findings = forms.map((form, index) =>
    finding(digitalOcean("DnsRecord"), `record-${index}`, { properties: [property("value", form, `x ${form} y`)] }),
  );
  const { body } = issueOf({ ...many, findings }, { ...telling, scrub: scrubber([secret]) });
  expect(forms.filter((form) => body.includes(form))).toEqual([]);
});

test("told at GitHub: opened, unchanged, followed, closed, opened again; and Slack nowhere else", async () => {
  const api = await GitHubApi.start();
  const environment = api.environment("ghs_one");
  const github = await openGitHub(environment, hurried);
  const tell = (findings: readonly Finding[], now: string) =>
    tellOfDrift(
      github,
      { drift: { ...many, findings }, secrets: ["a secret of the state"] },
      { system: "template", choice: "", environment, now: new Date(now), options: telling.options },
    );
  const [one, two] = many.findings;
  expect((await tell([], "2026-11-20T04:17:00Z")).change).toBe("unchanged");
  expect((await tell([one!], "2026-11-21T04:17:00Z")).change).toBe("opened");
  expect((await tell([one!], "2026-11-22T04:17:00Z")).change).toBe("unchanged");
  expect((await tell([one!, two!], "2026-11-23T04:17:00Z")).change).toBe("updated");
  const { data } = await github.rest.issues.get({ owner: github.owner, repo: github.repo, issue_number: 1 });
  expect(data.body?.match(/Seen since .*/g)).toEqual(["Seen since 2026-11-21 04:17 UTC.", "Seen since 2026-11-23 04:17 UTC."]);
  expect((await tell([], "2026-11-24T04:17:00Z")).change).toBe("closed");
  expect((await tell([two!], "2026-11-25T04:17:00Z")).change).toBe("reopened");
});

/** The loopback GitHub with Slack beside it, and what they were told. */
async function listeners() {
  const api = await GitHubApi.start();
  const slack: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      slack.push((JSON.parse(text) as { text: string }).text.replace(/ https?:\S+$/, ""));
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const environment = {
    ...api.environment("ghs_one"),
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T/B/x`,
  };
  const github = await openGitHub(environment, hurried);
  const number = { owner: github.owner, repo: github.repo, issue_number: 1 };
  let hour = 0;
  return {
    slack,
    tell: async (...findings: readonly Finding[]): Promise<string> => {
      const about = {
        system: "template",
        choice: "",
        environment,
        now: new Date(Date.UTC(2026, 10, 21, hour++)),
        options: telling.options,
      };
      return (await tellOfDrift(github, { drift: { ...many, findings, notes: [] }, secrets: [] }, about)).change;
    },
    issue: async () => (await github.rest.issues.get(number)).data,
    comments: async () => (await github.rest.issues.listComments(number)).data.map(({ body = "" }) => body.split("\n").at(-1)),
    close: () => github.rest.issues.update({ ...number, state: "closed" }),
  };
}

const [ttl, vpc] = many.findings as [Finding, Finding];
const unread = (one: Finding): Finding => ({
  ...one,
  kind: "unread",
  properties: [],
  why: "GET https://api.digitalocean.com/v2/x: 500 (request) down",
});
const rule = (value: string, opening?: string): Finding =>
  finding(digitalOcean("DatabaseFirewall"), "database-firewall", {
    properties: [property("rules[0].value", '"10.0.0.0/16"', `"${value}"`)],
    ...(opening === undefined ? {} : { opening }),
  });
const wide = rule("0.0.0.0/0", "database open to the internet");

test("what could not be read opens no issue, closes none and tells nobody", async () => {
  const { tell, slack, issue } = await listeners();
  expect(await tell(unread(ttl), unread(vpc))).toBe("unchanged");
  expect(slack).toEqual([]);
  expect(await tell(ttl, vpc)).toBe("opened");
  const before = await issue();
  // All of it out of reach, a part of it, and something that is well beside it.
  expect(await tell(unread(ttl), unread(vpc))).toBe("unchanged");
  expect(await tell(ttl, unread(vpc))).toBe("unchanged");
  expect(await tell(ttl, unread(many.findings[2]!))).toBe("unchanged");
  expect(await issue()).toEqual(before);
  // What the outage does not hide is told, and what it hides stands.
  expect(await tell(wide, unread(ttl), unread(vpc))).toBe("worsened");
  const { title, body } = await issue();
  expect(title).toBe("Drift: database open to the internet (3 resources of staging are not as deployed)");
  expect(body).toContain("nothing is said of 2 further resources:\n\n- `DnsRecord/edge-api`\n- `Vpc/network`");
  expect(await tell(ttl, vpc, wide)).toBe("unchanged");
  expect(await tell()).toBe("closed");
  expect(await tell(unread(ttl))).toBe("unchanged");
  expect(slack).toHaveLength(3);
});

test("an issue that a person closed stays closed, whatever cannot be read, and where less is found", async () => {
  const { tell, slack, issue, close } = await listeners();
  await tell(ttl, vpc);
  await close();
  for (const found of [[unread(ttl), vpc], [ttl, vpc], [ttl], [unread(ttl), unread(vpc)]]) expect(await tell(...found)).toBe("unchanged");
  expect((await issue()).state).toBe("closed");
  expect(slack).toHaveLength(1);
  expect(await tell(ttl, wide)).toBe("reopened");
  expect(slack.at(-1)).toBe("Drift: database open to the internet (2 resources of staging are not as deployed)");
});

test("what is worse than the issue said is told again, in its title, a comment and Slack; what is not, is only written down", async () => {
  const { tell, slack, issue, comments } = await listeners();
  const gone = many.findings.find(({ kind, type }) => kind === "gone" && type.endsWith(":UptimeCheck"))!;
  expect(await tell(ttl)).toBe("opened");
  expect(await tell(ttl, vpc)).toBe("updated");
  expect(await tell({ ...ttl, properties: [property("ttl", "1800", "18")] }, vpc)).toBe("updated");
  expect(slack).toEqual(["Drift: 1 resource of staging is not as deployed"]);
  expect(await tell(ttl, gone)).toBe("worsened");
  expect(await tell(ttl, gone, rule("10.1.0.0/16"))).toBe("worsened");
  expect(await tell(ttl, gone, rule("10.2.0.0/16"))).toBe("updated");
  expect(await tell(ttl, gone, wide)).toBe("worsened");
  expect((await issue()).title).toBe("Drift: database open to the internet (3 resources of staging are not as deployed)");
  expect((await issue()).body).toContain("**Database open to the internet.** **3 resources");
  expect(await tell(ttl, gone, wide)).toBe("unchanged");
  expect(await tell(ttl, gone, rule("10.2.0.0/16"))).toBe("updated");
  // The same once more is as bad as the first time.
  expect(await tell(ttl, gone, wide)).toBe("worsened");
  const told = [
    "UptimeCheck monitoring-api gone",
    "DatabaseFirewall database-firewall: who may reach the data is not what was deployed",
    "database open to the internet",
    "database open to the internet",
  ];
  for (const list of [slack.slice(1), await comments()]) {
    expect(list).toHaveLength(told.length);
    told.forEach((words, index) => expect(list[index]).toMatch(`: ${words}. The text of the issue says what to do.`));
  }
});

test("an issue that was written before dangers were kept is not taken for worse", () => {
  const { body } = issueOf({ ...many, findings: [wide] }, telling);
  const old = body.replace(/(<!-- since \S+ \S+) \d+ \S+ -->/, "$1 -->");
  expect(old).not.toBe(body);
  expect(issueOf({ ...many, findings: [wide] }, { ...telling, standing: marksIn(old) }).worse).toBeUndefined();
  expect(issueOf({ ...many, findings: [wide, many.findings[2]!] }, { ...telling, standing: marksIn(old) }).worse).toContain("UptimeCheck");
});
