import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
import { anonymousPrincipal } from "./access/principal.ts";
import { type Context, createContext } from "./context.ts";
import { buildApiSchema } from "./schema.ts";
import { createServices, type ServiceDeps, type Services } from "./services.ts";

/** A running API; disposing it stops taking requests, finishes those in flight and leaves the database open. */
export interface Api extends AsyncDisposable {
  readonly services: Services;
  /** Base URL such as http://127.0.0.1:4000, without a slash at the end. */
  readonly url: string;
  readonly port: number;
}

/**
 * Starts the HTTP server on the configured host and port. The database must be migrated; it stays the caller's.
 *
 * @param deps - an open database, the configuration, the log
 */
export async function createApi(deps: ServiceDeps): Promise<Api> {
  const { config, log } = deps;
  const services = createServices(deps);
  const app = express();
  app.disable("x-powered-by");
  const server = createServer(app);
  const apollo = new ApolloServer<Context>({
    schema: buildApiSchema(),
    plugins: [ApolloServerPluginDrainHttpServer({ httpServer: server })],
    persistedQueries: false,
    allowBatchedHttpRequests: false,
  });
  await apollo.start();
  app.use(
    "/graphql",
    express.json({ limit: config.limits.bodyBytes }),
    expressMiddleware(apollo, {
      context: async () =>
        createContext({
          principal: anonymousPrincipal(config.access.anonymousRole),
          services,
          requestId: randomUUID(),
          signal: new AbortController().signal,
          log,
        }),
    }),
  );
  await new Promise<void>((done, fail) => {
    server.once("error", fail).listen(config.http.port, config.http.host, done);
  });
  // Safe: a server listening on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  const host = config.http.host.includes(":") ? `[${config.http.host}]` : config.http.host;
  return {
    services,
    port,
    url: `http://${host}:${port}`,
    [Symbol.asyncDispose]: () => apollo.stop(),
  };
}
