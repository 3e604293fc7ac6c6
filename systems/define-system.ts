import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import type { Acknowledged } from "../config/acknowledge.ts";
import type { JsonSchema, StackKind } from "../config/json-schema.ts";
import { stackFileSchemas } from "../config/json-schema.ts";
import type { CheckedConfig, EnvironmentConfig, SharedConfig, SystemPart } from "../config/load.ts";
import { type DeliveryPart, loadDelivery } from "../config/delivery.ts";
import type { DeliveryDefinition } from "../components/github/definition.ts";
import { deliveryPart, secretsByDefault } from "../components/github/part.ts";
import { holdRegistrations } from "./hold.ts";
import type { missing } from "../components/existing.ts";
import { contentKnown, refuseContent } from "../components/content-rules.ts";
import { recordReleases } from "../components/release-record.ts";
import { imageTexts } from "../config/images.ts";
import { environmentName, type EnvironmentRules, environments } from "../config/environments.ts";
import { loadEnvironment, loadImages, loadShared, unusedProblems } from "../config/load.ts";
import type { Problem } from "../config/errors.ts";
import { ConfigError } from "../config/errors.ts";
import type { RegistryChoice } from "../config/registry.ts";
import type { SecretFormat } from "../config/secret-format.ts";
import { formatOf } from "../config/secret-format.ts";
import type { Source } from "../config/source.ts";
import { readSource, stackFile } from "../config/source.ts";
import { addMigrations, aheadOf, parseMigrations, readMigrations } from "../config/migrations.ts";
import type { Identity } from "../config/held.ts";
import type { Promotions } from "../config/promotion.ts";
import {
  imagesOf,
  newToStack,
  parseForced,
  promotionProblems,
  provenOutput,
  readProven,
  unproven,
  usualPromotions,
} from "../config/promotion.ts";
import { sizeSchemas } from "../config/schema.ts";
import { heldBy, heldProblems } from "../config/held.ts";
import { type Checkout, checkoutProblem, compareCheckouts, gitIn, isAllowed, readCheckout } from "../config/checkout.ts";
import type { Past } from "../config/releases.ts";
import { describeReturn, readDeployedFrom, resolvePast } from "../config/releases.ts";
import { readState } from "../config/state.ts";
import { readLastDeployment as readFromApp } from "../platforms/app-platform/last-deployment.ts";
import { readLastDeployment as readFromDockerHost } from "../platforms/docker-host/last-deployment.ts";
import { readPulled } from "../platforms/app-platform/pull.ts";
import { loadPlatform } from "../platforms/load.ts";
import type { Platform } from "../platforms/platform.ts";

/** Flat values that a stack shows after `up`; what is undefined is left out. */
export type StackOutputs = Readonly<Record<string, pulumi.Input<string> | undefined>>;

/** A web system, described once for all its stacks. */
export interface SystemDefinition<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape> extends SystemPart<
  Service,
  Provided,
  Own
> {
  /**
   * Environment → the one that has to have run an image healthy before it may come there; `{}` where there is no such rule. A change
   * acts on the next new image. @default what `delivery` promotes; without one, `{ production: "staging" }`
   */
  readonly promotes?: Promotions;
  /** The stack named `shared`: what environments have in common, such as the DNS zone. */
  shared(config: SharedConfig & { readonly system: string }): StackOutputs;
  /** How it gets from a commit to its environments, and what it has at GitHub for that: the stack named `delivery`. Left out, there is none. */
  readonly delivery?: DeliveryDefinition;
  /** Every other stack: one environment. Runs to its end without waiting; the platform is completed afterwards. */
  build(config: EnvironmentConfig<Service, Provided, Own>, platform: Platform): StackOutputs;
}

