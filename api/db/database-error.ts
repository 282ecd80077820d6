import { ServiceError, type ServiceErrorCode } from "../errors.ts";

/** What is kept of a PostgreSQL error: names and codes; no detail, statement or parameter, which hold patients' data. */
export class DatabaseFault extends Error {
  override readonly name = "DatabaseFault";
  /** Five-character SQLSTATE, or the system's code (ECONNREFUSED) when the server was not reached. */
  readonly sqlState: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(sqlState: string, message: string, constraint?: string, table?: string) {
    super(message);
    this.sqlState = sqlState;
    this.constraint = constraint;
    this.table = table;
  }
}

/** SQLSTATEs (PostgreSQL, appendix A), by code or by class of two characters, that a service may act upon. */
const codeOfState: Readonly<Record<string, ServiceErrorCode>> = {
  "08": "DB_UNAVAILABLE",
  "28": "DB_UNAVAILABLE",
  "3D000": "DB_UNAVAILABLE",
  "57P01": "DB_UNAVAILABLE", // admin_shutdown, also pg_terminate_backend
  "57P02": "DB_UNAVAILABLE", // crash_shutdown
  "57P03": "DB_UNAVAILABLE", // cannot_connect_now
  "57P04": "DB_UNAVAILABLE", // database_dropped
  "57P05": "DB_UNAVAILABLE", // idle_session_timeout
  "25P03": "DB_TIMEOUT", // idle_in_transaction_session_timeout
  "57014": "DB_TIMEOUT", // query_canceled, here by statement_timeout
  "55P03": "DB_BUSY", // lock_not_available
  "53300": "DB_BUSY", // too_many_connections
  "53100": "STORAGE_FULL",
  "53200": "DB_BUSY", // out_of_memory
  "40001": "CONFLICT",
  "40P01": "CONFLICT",
};

const sayings: Readonly<Partial<Record<ServiceErrorCode, string>>> = {
  DB_UNAVAILABLE: "Expected the database to answer, got no usable connection; try again shortly",
  DB_BUSY: "Expected a free connection or lock in time, got none; try again shortly",
  DB_TIMEOUT: "Expected the database to finish in time, got a timeout; ask for less or try again",
  STORAGE_FULL: "Expected room on the database's disk, got none; free some space and try again",
  CONFLICT: "Expected no concurrent change of the same rows, got one after every retry; try again",
};

/** Messages of these classes hold names of ours only; those of class 22 may quote a value. */
const harmlessClasses: readonly string[] = ["08", "0A", "23", "25", "2B", "40", "42", "53", "55", "57", "P0"];

/** System calls on the way to the server, and how they fail when it is not there. Files fail elsewhere. */
const lostConnection: Readonly<Record<string, readonly string[]>> = {
  connect: [
    "ECONNREFUSED",
    "ENOENT",
    "EACCES",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ECONNRESET",
    "EAGAIN",
  ],
  getaddrinfo: ["ENOTFOUND", "EAI_AGAIN"],
  read: ["ECONNRESET", "ETIMEDOUT", "ECONNABORTED"],
  write: ["EPIPE", "ECONNRESET", "ETIMEDOUT", "ECONNABORTED"],
};

/** node-postgres says these without any code. */
const lostConnectionSayings: readonly RegExp[] = [
  /^Connection terminated/,
  /^Client has encountered a connection error/,
  /^Client was closed/,
  /^Cannot use a pool after calling end/,
  /^Query read timeout/,
  /server does not support SSL/i,
];

/**
 * Turns what the driver or drizzle threw into an error that may be shown or logged: a ServiceError with the code
 * for it, DB_REFUSED for every other refusal of the server, whose DatabaseFault is the `cause`. Anything that does
 * not come from the database is returned as it is.
 */
export function toServiceError(thrown: unknown): unknown {
  for (const error of causes(thrown)) {
    if (error instanceof ServiceError) return error;
    const fault = asFault(error);
    if (fault) return fromFault(fault);
  }
  return thrown;
}

/** The PostgreSQL error at the bottom of whatever was thrown, without any row value; undefined when there is none. */
export function findDatabaseFault(thrown: unknown): DatabaseFault | undefined {
  for (const error of causes(thrown)) {
    if (error instanceof DatabaseFault) return error;
    const fault = asFault(error);
    if (fault) return fault;
  }
  return undefined;
}

/** The name of the constraint that the database held against a write; undefined when it was something else. */
export function violatedConstraint(thrown: unknown): string | undefined {
  return findDatabaseFault(thrown)?.constraint;
}

/** Whether the whole transaction may be run again at once: serialization failures and deadlocks. */
export function isTransactionConflict(thrown: unknown): boolean {
  const state = findDatabaseFault(thrown)?.sqlState;
  return state === "40001" || state === "40P01";
}

function fromFault(fault: DatabaseFault): ServiceError {
  const code = codeOfState[fault.sqlState] ?? codeOfState[fault.sqlState.slice(0, 2)] ?? "DB_REFUSED";
  const message =
    sayings[code] ?? `Expected the database to accept a statement, got SQLSTATE ${fault.sqlState}`;
  return new ServiceError(code, message, { cause: fault });
}

function asFault(error: Error): DatabaseFault | undefined {
  if (error instanceof DatabaseFault) return error;
  const state = textOf(error, "code");
  if (error.message === "timeout exceeded when trying to connect") {
    return new DatabaseFault("53300", "every connection of the pool is in use");
  }
  if (lostConnectionSayings.some((saying) => saying.test(error.message))) {
    return new DatabaseFault("08006", error.message);
  }
  if (state === undefined) return undefined;
  if (lostConnection[textOf(error, "syscall") ?? ""]?.includes(state)) {
    return new DatabaseFault("08001", `connection failed: ${state}`);
  }
  // Only the server's errors carry a severity beside the SQLSTATE.
  if (!/^[0-9A-Z]{5}$/.test(state) || textOf(error, "severity") === undefined) return undefined;
  const harmless = harmlessClasses.includes(state.slice(0, 2));
  const message = harmless ? error.message : `a statement failed with SQLSTATE ${state}`;
  return new DatabaseFault(state, message, textOf(error, "constraint"), textOf(error, "table"));
}

/** The error and everything below it, also the members of an AggregateError (connecting to two addresses). */
function* causes(thrown: unknown, depth = 0): Generator<Error> {
  if (!(thrown instanceof Error) || depth > 8) return;
  yield thrown;
  yield* causes(thrown.cause, depth + 1);
  if (thrown instanceof AggregateError) yield* causes(thrown.errors[0], depth + 1);
}

function textOf(error: Error, key: string): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === "string" ? value : undefined;
}
