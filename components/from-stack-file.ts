import * as pulumi from "@pulumi/pulumi";
import { type Access, sortAccess } from "../config/access.ts";
import type { Alerts } from "../config/alerts.ts";
import type { Logs } from "../config/logs.ts";
import type { AlertDestinations } from "../platforms/platform.ts";
import type { LogDestination } from "../platforms/workloads.ts";

/** Who is told, from what a stack file says: the secret URL of a channel's webhook stands with the other secrets. */
export function alertDestinations({ emails, slack }: Alerts, webhook: pulumi.Output<string> | undefined): AlertDestinations {
  if (slack === undefined) return { emails };
  return { emails, slack: [{ channel: slack, url: needed("alerts/slack", "slackWebhook", webhook) }] };
}

/** Where lines go, from what a stack file says: the key that writes there stands with the other secrets. */
export function logDestinations(logs: Logs | undefined, key: pulumi.Output<string> | undefined): readonly LogDestination[] {
  if (logs === undefined) return [];
  const secret = (): pulumi.Output<string> => needed("logs", "logsKey", key);
  const name = "logs";
  switch (logs.to) {
    case "papertrail":
      return [{ name, papertrail: { endpoint: logs.endpoint } }];
    case "datadog":
      return [{ name, datadog: { apiKey: secret(), ...(logs.endpoint === undefined ? {} : { endpoint: logs.endpoint }) } }];
    case "logtail":
      return [{ name, logtail: { token: secret() } }];
    case "openSearch": {
      const { endpoint, index, user } = logs;
      return [{ name, openSearch: { endpoint, user, password: secret(), ...(index === undefined ? {} : { index }) } }];
    }
  }
}

/** The addresses that may connect now. Those whose time has passed are left out, and named once. */
export function openAccess(access: readonly Access[]): readonly string[] {
  const { open, ended } = sortAccess(access);
  for (const { address, until } of ended)
    void pulumi.log.warn(`The access of ${address} to the database has ended (${until}). Remove it from the stack file.`);
  return open;
}

function needed(path: string, name: string, value: pulumi.Output<string> | undefined): pulumi.Output<string> {
  if (value !== undefined) return value;
  throw new pulumi.RunError(
    `${path}: needs a secret beside it. Set it with pulumi config set --secret --path 'groundwork:provided.${name}' --stack ${pulumi.getStack()}`,
  );
}
