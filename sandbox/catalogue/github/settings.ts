import type { CloudObject, Properties } from "../../cloud/store.ts";
import { isPresent, text, unknown } from "../values.ts";
import type { CloudContext, Kinds, ResourceKind } from "../kind.ts";
import { changeRepository, detail, failed, findRepository, path, refuse, repositoryName, repositoryOf, types } from "./common.ts";
import { defaultSettings } from "./defaults.ts";

type Label = Readonly<Record<"name" | "color", string>> & { readonly description?: string | null; readonly url?: string };
type Actions = {
  readonly enabled: boolean;
  readonly allowedActions: string;
  readonly allowedActionsConfig: unknown;
  readonly shaPinningRequired: boolean;
};
type Alerts = { readonly vulnerabilities: boolean; readonly securityUpdates: boolean };

/** The repository of a request that changes one of its settings. */
const target = (cloud: CloudContext, inputs: Properties, method: string, what: string): CloudObject =>
  repositoryOf(cloud, inputs.repository, { method, path: `${path(cloud, inputs.repository)}/${what}` });

const read = (cloud: CloudContext, id: string, project: (repository: CloudObject) => Properties): Properties | undefined => {
  const found = findRepository(cloud, id);
  return found && { repository: found.name, ...project(found) };
};

/** A part of a repository that is set as a whole: made and changed by the same request. */
const part = (
  set: (cloud: CloudContext, inputs: Properties, prior?: Properties) => Properties,
  kind: Omit<ResourceKind, "failed" | "create" | "update" | "request"> & { readonly path: string },
): ResourceKind => ({
  failed,
  request: { collection: `https://api.github.com/repos/{owner}/{repository}/${kind.path}` },
  create: (cloud, inputs) => ({ id: text(inputs.repository), name: text(inputs.repository), outputs: set(cloud, inputs) }),
  update: (cloud, _object, inputs, prior) => set(cloud, inputs, prior),
  ...kind,
});

function setLabels(cloud: CloudContext, inputs: Properties): Properties {
  const repository = target(cloud, inputs, "POST", "labels");
  const wanted = ((inputs.labels ?? []) as Label[]).map(({ name, color, description }) => ({
    name,
    color,
    description: description ?? "",
  }));
  const where = `${path(cloud, inputs.repository)}/labels`;
  for (const [index, { name, color }] of wanted.entries()) {
    if (wanted.findIndex((other) => other.name === name) !== index) throw new Error(`duplicate set label: ${name}`);
    if (wanted.findIndex((other) => other.name.toLowerCase() === name.toLowerCase()) !== index)
      refuse(cloud, "POST", where, 422, "Validation Failed", detail("Label", "name", "", "already_exists"));
    if (!/^[0-9a-f]{6}$/i.test(color)) refuse(cloud, "POST", where, 422, "Validation Failed", detail("Label", "color", "", "invalid"));
    if (name === "" || name.length > 50) refuse(cloud, "POST", where, 422, "Validation Failed", detail("Label", "name", "", "invalid"));
  }
  // What the list does not name goes, the labels of a new repository too.
  changeRepository(cloud, repository, { labels: wanted });
  return { labels: wanted.map((label) => ({ ...label, url: "" })) };
}

function setActions(cloud: CloudContext, inputs: Properties): Properties {
  const repository = target(cloud, inputs, "PUT", "actions/permissions");
  const now = repository.outputs.actions as Actions;
  const enabled = inputs.enabled !== false;
  const allowedActions = enabled ? text(inputs.allowedActions ?? now.allowedActions) : now.allowedActions;
  const actions = {
    enabled,
    allowedActions,
    allowedActionsConfig: allowedActions === "selected" ? (inputs.allowedActionsConfig ?? now.allowedActionsConfig) : null,
    // The plugin says so when it is to be required, and is silent when not.
    shaPinningRequired: inputs.shaPinningRequired === true || now.shaPinningRequired,
  };
  changeRepository(cloud, repository, { actions });
  return { shaPinningRequired: actions.shaPinningRequired };
}

function setAlerts(cloud: CloudContext, inputs: Properties, change: Partial<Alerts>, what: string): CloudObject {
  const repository = target(cloud, inputs, "PUT", what);
  changeRepository(cloud, repository, { alerts: { ...(repository.outputs.alerts as Alerts), ...change } });
  return repository;
}

const topicsRule = {
  match: "^[a-z0-9][a-z0-9-]{0,49}$",
  words:
    "must include only lowercase alphanumeric characters or hyphens and cannot start with a hyphen and consist of 50 characters or less",
};

