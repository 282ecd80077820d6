import type { Response } from "express";
import { errorTraits } from "../errors.ts";
import { type ErrorCode, type OutwardError, toOutward } from "./error-format.ts";

/** Ends a response with an error in GraphQL's form, also outside GraphQL: one form for every client. */
export function sendError(response: Response, thrown: unknown, requestId: string): OutwardError {
  const { message, code, retryable } = toOutward(thrown);
  sendRefusal(response, code, message, retryable, requestId);
  return { message, code, retryable };
}

function sendRefusal(
  response: Response,
  code: ErrorCode,
  message: string,
  retryable: boolean,
  requestId: string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .status(errorTraits[code].status)
    .type("application/json")
    .send(JSON.stringify({ errors: [{ message, extensions: { code, retryable, requestId } }] }));
}
