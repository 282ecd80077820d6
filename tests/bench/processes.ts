import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { packageRoot } from "../../api/package-root.ts";

const program = join(packageRoot, "bin/stratum.js");

/** What the event loop of a served API did since it was last asked. */
export interface LoopDelays {
  /** In milliseconds, less the 5 ms between two looks. */
  readonly p99: number;
  readonly max: number;
  /** Looks that came 50 ms late or later. */
  readonly stalls: number;
  /** Of the longest: for how long its thread ran, and for how long it stood in line for a processor. */
  readonly ran: number;
  readonly waited: number;
  /** Of it, garbage collection with all else halted. */
  readonly collected: number;
}

/** `stratum serve` in a process of its own; disposing stops it. */
export interface ServedApi extends AsyncDisposable {
  readonly url: string;
  /** Delays of its event loop since the last call; the process is watched from within. */
  loopDelays(): Promise<LoopDelays>;
}

/** `stratum serve` on the bench's database, on a port of its own. */
export async function startServeProcess(home: string): Promise<ServedApi> {
  const watch = join(import.meta.dirname, "loop-watch.js");
  const child = spawn(process.execPath, ["--import", watch, program, "serve", "--port", "0"], {
    env: { ...process.env, STRATUM_HOME: home, STRATUM_LOG_LEVEL: "warn", DATABASE_URL: "" },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const ended = once(child, "exit");
  const delays = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator](); // safe: a pipe, see above
  return {
    url: await printedUrl(child),
    async loopDelays() {
      child.kill("SIGUSR2");
      const { value } = await delays.next();
      return JSON.parse(String(value)) as LoopDelays; // safe: what loop-watch writes
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function printedUrl(child: ChildProcess): Promise<string> {
  // Safe: stdout is a pipe, as asked for above.
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /(http:\/\/\S+)\/graphql/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error("Expected the server to print its URL, got none");
}

/** `stratum work` on the bench's database; disposing stops it. */
export async function startWorkProcess(home: string): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [program, "work", "--home", home, "--log-level", "warn"], {
    env: { ...process.env, STRATUM_NICE: "19" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
