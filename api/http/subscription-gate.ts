import { randomUUID } from "node:crypto";
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  subscribe,
  validate,
} from "graphql";
import type { Config } from "../config.ts";
import { type Context, createContext } from "../context.ts";
import { errorTraits, ServiceError } from "../errors.ts";
import { requestCost } from "../graphql/cost.ts";
import type { ServiceDeps, Services } from "../services.ts";
import { describeFault, formatError, toOutward } from "./error-format.ts";
import { rawRequestOf } from "./graphql-endpoint.ts";
import { RequestGuard } from "./request-guard.ts";

/** Who subscribes, by an Authorization header, wherever it came from; and what ends the subscription from outside. */
export interface Subscriber {
  readonly authorization: string | undefined;
  readonly ending: AbortController;
}

/** A subscription that may begin. */
export interface AdmittedSubscription extends ExecutionArgs {
  readonly document: DocumentNode;
  readonly contextValue: Context;
  readonly ending: AbortController;
}

const MOST_FAULTS = 10;

/**
 * The one door for subscriptions, whatever they come by: the guard, the cost and the authentication that requests over
 * HTTP pass, and the same masking of what goes out.
 */
export class SubscriptionGate {
  readonly #schema: GraphQLSchema;
  readonly #deps: ServiceDeps;
  readonly #services: Services;
  readonly #guard: RequestGuard;

  constructor(schema: GraphQLSchema, deps: ServiceDeps, services: Services) {
    const { limits }: Config = deps.config;
    this.#schema = schema;
    this.#deps = deps;
    this.#services = services;
    this.#guard = new RequestGuard({ tokens: limits.queryTokens, depth: limits.queryDepth }, schema);
  }

  /**
   * Checks a request and finds out who asks.
   *
   * @throws {ServiceError} BAD_REQUEST, the codes of the guard, GRAPHQL_*, OPERATION_RESOLUTION_FAILURE, QUERY_TOO_COSTLY,
   *   UNAUTHENTICATED, DB_*
   */
  async admit(
    payload: Readonly<Record<string, unknown>>,
    { authorization, ending }: Subscriber,
  ): Promise<AdmittedSubscription> {
    const raw = rawRequestOf(payload);
    this.#guard.check(raw);
    const document = this.#read(raw.query);
    const operationName = typeof raw.operationName === "string" ? raw.operationName : undefined;
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== "subscription") {
      const got = operation == null ? "none of that name" : `a ${operation.operation}`;
      throw new ServiceError(
        "OPERATION_RESOLUTION_FAILURE",
        `Expected one subscription, got ${got}; queries and mutations go to /graphql by POST`,
      );
    }
    // Safe: rawRequestOf lets nothing but objects and nothing pass.
    const variables = (raw.variables ?? {}) as Readonly<Record<string, unknown>>;
    const cost = requestCost(this.#schema, document, operationName, variables);
    const most = this.#deps.config.limits.queryCost;
    if (cost > most) {
      throw new ServiceError(
        "QUERY_TOO_COSTLY",
        `Expected a subscription that costs at most ${most}, got ${cost}`,
      );
    }
    const authenticate = () => this.#services.tokens.authenticate(authorization);
    const { log } = this.#deps;
    const contextValue = createContext({
      principal: await authenticate(),
      services: this.#services,
      requestId: randomUUID(),
      signal: ending.signal,
      log,
      authenticate,
    });
    return {
      schema: this.#schema,
      document,
      variableValues: variables,
      operationName,
      contextValue,
      ending,
    };
  }

  /** Who asks, or refuses. @throws {ServiceError} UNAUTHENTICATED, DB_* */
  async authenticate(authorization: string | undefined): Promise<void> {
    await this.#services.tokens.authenticate(authorization);
  }

  /**
   * Runs a subscription: results as they may leave. A failure on the way is its last result. `return` ends it at once,
   * also while it waits for something to happen.
   */
  run(admitted: AdmittedSubscription): AsyncGenerator<FormattedExecutionResult, void, void> {
    const results = this.#results(admitted);
    return Object.assign(Object.create(results) as typeof results, {
      next: () => results.next(),
      throw: (error: unknown) => results.throw(error),
      return() {
        admitted.ending.abort();
        return results.return();
      },
    });
  }

  async *#results(admitted: AdmittedSubscription): AsyncGenerator<FormattedExecutionResult, void, void> {
    const { contextValue } = admitted;
    const { signal } = contextValue;
    try {
      const results = await subscribe(admitted);
      if (!(Symbol.asyncIterator in results)) {
        yield this.#outward(results, contextValue);
        return;
      }
      const stop = () => void results.return(undefined);
      signal.addEventListener("abort", stop);
      if (signal.aborted) stop();
      try {
        for await (const result of results) yield this.#outward(result, contextValue);
      } finally {
        signal.removeEventListener("abort", stop);
      }
    } catch (error) {
      yield this.#outward({ errors: [this.refusal(error, contextValue.requestId)] }, contextValue);
    }
  }

  /** How anything thrown at the door reads outside. */
  refusal(thrown: unknown, requestId: string = randomUUID()): GraphQLError {
    const { message, code, retryable } = toOutward(thrown);
    if (errorTraits[code].masked) {
      this.#deps.log.error({ requestId, ...describeFault(thrown) }, "a subscription failed");
    }
    return new GraphQLError(message, { extensions: { code, retryable, requestId } });
  }

  #outward({ data, errors }: ExecutionResult, { requestId, log }: Context): FormattedExecutionResult {
    if (errors === undefined) return { data: data ?? null };
    const formatted = errors.map((error) => {
      const cause = error.originalError ?? error;
      if (errorTraits[toOutward(cause).code].masked && error.originalError != null) {
        log.error({ requestId, operation: "subscription", ...describeFault(cause) }, "a subscription failed");
      }
      const { extensions, ...rest } = formatError(error.toJSON(), error);
      return { ...rest, extensions: { ...extensions, requestId } };
    });
    return data == null ? { errors: formatted } : { data, errors: formatted };
  }

  #read(query: string): DocumentNode {
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      const message = error instanceof Error ? error.message : "Expected GraphQL, got something else";
      throw new ServiceError("GRAPHQL_PARSE_FAILED", message, { cause: error });
    }
    const hideSuggestions = !this.#deps.config.http.schemaHints;
    const faults = validate(this.#schema, document, specifiedRules, {
      maxErrors: MOST_FAULTS,
      hideSuggestions,
    });
    if (faults.length > 0) {
      throw new ServiceError("GRAPHQL_VALIDATION_FAILED", faults.map(({ message }) => message).join("; "));
    }
    return document;
  }
}
