/** A test by its file and its title, as it stands there. */
export interface Proof {
  readonly file: string;
  readonly title: string;
}

/** Something that the provider, its plugin or the engine does and that nobody expects. */
interface Trap {
  readonly trap: string;
  readonly proofs: readonly Proof[];
}

/** A trap that components close. */
export interface ClosedTrap extends Trap {
  readonly countermeasure: string;
  /** The file with the countermeasure, and the text that it consists of. */
  readonly where: { readonly file: string; readonly text: string };
  /** One of the tests runs it a second time with the countermeasure taken off again, and sees the trap. Else the reason why not. */
  readonly stripped: true | string;
}

/** A trap that is the provider's own. */
export interface OpenTrap extends Trap {
  /** What somebody sees who meets it. */
  readonly seen: string;
  readonly wayOut: string;
  /** Why no test reproduces it, where none does. */
  readonly unproven?: string;
}

const data = (title: string): Proof => ({ file: "tests/e2e/data-traps.test.ts", title });
const app = (title: string): Proof => ({ file: "tests/e2e/app-traps.test.ts", title });
const cloud = (title: string): Proof => ({ file: "tests/catalogue/traps.test.ts", title });
const spec = (title: string): Proof => ({ file: "tests/catalogue/app.test.ts", title });

const managed = "components/database/managed.ts";
const database = "components/database/resolve.ts";
const bucket = "components/bucket.ts";

