import { getRestApi } from "@pulumi/github/getRestApi.js";
import type * as pulumi from "@pulumi/pulumi";

/** Reads below `repos/<owner>/<name>/` what no other look-up of the provider tells; undefined where there is nothing. */
export async function readApi(fullName: string, path: string, opts: pulumi.InvokeOptions): Promise<unknown> {
  const { code, body } = await getRestApi({ endpoint: `repos/${fullName}/${path}` }, opts);
  return code === 404 ? undefined : (JSON.parse(body) as unknown);
}
