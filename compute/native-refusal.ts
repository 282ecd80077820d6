import { KernelError, type KernelErrorCode } from "../native/index.ts";
import { ComputeError } from "./errors.ts";

/** What the addon refuses because of what the caller passed. */
const callersMistakes: readonly KernelErrorCode[] = [
  "BAD_PARAMETER",
  "BAD_BUFFER",
  "BAD_BUFFER_LENGTH",
  "TOO_LARGE",
];

/**
 * The answer of the addon to columns that a caller of compute gave; its refusal of them is compute's own.
 *
 * @throws {ComputeError} INVALID_INPUT for columns that do not fit.
 * @throws {KernelError} what is no caller's mistake: ADDON_UNAVAILABLE, ADDON_STALE, OUT_OF_MEMORY.
 */
export async function refusingInput<Value>(call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof KernelError) || !callersMistakes.includes(error.code)) throw error;
    throw new ComputeError("INVALID_INPUT", error.message, { cause: error });
  }
}
