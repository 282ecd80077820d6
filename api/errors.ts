import type { ChildErrorCode, ComputeErrorCode, KernelErrorCode, ModelErrorCode } from "../compute/index.ts";

/** How the outside sees a code: HTTP status, whether the same request may be sent again, whether its message is hidden. */
export interface ErrorTraits {
  readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503 | 507;
  readonly retryable: boolean;
  /** True for our own faults: the client reads "Internal server error", the log has the rest. */
  readonly masked: boolean;
}

const caller = (status: ErrorTraits["status"]): ErrorTraits => ({ status, retryable: false, masked: false });
const later = (status: ErrorTraits["status"]): ErrorTraits => ({ status, retryable: true, masked: false });
const fault: ErrorTraits = { status: 500, retryable: false, masked: true };

const serviceErrors = {
  // What the caller asked for.
  BAD_USER_INPUT: caller(400),
  UNAUTHENTICATED: caller(401),
  FORBIDDEN: caller(403),
  NOT_FOUND: caller(404),
  BAD_ID: caller(400),
  BAD_CURSOR: caller(400),
  BAD_STRING: caller(400),
  PAGE_TOO_LARGE: caller(400),
  // A pooled estimate that these studies do not give; cells of tables say so themselves.
  NOT_ESTIMABLE: caller(422),
  // The request itself, refused before anything else is done with it.
  BAD_REQUEST: caller(400),
  METHOD_NOT_ALLOWED: caller(405),
  NOT_ACCEPTABLE: caller(406),
  UNSUPPORTED_MEDIA_TYPE: caller(415),
  QUERY_TOO_LARGE: caller(413),
  QUERY_TOO_MANY_TOKENS: caller(400),
  QUERY_TOO_DEEP: caller(400),
  QUERY_TOO_MANY_FIELDS: caller(400),
  QUERY_TOO_MANY_ALIASES: caller(400),
  QUERY_TOO_MANY_DIRECTIVES: caller(400),
  QUERY_TOO_MANY_OPERATIONS: caller(400),
  QUERY_TOO_COSTLY: caller(400),
  VARIABLES_TOO_DEEP: caller(400),
  VARIABLES_TOO_MANY: caller(400),
  TOO_MANY_SUBSCRIPTIONS: later(429),
  // What graphql-js and Apollo Server find wrong, under their own names.
  GRAPHQL_PARSE_FAILED: caller(400),
  GRAPHQL_VALIDATION_FAILED: caller(400),
  OPERATION_RESOLUTION_FAILURE: caller(400),
  PERSISTED_QUERY_NOT_SUPPORTED: caller(400),
  // Uploads.
  UPLOAD_TOO_LARGE: caller(413),
  UPLOAD_LENGTH_MISMATCH: caller(400),
  UPLOAD_NOT_OPEN: caller(409),
  UPLOAD_NOT_RECEIVED: caller(409),
  UPLOAD_EXPIRED: caller(410),
  // The database: all but the last may succeed when asked again.
  DB_UNAVAILABLE: later(503),
  DB_BUSY: later(503),
  DB_TIMEOUT: later(503),
  CONFLICT: later(409),
  STORAGE_FULL: later(507),
  DB_REFUSED: fault,
  // Models and the sessions that run them; compute has the other half of them.
  MODEL_STORE_UNAVAILABLE: later(503),
  MODEL_NOT_HERE: caller(409),
  // Starting and stopping; an operator reads these on a terminal.
  CONFIG_INVALID: fault,
  EMBEDDED_UNAVAILABLE: fault,
  EMBEDDED_FAILED: fault,
  MIGRATION_BUSY: fault,
  MIGRATION_CHANGED: fault,
  MIGRATION_DATABASE_NEWER: fault,
  MIGRATION_FAILED: fault,
  MIGRATION_PENDING: fault,
  // A mistake in our own code.
  NESTED_ACQUIRE: fault,
  INTERNAL: fault,
  // What every masked fault reads as outside.
  INTERNAL_SERVER_ERROR: fault,
} as const satisfies Record<string, ErrorTraits>;

/** Every code a ServiceError may carry. */
export type ServiceErrorCode = keyof typeof serviceErrors;

/** Every code that may leave in `extensions.code`, with its traits; what is not in here is masked. */
export const errorTraits: Readonly<
  Record<ServiceErrorCode | ComputeErrorCode | KernelErrorCode | ModelErrorCode | ChildErrorCode, ErrorTraits>
> = {
  ...serviceErrors,
  MODEL_MISSING: caller(409),
  MODEL_HASH_MISMATCH: caller(409),
  MODEL_TOO_LARGE: caller(413),
  MODEL_INVALID: caller(422),
  MODEL_EXTERNAL_DATA_FORBIDDEN: caller(422),
  MODEL_OP_FORBIDDEN: caller(422),
  MODEL_LIMIT: caller(422),
  MODEL_SIGNATURE_MISMATCH: caller(422),
  MODEL_PREPROCESSING_INVALID: caller(400),
  MODEL_OUTPUT_INVALID: caller(422),
  PROVIDER_UNAVAILABLE: caller(422),
  PROVIDER_LOST: later(503),
  PROVIDER_OUT_OF_MEMORY: caller(422),
  PROVIDER_DISAGREES: caller(422),
  CHILD_CANCELLED: caller(409),
  CHILD_TIMEOUT: later(503),
  CHILD_OUT_OF_MEMORY: caller(422),
  CHILD_CRASHED: later(503),
  INVALID_INPUT: caller(400),
  INVALID_PARAM: caller(400),
  NO_SUCH_PLUGIN: caller(404),
  // The addon: compute has checked what it gives it, so a refusal is a fault; what cannot be loaded an operator reads.
  ADDON_UNAVAILABLE: fault,
  ADDON_STALE: fault,
  OUT_OF_MEMORY: later(503),
  BAD_IMAGE_SHAPE: fault,
  BAD_PARAMETER: fault,
  BAD_BUFFER: fault,
  BAD_BUFFER_LENGTH: fault,
  BUFFER_DETACHED: fault,
  BUFFER_NOT_TRANSFERABLE: fault,
  TOO_LARGE: fault,
  NATIVE_FAILURE: fault,
};

/** A refusal of the api layer: says what was expected and what came, and never holds row values, SQL or paths of users. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same request, sent again later, may succeed. */
  get retryable(): boolean {
    return errorTraits[this.code].retryable;
  }
}

/** Whether a value is one of the closed table's codes. */
export function isErrorCode(code: unknown): code is keyof typeof errorTraits {
  return typeof code === "string" && Object.hasOwn(errorTraits, code);
}
