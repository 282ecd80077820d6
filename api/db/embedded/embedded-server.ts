import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, realpathSync } from "node:fs";
import { createConnection, Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ServiceError } from "../../errors.ts";
import { type Place, placeOf } from "./place.ts";
import type { Programs } from "./programs.ts";
import type { WatchdogReply, WatchdogSpec } from "./watchdog.js";

/** A running private PostgreSQL, held by this process; it ends when its last holder, in any process, is gone. */
export interface EmbeddedServer extends AsyncDisposable {
  /** Over a socket in a private folder; holds the password. */
  readonly connectionString: string;
  readonly socketDir: string;
  /** Process id of the PostgreSQL server, for tests and `stratum doctor`. */
  readonly postmaster: number;
}

/** Where and how to run a private server. */
export interface EmbeddedOptions {
  /** Absolute path. */
  readonly home: string;
  /** For tests: nothing survives a crash of the machine, and `home` itself is removed at the end. */
  readonly ephemeral?: boolean;
  /** Default: the PostgreSQL that npm installed. */
  readonly programs?: Programs;
  /** How long to wait for the first answer, in milliseconds; default 120,000, since recovery after a crash takes its time. */
  readonly timeoutMs?: number;
}

type Ready = Extract<WatchdogReply, { state: "ready" }>;

/** One connection to the watchdog: as long as it is open, the server stays. */
interface Hold {
  readonly socket: Socket;
  readonly ready: Ready;
}

/**
 * Joins the private server of `home`, or starts it: about 1 s the first time, 0.2 s later. When its watchdog is
 * killed, the server ends with it, and this process starts both again.
 *
 * @throws {ServiceError} EMBEDDED_UNAVAILABLE (cannot run here), EMBEDDED_FAILED (did not start; the message says why)
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const place = placeOf(options.home, options);
  const enter = () => enterPlace(place, options);
  let hold = await enter();
  let disposed = false;
  const stay = ({ socket }: Hold): void => {
    socket.once("close", () => {
      if (disposed || options.ephemeral) return;
      // A failed attempt shows as DB_UNAVAILABLE in whoever asks the database next.
      enter().then(
        (again) => {
          hold = again;
          if (disposed) again.socket.destroy();
          else stay(again);
        },
        () => undefined,
      );
    });
  };
  stay(hold);
  const { socketDir, password, postmaster } = hold.ready;
  const host = encodeURIComponent(socketDir);
  return {
    connectionString: `postgresql://stratum:${encodeURIComponent(password)}@/stratum?host=${host}&port=5432`,
    socketDir,
    postmaster,
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      await leave(hold.socket);
    },
  };
}

async function enterPlace(
  place: Place,
  { ephemeral = false, timeoutMs = 120_000 }: EmbeddedOptions,
): Promise<Hold> {
  const deadline = performance.now() + timeoutMs;
  let started: Started | undefined;
  while (performance.now() < deadline) {
    const hold = await tryHold(place.base, deadline - performance.now());
    if (hold) return hold;
    if (started?.status !== undefined && started.status !== 0) {
      throw failed(lastLines(join(place.base, "watchdog.log")));
    }
    if (!started || started.status === 0) started = startWatchdog(place, ephemeral);
    await sleep(25);
  }
  throw failed(`no answer within ${timeoutMs} ms`);
}

/** Undefined when nobody is there, or somebody who is about to leave. */
async function tryHold(base: string, timeoutMs: number): Promise<Hold | undefined> {
  const run = join(base, "run");
  if (!existsSync(run)) return undefined;
  const socket = createConnection(join(realpathSync(run), "holders.sock"));
  try {
    const reply = await firstLine(socket, timeoutMs);
    if (reply === undefined) return undefined;
    const message = JSON.parse(reply) as WatchdogReply; // safe: only our own watchdog can write in that folder
    if (message.state === "failed") throw failed(message.message);
    // A program that is done must not wait for the server.
    socket.unref();
    return { socket, ready: message };
  } catch (error) {
    socket.destroy();
    if (error instanceof Error && "code" in error) {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED" || error.code === "ECONNRESET")
        return undefined;
      if (error.code === "EACCES") throw failed("its folder belongs to another user");
    }
    throw error;
  }
}

function firstLine(socket: Socket, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    const settle = (line: string | undefined) => {
      clearTimeout(timer);
      resolve(line);
    };
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) settle(text.slice(0, end));
    });
    // Stays for the connection's life: a reset by a killed watchdog must not end this process.
    socket.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once("close", () => settle(undefined));
  });
}

/** Says goodbye; the last holder waits until the server has ended. */
function leave(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    const timer = setTimeout(() => socket.destroy(), 30_000);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.ref();
    socket.end();
  });
}

interface Started {
  status: number | undefined;
}

function startWatchdog({ base, account, programs }: Place, ephemeral: boolean): Started {
  const spec: WatchdogSpec = { base, ...programs, ...account, ephemeral };
  const log = openSync(join(base, "watchdog.log"), "w", 0o600);
  const script = join(dirname(fileURLToPath(import.meta.url)), "watchdog.js");
  const child = spawn(process.execPath, ["--max-old-space-size=64", script, JSON.stringify(spec)], {
    // A session of its own: Ctrl-C reaches us, not the server.
    detached: true,
    cwd: "/",
    stdio: ["pipe", "ignore", log],
  });
  closeSync(log);
  child.unref();
  const { stdin } = child;
  stdin?.on("error", () => undefined);
  // A pipe of Node's is a socket, though its type says less.
  if (stdin instanceof Socket) stdin.unref();
  const started: Started = { status: undefined };
  child.once("exit", (code) => {
    started.status = code ?? 1;
  });
  child.once("error", () => {
    started.status = 1;
  });
  return started;
}

function failed(why: string): ServiceError {
  return new ServiceError("EMBEDDED_FAILED", `Expected the embedded PostgreSQL to start, got: ${why}`);
}

function lastLines(path: string): string {
  try {
    return readFileSync(path, "utf8").trim().split("\n").slice(-8).join(" | ");
  } catch {
    return "no message";
  }
}
