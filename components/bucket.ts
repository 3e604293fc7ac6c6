import { createHash } from "node:crypto";
import { Cdn } from "@pulumi/digitalocean/cdn.js";
import { Certificate } from "@pulumi/digitalocean/certificate.js";
import { DnsRecord } from "@pulumi/digitalocean/dnsRecord.js";
import { SpacesBucket } from "@pulumi/digitalocean/spacesBucket.js";
import { SpacesBucketCorsConfiguration } from "@pulumi/digitalocean/spacesBucketCorsConfiguration.js";
import { SpacesBucketPolicy } from "@pulumi/digitalocean/spacesBucketPolicy.js";
import { SpacesKey } from "@pulumi/digitalocean/spacesKey.js";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import { physicalName } from "../platforms/naming.ts";
import type { Platform } from "../platforms/platform.ts";
import { never } from "./never.ts";
import { bucketProblems, renderLifecycle, renderPolicy } from "./bucket/resolve.ts";

/** When contents go by themselves. A change acts within a day, and what is gone is gone. */
export interface LifecycleArgs {
  /** Only what begins so, such as `"tmp/"`. Acts within a day. @default everything */
  readonly prefix?: string;
  /** Days after which something is deleted; where there are versions, hidden behind a mark. Acts within a day. @default never */
  readonly days?: number;
  /** Days after which old versions are deleted. Acts within a day. @default never */
  readonly oldVersionsDays?: number;
  /** Days after which uploads that were never finished are deleted. Acts within a day. @default never */
  readonly unfinishedUploadsDays?: number;
}

/** Which pages of other sites may use the bucket from a browser. */
export interface BucketCorsArgs {
  /** Origins, exactly as a browser sends them. Acts at once. */
  readonly origins: readonly string[];
  /** What their pages may do. Acts at once. */
  readonly methods: readonly ("GET" | "HEAD" | "PUT" | "POST" | "DELETE")[];
  /** Headers that a page may send; one `*` in each stands for anything. Acts at once. @default none */
  readonly headers?: readonly string[];
  /** Headers of the answer that a page may read. Acts at once. @default none */
  readonly expose?: readonly string[];
  /** Seconds that a browser may keep the answer. Acts at once. @default 3600 */
  readonly maxAgeSeconds?: number;
}

/** An access key that reaches this bucket and no other. */
export interface BucketKeyArgs {
  /** What it may do. `fullaccess` is not offered: it reaches every bucket of the team. Acts at once. */
  readonly access: "read" | "readwrite";
  /** Raise it for a new key; services are deployed with it before the old one is deleted. @default 1 */
  readonly generation?: number;
}

/** Options for {@link Bucket}. */
export interface BucketArgs {
  /** A platform without a cloud has no buckets, and refuses it. */
  readonly platform: Platform;
  /**
   * Its name, which is unique among all of DigitalOcean's customers. Another one replaces the bucket and does not move the contents;
   * where data is kept that is refused. @default system, stack and the component's name
   */
  readonly bucketName?: string;
  /**
   * Keeps what is overwritten or deleted as old versions, which cost like everything else. Taken away, no new ones are kept. @default
   * true in production, else false
   */
  readonly versioning?: boolean;
  /** What goes by itself, by the rule's name. A rule that leaves the list does nothing any more. @default nothing */
  readonly lifecycle?: Readonly<Record<string, LifecycleArgs>>;
  /** Pages that may use it. Acts at once. @default none */
  readonly cors?: readonly BucketCorsArgs[];
  /**
   * What anybody in the world may read, by the beginning of the name: `["public/"]`; `"*"` for everything. Nobody may list the contents.
   * Acts at once. @default nothing
   */
  readonly publicRead?: readonly string[];
  /** Keys for services, by name; `env(name)` hands one over. A new permission acts at once. @default none */
  readonly keys?: Readonly<Record<string, "read" | "readwrite" | BucketKeyArgs>>;
  /**
   * Serves what is public from near its readers. Costs nothing beside Spaces, whose price is unknown. Taken away, its
   * addresses answer no more. @default none
   */
  readonly cdn?: {
    /** How long the edge keeps something, in seconds: 60, 600, 3600, 86400 or 604800. Acts on what is fetched from then on. @default 3600 */
    readonly ttlSeconds?: 60 | 600 | 3600 | 86_400 | 604_800;
    /**
     * A host of one's own, with its zone at DigitalOcean: gets a certificate and a DNS record. Another one replaces them, and the old
     * host stops answering. @default the CDN's own address
     */
    readonly host?: { readonly name: string; readonly zone: string };
  };
  /**
   * Protects it against deletion, and leaves it there when it leaves the program. A change acts at once. False lets `pulumi destroy` delete it with all
   * contents. @default true in production, else false
   */
  readonly keepData?: boolean;
}

/** Seconds that resolvers may keep the record of the CDN's host. */
const timeToLive = 300;

/** A private Spaces bucket. It costs by the team and by the GiB; no source of ours tells the price, so it counts as unknown. */
export class Bucket extends pulumi.ComponentResource {
  /** Its name, known once it is there. */
  public readonly bucketName: pulumi.Output<string>;
  /** Where what is public can be read, without a `/` at the end: from the CDN where there is one. */
  public readonly url: pulumi.Output<string>;
  private readonly keys = new Map<string, SpacesKey>();
  private readonly region: string;
  private readonly refuse: (problem: string) => boolean;
  private readonly named: readonly string[];

