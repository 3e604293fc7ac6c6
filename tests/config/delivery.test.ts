import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { type DeliveryPart, loadDelivery } from "../../config/delivery.ts";
import type { Source } from "../../config/source.ts";
import { ConfigError } from "../../config/errors.ts";

const deploy = (name: string) => ({
  digitaloceanToken: `dop_v1_${name}-write`,
  passphrase: `passphrase of ${name}`,
  stateKey: `${name}-key`,
  preview: { digitaloceanToken: `dop_v1_${name}-read`, stateKey: `${name}-read-key` },
});
const provided: Record<string, Record<string, unknown>> = { staging: deploy("staging"), production: deploy("production") };

/** Two environments with credentials to deploy and others to look; a problem where production waits. */
const part: DeliveryPart = {
  repositories: ["application", "storefront"],
  environments: ["staging", "production"],
  resolve: ({ environments }) => ({
    problems: environments["production"]?.wait === 1 ? [{ path: "environments/production/wait", message: "is too short." }] : [],
    secrets: Object.keys(environments).flatMap((name) =>
      ["digitaloceanToken", "passphrase", "stateKey", "preview.digitaloceanToken", "preview.stateKey"].map((secret) => `${name}.${secret}`),
    ),
  }),
};

const right: Record<string, unknown> = {
  github: { owner: "acme", plan: "team" },
  repositories: { application: { name: "shop" }, storefront: { name: "shop-front", from: "reference" } },
  state: "s3://acme-state?region=us-east-1",
  provided,
};

