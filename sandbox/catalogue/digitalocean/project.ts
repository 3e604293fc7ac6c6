import type { CloudContext, Kinds } from "../kind.ts";
import { defaultProject, isoTime, isTaken, notEmpty, types } from "./common.ts";

/** The kinds of thing that a project can hold, by the middle part of their URN. */
const holders: Readonly<Record<string, string>> = { app: types.app, dbaas: types.cluster, domain: types.domain, space: types.bucket };

function refuseUnknown(cloud: CloudContext, project: string, urns: unknown): void {
  for (const urn of Array.isArray(urns) ? (urns as string[]) : []) {
    const [, kind, id] = urn.split(":");
    const type = holders[kind ?? ""];
    if (type && !cloud.store.get(type, id ?? "")) {
      cloud.refuse(`POST https://api.digitalocean.com/v2/projects/${project}/resources`, 404, `resource ${urn} could not be found`);
    }
  }
}

/** A thing is in one project at a time: putting it into one takes it out of the others. */
function takeFromOthers(cloud: CloudContext, project: string, urns: unknown): void {
  const taken = new Set(Array.isArray(urns) ? (urns as string[]) : []);
  for (const other of cloud.store.list(types.project)) {
    const resources = other.outputs.resources;
    if (other.id === project || !Array.isArray(resources) || !resources.some((urn) => taken.has(urn as string))) continue;
    cloud.store.put({ ...other, outputs: { ...other.outputs, resources: resources.filter((urn) => !taken.has(urn as string)) } });
  }
}

export const project: Kinds = {
  [types.project]: {
    failed: { create: "Error creating Project", update: "Error updating Project", delete: "Error deleting project" },
    request: { collection: "/v2/projects" },
    sets: ["resources"],
    defaults: { purpose: "Web Application" },
    absent: { description: "", isDefault: false },
    rules: {
      name: notEmpty,
      description: { length: [0, 255] },
      purpose: { length: [0, 255] },
      environment: { oneOf: ["development", "staging", "production"], ignoreCase: true },
    },
    canonical(path, value) {
      if (path !== "environment" || typeof value !== "string") return value;
      return `${value.slice(0, 1).toUpperCase()}${value.slice(1).toLowerCase()}`;
    },
    create(cloud, inputs, urn) {
      const request = "POST https://api.digitalocean.com/v2/projects";
      if (isTaken(cloud.store, types.project, inputs.name)) cloud.refuse(request, 409, "duplicate project name");
      const id = cloud.uuid("project", urn, cloud.store.next(urn));
      refuseUnknown(cloud, id, inputs.resources);
      takeFromOthers(cloud, id, inputs.resources);
      return {
        id,
        name: String(inputs.name),
        outputs: {
          createdAt: isoTime(cloud.now),
          description: inputs.description ?? "",
          isDefault: inputs.isDefault ?? false,
          ownerId: 1,
          ownerUuid: cloud.uuid("owner"),
          resources: inputs.resources ?? [],
          updatedAt: isoTime(cloud.now),
        },
      };
    },
    update(cloud, object, inputs) {
      if (isTaken(cloud.store, types.project, inputs.name, object.id))
        cloud.refuse(`PATCH https://api.digitalocean.com/v2/projects/${object.id}`, 409, "duplicate project name");
      refuseUnknown(cloud, object.id, inputs.resources);
      takeFromOthers(cloud, object.id, inputs.resources);
      return {
        description: inputs.description ?? "",
        updatedAt: isoTime(cloud.now),
        resources: inputs.resources ?? object.outputs.resources,
      };
    },
    delete(cloud, object, prior) {
      // The plugin first moves what its state knows into the default project; what it does not know keeps the project alive.
      const moved = new Set((prior.resources as string[] | undefined) ?? []);
      if (((object.outputs.resources as string[] | undefined) ?? []).some((urn) => !moved.has(urn))) {
        cloud.refuse(`DELETE https://api.digitalocean.com/v2/projects/${object.id}`, 412, "cannot delete a project with resources");
      }
    },
  },
  [types.projectResources]: {
    failed: {
      create: "Error assigning resources to project",
      update: "Error assigning resources to project",
      delete: "Error assigning resources to default project",
    },
    request: { collection: "/v2/projects/{project}/resources" },
    sets: ["resources"],
    create(cloud, inputs) {
      const id = String(inputs.project);
      const request = `POST https://api.digitalocean.com/v2/projects/${id}/resources`;
      if (id !== defaultProject(cloud) && !cloud.store.get(types.project, id)) cloud.refuse(request, 404, "project could not be found");
      refuseUnknown(cloud, id, inputs.resources);
      takeFromOthers(cloud, id, inputs.resources);
      addToProject(cloud, id, inputs.resources);
      return { id: `${id}/resources-${cloud.store.next(`projectResources ${id}`)}`, name: id, outputs: {} };
    },
    update(cloud, _object, inputs, prior) {
      const id = String(inputs.project);
      refuseUnknown(cloud, id, inputs.resources);
      const wanted = new Set(inputs.resources as string[]);
      removeFromProject(
        cloud,
        id,
        (Array.isArray(prior.resources) ? (prior.resources as string[]) : []).filter((urn) => !wanted.has(urn)),
      );
      takeFromOthers(cloud, id, inputs.resources);
      addToProject(cloud, id, inputs.resources);
      return {};
    },
    delete(cloud, object) {
      removeFromProject(cloud, String(object.outputs.project), object.outputs.resources);
    },
  },
};

function addToProject(cloud: CloudContext, id: string, urns: unknown): void {
  const holder = cloud.store.get(types.project, id);
  if (!holder) return;
  const resources = [...new Set([...((holder.outputs.resources as string[] | undefined) ?? []), ...(urns as string[])])].sort();
  cloud.store.put({ ...holder, outputs: { ...holder.outputs, resources } });
}

function removeFromProject(cloud: CloudContext, id: string, urns: unknown): void {
  const holder = cloud.store.get(types.project, id);
  if (!holder) return;
  const gone = new Set(Array.isArray(urns) ? (urns as string[]) : []);
  cloud.store.put({
    ...holder,
    outputs: { ...holder.outputs, resources: ((holder.outputs.resources as string[] | undefined) ?? []).filter((urn) => !gone.has(urn)) },
  });
}
