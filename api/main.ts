import "reflect-metadata";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Request, RequestHandler, Response } from "express";
import { loadTransforms, requireAddon } from "../compute/index.ts";
import { anonymousPrincipal } from "./access/principal.ts";
import type { Config } from "./config.ts";
import { createContext } from "./context.ts";
import { ServiceError } from "./errors.ts";
import { AddressLimit } from "./http/address-limit.ts";
import { createApollo, type HttpContext } from "./http/apollo.ts";
import { createApp, requestIdOf } from "./http/app.ts";
import { eventStreams } from "./http/event-stream.ts";
import { graphqlEndpoint } from "./http/graphql-endpoint.ts";
import { SubscriptionGate } from "./http/subscription-gate.ts";
import { uploadEndpoint } from "./http/upload-endpoint.ts";
import { serveSockets } from "./http/websocket.ts";
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
 * @throws {KernelError} ADDON_UNAVAILABLE, ADDON_STALE: every statistic would fail
 * @throws {ServiceError} CONFIG_INVALID where nothing can listen
 * @param deps - an open database, the configuration, the log; services, where the caller has them already
 */
export async function createApi(deps: ServiceDeps & { readonly services?: Services }): Promise<Api> {
  requireAddon();
  const { config } = deps;
  await loadTransforms(config.plugins);
  const services = deps.services ?? createServices(deps);
  const schema = buildApiSchema();
  const server = createServer({ maxHeaderSize: 16_384 });
  hardenServer(server);
  const apollo = createApollo(schema, server, config);
  await apollo.start();
  let open = true;
  const contextOf = makeContextOf(deps, services);
  const graphql: RequestHandler = graphqlEndpoint(apollo, schema, config, contextOf);
  const uploads = uploadEndpoint(services);
  const gate = new SubscriptionGate(schema, deps, services);
  const addresses = new AddressLimit(config.limits.socketsPerAddress);
  const streams = eventStreams(gate, addresses, config);
  server.on(
    "request",
    createApp({ deps, schema, graphql, uploads, streams: streams.handler, isOpen: () => open }),
  );
  const sockets = serveSockets(server, { gate, addresses, config, log: deps.log });
  const port = await listen(server, config.http).catch(async (error: unknown) => {
    await sockets[Symbol.asyncDispose]();
    await apollo.stop();
    throw toListenError(error, config.http);
  });
  const host = config.http.host.includes(":") ? `[${config.http.host}]` : config.http.host;
  return {
    services,
    port,
    url: `http://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      open = false;
      streams.close();
      await sockets[Symbol.asyncDispose]();
      await apollo.stop();
      await services.runs[Symbol.asyncDispose]();
    },
  };
}

/** Limits against clients that hold connections without using them. Bodies have limits of their own, by route. */
function hardenServer(server: Server): void {
  server.headersTimeout = 10_000;
  // Uploads take as long as they take while bytes come; other bodies are given 15 s where they are read.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 5_000;
  server.maxConnections = 512;
  server.maxHeadersCount = 64;
}

function makeContextOf(
  { log }: ServiceDeps,
  services: Services,
): (request: Request, response: Response) => HttpContext {
  // Until the operation is admitted nobody has asked yet: this one may do nothing.
  const nobody = anonymousPrincipal("public");
  return (request, response) => {
    const gone = new AbortController();
    // After a whole answer nobody listens any more, and aborting makes an error with its stack for nobody.
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    const context = createContext({
      principal: nobody,
      services,
      requestId: requestIdOf(response),
      signal: gone.signal,
      log,
    });
    const authenticate = () => services.tokens.authenticate(request.headers.authorization);
    return Object.assign(context, { authenticate });
  };
}

function listen(server: Server, { host, port }: Config["http"]): Promise<number> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      // Safe: a server that listens on TCP has an address with a port.
      done((server.address() as AddressInfo).port);
    });
  });
}

function toListenError(error: unknown, { host, port }: Config["http"]): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "another program listens there",
    EACCES: "this user may not listen there",
    EADDRNOTAVAIL: "this machine has no such address",
  };
  const reason = typeof code === "string" ? reasons[code] : undefined;
  if (reason === undefined) return error;
  const message = `Expected to listen on ${host}:${port}, but ${reason}; choose another HOST or PORT`;
  return new ServiceError("CONFIG_INVALID", message, { cause: error });
}
