import type { Step } from "../../components/github/actions/model.ts";
import { setupNode, setupPython } from "../../components/github/actions/pins.ts";
import { type DeliveryDefinition, push, release } from "../../components/github/definition.ts";

const python: Step = { name: "Install Python", uses: setupPython, with: { "python-version": "3.10" } };
const node: Step = { name: "Install Node", uses: setupNode, with: { "node-version": "24", "package-manager-cache": false } };

/** One repository for application and program: staging is what main holds, production what has been released of it. */
export default {
  repositories: {
    application: {
      visibility: "private",
      program: true,
      builds: { backend: { context: "backend" }, dashboard: { context: "frontend" } },
      ci: [
        {
          name: "Test Backend",
          steps: [
            python,
            { name: "Install", workingDirectory: "backend", run: "pip install uv && uv sync --frozen" },
            { name: "Test", workingDirectory: "backend", run: "uv run pytest" },
          ],
        },
        {
          name: "Playwright",
          timeoutMinutes: 40,
          steps: [
            node,
            { name: "Install", workingDirectory: "frontend", run: "npm ci && npx playwright install --with-deps" },
            { name: "Test", workingDirectory: "frontend", run: "npx playwright test" },
          ],
        },
        {
          name: "pre-commit",
          steps: [
            python,
            { name: "Install", run: "pip install pre-commit" },
            { name: "Check", run: "pre-commit run --all-files --show-diff-on-failure" },
          ],
        },
      ],
      migrations: [
        { service: "backend", folder: "backend/alembic/versions", ending: ".py" },
        { service: "backend", folder: "supabase/migrations" },
      ],
    },
  },
  environments: {
    staging: { deploysOn: push("main") },
    production: { deploysOn: release(), promotes: "staging" },
  },
} satisfies DeliveryDefinition as DeliveryDefinition;
