import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult } from "graphql";
import { CloseCode, handleProtocols, makeServer } from "graphql-ws";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { type Config, isLoopback } from "../config.ts";
import { errorTraits, ServiceError } from "../errors.ts";
import type { AddressLimit } from "./address-limit.ts";
import { describeFault, toOutward } from "./error-format.ts";
import { tooMany } from "./event-stream.ts";
import type { AdmittedSubscription, SubscriptionGate } from "./subscription-gate.ts";

const INIT_MS = 3_000;
const PING_MS = 12_000;
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_FRAGMENTS = 64;
/** A reader that lets so much pile up does not read. */
const MOST_PENDING_BYTES = 1_048_576;
const SLOW_READER = 4413;
/** Subscriptions begun on one socket within ten seconds. */
const MOST_BEGUN = 100;
const BEGUN_MS = 10_000;

/** What the sockets of subscriptions are made of. */
export interface SocketParts {
  readonly gate: SubscriptionGate;
  readonly addresses: AddressLimit;
  readonly config: Config;
  readonly log: Logger;
}

/** Sockets of subscriptions on a server; disposing closes them all with 1001, going away. */
export function serveSockets(server: Server, parts: SocketParts): AsyncDisposable {
  const { addresses, config, log } = parts;
  const sockets = new WebSocketServer({
    noServer: true,
    path: "/graphql",
    maxPayload: MAX_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    perMessageDeflate: false,
    handleProtocols,
  });
  const protocol = makeProtocol(parts);
  let isOpen = true;
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on("error", () => stream.destroy());
    let leave: (() => void) | undefined;
    try {
      if (!isOpen)
        throw new ServiceError("DB_UNAVAILABLE", "Expected a server that takes requests, got one that stops");
      checkUpgrade(request, config);
      leave = addresses.enter(request.socket.remoteAddress);
      if (leave === undefined) throw tooMany(config.limits.socketsPerAddress);
    } catch (error) {
      refuse(stream, error);
      return;
    }
    stream.once("close", leave);
    sockets.handleUpgrade(request, stream, head, (socket) => connect(socket, request, protocol, log));
  };
  server.on("upgrade", upgrade);
  return {
    async [Symbol.asyncDispose]() {
      isOpen = false;
      for (const socket of sockets.clients) socket.close(1001, "Going away");
      // Who does not answer a goodbye is not waited for.
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, 1_000);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(timer);
    },
  };
}

/** Only from pages of this server, and only under its own names where it serves this machine alone. */
function checkUpgrade(request: IncomingMessage, { http }: Config): void {
  if (new URL(request.url ?? "/", "http://localhost").pathname !== "/graphql") {
    throw new ServiceError("NOT_FOUND", "Expected /graphql for a web socket, got another path");
  }
  const host = request.headers.host ?? "localhost";
  if (isLoopback(http.host) && !isLoopback(host.replace(/:[0-9]+$/, ""))) {
    throw new ServiceError("FORBIDDEN", "Expected a Host header of this machine, got another");
  }
  const { origin } = request.headers;
  // Browsers let any page open a socket; only they send this header, and they cannot be made to lie in it.
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) {
    throw new ServiceError("FORBIDDEN", "Expected a page of this server, got one of another");
  }
}

function refuse(stream: Duplex, thrown: unknown): void {
  const { message, code, retryable } = toOutward(thrown);
  const body = JSON.stringify({ errors: [{ message, extensions: { code, retryable } }] });
  stream.end(
    `HTTP/1.1 ${errorTraits[code].status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** When subscriptions were begun lately. */
  readonly begun: number[];
  /** One a subscription, by its id: aborted when it is over. */
  readonly running: Map<string, AbortController>;
}

type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Extra>>;

function makeProtocol({ gate, config }: SocketParts): Protocol {
  const most = config.limits.subscriptionsPerSocket;
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: INIT_MS,
    async onConnect({ connectionParams, extra }) {
      try {
        await gate.authenticate(authorizationOf(connectionParams, extra.request));
        return true;
      } catch (error) {
        const { code } = toOutward(error);
        if (errorTraits[code].retryable) extra.socket.close(CloseCode.InternalServerError, code);
        return false;
      }
    },
    async onSubscribe({ connectionParams, subscriptions, extra }, id, payload) {
      const ending = new AbortController();
      try {
        // This one is counted already.
        if (Object.keys(subscriptions).length > most) throw tooManySubscriptions(most);
        checkPace(extra);
        const authorization = authorizationOf(connectionParams, extra.request);
        extra.running.set(id, ending);
        return await gate.admit({ ...payload }, { authorization, ending });
      } catch (error) {
        return [gate.refusal(error)];
      }
    },
    // Safe: these are the arguments that onSubscribe gave.
    subscribe: (args: ExecutionArgs) =>
      gate.run(args as AdmittedSubscription) as unknown as AsyncGenerator<ExecutionResult>,
    // Safe: the gate has formatted it.
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onComplete({ extra }, id) {
      extra.running.get(id)?.abort();
      extra.running.delete(id);
    },
    onClose({ extra }) {
      for (const ending of extra.running.values()) ending.abort();
    },
  });
}

function authorizationOf(
  params: Readonly<Record<string, unknown>> | undefined,
  { headers }: IncomingMessage,
): string | undefined {
  const given = params?.["Authorization"] ?? params?.["authorization"];
  return typeof given === "string" ? given : headers.authorization;
}

function tooManySubscriptions(most: number): ServiceError {
  return new ServiceError(
    "TOO_MANY_SUBSCRIPTIONS",
    `Expected at most ${most} subscriptions on one socket, got more; end one first`,
  );
}

function checkPace({ begun }: Extra): void {
  const now = performance.now();
  while (begun[0] !== undefined && now - begun[0] > BEGUN_MS) begun.shift();
  begun.push(now);
  if (begun.length <= MOST_BEGUN) return;
  throw new ServiceError(
    "TOO_MANY_SUBSCRIPTIONS",
    `Expected at most ${MOST_BEGUN} subscriptions begun within ${BEGUN_MS / 1000} s, got more; wait a little`,
  );
}

function connect(socket: WebSocket, request: IncomingMessage, protocol: Protocol, log: Logger): void {
  let answered = true;
  const ping = setInterval(() => {
    if (!answered || socket.bufferedAmount > MOST_PENDING_BYTES) socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_MS);
  socket.on("pong", () => {
    answered = true;
  });
  // Too large, too many fragments, not UTF-8: ws closes the socket with the code for it.
  socket.on("error", () => undefined);
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          if (socket.bufferedAmount > MOST_PENDING_BYTES) socket.close(SLOW_READER, "Slow reader");
          // Resolved once it has left this process: whoever reads slowly is told slowly.
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) => {
        socket.on("message", (data) => {
          take(String(data)).catch((error: unknown) => {
            log.error({ requestId: randomUUID(), ...describeFault(error) }, "a message of a socket failed");
            socket.close(CloseCode.InternalServerError, "Internal server error");
          });
        });
      },
    },
    { socket, request, begun: [], running: new Map() },
  );
  socket.once("close", (code, reason) => {
    clearInterval(ping);
    closed(code, String(reason)).catch(() => undefined);
  });
}