export const settings: Kinds = {
  [types.labels]: part(setLabels, {
    path: "labels",
    sets: ["labels"],
    computed: ["labels[*].url"],
    unset: { "labels[*].url": unknown },
    view: (cloud, id) =>
      read(cloud, id, ({ name, outputs }) => ({
        labels: (outputs.labels as Label[]).map((label) => ({
          ...label,
          url: `https://api.github.com${path(cloud, name)}/labels/${encodeURIComponent(label.name)}`,
        })),
      })),
    gone: "error",
    delete(cloud, object, prior) {
      const repository = target(cloud, object.outputs, "DELETE", "labels");
      const has = repository.outputs.labels as Label[];
      const names = ((prior.labels ?? []) as Label[]).map(({ name }) => name);
      const lost = names.find((name) => !has.some((label) => label.name === name));
      if (lost !== undefined) refuse(cloud, "DELETE", `${path(cloud, repository.name)}/labels/${lost}`, 404, "Not Found");
      changeRepository(cloud, repository, { labels: has.filter(({ name }) => !names.includes(name)) });
    },
  }),
  [types.topics]: part(
    (cloud, inputs) => {
      const repository = target(cloud, inputs, "PUT", "topics");
      // An empty list is not sent: topics that stand stay.
      if (isPresent(inputs.topics)) changeRepository(cloud, repository, { topics: inputs.topics });
      return { topics: isPresent(inputs.topics) ? inputs.topics : repository.outputs.topics };
    },
    {
      path: "topics",
      sets: ["topics"],
      rules: { repository: repositoryName, "topics[*]": topicsRule },
      view: (cloud, id) => read(cloud, id, ({ outputs }) => ({ topics: outputs.topics })),
      delete: (cloud, object) => changeRepository(cloud, target(cloud, object.outputs, "PUT", "topics"), { topics: [] }),
    },
  ),
  [types.actionsPermissions]: part(setActions, {
    path: "actions/permissions",
    sets: ["allowedActionsConfig.patternsAlloweds"],
    defaults: { enabled: true },
    rules: { repository: { length: [1, 100] }, allowedActions: { oneOf: ["all", "local_only", "selected"] } },
    gone: "error",
    view: (cloud, id, prior) =>
      read(cloud, id, ({ outputs }) => {
        const { enabled, allowedActions, allowedActionsConfig, shaPinningRequired } = outputs.actions as Actions;
        // Only who manages the list is told of it; an import is.
        const asks = !prior?.allowedActions || (prior.allowedActions === "selected" && isPresent(prior.allowedActionsConfig));
        const shown = enabled && allowedActions === "selected" && asks;
        return {
          allowedActions: enabled ? allowedActions : "",
          allowedActionsConfig: shown ? allowedActionsConfig : null,
          enabled,
          shaPinningRequired,
        };
      }),
    delete(cloud, object) {
      // Not what was there before, but everything allowed.
      const repository = target(cloud, object.outputs, "PUT", "actions/permissions");
      const { shaPinningRequired } = repository.outputs.actions as Actions;
      changeRepository(cloud, repository, { actions: { ...defaultSettings.actions, shaPinningRequired } });
    },
  }),
  [types.workflowPermissions]: part(
    (cloud, inputs) => {
      const repository = target(cloud, inputs, "PUT", "actions/permissions/workflow");
      const now = repository.outputs.workflows as Properties;
      const workflows = {
        defaultWorkflowPermissions: inputs.defaultWorkflowPermissions ?? now.defaultWorkflowPermissions,
        canApprovePullRequestReviews: inputs.canApprovePullRequestReviews ?? false,
      };
      changeRepository(cloud, repository, { workflows });
      return workflows;
    },
    {
      path: "actions/permissions/workflow",
      absent: { canApprovePullRequestReviews: false },
      rules: { repository: { length: [1, 100] }, defaultWorkflowPermissions: { oneOf: ["read", "write"] } },
      gone: "error",
      view: (cloud, id) => read(cloud, id, ({ outputs }) => outputs.workflows as Properties),
      delete: (cloud, object) =>
        changeRepository(cloud, target(cloud, object.outputs, "PUT", "actions/permissions/workflow"), {
          workflows: defaultSettings.workflows,
        }),
    },
  ),
  [types.alerts]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/vulnerability-alerts" },
    defaults: { enabled: true },
    gone: "error",
    importId: (written, cloud) => text(findRepository(cloud, written)?.outputs.repoId ?? written),
    view(cloud, id) {
      const found = cloud.store.list(types.repository).find(({ outputs }) => text(outputs.repoId) === id);
      return (
        found && { enabled: (found.outputs.alerts as Alerts).vulnerabilities, repository: found.name, repositoryId: found.outputs.repoId }
      );
    },
    create(cloud, inputs) {
      const { name, outputs } = setAlerts(cloud, inputs, { vulnerabilities: inputs.enabled !== false }, "vulnerability-alerts");
      return { id: text(outputs.repoId), name, outputs: { repositoryId: outputs.repoId } };
    },
    update(cloud, _object, inputs) {
      setAlerts(cloud, inputs, { vulnerabilities: inputs.enabled !== false }, "vulnerability-alerts");
      return {};
    },
    delete(cloud, object) {
      setAlerts(cloud, object.outputs, { vulnerabilities: false, securityUpdates: false }, "vulnerability-alerts");
    },
  },
  [types.securityUpdates]: part(
    (cloud, inputs) => {
      const repository = target(cloud, inputs, "PUT", "automated-security-fixes");
      if (inputs.enabled === true && !(repository.outputs.alerts as Alerts).vulnerabilities)
        refuse(
          cloud,
          "PUT",
          `${path(cloud, repository.name)}/automated-security-fixes`,
          422,
          "Vulnerability alerts must be enabled to configure automated security fixes.",
        );
      setAlerts(cloud, inputs, { securityUpdates: inputs.enabled === true }, "automated-security-fixes");
      return {};
    },
    {
      path: "automated-security-fixes",
      gone: "error",
      view: (cloud, id) => read(cloud, id, ({ outputs }) => ({ enabled: (outputs.alerts as Alerts).securityUpdates })),
      delete(cloud, object) {
        setAlerts(cloud, object.outputs, { securityUpdates: false }, "automated-security-fixes");
      },
    },
  ),
};
