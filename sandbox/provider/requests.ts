import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../catalogue/index.ts";
import type { CloudContext, ResourceKind } from "../catalogue/kind.ts";
import type { CloudStore, Fault, Operation, Properties } from "../cloud/store.ts";

/** The API said no, or did not answer; `status` as HTTP has it. */
class ApiError extends Error {
  readonly status: number;
  constructor(request: string, status: number, text: string) {
    super(`${request}: ${status} ${text}`);
    this.status = status;
  }
}

/** Requests after the first that the real client makes when it is told to slow down or meets an internal error. */
const retries = 4;

/** The API of one cloud, as its client meets it: numbered requests that are limited, struck by faults, and refused. */
export class Requests {
  readonly #store: CloudStore;
  readonly #provider: string;
  /** The provider's own configuration. */
  config: Properties = {};

  constructor(provider: string, store: CloudStore) {
    this.#provider = provider;
    this.#store = store;
  }

  /** One request to the API, what it makes real first: alone in the stored cloud, repeated like the real client does, struck by the faults that wait for it. */
  async send<T, Made = never>(
    type: string,
    operation: Operation,
    failed: string,
    effect: (cloud: CloudContext, made: Made | undefined) => T,
    real?: () => Promise<Made>,
  ): Promise<T> {
    const perform = async (): Promise<T> => {
      const made = await real?.();
      return this.#store.transaction(() => effect(this.context(), made));
    };
    try {
      for (let attempt = 0; ; attempt++) {
        const tooSoon = this.#tooSoon(type);
        if (tooSoon > 0) {
          // The reply says when to come back, and the real client does.
          if (attempt >= retries) throw unanswered(type, operation, "429", attempt + 1);
          await sleep(tooSoon);
          continue;
        }
        const fault = this.#store.takeFault(type, operation, "request");
        if (!fault) return await perform();
        const done = fault.after ? { result: await perform() } : undefined;
        if (fault.kind === "crash") process.kill(process.pid, "SIGKILL");
        if (fault.kind === "slow") {
          await sleep((fault.details.seconds ?? 10) * 1000);
          return done ? done.result : await perform();
        }
        if (attempt >= retries) throw unanswered(type, operation, fault.kind, attempt + 1);
        await sleep(20 * 2 ** attempt);
      }
    } catch (error) {
      if (error instanceof ApiError) throw new Error(failed === "" ? error.message : `${failed}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** What a kind of resource is handed of the cloud. */
  context(): CloudContext {
    const uuid = (...purpose: readonly (string | number)[]): string => {
      const hex = this.#store.derive("uuid", ...purpose).toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    };
    return {
      store: this.#store,
      now: new Date(),
      config: this.config,
      fails: false,
      uuid,
      refuse: (request, status, message) => {
        // GitHub's client says nothing of the request's number.
        const number = this.#provider === "github" ? "" : `(request "${uuid("request", this.#store.next("request"))}") `;
        throw new ApiError(request, status, number + message);
      },
    };
  }

  /** Something that a request is about is gone. */
  refuseLost(cloud: CloudContext, method: string, kind: ResourceKind, id: string): never {
    const words = this.#provider === "github" ? "Not Found []" : "The resource you were accessing could not be found.";
    return cloud.refuse(`${method} ${address(kind)}/${id}`, 404, words);
  }

  /** Milliseconds until the API takes another request for a type that it limits; 0: it takes this one. */
  #tooSoon(type: string): number {
    const limit = kinds[this.#provider]?.[type]?.limit;
    return limit === undefined ? 0 : this.#store.takeTurn(type, limit.requests, limit.seconds * 1000, Date.now());
  }
}

const methods: Readonly<Record<Operation, string>> = { create: "POST", read: "GET", update: "PUT", delete: "DELETE" };

/** Where a kind's requests go; a path alone is DigitalOcean's. */
const address = ({ request: { collection } }: ResourceKind): string =>
  collection.startsWith("/") ? `https://api.digitalocean.com${collection}` : collection;

function unanswered(type: string, operation: Operation, status: Fault["kind"], attempts: number): ApiError {
  const kind = Object.values(kinds).find((of) => of[type])?.[type];
  const text = status === "429" ? "Too many requests" : "Server Error";
  return new ApiError(
    `${methods[operation]} ${kind ? address(kind) : ""}`,
    Number(status),
    `${text}: giving up after ${attempts} attempts`,
  );
}
