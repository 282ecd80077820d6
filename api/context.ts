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
}

/** The context of one request. */
export function createContext(parts: Omit<Context, "load">): Context {
  return { ...parts, load: createLoaders(parts.services) };
}
