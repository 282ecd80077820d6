import { unwrapResolverError } from "@apollo/server/errors";
import type { GraphQLFormattedError } from "graphql";
import { ArgumentValidationError } from "type-graphql";
import { ComputeError } from "../../compute/index.ts";
import { findDatabaseFault, toServiceError } from "../db/database-error.ts";
import { errorTraits, isErrorCode, ServiceError } from "../errors.ts";

/** A code that may be read outside. */
export type ErrorCode = keyof typeof errorTraits;

/** What a masked fault reads as. */
export const MASKED_MESSAGE = "Internal server error";

/** An error as it leaves: its message, or the mask; its code; and whether the same request may be sent again. */
export interface OutwardError {
  readonly message: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

/** How anything thrown reads outside: an allow-list by the closed table of codes; all else is masked. */
export function toOutward(thrown: unknown): OutwardError {
  const error = toServiceError(thrown);
  if (error instanceof ArgumentValidationError) return outward("BAD_USER_INPUT", sayRules(error));
  const isOurs = error instanceof ServiceError || error instanceof ComputeError || hasOwnCode(error);
  if (isOurs && isErrorCode(error.code)) return outward(error.code, error.message);
  return outward("INTERNAL_SERVER_ERROR", MASKED_MESSAGE);
}

function outward(code: ErrorCode, message: string): OutwardError {
  const { masked, retryable } = errorTraits[code];
  return masked
    ? { code: "INTERNAL_SERVER_ERROR", message: MASKED_MESSAGE, retryable }
    : { code, message, retryable };
}

/** Errors of our other layers (imports, models, the addon): classes of our own with a code of the table. */
function hasOwnCode(error: unknown): error is Error & { readonly code: unknown } {
  return error instanceof Error && "code" in error && ownClasses.includes(error.name);
}

const ownClasses: readonly string[] = ["ImportError", "ModelError", "ChildError", "KernelError"];

/**
 * Apollo's formatError. GraphQL's own refusals (parsing, validation, coercion of variables) keep their message and
 * code; errors of resolvers pass through `toOutward`.
 */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const error = unwrapResolverError(thrown);
  const code = formatted.extensions?.["code"];
  // What graphql-js and Apollo raise themselves has no original error; a resolver's failure that nobody gave a
  // code reads INTERNAL_SERVER_ERROR, which the table masks.
  const own = error === thrown && isErrorCode(code) && !errorTraits[code].masked;
  const { message, ...rest } = own
    ? { message: formatted.message, code, retryable: errorTraits[code].retryable }
    : toOutward(error);
  const place = formatted.path === undefined ? {} : { path: formatted.path };
  const where = formatted.locations === undefined ? {} : { locations: formatted.locations };
  const already = formatted.extensions?.["requestId"];
  return {
    message,
    ...where,
    ...place,
    extensions: { ...rest, ...(already === undefined ? {} : { requestId: already }) },
  };
}

/** Names of rules and fields; never the values, which class-validator keeps beside them. */
function sayRules({ extensions }: ArgumentValidationError): string {
  const rules = extensions.validationErrors.flatMap(({ constraints }) => Object.values(constraints ?? {}));
  return `Expected inputs within their rules, got: ${rules.slice(0, 5).join("; ") || "a nested input at fault"}`;
}

/** What may be logged of a fault: classes, codes and our own stack; no message, which may hold rows or parameters. */
export function describeFault(thrown: unknown): Readonly<Record<string, unknown>> {
  const error = thrown instanceof Error ? thrown : undefined;
  const fault = findDatabaseFault(thrown);
  return {
    error: error?.name ?? typeof thrown,
    code: codeOf(error),
    cause: error?.cause instanceof Error ? error.cause.name : undefined,
    sqlState: fault?.sqlState,
    constraint: fault?.constraint,
    at: framesOf(error),
  };
}

function codeOf(error: Error | undefined): string | undefined {
  const code: unknown = error === undefined ? undefined : Reflect.get(error, "code");
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}

/** The stack's places without its first lines, which repeat the message. */
function framesOf(error: Error | undefined): readonly string[] {
  const head = error === undefined ? "" : `${error.name}: ${error.message}`;
  if (error?.stack === undefined || !error.stack.startsWith(head)) return [];
  return error.stack
    .slice(head.length)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, 6);
}
