import type * as pulumi from "@pulumi/pulumi";
import { quote, type Problem } from "../../config/problems.ts";
import { findResource, type StateResource } from "../../config/state.ts";
import { readApi } from "./api.ts";
import { fields, readWorkflow, textOf, type WorkflowFile } from "./workflow-file.ts";

const folder = ".github/workflows";
const fileType = "github:index/repositoryFile:RepositoryFile";

const on = (branch: string): string => `?ref=${encodeURIComponent(branch)}`;

/** Paths of a branch's workflow files. */
export async function workflowPaths(fullName: string, branch: string, opts: pulumi.InvokeOptions): Promise<string[]> {
  const listed = await readApi(fullName, `contents/${folder}${on(branch)}`, opts);
  return (Array.isArray(listed) ? listed : []).map((one) => textOf(fields(one)["path"]) ?? "").filter((path) => /\.ya?ml$/.test(path));
}

/** The workflows of a branch, as far as they can be read: GitHub itself passes over one that is no YAML. */
export async function readWorkflows(fullName: string, branch: string, opts: pulumi.InvokeOptions): Promise<WorkflowFile[]> {
  const files: WorkflowFile[] = [];
  for (const path of await workflowPaths(fullName, branch, opts)) {
    const content = textOf(fields(await readApi(fullName, `contents/${encodeURI(path)}${on(branch)}`, opts))["content"]);
    if (content === undefined) continue;
    try {
      files.push(readWorkflow(path, Buffer.from(content, "base64").toString("utf8")));
    } catch {
      continue;
    }
  }
  return files;
}

/** Files of this stack in a repository, by what its state holds: name of the resource, path and branch. */
export const heldFiles = (
  state: readonly StateResource[],
  repository: string,
): { readonly name: string; readonly file: string; readonly branch: string }[] =>
  state
    .filter(({ type, outputs }) => type === fileType && outputs["repository"] === repository)
    .map(({ name, outputs }) => ({ name, file: String(outputs["file"]), branch: String(outputs["branch"]) }));

/** Whether the repository's files were its own the last time this stack ran: the component says so. */
export const keptBefore = (key: string, state: readonly StateResource[]): boolean =>
  findResource(state, "groundwork:github:Repository", key)?.outputs["workflowFiles"] === "kept";

/** Files of somebody's at the paths of ours: the plugin refuses them one by one, after half of the repository has been changed. */
export function takenProblems(path: string, branch: string, taken: readonly string[]): Problem[] {
  if (taken.length === 0) return [];
  const message =
    `${taken.map(quote).join(", ")} ${taken.length === 1 ? "stands" : "stand"} on ${quote(branch)} already, where this stack would commit its own. Say overwrite: true ` +
    "(git keeps the old text), or give yours another name.";
  return [{ path, message }];
}
