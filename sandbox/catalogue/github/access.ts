import type { Kinds } from "../kind.ts";
import { text } from "../values.ts";
import { accountOf, teamOf } from "./account.ts";
import { detail, digest, failed, joinId, number, parts, path, refuse, repositoryOf, types } from "./common.ts";

/** The API keeps a key without its comment. */
const bareKey = (key: unknown): string =>
  text(key)
    .trim()
    .replace(/^([a-z0-9-]+ \S+)( \S+)?$/, "$1");

export const access: Kinds = {
  [types.deployKey]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/keys" },
    defaults: { readOnly: true },
    deletesOnce: true,
    importId: parts(2),
    importForm: "<repository>:<number of the key>",
    canonical: (place, value) => (place === "key" ? bareKey(value) : value),
    create(cloud, inputs) {
      const where = `${path(cloud, inputs.repository)}/keys`;
      const repository = repositoryOf(cloud, inputs.repository, { method: "POST", path: where });
      const key = bareKey(inputs.key);
      if (
        !/^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,2}$/.test(
          key,
        )
      )
        refuse(
          cloud,
          "POST",
          where,
          422,
          "Validation Failed",
          detail("PublicKey", "key", "key is invalid. You must supply a key in OpenSSH public key format"),
        );
      // A key is one deploy key of one repository on all of GitHub.
      if (cloud.store.list(types.deployKey).some(({ outputs }) => outputs.key === key))
        refuse(cloud, "POST", where, 422, "Validation Failed", detail("PublicKey", "key", "key is already in use"));
      const id = joinId(inputs.repository, number(cloud, "deploy key", repository.id, key));
      return {
        id,
        name: text(inputs.title),
        outputs: { etag: `W/"${digest([id, key])}"`, key },
        beside: { repositoryId: repository.outputs.repoId },
      };
    },
  },
  [types.teamRepository]: {
    failed,
    request: { collection: "https://api.github.com/organizations/{owner}/team/{team}/repos" },
    defaults: { permission: "pull" },
    importId(written, cloud) {
      const [team = "", repository = "", ...rest] = written.split(":");
      const id = /^\d+$/.test(team) ? team : teamOf(cloud, team)?.id;
      return rest.length > 0 || repository === "" || id === undefined ? undefined : joinId(id, repository);
    },
    importForm: "<team>:<repository>",
    create(cloud, inputs) {
      const given = text(inputs.teamId);
      const team = /^\d+$/.test(given) ? given : teamOf(cloud, given)?.id;
      if (team === undefined) refuse(cloud, "GET", `/orgs/${accountOf(cloud).id}/teams/${given}`, 404, "Not Found");
      const repository = repositoryOf(cloud, inputs.repository, {
        method: "PUT",
        path: `/organizations/${accountOf(cloud).id}/team/${text(team)}${path(cloud, inputs.repository)}`,
      });
      const id = joinId(team, inputs.repository);
      return {
        id,
        name: `${given} ${repository.name}`,
        outputs: { etag: `W/"${digest([id, inputs.permission])}"` },
        beside: { repositoryId: repository.outputs.repoId },
      };
    },
    update: (_cloud, object, inputs) => ({ etag: `W/"${digest([object.id, inputs.permission])}"` }),
  },
};