/** A system that can be started. */
export interface System {
  /** Services that run an image. */
  readonly services: readonly string[];
  /** Forms of the secrets that workflows read, by their path in the file of `delivery`. */
  readonly delivered: Readonly<Record<string, SecretFormat>>;
  /** Names of the secrets that somebody else issues, optional ones too. */
  readonly provided: readonly string[];
  /** What each of these secrets looks like. */
  readonly formats: Readonly<Record<string, SecretFormat>>;
  /** Environment → the one whose images it takes. */
  readonly promotes: Promotions;
  /** How it gets from a commit to its environments, if the system says. */
  readonly delivery: DeliveryDefinition | undefined;
  /** What is wrong with a stack's configuration by itself: images may be running already, so none is missed. Registers nothing. */
  problems(source: Source): readonly Problem[];
  /** The `versions` of an environment's stack file with their defaults, by what they are of; nothing for a system that has none. */
  versions(given: unknown): Readonly<Record<string, string>>;
  /** Its stack files as editors check them. */
  schemas(): Partial<Record<StackKind, JsonSchema>>;
  /** Registers the resources of the current stack. */
  start(): Promise<Readonly<Record<string, pulumi.Input<string | readonly string[]> | undefined>>>;
}

/** The stack that environments share. */
const sharedStack = "shared";

/** The stack of what is at GitHub. These two are the only names that are not an environment's. */
const deliveryStack = "delivery";

/** Stands for what a service runs, where only the configuration is looked at. */
const anyImage = `ghcr.io/example/any@sha256:${"0".repeat(64)}`;

/** Types are stripped and not checked where a system is loaded, so what is forgotten is said here, and not by the first line that needs it. */
function refuseIncomplete(definition: object): void {
  const wanted = { services: "object", provided: "object", schema: "function", shared: "function", build: "function" } as const;
  const given = definition as Readonly<Record<string, unknown>>;
  const missing = Object.entries(wanted).flatMap(([name, type]) => (typeof given[name] === type && given[name] !== null ? [] : [name]));
  if (missing.length > 0) throw new Error(`defineSystem({ … }) lacks ${missing.join(", ")}: systems/template/system.ts has all of it`);
}

