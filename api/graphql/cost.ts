import { createRequire } from "node:module";
import { type DocumentNode, type GraphQLSchema, getOperationAST, getVariableValues } from "graphql";
import type { ComplexityEstimator } from "graphql-query-complexity";

// Its ES module imports graphql/index.mjs, a second copy of graphql that knows none of our types; its CommonJS one
// takes the copy that everything else takes.
const complexity: typeof import("graphql-query-complexity") = createRequire(import.meta.url)(
  "graphql-query-complexity",
);

/** Costs of documents without variables; each is computed once for as long as the document is cached. */
const known = new WeakMap<DocumentNode, Map<string, number>>();

/** A page costs as much as its nodes; a field with its own `complexity` says it itself; all else costs 1. */
const estimateByPage: ComplexityEstimator = ({ args, childComplexity }) => {
  const first: unknown = args["first"];
  if (!("first" in args)) return 1 + childComplexity;
  const size = typeof first === "number" && first > 0 ? first : 50;
  return 1 + size * childComplexity;
};

const estimators = [complexity.fieldExtensionsEstimator(), estimateByPage];

/**
 * What an operation may cost at most: a unit is one field of one node; pages multiply by `first`. Answers for
 * documents without variables are remembered with the document.
 */
export function requestCost(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): number {
  const usesVariables = (getOperationAST(query, operationName)?.variableDefinitions?.length ?? 0) > 0;
  const name = operationName ?? "";
  const remembered = usesVariables ? undefined : known.get(query)?.get(name);
  if (remembered !== undefined) return remembered;
  // Variables that do not fit are the execution's to refuse, before anything of it runs.
  if (usesVariables && !coerces(schema, query, operationName, variables)) return 0;
  const cost = complexity.getComplexity({
    schema,
    query,
    variables: { ...variables },
    ...(operationName ? { operationName } : {}),
    estimators,
  });
  if (!usesVariables) known.set(query, (known.get(query) ?? new Map<string, number>()).set(name, cost));
  return cost;
}

function coerces(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): boolean {
  const definitions = getOperationAST(query, operationName)?.variableDefinitions ?? [];
  return getVariableValues(schema, definitions, { ...variables }, { maxErrors: 1 }).errors === undefined;
}
