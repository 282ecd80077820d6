import { errorTraits, isErrorCode } from "../errors.ts";

/** What the process's exit status means; listed in `stratum --help`. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  rejected: 3,
  notFound: 4,
  unavailable: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a message for people and an exit status for programs. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;
  /** The code of the error table, where there is one. */
  readonly code: string | undefined;

  constructor(exitCode: ExitCode, message: string, code?: string) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** The exit status for an error of any layer. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  const code = codeOf(error);
  if (code === undefined) return exitCodes.failure;
  if (code === "NOT_FOUND") return exitCodes.notFound;
  // The same command may succeed later: STORAGE_FULL, CONFLICT and most of the database's.
  if (isErrorCode(code) && errorTraits[code].retryable) return exitCodes.unavailable;
  if (code.startsWith("DB_") || code.startsWith("EMBEDDED_") || code.startsWith("MIGRATION_")) {
    return exitCodes.unavailable;
  }
  if (code.startsWith("MODEL_")) return exitCodes.rejected;
  return code === "INTERNAL" || code.startsWith("ADDON_") ? exitCodes.failure : exitCodes.usage;
}

/** The code of an error of ours; undefined for a fault. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof CommandError) return error.code;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return isErrorCode(code) ? code : undefined;
}
