import type { RequestHandler } from "express";
import { ServiceError } from "../errors.ts";
import type { Services } from "../services.ts";

const uuidPath = /^\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
/** A sender that is silent for this long has gone. */
const IDLE_MS = 60_000;

/** PUT /v1/uploads/:id: the bytes of an announced file. There is no GET: what came in does not go out. */
export function uploadEndpoint({ tokens, uploads }: Services): RequestHandler {
  return async (request, response) => {
    if (request.method !== "PUT") {
      response.setHeader("Allow", "PUT");
      throw new ServiceError("METHOD_NOT_ALLOWED", "Expected PUT, got another method");
    }
    const [, id] = uuidPath.exec(request.path) ?? [];
    if (id === undefined)
      throw new ServiceError("NOT_FOUND", "Expected the path that createUpload gave, got another");
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      throw new ServiceError(
        "UNSUPPORTED_MEDIA_TYPE",
        "Expected the file as it is, got a compressed transfer",
      );
    }
    const principal = await tokens.authenticate(request.headers.authorization);
    request.setTimeout(IDLE_MS, () => request.destroy());
    const length = request.headers["content-length"];
    const received = await uploads.receive(
      id,
      principal,
      request,
      length === undefined ? undefined : Number(length),
    );
    response.status(201).json(received);
  };
}
