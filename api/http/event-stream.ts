import { once } from "node:events";
import type { Request, RequestHandler, Response } from "express";
import type { Config } from "../config.ts";
import { ServiceError } from "../errors.ts";
import type { AddressLimit } from "./address-limit.ts";
import { parseObject, readBody } from "./json-body.ts";
import type { SubscriptionGate } from "./subscription-gate.ts";

/** How often something is said, so that nobody on the way takes the stream for dead. */
const PING_MS = 12_000;
/** A reader that lets so much pile up does not read. */
const MOST_PENDING_BYTES = 1_048_576;

/** Subscriptions as server-sent events, and the way to end all of them. */
export interface EventStreams {
  readonly handler: RequestHandler;
  /** Ends every stream; their clients come back, here or elsewhere, with the last number they saw. */
  close(): void;
}

/**
 * `/graphql/stream`: GraphQL over server-sent events (the protocol of graphql-sse, distinct connections): a POST of one
 * subscription, answered by events `next` and, when it is over, `complete`. A reader that is slow slows its own stream.
 */
export function eventStreams(
  gate: SubscriptionGate,
  addresses: AddressLimit,
  { limits }: Config,
): EventStreams {
  const open = new Set<AbortController>();
  return {
    async handler(request, response) {
      const payload = await readPayload(request, limits.bodyBytes);
      const leave = addresses.enter(request.socket.remoteAddress);
      if (leave === undefined) throw tooMany(limits.socketsPerAddress);
      const ending = new AbortController();
      open.add(ending);
      response.once("close", () => {
        ending.abort();
        open.delete(ending);
        leave();
      });
      const { authorization } = request.headers;
      const admitted = await gate.admit(payload, { authorization, ending });
      await send(response, gate.run(admitted), ending.signal);
    },
    close() {
      for (const ending of open) ending.abort();
    },
  };
}

/** What both ways of subscribing say to an address that holds too many connections. */
export function tooMany(most: number): ServiceError {
  return new ServiceError(
    "TOO_MANY_SUBSCRIPTIONS",
    `Expected at most ${most} connections of subscriptions from one address, got more; close one first`,
  );
}

async function readPayload(request: Request, most: number): Promise<Readonly<Record<string, unknown>>> {
  if (request.method !== "POST") {
    throw new ServiceError("METHOD_NOT_ALLOWED", "Expected POST of a subscription, got another method");
  }
  if (request.accepts("text/event-stream") === false) {
    throw new ServiceError(
      "NOT_ACCEPTABLE",
      "Expected an Accept header that allows text/event-stream, got another",
    );
  }
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw new ServiceError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Expected Content-Type application/json in UTF-8, got another",
    );
  }
  return parseObject(await readBody(request, most), "the body");
}

async function send(
  response: Response,
  results: AsyncGenerator<unknown, void, void>,
  signal: AbortSignal,
): Promise<void> {
  response.status(200).set({
    "Content-Type": "text/event-stream; charset=utf-8",
    // Proxies that gather what they pass on would hold events back.
    "X-Accel-Buffering": "no",
    Connection: "keep-alive",
  });
  response.flushHeaders();
  const ping = setInterval(() => {
    if (response.writableLength > MOST_PENDING_BYTES) response.destroy();
    else response.write(":\n\n");
  }, PING_MS);
  try {
    for await (const result of results) {
      if (signal.aborted) break;
      const hasRoom = response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
      if (!hasRoom) await once(response, "drain", { signal });
    }
    if (!signal.aborted) response.write("event: complete\ndata: \n\n");
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(ping);
    response.end();
  }
}
