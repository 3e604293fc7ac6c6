/** What a stopped run left half done, as `pulumi stack export` shows it. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: ExportedResource;
}

export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Deployment {
  readonly resources?: readonly ExportedResource[];
  readonly pending_operations?: readonly PendingOperation[];
  readonly [field: string]: unknown;
}

export interface Settled {
  readonly deployment: Deployment;
  /** Creates that had happened: taken into the state, to be read from the provider. */
  readonly adopted: readonly { readonly urn: string; readonly id: string }[];
  /** Creates that had not happened; the next `up` does them. */
  readonly dropped: readonly string[];
  /** Changes and deletes that may have happened or not: to be read from the provider as well. */
  readonly doubtful: readonly string[];
  /** Creates of which nobody knows. */
  readonly unknown: readonly ExportedResource[];
}

/**
 * Decides what became of each interrupted operation. `find` answers with the id of what a create made, null when it made nothing,
 * undefined when it cannot tell. Pure.
 */
export function settle(deployment: Deployment, find: (resource: ExportedResource) => string | null | undefined): Settled {
  const adopted: { urn: string; id: string }[] = [];
  const dropped: string[] = [];
  const doubtful: string[] = [];
  const unknown: ExportedResource[] = [];
  const left: PendingOperation[] = [];
  let resources = [...(deployment.resources ?? [])];
  for (const operation of deployment.pending_operations ?? []) {
    const { resource } = operation;
    // A value that lives in the state only was not kept: there is nothing to find or to read.
    const inStateOnly = resource.type.startsWith("random:");
    if (operation.type !== "creating") {
      if (!inStateOnly) doubtful.push(resource.urn);
      continue;
    }
    const id = inStateOnly ? null : find(resource);
    if (id === undefined) {
      unknown.push(resource);
      left.push(operation);
    } else if (id === null) dropped.push(resource.urn);
    else {
      adopted.push({ urn: resource.urn, id });
      // Until it is read from the provider it is taken for what was asked: an empty state would look like a change that replaces.
      resources = put(resources, { ...resource, id, outputs: { ...resource.inputs, id } });
    }
  }
  return { deployment: { ...deployment, resources, pending_operations: left }, adopted, dropped, doubtful, unknown };
}

/** Adds what was created; what it replaces goes, or waits for its deletion where it still exists. */
function put(resources: readonly ExportedResource[], created: ExportedResource): ExportedResource[] {
  const at = resources.findIndex(({ urn, delete: goes }) => urn === created.urn && goes !== true);
  const old = resources[at];
  if (!old) return [...resources, created];
  // In the place of the old one, since the state is ordered by dependency.
  const both = old.pendingReplacement === true ? [created] : [created, { ...old, delete: true }];
  return [...resources.slice(0, at), ...both, ...resources.slice(at + 1)];
}
