import { types } from "../../../sandbox/catalogue/github/common.ts";
import type { CloudObject, CloudStore } from "../../../sandbox/cloud/store.ts";
import { type Fields, matches, readWorkflow, type WorkflowFile } from "../../../components/github/workflow-file.ts";
import { branchOf, type Happening } from "../../components/github/runs.ts";

/** What a job may look up of `secrets` and `vars`. */
export interface Readable {
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

const nothing: Readable = { secrets: {}, variables: {} };

/** Whether a run belongs to a pull request of somebody who may not push here. */
export function isFork({ payload }: Happening, repository: string): boolean {
  const { pull_request: pull } = (payload ?? {}) as { pull_request?: { head: { repo: { full_name: string } } } };
  return pull !== undefined && pull.head.repo.full_name !== repository;
}

/** A repository as the delivery stack has made it in the stored cloud. */
export class HostedRepository {
  readonly #objects: readonly CloudObject[];
  readonly name: string;
  readonly fullName: string;
  /** Branches that only change by pull requests. */
  readonly protectedBranches: readonly string[];
  /** Branch → its workflows, as the stack has committed them. */
  readonly #workflows: Readonly<Record<string, readonly WorkflowFile[]>>;
  readonly #defaultBranch: string;
  /** Path → text, of the files that the stack has committed to the default branch. */
  readonly files: Readonly<Record<string, string>>;

  constructor(store: CloudStore, name: string) {
    const found = store.get(types.repository, name);
    if (!found) throw new Error(`there is no repository ${name}: is the delivery stack up?`);
    this.name = name;
    this.fullName = String(found.outputs["fullName"]);
    this.#objects = store.list().filter(({ outputs, inputs }) => (outputs["repository"] ?? inputs["repository"]) === name);
    this.#defaultBranch = String(found.outputs["defaultBranch"]);
    const branches = this.#of(types.branch).map(({ name: branch }) => [branch, this.#filesOn(branch)] as const);
    this.files = Object.fromEntries(this.#filesOn(this.#defaultBranch));
    this.#workflows = Object.fromEntries(
      branches.map(([branch, files]) => [
        branch,
        files.filter(([path]) => path.startsWith(".github/workflows/")).map(([path, text]) => readWorkflow(path, text)),
      ]),
    );
    this.protectedBranches = this.#of(types.ruleset)
      .filter(({ inputs }) => inputs["target"] === "branch" && inputs["enforcement"] === "active")
      .flatMap(({ inputs }) => ((inputs["conditions"] as Fields)["refName"] as { includes: string[] }).includes)
      .map((ref) => ref.replace("refs/heads/", ""));
  }

  #of(type: string, environment?: string): CloudObject[] {
    return this.#objects.filter((one) => one.type === type && (environment === undefined || one.inputs["environment"] === environment));
  }

  #filesOn(branch: string): (readonly [string, string])[] {
    return this.#of(types.file)
      .filter(({ outputs }) => outputs["branch"] === branch)
      .map(({ outputs }) => [String(outputs["file"]), String(outputs["content"])] as const);
  }

  /** The workflows that count for what happens: those of the branch that it happens to. */
  workflowsFor(happening: Happening): readonly WorkflowFile[] {
    return this.#workflows[branchOf(happening, Object.keys(this.#workflows), this.#defaultBranch)] ?? [];
  }

  environments(): string[] {
    return this.#of(types.environment).map(({ inputs }) => String(inputs["environment"]));
  }

  /** Whether an environment's policies let a ref in; why not otherwise. */
  refusal(environment: string, ref: string): string | undefined {
    const [found] = this.#of(types.environment, environment);
    // GitHub would make one without any policy.
    if (!found) return `there is no environment ${environment}`;
    if (!found.inputs["deploymentBranchPolicy"]) return undefined;
    const [, kind, name = ""] = /^refs\/(heads|tags)\/(.*)$/.exec(ref) ?? [];
    const key = kind === "tags" ? "tagPattern" : "branchPattern";
    const patterns = this.#of(types.policy, environment).flatMap(({ inputs }) => (typeof inputs[key] === "string" ? [inputs[key]] : []));
    return kind !== undefined && patterns.some((pattern) => matches(pattern, name)) ? undefined : `${environment} does not take ${ref}`;
  }

  /** What a job in an environment (or in none) can look up. A fork's run gets nothing. */
  readable(environment: string | undefined, happening: Happening): Readable {
    if (isFork(happening, this.fullName)) return nothing;
    const named = (type: string, name: string, value: string, inEnvironment?: string) =>
      this.#of(type, inEnvironment).map(({ inputs }) => [String(inputs[name]), String(inputs[value])] as const);
    return {
      secrets: Object.fromEntries([
        ...named(types.secret, "secretName", "value"),
        ...(environment === undefined ? [] : named(types.environmentSecret, "secretName", "value", environment)),
      ]),
      variables: Object.fromEntries([
        ...named(types.variable, "variableName", "value"),
        ...(environment === undefined ? [] : named(types.environmentVariable, "variableName", "value", environment)),
      ]),
    };
  }
}
