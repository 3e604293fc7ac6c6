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
  /** Creates of which nobody knows. */
  readonly unknown: readonly ExportedResource[];
}

/**
 * Decides what became of each interrupted create. `find` answers with the id of what exists, null when nothing does, undefined when it
 * cannot tell. Interrupted changes and deletes need no decision: the next `up` does them again. Pure.
 */
export function settle(deployment: Deployment, find: (resource: ExportedResource) => string | null | undefined): Settled {
  const adopted: { urn: string; id: string }[] = [];
  const dropped: string[] = [];
  const unknown: ExportedResource[] = [];
  const resources: ExportedResource[] = [];
  const left: PendingOperation[] = [];
  for (const operation of deployment.pending_operations ?? []) {
    if (operation.type !== "creating") continue;
    const { resource } = operation;
    // A value that lives in the state only was not kept: there is nothing to find.
    const id = resource.type.startsWith("random:") ? null : find(resource);
    if (id === undefined) {
      unknown.push(resource);
      left.push(operation);
    } else if (id === null) dropped.push(resource.urn);
    else {
      adopted.push({ urn: resource.urn, id });
      // Until it is read from the provider it is taken for what was asked: an empty state would look like a change that replaces.
      resources.push({ ...resource, id, outputs: { ...resource.inputs, id } });
    }
  }
  return {
    deployment: { ...deployment, resources: [...(deployment.resources ?? []), ...resources], pending_operations: left },
    adopted,
    dropped,
    unknown,
  };
}
