/** Every code a KernelError may carry. */
export const kernelErrorCodes = [
  "BAD_IMAGE_SHAPE",
  "BAD_PARAMETER",
  "BAD_BUFFER",
  "BAD_BUFFER_LENGTH",
  "BUFFER_DETACHED",
  "BUFFER_NOT_TRANSFERABLE",
  "TOO_LARGE",
  "OUT_OF_MEMORY",
  "NATIVE_FAILURE",
  "ADDON_UNAVAILABLE",
  "ADDON_STALE",
] as const;
export type KernelErrorCode = (typeof kernelErrorCodes)[number];

/** What the native addon refuses, or could not do: says what was expected and what came. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A value as a message shows it: objects by their kind alone, for their contents are the caller's. */
export function shown(value: unknown): string {
  const compound = typeof value === "function" || (typeof value === "object" && value !== null);
  return compound ? Object.prototype.toString.call(value).slice(8, -1) : String(value).slice(0, 60);
}

/** @throws {KernelError} BAD_PARAMETER when `value` is not an object, or not an array where one is expected. */
export function requireObject(name: string, value: unknown, kind: "object" | "array" = "object"): void {
  const holds = kind === "array" ? Array.isArray(value) : typeof value === "object" && value !== null;
  if (holds) return;
  throw new KernelError(
    "BAD_PARAMETER",
    `Expected ${name} to be an ${kind}, got ${shown(value)}; see its type`,
  );
}

/** The same failure as a KernelError; an error of the addon keeps its code. */
export function toKernelError(cause: unknown): KernelError {
  if (cause instanceof KernelError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const given = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const code = kernelErrorCodes.find((known) => known === given) ?? "NATIVE_FAILURE";
  return new KernelError(code, message, { cause });
}
