import { secret } from "../../../../components/github/actions/expression.ts";
import { type Job, read, type Step, type Workflow, write } from "../../../../components/github/actions/model.ts";
import { checkout, setupNode, setupPython } from "../../../../components/github/actions/pins.ts";
import { type DeliveryDefinition, type HooksDefinition, manual, push, release } from "../../../../components/github/definition.ts";
import type { DeliverySettings } from "../../../../components/github/plan.ts";
import template from "../../../../systems/template/system.ts";
import { appPlatform, settings } from "./settings.ts";

// The branch strategies of the five documents that systems are made from.

export interface Document {
  readonly definition: DeliveryDefinition;
  readonly settings: DeliverySettings;
}

const node = (version: string): Step => ({
  name: "Install Node",
  uses: setupNode,
  with: { "node-version": version, "package-manager-cache": false },
});
const python: Step = { name: "Install Python", uses: setupPython, with: { "python-version": "3.12" } };
const run = (name: string, command: string, workingDirectory?: string): Step => ({
  name,
  run: command,
  ...(workingDirectory === undefined ? {} : { workingDirectory }),
});

const checkOut: Step = { name: "Check out", uses: checkout, with: { "persist-credentials": false } };
const job = (name: string, ...steps: readonly Step[]): Job => ({
  name,
  timeoutMinutes: 20,
  permissions: { contents: read("to check the commit out") },
  steps: [checkOut, ...steps],
});
const own = (name: string): Pick<Workflow, "name" | "concurrency"> => ({ name, concurrency: { group: name, cancelInProgress: false } });

/** 000: production deploys on pushes to main; a design system in a folder of the same repository has workflows of its own. */
const septimius: Document = {
  definition: {
    repositories: {
      application: {
        visibility: "private",
        program: true,
        builds: { api: { context: "backend" }, web: { context: "frontend" } },
        ciOnEveryPush: true,
        ci: [
          { name: "Lint", steps: [node("22"), run("Install", "npm ci", "frontend"), run("Lint", "npm run lint", "frontend")] },
          {
            name: "Type check",
            steps: [node("22"), run("Install", "npm ci", "frontend"), run("Type check", "npm run typecheck", "frontend")],
          },
          {
            name: "Unit tests",
            steps: [
              python,
              run("Install", "pip install --requirement requirements.txt", "backend"),
              run("Test", "python -m pytest tests/ --ignore=tests/integration -v --tb=short", "backend"),
            ],
          },
        ],
        migrations: [{ service: "api", folder: "supabase/migrations" }],
        workflows: {
          "design-system-ci.yml": {
            ...own("Design system"),
            on: { push: { branches: ["**"], paths: ["design-system/**"] } },
            jobs: {
              tokens: job("Token build", node("22"), run("Build", "npm ci && npm run build", "design-system")),
              components: job("Component tests", node("22"), run("Test", "npm ci && npm run test", "design-system")),
              visual: job("Visual regression", node("22"), run("Compare", "npm ci && npm run test:visual", "design-system")),
            },
          },
          "architecture-checks.yml": {
            ...own("Architecture checks"),
            on: { push: { branches: ["main"] } },
            jobs: {
              assembler: job("Assembler exclusivity", run("Check", "scripts/assembler.sh")),
              rls: job("RLS verification", run("Check", "scripts/rls.sh")),
            },
          },
          "publish.yml": {
            ...own("Publish packages"),
            on: { push: { branches: ["main"], paths: ["design-system/**"] } },
            jobs: {
              publish: {
                ...job("Publish", node("22"), run("Publish", "npm ci && npm run release", "design-system")),
                permissions: { contents: write("to tag what is published"), "id-token": write("to publish without a token") },
              },
            },
          },
        },
      },
    },
    environments: { staging: { deploysOn: push("main") }, production: { deploysOn: push("main"), promotes: "staging" } },
  },
  settings: settings("septimius", ["api", "web"], {
    repositories: { application: { name: "septimius" } },
    environments: { staging: appPlatform, production: appPlatform },
  }),
};

/** 001: says nothing of branches, so production is deployed by hand; the infrastructure has a repository of its own, and hosts run Docker. */
const vectis: Document = {
  definition: {
    repositories: {
      infrastructure: { visibility: "private", program: true, ci: [{ name: "Check", steps: [node("24"), run("Check", "npm run check")] }] },
      shop: {
        visibility: "public",
        builds: {
          api: { context: "backend", dockerfile: "backend/Dockerfile.prod", target: "runtime" },
          storefront: { context: "storefront", args: { MODE: "it's production" } },
        },
        ci: [{ name: "Check", steps: [node("22"), run("Install", "npm ci"), run("Check", "npm run check")] }],
        migrations: [
          { service: "api", folder: "backend/migrations" },
          { service: "api", folder: "backend/prisma/migrations", ending: "/migration.sql" },
        ],
      },
      worker: { visibility: "private", builds: { worker: { context: "." } } },
    },
    environments: { staging: { deploysOn: push("main") }, production: { deploysOn: manual(), promotes: "staging" } },
    tell: "slack",
    buckets: true,
  },
  settings: settings("vectis", ["api", "storefront", "worker"], {
    repositories: { infrastructure: { name: "infrastructure" }, shop: { name: "Vectis.Shop" }, worker: { name: "worker" } },
    environments: { staging: { platform: "docker-host" }, production: { platform: "docker-host" } },
  }),
};

