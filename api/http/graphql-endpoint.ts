import type { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import type { Request, RequestHandler, Response } from "express";
import type { GraphQLSchema } from "graphql";
import type { Config } from "../config.ts";
import { ServiceError } from "../errors.ts";
import type { HttpContext } from "./apollo.ts";
import { parseObject, readBody } from "./json-body.ts";
import { type RawRequest, RequestGuard } from "./request-guard.ts";

/**
 * `/graphql`: POST with a JSON body, or GET of a query. Everything that can be refused without the GraphQL server is
 * refused here, with a code of the table; the server's own CSRF prevention and checks stay on behind it.
 *
 * @param contextOf - makes the context of an accepted request
 */
export function graphqlEndpoint(
  apollo: ApolloServer<HttpContext>,
  schema: GraphQLSchema,
  { limits }: Config,
  contextOf: (request: Request, response: Response) => HttpContext,
): RequestHandler {
  const guard = new RequestGuard({ tokens: limits.queryTokens, depth: limits.queryDepth }, schema);
  const execute = expressMiddleware(apollo, {
    context: async ({ req, res }) => contextOf(req, res),
  });
  return async (request, response, next) => {
    const body = await readRequest(request, limits.bodyBytes);
    guard.check(rawRequestOf(body));
    request.body = request.method === "POST" ? body : {};
    await execute(request, response, next);
  };
}

async function readRequest(request: Request, most: number): Promise<Readonly<Record<string, unknown>>> {
  checkAccept(request);
  if (request.method === "POST") {
    const type = request.headers["content-type"] ?? "";
    if (!/^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(type)) {
      throw new ServiceError(
        "UNSUPPORTED_MEDIA_TYPE",
        "Expected Content-Type application/json in UTF-8, got another",
      );
    }
    return parseObject(await readBody(request, most), "the body");
  }
  if (request.method === "GET") return readSearch(request);
  throw new ServiceError("METHOD_NOT_ALLOWED", "Expected POST, or GET of a query, got another method");
}

/** The parameters of a GET; only requests that a web page cannot make without asking are answered (CSRF). */
function readSearch(request: Request): Readonly<Record<string, unknown>> {
  const preflighted = ["x-apollo-operation-name", "apollo-require-preflight"].some(
    (name) => request.headers[name],
  );
  if (!preflighted && request.headers["content-type"] !== "application/json") {
    throw new ServiceError(
      "BAD_REQUEST",
      "Expected the header apollo-require-preflight on a GET, got none; add it, or POST",
    );
  }
  const search = new URL(request.url, "http://localhost").searchParams;
  const names = ["query", "operationName", "variables", "extensions"] as const;
  const given = names.flatMap((name) => {
    const [value, ...more] = search.getAll(name);
    if (more.length > 0) throw new ServiceError("BAD_REQUEST", `Expected ${name} once, got it more often`);
    if (value === undefined) return [];
    const isJson = name === "variables" || name === "extensions";
    return [[name, isJson ? parseObject(value, name) : value] as const];
  });
  return Object.fromEntries(given);
}

function checkAccept(request: Request): void {
  if (request.accepts("application/json", "application/graphql-response+json") === false) {
    throw new ServiceError(
      "NOT_ACCEPTABLE",
      "Expected an Accept header that allows application/json, got another",
    );
  }
}

/**
 * The parts of a GraphQL request.
 *
 * @throws {ServiceError} BAD_REQUEST when one of them is of another type
 */
export function rawRequestOf(body: Readonly<Record<string, unknown>>): RawRequest {
  const { query, variables, extensions, operationName } = body;
  if (typeof query !== "string" || query.trim() === "") {
    throw new ServiceError("BAD_REQUEST", "Expected a query as text, got none");
  }
  for (const [name, value] of Object.entries({ variables, extensions })) {
    if (value != null && (typeof value !== "object" || Array.isArray(value))) {
      throw new ServiceError("BAD_REQUEST", `Expected ${name} to be an object, got something else`);
    }
  }
  if (operationName != null && typeof operationName !== "string") {
    throw new ServiceError("BAD_REQUEST", "Expected operationName to be text, got something else");
  }
  return { query, variables, extensions, operationName };
}
