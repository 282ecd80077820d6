import type { Logger } from "pino";
import type { Principal } from "./access/principal.ts";
import { createLoaders, type Loaders } from "./loaders.ts";
import type { Services } from "./services.ts";

/** What every resolver gets: who asks, the services, the batching look-ups of this request. */
export interface Context {
  readonly principal: Principal;
  readonly services: Services;
  /** Look-ups of single rows, gathered into one statement a tick; fresh for each request. */
  readonly load: Loaders;
  readonly requestId: string;
  /** Aborted when the client has gone: long computations look at it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Finds out anew who asks: what takes long looks whether it still may. */
  readonly authenticate: () => Promise<Principal>;
}

/** The context of one request; without `authenticate`, whoever asks is known for good. */
export function createContext(
  parts: Omit<Context, "load" | "authenticate"> & Partial<Pick<Context, "authenticate">>,
): Context {
  const { principal, services } = parts;
  return { authenticate: async () => principal, ...parts, load: createLoaders(services) };
}
