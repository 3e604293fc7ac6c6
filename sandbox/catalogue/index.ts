import { docker } from "./docker/docker.ts";
import { app } from "./digitalocean/app.ts";
import { databases } from "./digitalocean/database.ts";
import { databaseParts } from "./digitalocean/database-parts.ts";
import { delivery } from "./digitalocean/delivery.ts";
import { dns } from "./digitalocean/dns.ts";
import { monitoring } from "./digitalocean/monitoring.ts";
import { network } from "./digitalocean/network.ts";
import { project } from "./digitalocean/project.ts";
import { registry } from "./digitalocean/registry.ts";
import { spaces } from "./digitalocean/spaces.ts";
import { access } from "./github/access.ts";
import { contents } from "./github/contents.ts";
import { environments } from "./github/environment.ts";
import { labels } from "./github/labels.ts";
import { repository } from "./github/repository.ts";
import { rulesets } from "./github/ruleset.ts";
import { secrets } from "./github/secrets.ts";
import { settings } from "./github/settings.ts";
import { lookups as digitalocean } from "./digitalocean/lookups.ts";
import { lookups as github } from "./github/lookups.ts";
import type { Kinds, Lookups } from "./kind.ts";
import { random } from "./random.ts";

/** Everything that the sandbox can stand in for, by provider. A type that is not here is refused. */
export const kinds: Readonly<Record<string, Kinds>> = {
  digitalocean: {
    ...app,
    ...databases,
    ...databaseParts,
    ...delivery,
    ...dns,
    ...monitoring,
    ...network,
    ...project,
    ...registry,
    ...spaces,
  },
  docker,
  github: { ...access, ...contents, ...environments, ...labels, ...repository, ...rulesets, ...secrets, ...settings },
  random,
};

/** The look-ups that it answers, by provider. A function that is not here is refused. */
export const lookups: Readonly<Record<string, Lookups>> = { digitalocean, github };
