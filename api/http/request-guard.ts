import type { GraphQLSchema } from "graphql";
import { ServiceError } from "../errors.ts";
import { badString, checkShape, isStorable, type ShapeLimits } from "./query-shape.ts";

const MOST_NESTED = 16;
const MOST_VALUES = 20_000;
const REMEMBERED = 1_000;

/** A GraphQL request as it came, not yet looked at by the GraphQL server. */
export interface RawRequest {
  readonly query: string;
  readonly variables?: unknown;
  readonly extensions?: unknown;
  readonly operationName?: unknown;
}

/**
 * The guard in front of the GraphQL server: refuses what is too much by its shape alone, before it is validated and
 * before anything is asked of the database. Verdicts are remembered by query text, so a known query costs a look-up.
 */
export class RequestGuard {
  readonly #limits: ShapeLimits;
  readonly #schema: GraphQLSchema | undefined;
  /** Texts that passed, oldest first. */
  readonly #passed = new Set<string>();

  constructor(limits: ShapeLimits, schema?: GraphQLSchema) {
    this.#limits = limits;
    this.#schema = schema;
  }

  /**
   * Refuses requests that cannot be meant well.
   *
   * @throws {ServiceError} the codes of checkShape; VARIABLES_TOO_DEEP, VARIABLES_TOO_MANY, BAD_STRING, BAD_REQUEST
   */
  check({ query, variables, extensions, operationName }: RawRequest): void {
    if (!this.#passed.has(query)) {
      checkShape(query, this.#limits, this.#schema);
      // Long texts are not kept: the memory of a thousand of them would be the attack.
      if (query.length <= 20_000) this.#remember(query);
    }
    if (variables != null) checkJson(variables);
    if (extensions != null) checkJson(extensions);
    if (typeof operationName === "string" && !isStorable(operationName)) throw badString();
  }

  #remember(query: string): void {
    this.#passed.add(query);
    if (this.#passed.size <= REMEMBERED) return;
    for (const oldest of this.#passed) {
      this.#passed.delete(oldest);
      return;
    }
  }
}

/** Walks a JSON value without recursion: at most 16 levels and 20,000 values, storable text, no `__proto__`. */
function checkJson(root: unknown): void {
  let level: unknown[] = [root];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_NESTED) {
      throw new ServiceError(
        "VARIABLES_TOO_DEEP",
        `Expected variables of at most ${MOST_NESTED} nested levels, got more`,
      );
    }
    values += level.length;
    if (values > MOST_VALUES) {
      throw new ServiceError(
        "VARIABLES_TOO_MANY",
        `Expected at most ${MOST_VALUES} values in variables, got more; send a file by createUpload`,
      );
    }
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string") {
        if (!isStorable(value)) throw badString();
      } else if (Array.isArray(value)) {
        for (const item of value) next.push(item);
      } else if (typeof value === "object" && value !== null) {
        for (const [key, item] of Object.entries(value)) {
          if (key === "__proto__") {
            throw new ServiceError("BAD_REQUEST", 'Expected names of inputs in variables, got "__proto__"');
          }
          if (!isStorable(key)) throw badString();
          next.push(item);
        }
      }
    }
    level = next;
  }
}
