import { startEmbedded } from "../../api/db/embedded/embedded-server.ts";
import type { Programs } from "../../api/db/embedded/programs.ts";

/** The server that the tests of one vitest project share: one that is there already, or one that starts when first needed. */
export type TestServer =
  | { readonly url: string }
  | { readonly home: string; readonly programs: Programs | undefined };

declare module "vitest" {
  interface ProvidedContext {
    readonly testServer: TestServer;
  }
}

/** Connects this process to the server, starting it if need be; the server stays until the process ends. */
export async function holdTestServer(
  server: TestServer,
): Promise<{ readonly url: string } & AsyncDisposable> {
  if ("url" in server) return { url: server.url, async [Symbol.asyncDispose]() {} };
  const { home, programs } = server;
  const held = await startEmbedded({ home, ephemeral: true, ...(programs ? { programs } : {}) });
  return { url: held.connectionString, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
}
