import { randomUUID } from "node:crypto";
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from "express";
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { type Config, isLoopback } from "../config.ts";
import { checkMigrations } from "../db/migrate.ts";
import { errorTraits, ServiceError } from "../errors.ts";
import type { ServiceDeps } from "../services.ts";
import { describeFault } from "./error-format.ts";
import { graphiql, wantsPage } from "./graphiql.ts";
import { sendError } from "./responses.ts";

/** What the app is put together from. */
export interface AppParts {
  readonly deps: ServiceDeps;
  readonly schema: GraphQLSchema;
  readonly graphql: RequestHandler;
  readonly uploads: RequestHandler;
  /** Subscriptions as server-sent events. */
  readonly streams: RequestHandler;
  /** False once the server is stopping: load balancers then look elsewhere. */
  readonly isOpen: () => boolean;
}

/** The routes: /graphql, /graphql/stream, /v1/uploads/:id, /schema.graphql, /healthz and /readyz. */
export function createApp({ deps, schema, graphql, uploads, streams, isOpen }: AppParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  app.use(describeRequest(deps));
  app.use(checkHost(deps.config));
  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
    if (!isOpen())
      throw new ServiceError("DB_UNAVAILABLE", "Expected a server that takes requests, got one that stops");
    await checkMigrations(deps.database);
    response.json({ status: "ready" });
  });
  const sdl = printSchema(lexicographicSortSchema(schema));
  app.get("/schema.graphql", (_request, response) => {
    response.type("text/plain; charset=utf-8").send(sdl);
  });
  app.use("/v1/uploads", uploads);
  app.get("/", (_request, response) => {
    response.redirect("/graphql");
  });
  app.use("/graphql/stream", streams);
  app.use("/graphql", (request, response, next) =>
    wantsPage(request) ? graphiql(request, response, next) : graphql(request, response, next),
  );
  app.use(() => {
    throw new ServiceError("NOT_FOUND", "Expected /graphql or another known path, got something else");
  });
  app.use(answerErrors(deps));
  return app;
}

/** Gives the request an id and the response its headers; writes one line when it has ended, without its content. */
function describeRequest({ log }: ServiceDeps): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    response.locals["requestId"] = requestId;
    response.setHeader("X-Request-Id", requestId);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.setHeader("Cache-Control", "no-store");
    response.once("close", () => {
      const ms = Math.round((performance.now() - started) * 10) / 10;
      log.info({
        requestId,
        method: request.method,
        route: routeOf(request),
        status: response.statusCode,
        ms,
      });
    });
    next();
  };
}

/** The known part of a path: the rest could be anything, also a name. */
function routeOf({ originalUrl }: Request): string {
  const known = ["/graphql", "/v1/uploads", "/healthz", "/readyz", "/schema.graphql"];
  return known.find((path) => originalUrl.startsWith(path)) ?? "other";
}

/** A server for this machine only answers to this machine's names: a web page cannot point its own name here. */
function checkHost({ http }: Config): RequestHandler {
  const local = isLoopback(http.host);
  return (request, _response, next) => {
    if (local && !isLoopback((request.headers.host ?? "localhost").replace(/:[0-9]+$/, ""))) {
      throw new ServiceError(
        "FORBIDDEN",
        "Expected a Host header of this machine, got another; set HOST to serve a network",
      );
    }
    next();
  };
}

/** The id that describeRequest gave. */
export function requestIdOf(response: { readonly locals: Readonly<Record<string, unknown>> }): string {
  return String(response.locals["requestId"]);
}

function answerErrors({ log }: ServiceDeps): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const requestId = requestIdOf(response);
    // A refused body is not read to its end: the connection ends with the answer.
    if (!request.complete) response.setHeader("Connection", "close");
    const { code } = sendError(response, toHttpError(error), requestId);
    if (errorTraits[code].masked) log.error({ requestId, ...describeFault(error) }, "a request failed");
  };
}

/** Express refuses malformed paths with errors of its own. */
function toHttpError(error: unknown): unknown {
  const malformed = error instanceof URIError;
  return malformed ? new ServiceError("BAD_REQUEST", "Expected a well-formed path, got another") : error;
}
