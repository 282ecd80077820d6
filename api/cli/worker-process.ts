import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { packageRoot } from "../package-root.ts";

/** A worker has 10 s to give back what it has. */
const STOP_MS = 11_000;

/**
 * Runs `stratum work` beside this process until it is disposed, and starts it again when it ends by itself. It ends with
 * this process, however that ends.
 */
export function keepWorker(config: Config, concurrency: number, log: Logger): AsyncDisposable {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  const kept = (async () => {
    for (let waitMs = 500; !stopping.signal.aborted; waitMs = Math.min(30_000, waitMs * 2)) {
      const started = performance.now();
      child = startWork(config, concurrency);
      await ended(child);
      if (stopping.signal.aborted) return;
      log.error({ code: child.exitCode, signal: child.signalCode }, "the worker ended; it is started again");
      if (performance.now() - started > 60_000) waitMs = 500;
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      child?.kill("SIGTERM");
      const timer = setTimeout(() => child?.kill("SIGKILL"), STOP_MS);
      await kept;
      clearTimeout(timer);
    },
  };
}

function startWork(config: Config, concurrency: number): ChildProcess {
  const args = [join(packageRoot, "bin", "stratum.js"), "work", "--concurrency", String(concurrency)];
  return spawn(process.execPath, args, {
    env: { ...process.env, STRATUM_HOME: config.home, STRATUM_LOG_LEVEL: config.logLevel },
    // A session of its own: Ctrl-C would reach it beside our signal, and a second one means at once.
    detached: true,
    // By the channel it notices when this process is gone.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}