/** Closed: the last column's test fails without the countermeasure. */
export const closed: readonly ClosedTrap[] = [
  {
    trap: "One variable of an App without a type beside a secret one: the state holds what the API gives back, and every preview shows a change.",
    countermeasure: "every variable says its type, GENERAL too",
    where: { file: "platforms/app-platform/programs.ts", text: '(secret ? "SECRET" : "GENERAL")' },
    stripped: true,
    proofs: [
      app("a variable beside a secret says its type: %s"),
      spec("makes the state hold what the API gives back, secrets of the same component sealed"),
    ],
  },
  {
    trap: "Credentials of a private image come back encrypted, so every preview shows them. Ignored, a new token is never sent.",
    countermeasure: "exactly their path is ignored, as long as place, program and generation are those of the last deployment",
    where: { file: "platforms/app-platform/pull.ts", text: "image.registryCredentials`" },
    stripped: true,
    proofs: [app("credentials of a private image are sent once: %s")],
  },
  {
    trap: "`ignoreChanges` on an App's variables keeps previews clean, and secrets never rotate.",
    countermeasure: "nothing of the variables is ignored; a secret that changes is one update of the App",
    where: { file: "platforms/app-platform/app-platform.ts", text: "knownCredentials({ services, workers, jobs }" },
    stripped: "there is nothing to take off: the test sees that the new value is sent",
    proofs: [{ file: "tests/e2e/changes.test.ts", title: "one changed secret plans exactly one update" }],
  },
  {
    trap: "A deployment that failed turns green by itself: the next `up` reads, sends nothing, and the old version serves.",
    countermeasure: "what serves is judged by the state; after a failure the spec carries the number of the next attempt",
    where: { file: "platforms/app-platform/spec.ts", text: "[attemptVariable]: String(attempt)" },
    stripped: true,
    proofs: [
      app("a deployment that failed is deployed again: %s"),
      {
        file: "tests/e2e/images.test.ts",
        title: "a failed deployment of the same digest is deployed again, not read until it looks green",
      },
    ],
  },
  {
    trap: "Who is told of an App's alerts is sent only where the first alert has somebody, and by the rule alone: of two components with one rule, the last one's people are told.",
    countermeasure: "one list of people for all of a stack's alerts, written at each of them",
    where: { file: "platforms/app-platform/spec.ts", text: "destinations: to" },
    stripped: true,
    proofs: [
      app("who is told stands at every alert: %s"),
      spec("of the app's own alerts: nobody, unless the first one has somebody; and who was told stays"),
      spec("of two components with one rule: those of the last"),
    ],
  },
  {
    trap: "A database is open to the world until its firewall stands, and a rule for an App can only follow the App.",
    countermeasure: "the firewall admits the network's range, and no service starts before it",
    where: { file: managed, text: "platform.after(" },
    stripped: true,
    proofs: [app("the door of a database is shut before the first service runs: %s")],
  },
  {
    trap: "A firewall that is deleted is written empty, which opens its database.",
    countermeasure: "it is kept with its cluster and goes with it",
    where: { file: managed, text: "{ ...opts, retainOnDelete: true }" },
    stripped: true,
    proofs: [data("a database that is kept keeps its firewall: %s")],
  },
  {
    trap: "A database that is not there within half an hour is forgotten by the plugin: it is paid for, in no state, and its name is taken.",
    countermeasure: "a new cluster may take two hours",
    where: { file: managed, text: 'patience = { create: "2h" }' },
    stripped: true,
    proofs: [data("a database that takes an hour: %s"), cloud("a database that is not there in time is forgotten, and its name is taken")],
  },
  {
    trap: "A smaller node, less disk or an older version is planned, and refused by the cloud half way.",
    countermeasure: "a component asks for no less than the state holds",
    where: { file: database, text: "The cloud takes no disk away." },
    stripped: true,
    proofs: [data("a database cannot shrink: %s")],
  },
  {
    trap: "Another backup to restore from is called an update, and does nothing.",
    countermeasure: "it is ignored once the cluster stands",
    where: { file: managed, text: '["backupRestore"]' },
    stripped: true,
    proofs: [data("where a database came from is told once: %s")],
  },
  {
    trap: "Every field of a connection pool replaces it, and services that use its outputs change along.",
    countermeasure: "a pool is addressed by what is known at once: its name, the cluster's host, its port",
    where: { file: managed, text: "port: pool === undefined ? server.port : poolPort" },
    stripped: "the plan of one change is the test: a service that reads the pool would stand in it",
    proofs: [
      cloud("pools share what the node has, and every field of a pool replaces"),
      { file: "tests/e2e/options/database.ts", title: "Pool.size" },
    ],
  },
  {
    trap: "Settings of a database that leave the program stay in the cluster; of 0, false or nothing are never sent.",
    countermeasure: "what would never be sent is refused; what stays is said at the option",
    where: { file: "components/database/settings.ts", text: "neverSent" },
    stripped: "a refusal: without it nothing fails, which is the trap",
    proofs: [cloud("settings live in the cluster: a delete forgets them, another engine's are refused")],
  },
  {
    trap: "Another region, network or project of a database replaces it and what is in it.",
    countermeasure: "region and network are held to what the stack has; a project is given its members instead",
    where: { file: "config/held.ts", text: "network" },
    stripped: "a refusal, before anything is planned",
    proofs: [{ file: "tests/e2e/refused.test.ts", title: "what the stack last held is not overrun by another stack's file" }],
  },
  {
    trap: "Another name makes no other bucket: the old one stays, the state speaks of one that does not exist, and requests to that are repeated for five minutes.",
    countermeasure: "a bucket is replaced by its name",
    where: { file: bucket, text: 'replaceOnChanges: ["name"]' },
    stripped: true,
    proofs: [
      data("a bucket with another name is another bucket: %s"),
      cloud("another name makes no other bucket, and the state speaks of one that does not exist"),
    ],
  },
  {
    trap: "CORS rules of a bucket do not follow it: they end every refresh with an error.",
    countermeasure: "they are replaced with it",
    where: { file: bucket, text: 'replaceOnChanges: ["bucket"]' },
    stripped: true,
    proofs: [data("CORS rules go with their bucket: %s")],
  },
  {
    trap: "A key's permission that nobody knows is sent as nothing, and `fullaccess` reaches every bucket of the team.",
    countermeasure: "two permissions, by type; each key names its bucket",
    where: { file: bucket, text: 'readonly access: "read" | "readwrite"' },
    stripped: "the type checker: another word does not compile",
    proofs: [cloud("a key's permission that nobody knows is left out, and one for everything names no bucket")],
  },
  {
    trap: "The certificate of a CDN cannot be deleted while it is used; the plugin tries for a quarter of an hour.",
    countermeasure: "it has its host in its name, so the new one is made first",
    where: { file: bucket, text: "deleteBeforeReplace: false" },
    stripped: true,
    proofs: [data("a CDN gets another host: %s"), cloud("a CDN that is gone is an error; its certificate stays as long as it is used")],
  },
  {
    trap: "An uptime alert stays with its check: with another one it is looked for where it is not.",
    countermeasure: "it is replaced with its check",
    where: { file: "components/monitoring.ts", text: 'replaceOnChanges: ["checkId"]' },
    stripped: true,
    proofs: [data("an uptime alert goes with its check: %s")],
  },
  {
    trap: "Deleting credentials of a registry calls a fixed address outside the API, and crashes the plugin where that is out of reach.",
    countermeasure: "nothing uses them: App Platform pulls from the team's registry without",
    where: { file: "platforms/app-platform/refusals.ts", text: "pulls from the team's own registry without credentials" },
    stripped: "there is nothing to take off",
    proofs: [cloud("credentials of a registry, whose delete crashes the plugin, are no type here, and no component imports them")],
  },
  {
    trap: "State backends of one's own lock without atomicity.",
    countermeasure: "the second run names the lock, its holder and the command that recovers",
    where: { file: "operations/unlock.ts", text: "Who holds a stack." },
    stripped: "the engine's own lock: a workflow adds one group per stack",
    proofs: [{ file: "tests/e2e/killed.test.ts", title: "two ups of one stack at once: one works, one names the lock and its holder" }],
  },
];

