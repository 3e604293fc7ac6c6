import type { CloudObject, Properties } from "../../cloud/store.ts";
import { text } from "../values.ts";
import type { CloudContext, Kinds } from "../kind.ts";
import { changeRepository, detail, etag, failed, findRepository, joinId, parts, path, refuse, repositoryOf, types } from "./common.ts";

type Label = Readonly<Record<"name" | "color", string>> & { readonly description?: string | null };

const labelsOf = ({ outputs }: CloudObject): readonly Label[] => outputs.labels as Label[];
const isNamed = (name: unknown) => (label: Label) => label.name.toLowerCase() === text(name).toLowerCase();

/** Puts a label into the repository, in the place of one of the same name or of the one that it was. */
function put(cloud: CloudContext, inputs: Properties, method: string, before: unknown): Properties {
  const where = `${path(cloud, inputs.repository)}/labels`;
  const repository = repositoryOf(cloud, inputs.repository, { method, path: where });
  const label = { name: text(inputs.name), color: text(inputs.color), description: text(inputs.description ?? "") };
  if (!/^[0-9a-f]{6}$/i.test(label.color)) refuse(cloud, method, where, 422, "Validation Failed", detail("Label", "color", "", "invalid"));
  const others = labelsOf(repository).filter((other) => !isNamed(before)(other));
  if (others.some(isNamed(label.name)))
    refuse(cloud, method, where, 422, "Validation Failed", detail("Label", "name", "", "already_exists"));
  changeRepository(cloud, repository, { labels: [...others, label] });
  return { etag: etag(label) };
}

/** One label, whatever else the repository has. */
export const labels: Kinds = {
  [types.label]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/labels" },
    importId: parts(2),
    importForm: "<repository>:<label>",
    create(cloud, inputs) {
      // The plugin looks first, and changes one that stands.
      return { id: joinId(inputs.repository, inputs.name), name: text(inputs.name), outputs: put(cloud, inputs, "POST", inputs.name) };
    },
    update: (cloud, _object, inputs, prior) => put(cloud, inputs, "PATCH", prior.name),
    view(cloud, id) {
      const [repository = "", ...name] = id.split(":");
      const found = findRepository(cloud, repository);
      const label = found && labelsOf(found).find(isNamed(name.join(":")));
      return label && { ...label, description: label.description ?? "", etag: etag(label), repository: found.name };
    },
    delete(cloud, { outputs }) {
      const where = `${path(cloud, outputs.repository)}/labels/${text(outputs.name)}`;
      const repository = repositoryOf(cloud, outputs.repository, { method: "DELETE", path: where });
      changeRepository(cloud, repository, { labels: labelsOf(repository).filter((label) => !isNamed(outputs.name)(label)) });
    },
  },
};
