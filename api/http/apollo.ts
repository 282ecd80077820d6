import type { Server } from "node:http";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { Principal } from "../access/principal.ts";
import type { Config } from "../config.ts";
import type { Context } from "../context.ts";
import { errorTraits, isErrorCode } from "../errors.ts";
import { requestCost } from "../graphql/cost.ts";
import { describeFault, formatError, toOutward } from "./error-format.ts";

/** The context of a request over HTTP: who asks is found out only once the operation is known to be worth it. */
export interface HttpContext extends Context {
  principal: Principal;
}

/**
 * The GraphQL server. No batching, no persisted queries, CSRF prevention on; on stop it finishes what is in flight.
 *
 * @param httpServer - the server to drain on stop
 */
export function createApollo(
  schema: GraphQLSchema,
  httpServer: Server,
  { http, limits }: Config,
): ApolloServer<HttpContext> {
  return new ApolloServer<HttpContext>({
    schema,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !http.schemaHints,
    // Signals end the process where they are handled: in the command line.
    stopOnTerminationSignals: false,
    formatError,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: 10_000 }),
      ApolloServerPluginLandingPageDisabled(),
      // It watches every field of every answer for cache hints, of which there are none: a third of a page's time.
      ApolloServerPluginCacheControlDisabled(),
      admission(limits.queryCost),
      reporting,
    ],
  });
}

/** Between validation and execution: refuses what costs too much, then finds out who asks. */
function admission(mostCost: number): ApolloServerPlugin<HttpContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ schema, document, operation, operationName, request, contextValue }) {
          // No operation of that name: the execution says so, before anything runs.
          if (operation === undefined) return;
          if (!schema.getRootType(operation.operation)) {
            throw refusal(
              "OPERATION_RESOLUTION_FAILURE",
              `Expected a query or mutation, got a ${operation.operation}`,
            );
          }
          if (operation.operation === "subscription") {
            const message =
              "Expected a query or mutation, got a subscription; send it over graphql-ws here, or to /graphql/stream";
            throw refusal("OPERATION_RESOLUTION_FAILURE", message);
          }
          const cost = requestCost(schema, document, operationName, request.variables ?? {});
          if (cost > mostCost) {
            const message = `Expected a query that costs at most ${mostCost}, got ${cost}; ask for smaller pages`;
            throw refusal("QUERY_TOO_COSTLY", message);
          }
          try {
            contextValue.principal = await contextValue.authenticate();
          } catch (error) {
            const { code, message } = toOutward(error);
            if (errorTraits[code].masked) throw error;
            throw refusal(code, message);
          }
        },
      };
    },
  };
}

/** Gives errors the request's id, and writes masked ones to the log without anything that could be a patient's. */
const reporting: ApolloServerPlugin<HttpContext> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue: { log, requestId }, operation }) {
        for (const error of errors) {
          const cause = error.originalError ?? error;
          const { code } = toOutward(cause);
          if (!errorTraits[code].masked) continue;
          if (error.originalError === undefined && isOwnRefusal(error)) continue;
          log.error(
            { requestId, operation: operation?.operation, ...describeFault(cause) },
            "a request failed",
          );
        }
      },
      async willSendResponse({ response, contextValue: { requestId } }) {
        if (response.body.kind !== "single" || response.body.singleResult.errors === undefined) return;
        response.body.singleResult.errors = response.body.singleResult.errors.map((error) => ({
          ...error,
          extensions: { ...error.extensions, requestId },
        }));
      },
    };
  },
};

function isOwnRefusal({ extensions }: GraphQLError): boolean {
  const { code } = extensions;
  // Validation and parsing errors get their code later, in Apollo; a fault of ours always has an original error.
  return code === undefined || (isErrorCode(code) && !errorTraits[code].masked);
}

function refusal(code: keyof typeof errorTraits, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: errorTraits[code].status } } });
}