  constructor(name: string, args: BucketArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, cors = [], publicRead = [], keys = {}, cdn, lifecycle = {} } = args;
    const { cloud, environment, system, stack } = platform;
    const physical = args.bucketName ?? physicalName([system, stack, name], 63);
    const isRefused = platform.refuse(name, [
      ...bucketProblems(physical, args),
      cloud === undefined && "no platform but the cloud's has buckets. Make it only where platform.cloud is defined.",
    ]);
    super("groundwork:components:Bucket", name, {}, opts);
    this.named = Object.keys(keys);
    this.refuse = (problem) => platform.refuse(name, [problem]);
    if (isRefused || cloud === undefined) {
      this.region = "";
      this.bucketName = never();
      this.url = never();
      this.registerOutputs({});
      return;
    }
    const keepData = args.keepData ?? environments[environment].keepData;
    const region = cloud.region.datacenter;
    const bucket = new SpacesBucket(
      name,
      {
        name: physical,
        region,
        acl: "private",
        versioning: { enabled: args.versioning ?? environments[environment].keepData },
        lifecycleRules: renderLifecycle(lifecycle),
        // Else a bucket that has been used can only be deleted by hand.
        forceDestroy: !keepData,
      },
      // Only renamed, the provider would keep the old bucket and speak of one that does not exist.
      { parent: this, protect: keepData, retainOnDelete: keepData, replaceOnChanges: ["name"] },
    );
    cloud.addToProject(bucket.bucketUrn);
    const inBucket = { parent: this, deletedWith: bucket };
    if (cors.length > 0) {
      new SpacesBucketCorsConfiguration(
        `${name}-cors`,
        { bucket: bucket.name, region, corsRules: cors.map(renderCors) },
        // The same as with the bucket itself.
        { ...inBucket, replaceOnChanges: ["bucket"] },
      );
    }
    if (publicRead.length > 0)
      new SpacesBucketPolicy(`${name}-policy`, { bucket: bucket.name, region, policy: renderPolicy(physical, publicRead) }, inBucket);
    for (const [key, wanted] of Object.entries(keys)) {
      const { access: permission, generation = 1 } = typeof wanted === "string" ? { access: wanted } : wanted;
      // Another generation is another resource: made first, and the old one goes once services have the new one.
      const role = generation === 1 ? "" : `-${generation}`;
      this.keys.set(
        key,
        new SpacesKey(
          `${name}-key-${key}${role}`,
          { name: physicalName([system, stack, name, `${key}${role}`], 60), grants: [{ bucket: bucket.name, permission }] },
          { parent: this },
        ),
      );
    }
    this.region = region;
    this.bucketName = bucket.name;
    this.url = cdn === undefined ? pulumi.interpolate`https://${bucket.bucketDomainName}` : this.deliver(name, bucket, args, cdn);
    this.registerOutputs({ bucketName: this.bucketName, url: this.url });
  }

  /**
   * Variables of a key, as the AWS libraries read them, and the bucket's name as `S3_BUCKET`. The key is secret.
   *
   * @param key Its name among `keys`.
   */
  public env(key: string): Readonly<Record<string, pulumi.Output<string>>> {
    const found = this.keys.get(key);
    if (!this.named.includes(key)) this.refuse(`there is no key "${key}". It has: ${this.named.join(", ") || "none"}.`);
    if (found === undefined) {
      const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL_S3", "S3_BUCKET"];
      return Object.fromEntries(names.map((name) => [name, never<string>()]));
    }
    return {
      AWS_ACCESS_KEY_ID: pulumi.secret(found.accessKey),
      AWS_SECRET_ACCESS_KEY: pulumi.secret(found.secretKey),
      AWS_REGION: pulumi.output(this.region),
      AWS_ENDPOINT_URL_S3: pulumi.output(`https://${this.region}.digitaloceanspaces.com`),
      S3_BUCKET: this.bucketName,
    };
  }

  /** The CDN with its host. Returns where it answers. */
  private deliver(
    name: string,
    bucket: SpacesBucket,
    { platform: { system, stack } }: BucketArgs,
    { host, ttlSeconds: ttl = 3600 }: NonNullable<BucketArgs["cdn"]>,
  ): pulumi.Output<string> {
    const origin = bucket.bucketDomainName;
    if (host === undefined) {
      const { endpoint } = new Cdn(`${name}-cdn`, { origin, ttl }, { parent: this });
      return pulumi.interpolate`https://${endpoint}`;
    }
    // A certificate never changes, and none that is used can be deleted: so another host is another name, made before the old one goes.
    const certificate = new Certificate(
      `${name}-certificate`,
      { name: physicalName([system, stack, name, hash(host.name)], 60), type: "lets_encrypt", domains: [host.name] },
      { parent: this, deleteBeforeReplace: false },
    );
    const cdn = new Cdn(`${name}-cdn`, { origin, ttl, customDomain: host.name, certificateName: certificate.name }, { parent: this });
    const value = pulumi.interpolate`${cdn.endpoint}.`;
    const label = host.name === host.zone ? "@" : host.name.slice(0, -host.zone.length - 1);
    new DnsRecord(`${name}-cdn`, { domain: host.zone, name: label, type: "CNAME", value, ttl: timeToLive }, { parent: this });
    return pulumi.output(`https://${host.name}`);
  }
}

function renderCors({ origins, methods, headers = [], expose = [], maxAgeSeconds = 3600 }: BucketCorsArgs) {
  return {
    allowedOrigins: [...origins],
    allowedMethods: [...methods],
    allowedHeaders: [...headers],
    exposeHeaders: [...expose],
    maxAgeSeconds,
  };
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