/** Makes a system of its description. Configuration is read and checked whole before anything is registered. */
export function defineSystem<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape>(
  definition: SystemDefinition<Service, Provided, Own>,
): System {
  refuseIncomplete(definition);
  const running = Object.fromEntries(definition.services.map((service) => [service, anyImage]));
  const load = (source: Source): CheckedConfig<Service, Provided, Own> => loadEnvironment(source, definition, running);
  const problems = (source: Source): readonly Problem[] => {
    try {
      if (source.stack === sharedStack) loadShared(source);
      else if (source.stack === deliveryStack) loadDelivery(source, delivered(source.project));
      else load(source);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };
  const promotes = definition.promotes ?? promotionsOf(definition.delivery) ?? usualPromotions;
  const delivered = (name: string): DeliveryPart => {
    if (definition.delivery) return deliveryPart(definition.delivery, { name, folder: ".", services: definition.services });
    throw new ConfigError(`Pulumi.${deliveryStack}.yaml`, [
      { path: "", message: `${name} has no delivery. Describe it in its system.ts.` },
    ]);
  };
  return {
    services: definition.services,
    promotes,
    delivery: definition.delivery,
    delivered: definition.delivery ? secretsByDefault(delivered("system")) : {},
    provided: Object.keys(definition.provided),
    formats: Object.fromEntries(Object.entries(definition.provided).map(([name, schema]) => [name, formatOf(schema)])),
    schemas: () => stackFileSchemas(definition, definition.delivery && delivered("system")),
    versions(given) {
      const schema = (definition.schema(sizeSchemas("staging")) as z.ZodRawShape)["versions"] as z.ZodType | undefined;
      const { data = {} } = schema?.safeParse(given) ?? {};
      return data as Record<string, string>;
    },
    problems,
    async start() {
      const source = readSource();
      if (source.stack === sharedStack) {
        const shared = loadShared(source);
        const identity = sharedIdentity(shared);
        const held = heldProblems(source.stack, identity, heldBy(await readState(source.project, source.stack)), true);
        refuse(source, [...held, ...(await lookForExisting(shared.existing, shared.zone))]);
        const outputs = definition.shared({ ...shared, system: source.project });
        return { ...outputs, ...(await registryOutputs(shared.registry)), ...identity };
      }
      if (source.stack === deliveryStack) {
        delivered(source.project);
        const { startDelivery } = await import("./deliver.ts");
        return startDelivery(definition.delivery as DeliveryDefinition, definition.services, source);
      }
      // Before the state is read, which makes the engine note a provider: a wrong file leaves nothing but the stack.
      const { acknowledged, ...checked } = load(source);
      const state = await readState(source.project, source.stack);
      const past = resolvePast(state, readFromApp(state) ?? readFromDockerHost(state));
      const { keepData } = environments[checked.environment];
      const chosen = loadImages(source, definition.services, past.running, checked.platform.type);
      const held = heldProblems(source.stack, identityOf(checked), heldBy(state), keepData);
      const checkout = await lookAtCheckout(source, environments[checked.environment], readDeployedFrom(state));
      refuse(source, [...chosen.problems, ...held, ...checkout.problems, ...(await lookForExisting(checked.existing))]);
      const config = Object.freeze({ ...checked, images: chosen.images }) as unknown as EnvironmentConfig<Service, Provided, Own>;
      const images = imageTexts(config.images);
      const forced = await refuseUnproven(source, promotes[checked.environment], images, past);
      const taken = Object.keys(images).length === 0 ? Object.keys(past.running) : [];
      if (taken.length > 0)
        void pulumi.log.warn(`images: none takes away what runs: ${taken.join(", ")}. Without it, they stay as they are.`);
      const warning = describeReturn(past, images);
      if (warning !== undefined) void pulumi.log.warn(warning);
      const { said, problems: unreadable } = parseMigrations(source.migrations, definition.services);
      refuse(source, unreadable);
      const time = new Date().toISOString();
      const { releases: former } = past.recorded;
      const migrations = addMigrations(readMigrations(state), said, { images, releases: former, now: time });
      const ahead = aheadOf(migrations, images, former);
      if (ahead.size > 0)
        void pulumi.log.warn(`${[...ahead].join(", ")}: the database has seen migrations that came after this image, so it runs none.`);
      const platform = await loadPlatform(config.platform, {
        system: source.project,
        stack: source.stack,
        environment: config.environment,
        domain: config.domain,
        // One more after a failure anyway.
        attempt: past.attempt + (source.redeploy === true && past.failed === undefined ? 1 : 0),
        pulled: readPulled(state),
        project: config.existing.project,
        acknowledged,
        held: state,
        ahead,
      });
      const register = holdRegistrations();
      const outputs = await describe(
        source,
        platform,
        { acknowledged, accepted: config.acknowledge, runs: Object.keys(images).length > 0 },
        () => definition.build(config, platform),
      );
      await platform.checked();
      const deployed = platform.complete();
      register();
      const release = {
        images,
        time,
        ...defined({ commit: source.commit, run: source.run }),
        ...(forced.length > 0 ? { unproven: forced } : {}),
        ...(Object.keys(said).length > 0 ? { migrations: Object.keys(said) } : {}),
      };
      const releases = recordReleases(past, deployed, release, migrations, checkout.here);
      return { ...defined({ ...outputs, ...identityOf(config) }), [provenOutput]: releases.apply(imagesOf) };
    },
  };
}

/** What the delivery promotes from where, so that it is said once. */
function promotionsOf(delivery: DeliveryDefinition | undefined): Promotions | undefined {
  if (delivery === undefined) return undefined;
  const pairs = Object.entries(delivery.environments).flatMap(([stack, { promotes }]) => {
    const [to, from] = [environmentName(stack), promotes === undefined ? undefined : environmentName(promotes)];
    return to === undefined || from === undefined || to === from ? [] : [[to, from] as const];
  });
  return Object.fromEntries(pairs);
}

/** What an environment's stack says of itself in its outputs. */
function identityOf({ platform, domain }: EnvironmentConfig<string, z.ZodRawShape, z.ZodRawShape>): Identity {
  const { type, ...place } = platform;
  return { platform: type, domain, ...("network" in place ? { region: place.region, network: place.network } : {}) };
}

/** What the shared stack says of itself in its outputs. A registry that is only referred to is not held. */
function sharedIdentity({ zone, registry }: SharedConfig): Identity {
  if (registry === undefined || registry.from === "reference") return { zone };
  return { zone, registryName: registry.name, ...(registry.from === "create" ? { registryRegion: registry.region } : {}) };
}

/** Registers the registry, so that no system can forget it. Only systems that have one load what it needs. */
async function registryOutputs(choice: RegistryChoice | undefined): Promise<StackOutputs> {
  if (choice === undefined) return {};
  const { Registry } = await import("../components/registry.ts");
  return { registry: new Registry("registry", { choice }).endpoint };
}

/** What is said to stand already and does not. Only systems that say so load what it needs. */
async function lookForExisting(...[existing, zone]: Parameters<typeof missing>): Promise<readonly Problem[]> {
  const isAllMade = [existing.zone ?? "create", existing.project].every((from) => from === "create");
  return isAllMade ? [] : (await import("../components/existing.ts")).missing(existing, zone);
}

/**
 * Where the program lies, and what speaks against deploying from there. A preview only warns: a pull request that is a little behind
 * may well be looked at.
 */
async function lookAtCheckout(
  source: Source,
  { holdCheckout }: EnvironmentRules,
  deployed: Checkout | undefined,
): Promise<{ readonly here: Checkout | undefined; readonly problems: readonly Problem[] }> {
  const git = gitIn();
  const here = holdCheckout ? await readCheckout(git) : undefined;
  if (holdCheckout && here === undefined && deployed !== undefined)
    void pulumi.log.warn(
      `Whether this is older than ${deployed.commit.slice(0, 7)}, deployed last, cannot be told: it is no git checkout.`,
    );
  if (here === undefined || deployed === undefined || isAllowed(source.older, deployed)) return { here: here ?? deployed, problems: [] };
  const message = checkoutProblem(source.stack, here, deployed, await compareCheckouts(here, deployed, git));
  if (message === undefined) return { here, problems: [] };
  if (!pulumi.runtime.isDryRun()) return { here, problems: [{ path: "checkout", message }] };
  void pulumi.log.warn(`An up from here would be refused: ${message}`);
  return { here, problems: [] };
}

/**
 * Refuses images that the environment before never ran healthy. Only what is new here is asked about, so a run without new images
 * needs no other stack. Returns the services whose image is taken by name.
 */
async function refuseUnproven(source: Source, before: string | undefined, images: Record<string, string>, past: Past): Promise<string[]> {
  const { digests, problems } = parseForced(source.unproven, images);
  refuse(source, problems);
  const unknown = newToStack(images, past);
  if (before === undefined || unknown.length === 0) return [];
  const proven = await readProven(source.project, before);
  refuse(source, promotionProblems({ images, unknown, stack: source.stack, source: before, proven, forced: digests }));
  return unproven({ images, unknown, proven });
}

/**
 * Runs the system's function. Throws with all that is wrong with what it made, one text for all components, and with what the stack file
 * acknowledges for nothing. Where the function itself breaks off, what was found until then is told first: it may be the reason.
 */
async function describe(
  source: Source,
  platform: Platform,
  { acknowledged, accepted, runs }: { readonly acknowledged: Acknowledged; readonly accepted: readonly string[]; readonly runs: boolean },
  build: () => StackOutputs,
): Promise<StackOutputs> {
  let outputs: StackOutputs = {};
  let broken: Error | undefined;
  try {
    outputs = build();
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
  }
  await contentKnown();
  const nothingFound = refuseContent(platform, accepted);
  const refused = platform.refused();
  if (broken !== undefined) {
    if (refused.length === 0) throw broken;
    throw new pulumi.RunError([...refused, broken.message].join("\n"));
  }
  // Only what is otherwise right, and has its services, shows what it needs acknowledged.
  if (refused.length > 0) throw new pulumi.RunError(refused.join("\n"));
  if (runs) refuse(source, unusedProblems([...acknowledged.unused(), ...nothingFound]));
  return outputs;
}

function refuse(source: Source, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ConfigError(stackFile(source), problems);
}

function defined<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined));
}