/** 002: staging is main, production is a published release. The template system. */
const templateDocument: Document = {
  definition: template.delivery!,
  settings: settings("template", template.services, {
    repositories: { application: { name: "template" } },
    environments: { staging: appPlatform, production: appPlatform },
  }),
};

const hooks: HooksDefinition = {
  staged: { "*.{js,ts,tsx}": ["eslint --fix", "prettier --write"] },
  commit: ["npx --no-install tsc --noEmit"],
};

const browser: Step = run("Test", "npm run test:e2e");

/** What CI of both of 003's repositories begins with. */
const looked: readonly Step[] = [
  node("20"),
  run("Install", "npm ci"),
  run("Type check", "npx tsc --noEmit"),
  run("Lint", "npx eslint . && npx prettier --check ."),
];

/** 003: feature → dev → staging → main, and hotfix → main; a private backend with the program, a public storefront beside it. */
const medusa: Document = {
  definition: {
    repositories: {
      backend: {
        visibility: "private",
        program: true,
        branches: ["dev"],
        merges: ["merge"],
        upToDate: false,
        builds: { backend: { context: "." } },
        hooks,
        ciOnEveryPush: true,
        ci: [
          {
            name: "CI",
            steps: [
              ...looked,
              run("Unit tests", "npm test -- --coverage --passWithNoTests"),
              run("Integration tests", "npm run test:integration"),
            ],
          },
        ],
      },
      storefront: {
        visibility: "public",
        branches: ["dev"],
        merges: ["merge"],
        upToDate: false,
        builds: { storefront: { context: "." } },
        hooks,
        ciOnEveryPush: true,
        ci: [
          {
            name: "CI",
            steps: [...looked, run("Test", "npm test")],
          },
        ],
      },
    },
    environments: {
      staging: {
        deploysOn: push("staging"),
        after: [
          {
            name: "E2E tests",
            steps: [node("20"), run("Install", "npm ci"), { ...browser, env: { E2E_PASSWORD: secret("E2E_PASSWORD") } }],
            secrets: { E2E_PASSWORD: "e2ePassword" },
          },
        ],
      },
      production: {
        deploysOn: push("main"),
        promotes: "staging",
        after: [
          { name: "Smoke tests", steps: [node("20"), run("Install", "npm ci"), run("Test", "npm run test:smoke")], onFailure: "rollback" },
        ],
      },
    },
    flow: [
      { into: "dev", from: ["feature/*", "fix/*", "chore/*"] },
      { into: "staging", from: ["dev"] },
      { into: "main", from: ["staging", "hotfix/*"] },
    ],
  },
  settings: settings("medusa-shop", ["backend", "storefront"], {
    plan: "enterprise",
    repositories: { backend: { name: "backend" }, storefront: { name: "storefront" } },
    environments: { staging: appPlatform, production: { ...appPlatform, reviewers: ["ann", "ben"] } },
  }),
};

/** 004: main is the single source of truth; one workflow tests everything. */
const sevalla: Document = {
  definition: {
    repositories: {
      monorepo: {
        visibility: "private",
        program: true,
        builds: { web: { context: ".", dockerfile: "apps/web/Dockerfile" }, api: { context: ".", dockerfile: "apps/api/Dockerfile" } },
        ci: [
          {
            name: "Lint, test, build",
            steps: [
              node("22"),
              run("Install pnpm", "corepack enable"),
              run("Install", "pnpm install --frozen-lockfile"),
              run("Lint, test, build", "pnpm turbo run lint test build"),
            ],
          },
        ],
      },
    },
    environments: { staging: { deploysOn: push("main") }, production: { deploysOn: push("main"), promotes: "staging" } },
  },
  settings: settings("sevalla", ["web", "api"], {
    repositories: { monorepo: { name: "sevalla" } },
    environments: { staging: appPlatform, production: appPlatform },
  }),
};

export const documents = { septimius, vectis, template: templateDocument, "medusa-shop": medusa, sevalla } as const satisfies Record<
  string,
  Document
>;

/** A release to production of the smallest kind, to build refusals on. */
export const smallest: DeliveryDefinition = {
  repositories: {
    application: { visibility: "private", program: true, builds: { web: { context: "." } }, ci: [{ name: "Test", steps: [] }] },
  },
  environments: { staging: { deploysOn: push("main") }, production: { deploysOn: release(), promotes: "staging" } },
};