/** Not ours to close. */
export const open: readonly OpenTrap[] = [
  {
    trap: "Secrets of an App come back encrypted.",
    seen: "A refresh always shows the App. After a real one, or `up --refresh`, the state holds `EV[…]`, and the next `up` deploys.",
    wayOut: "Refresh with `--preview-only`. After a real one: `pulumi up`, which deploys once.",
    proofs: [app("a refresh of an App with secrets always shows it, and a real one makes the next up deploy")],
  },
  {
    trap: "A reply that is lost after the effect: what was made is in no state.",
    seen: "`This name is already taken`, now and with every later `up`.",
    wayOut:
      "What was just made is empty: delete it in the control panel, or `doctl vpcs delete <id>`, `doctl databases delete <id>`. Then `pulumi up`.",
    proofs: [
      {
        file: "tests/e2e/faults.test.ts",
        title: "a lost reply leaves an orphan that the next up runs into, as with the real API; deleted by hand, the next up converges",
      },
    ],
  },
  {
    trap: "A connection that breaks while a database is made crashes the plugin.",
    seen: "`error reading from server: EOF`, or that the plugin has gone.",
    wayOut: "`pulumi up` again; if it says that the name is taken, as with a lost reply.",
    proofs: [{ file: "tests/e2e/faults.test.ts", title: "a plugin that crashes is reported, and the next up converges" }],
  },
  {
    trap: "Whoever writes an App's spec writes all of it.",
    seen: "What somebody has set in the control panel is gone with the next deployment; a refresh shows it before, as far as the plugin knows it.",
    wayOut:
      "Say it here. What no option reaches stands in [inputs.md](inputs.md); scheduled jobs, scaling by requests and the oldest TLS are not in the plugin at all.",
    proofs: [spec("an update replaces it whole: what is left out is gone")],
  },
  {
    trap: "Destinations that leave an App's alerts stay in the API.",
    seen: "Without `Monitoring`, the people that it named are still told.",
    wayOut: "Name other people first; or take the destinations off in the control panel.",
    proofs: [spec("of the app's own alerts: nobody, unless the first one has somebody; and who was told stays")],
  },
  {
    trap: "One changed secret deploys all components of an App.",
    seen: "One update, one deployment; each service is replaced instance by instance.",
    wayOut: "Nothing to do: `drainSeconds` and two replicas keep requests from failing.",
    proofs: [{ file: "tests/e2e/rotation.test.ts", title: "a raised generation plans the random value and the App, and nothing else" }],
  },
  {
    trap: "A CDN that is gone ends a refresh with an error instead of leaving the state, after half a minute.",
    seen: "`Error reading CDN: … 404`.",
    wayOut: "`pulumi state delete <urn>`, then `pulumi up`.",
    proofs: [cloud("a CDN that is gone is an error; its certificate stays as long as it is used")],
  },
  {
    trap: "So do CORS rules of a bucket that are gone; a policy that is gone looks emptied, and a bucket behind it is never missed.",
    seen: "`404` in a refresh; or `policy` as changed, and `NoSuchBucket` in the next `up`.",
    wayOut: "`pulumi state delete <urn>` of what is gone, then `pulumi up`.",
    proofs: [cloud("a read of lost rules ends with an error, one of a lost policy, or of a lost bucket, does not notice")],
  },
  {
    trap: "A Spaces key's secret is in the reply to its making and nowhere else, and a key cannot be imported.",
    seen: "`doesn't support import`.",
    wayOut: "Raise the key's `generation`: a new one is made, and the old one goes last.",
    proofs: [cloud("a key's permission that nobody knows is left out, and one for everything names no bucket")],
  },
  {
    trap: "CDN endpoints take 5 requests in 10 seconds, everything else 250 a minute and 5000 an hour for each token.",
    seen: "The run waits; with many CDNs at once `429 Too many requests` in the end.",
    wayOut: "`pulumi up` again, with `--parallel 1` where there are many.",
    proofs: [cloud("CDN endpoints take five requests in ten seconds; the client waits as it is told")],
  },
  {
    trap: "A newer version of a database is asked for and not waited for.",
    seen: "`up` is done while the cluster still upgrades.",
    wayOut: "Look before the next change: `doctl databases get <id>`.",
    proofs: [],
    unproven: "nothing shows it: the stand-in upgrades at once",
  },
  {
    trap: "Tokens reach their whole team.",
    seen: "Staging's token could change production.",
    wayOut: "A team of its own for production, and tokens with the scopes of the README.",
    proofs: [],
    unproven: "the stand-ins know no tokens",
  },
];
