import type { ChildErrorCode } from "./protocol.ts";

/** A compute child that could not go on, by no fault of the model or of an image. */
export class ChildError extends Error {
  override readonly name = "ChildError";
  readonly code: ChildErrorCode;

  constructor(code: ChildErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
