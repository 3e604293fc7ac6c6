import { hostName, oneOf, onlyKnown, twice, whole } from "../../config/checks.ts";
import { quote } from "../../config/problems.ts";
import { originProblem } from "../../config/rules/origins.ts";
import { keepDemand } from "../../platforms/demands.ts";
import type { Problems } from "../../platforms/gather.ts";
import type { BucketArgs, BucketKeyArgs, LifecycleArgs } from "../bucket.ts";
import { isHeader } from "../edge-proxy/hosts.ts";

/** What is wrong with the options of a bucket of that name. */
export function bucketProblems(
  physical: string,
  { platform, lifecycle = {}, cors = [], publicRead = [], keys = {}, cdn, keepData }: BucketArgs,
): string[] {
  const problems: string[] = [];
  const check = (...found: Problems): void => void problems.push(...found.filter((problem) => typeof problem === "string"));
  check(keepDemand(platform, keepData));
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(physical))
    problems.push(`bucketName: "${physical}" cannot be one. Use 3 to 63 lower-case letters, digits and hyphens.`);
  for (const [rule, { prefix, ...days }] of Object.entries(lifecycle)) {
    check(...onlyKnown(`lifecycle.${rule}`, days, ["days", "oldVersionsDays", "unfinishedUploadsDays"]));
    if (Object.keys(days).length === 0) problems.push(`lifecycle.${rule}: does nothing. Give it a number of days.`);
    for (const [option, value] of Object.entries(days))
      if (!Number.isInteger(value) || value < 1)
        problems.push(`lifecycle.${rule}.${option}: must be a whole number from 1 on, is ${value}.`);
    if (prefix?.startsWith("/")) problems.push(`lifecycle.${rule}.prefix: names do not begin with "/". Write "${prefix.slice(1)}".`);
  }
  cors.forEach(({ origins, methods, headers = [], expose = [], maxAgeSeconds }, index) => {
    const fail = (text: string): void => void problems.push(`cors[${index}].${text}`);
    if (origins.length === 0) fail("origins: name one.");
    for (const origin of origins) {
      const problem = originProblem(origin, platform.environment);
      if (problem !== undefined) fail(`origins: ${problem}.`);
    }
    if (methods.length === 0) fail("methods: name one.");
    methods.forEach((method) => check(oneOf(`cors[${index}].methods`, method, ["GET", "HEAD", "PUT", "POST", "DELETE"])));
    check(whole(`cors[${index}].maxAgeSeconds`, maxAgeSeconds, 0));
    for (const header of expose) if (!isHeader(header)) fail(`expose: ${quote(header)} is no header. Name each, as in "ETag".`);
    for (const header of headers) if (header.split("*").length > 2) fail(`headers: "${header}" has more than one "*".`);
  });
  for (const prefix of publicRead)
    if (prefix !== "*" && !/^[A-Za-z0-9._-][A-Za-z0-9._/-]*\/$/.test(prefix))
      problems.push(`publicRead: "${prefix}" must be the beginning of a name up to a "/", such as "public/", or "*" for everything.`);
  check(...twice("publicRead", publicRead));
  for (const [key, wanted] of Object.entries(keys)) {
    if (!/^[a-z][a-z0-9-]*$/.test(key)) problems.push(`keys: "${key}" cannot be a name. Use lower-case letters.`);
    const { access, generation }: Partial<BucketKeyArgs> = typeof wanted === "string" ? { access: wanted } : wanted;
    check(oneOf(`keys.${key}.access`, access, ["read", "readwrite"]), whole(`keys.${key}.generation`, generation, 1));
  }
  check(oneOf("cdn.ttlSeconds", cdn?.ttlSeconds, [60, 600, 3600, 86_400, 604_800]), hostName("cdn.host.name", cdn?.host?.name));
  if (cdn !== undefined && publicRead.length === 0)
    problems.push("cdn: it serves what anybody may read, and that is nothing. Say what in publicRead, or remove it.");
  if (cdn?.host !== undefined && cdn.host.name !== cdn.host.zone && !cdn.host.name.endsWith(`.${cdn.host.zone}`))
    problems.push(`cdn.host: "${cdn.host.name}" is not in the zone "${cdn.host.zone}".`);
  if (cdn?.host !== undefined && cdn.host.name === cdn.host.zone)
    problems.push(`cdn.host: "${cdn.host.name}" is a zone itself, and a zone cannot be a CNAME. Use a host in it.`);
  return problems;
}

/** Rules as the provider takes them, by name; each states what it is, so that none is read back otherwise. */
export function renderLifecycle(lifecycle: Readonly<Record<string, LifecycleArgs>>) {
  return Object.entries(lifecycle)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { prefix = "", days, oldVersionsDays, unfinishedUploadsDays }]) => ({
      id,
      prefix,
      enabled: true,
      ...(days === undefined ? {} : { expiration: { days } }),
      ...(oldVersionsDays === undefined ? {} : { noncurrentVersionExpiration: { days: oldVersionsDays } }),
      ...(unfinishedUploadsDays === undefined ? {} : { abortIncompleteMultipartUploadDays: unfinishedUploadsDays }),
    }));
}

/** Lets anybody get what begins like this, and list nothing. Always the same text for the same prefixes. */
export function renderPolicy(bucket: string, prefixes: readonly string[]): string {
  const resources = [...prefixes].sort().map((prefix) => `arn:aws:s3:::${bucket}/${prefix === "*" ? "" : prefix}*`);
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "public-read", Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: resources }],
  });
}