function source(changes: Record<string, unknown> = {}, rest: Partial<Source> = {}): Source {
  const values = Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined);
  return {
    project: "shop",
    stack: "delivery",
    values: Object.fromEntries(
      values.map(([key, value]) => [
        key.includes(":") ? key : `groundwork:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    secretKeys: new Set(["groundwork:provided"]),
    images: undefined,
    ...rest,
  };
}

function problems(changes: Record<string, unknown> = {}, rest: Partial<Source> = {}): string[] {
  try {
    loadDelivery(source(changes, rest), part);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [head, ...lines] = error.message.split("\n");
    expect(head).toBe("Pulumi.delivery.yaml:");
    return lines.map((line) => line.slice(2));
  }
}

const set = (path: string): string => `pulumi config set --secret --path 'groundwork:provided.${path}' --stack delivery`;
const withSecret = (environment: string, secrets: object) => ({
  provided: { ...provided, [environment]: { ...provided[environment], ...secrets } },
});

test("a right file is read whole, with defaults, and cannot be changed afterwards", () => {
  const config = loadDelivery(source(), part);
  const { secrets, ...plain } = config;
  expect(plain).toEqual({
    github: { owner: "acme", plan: "team" },
    repositories: {
      application: { name: "shop", from: "create", deployKeys: {} },
      storefront: { name: "shop-front", from: "reference", deployKeys: {} },
    },
    state: "s3://acme-state?region=us-east-1",
    environments: {
      staging: { target: "app-platform", reviewers: [], wait: 0 },
      production: { target: "app-platform", reviewers: [], wait: 0 },
    },
  });
  expect(Object.keys(secrets)).toEqual(part.resolve(config).secrets);
  expect(() => ((config.github as { owner: string }).owner = "x")).toThrow("Cannot assign to read only property 'owner'");
});

const plainText = (output: pulumi.Output<string> | undefined): Promise<string> =>
  (output as unknown as { promise(): Promise<string> }).promise();

test("secrets leave as secret outputs, by their path", async () => {
  const { secrets } = loadDelivery(source(), part);
  expect(await plainText(secrets["staging.preview.digitaloceanToken"])).toBe("dop_v1_staging-read");
  expect(await plainText(secrets["production.passphrase"])).toBe("passphrase of production");
  expect(await pulumi.isSecret(secrets["production.stateKey"] as pulumi.Output<string>)).toBe(true);
});

test("people and teams who have to agree may be named, and waiting is in minutes", () => {
  const environments = { production: { target: "docker-host", reviewers: ["ann", "acme/platform"], wait: "2 h" } };
  const config = loadDelivery(source({ environments }), part);
  expect(config.environments["production"]).toEqual({ target: "docker-host", reviewers: ["ann", "acme/platform"], wait: 120 });
});

describe("what is refused", () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ["a misspelt key", { repositoires: {} }, ['unknown key "repositoires". Did you mean "repositories"?']],
    [
      "a repository that the system does not have",
      { repositories: { aplication: { name: "shop" }, storefront: { name: "front" } } },
      [
        "repositories/application: is required. The repository that the system calls application.",
        'repositories: unknown key "aplication". Did you mean "application"?',
      ],
    ],
    [
      "an environment that the system does not have",
      { environments: { stagin: {} } },
      ['environments: unknown key "stagin". Did you mean "staging"?'],
    ],
    [
      "an unknown plan",
      { github: { owner: "acme", plan: "teams" } },
      ['github/plan: "teams" is not one of "free", "team", "enterprise". Did you mean "team"?'],
    ],
    [
      "a team of somebody else",
      { environments: { production: { reviewers: ["other/platform", "no good"] } } },
      [
        'environments/production/reviewers/0: is a team of "other", and the repositories are those of "acme", got "other/platform".',
        'environments/production/reviewers/1: must be a login such as "ann", or a team such as "acme/platform", got "no good".',
      ],
    ],
    [
      "seven reviewers",
      { environments: { staging: { reviewers: ["a", "b", "c", "d", "e", "f", "g"] } } },
      ["environments/staging/reviewers: must be at most 6 people and teams."],
    ],
    [
      "a wait without a unit, and one that is too long",
      { environments: { staging: { wait: "30" }, production: { wait: "31 d" } } },
      [
        'environments/staging/wait: must be a time such as "30 min", "2 h" or "1 d", at most "30 d", got "30".',
        'environments/production/wait: must be a time such as "30 min", "2 h" or "1 d", at most "30 d", got "31 d".',
      ],
    ],
    [
      "a target that nothing deploys to",
      { environments: { staging: { target: "fly" } } },
      [
        'environments/staging/target: "fly" is known, and nothing here deploys there, so its FLY_API_TOKEN would lie at GitHub unused. ' +
          'Take one of "app-platform", "docker-host".',
      ],
    ],
    [
      "a target of nobody",
      { environments: { staging: { target: "moon" } } },
      [
        'environments/staging/target: must be one of "app-platform", "docker-host", as platform/type in that environment\'s stack file, got "moon".',
      ],
    ],
    [
      "two repositories of one name",
      { repositories: { application: { name: "shop" }, storefront: { name: "Shop" } } },
      ['repositories/storefront/name: "shop" is the name of "application" as well. Each needs its own.'],
    ],
    [
      "options of a repository that stands, for one that is made",
      { repositories: { application: { name: "shop", overwrite: true, actions: "restrict" }, storefront: { name: "front" } } },
      [
        'repositories/application/overwrite: is about a repository that stands already, and this one is made. Remove it, or say from: "import".',
        'repositories/application/actions: is about a repository that stands already, and this one is made. Remove it, or say from: "import".',
      ],
    ],
    [
      "a private key where the public one belongs",
      { repositories: { application: { name: "shop", deployKeys: { ci: { key: "-----BEGIN" } } }, storefront: { name: "front" } } },
      [
        'repositories/application/deployKeys/ci/key: must be a public key in one line, such as "ssh-ed25519 AAAA…" (not shown, in case it is the private half).',
      ],
    ],
    [
      "a state on one machine",
      { state: "file:///tmp" },
      [
        'state: lies on one machine, and workflows run on others. Put the state into a bucket such as "s3://acme-state", got "file:///tmp".',
      ],
    ],
    [
      "a state with its credentials",
      { state: "s3://key:planted@bucket" },
      ["state: holds credentials (not shown), which would be shown in every log. Put them under groundwork:provided, and replace them."],
    ],
    [
      "what follows from the rest of the file",
      { environments: { production: { wait: "1 min" } } },
      ["environments/production/wait: is too short."],
    ],
    [
      "missing secrets",
      withSecret("staging", { stateKey: undefined, preview: undefined }),
      ["stateKey", "preview.digitaloceanToken", "preview.stateKey"].map(
        (name) => `provided/staging/${name.replace(".", "/")}: is missing. Set it with ${set(`staging.${name}`)}`,
      ),
    ],
    [
      "a secret that is a list",
      withSecret("staging", { stateKey: ["planted"] }),
      [`provided/staging/stateKey: must be text. Set it with ${set("staging.stateKey")}`],
    ],
    [
      "a secret of another form, and an empty one",
      withSecret("staging", { digitaloceanToken: "planted", stateKey: " " }),
      [
        `provided/staging/digitaloceanToken: does not begin with "dop_v1_". Set it with ${set("staging.digitaloceanToken")}`,
        `provided/staging/stateKey: is empty. Set it with ${set("staging.stateKey")}`,
      ],
    ],
    [
      "a token that deploys in the place of the one that only reads",
      withSecret("staging", { preview: { digitaloceanToken: "dop_v1_staging-write", stateKey: "staging-read-key" } }),
      [
        "provided/staging/preview/digitaloceanToken: is the same as provided/staging/digitaloceanToken, so that who has one has both. Issue one of its own.",
      ],
    ],
    [
      "one passphrase for two stacks",
      withSecret("production", { passphrase: "passphrase of staging" }),
      ["provided/production/passphrase: is the same as provided/staging/passphrase, so that who has one has both. Issue one of its own."],
    ],
    [
      "secrets that no workflow reads",
      { provided: { ...provided, planted: "planted", staging: { ...deploy("staging"), planted: "planted", planted2: "planted" } } },
      [
        'provided: holds a key that is read by no workflow (not shown, in case it is a secret). Read are "staging", "production".',
        'provided/staging: holds 2 keys that are read by no workflow (not shown, in case it is a secret). Read are "digitaloceanToken", "passphrase", "stateKey", "preview".',
      ],
    ],
    [
      "a token of GitHub's, and an owner in the provider's words",
      { "github:token": "planted", "github:owner": "acme" },
      [
        "github:token: is a credential, and none belongs into a stack file. Remove it, and export it in the environment instead.",
        "github:owner: is nothing that a stack file decides here. Remove it.",
      ],
    ],
  ])("%s", (_, changes, expected) => {
    const found = problems(changes);
    expect(found).toEqual(expected);
    expect(found.join("\n")).not.toContain("planted");
  });

  test("secrets in the open", () => {
    expect(problems({}, { secretKeys: new Set() })[0]).toBe(
      `provided: is not encrypted. Set each one again with ${set("<path>")}, and replace what was stored in the open.`,
    );
  });

  test("secrets that cannot be read are not missed", () => {
    expect(problems({ provided: undefined }, { secretsUnreadable: true })).toEqual([]);
  });
});
