import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "./session.ts";

/**
 * A worker in this process from the moment that no other lives, until it is disposed: whoever waits for a run must not
 * wait for a worker that has gone.
 */
export async function workerIfNone(session: Session): Promise<AsyncDisposable> {
  const { config, log } = session;
  const over = new AbortController();
  let worker = await startIfNone(session);
  const looking = (async () => {
    while (worker === undefined && !over.signal.aborted) {
      await sleep(config.jobs.heartbeatMs, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      worker = await startIfNone(session).catch(async (error: unknown) => {
        const { describeFault } = await import("../http/error-format.ts");
        log.warn(describeFault(error), "no worker could be looked for, or started");
        return undefined;
      });
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await looking;
      await worker?.[Symbol.asyncDispose]();
    },
  };
}

async function startIfNone({ config, database, log }: Session): Promise<AsyncDisposable | undefined> {
  const { livingWorkers } = await import("../runs/run-queue.queries.ts");
  const others = await livingWorkers(database.db, config.jobs.leaseMs);
  if (others.some((other) => !isGone(other))) return undefined;
  const [{ createRunners }, { startWorker }] = await Promise.all([
    import("../runners.ts"),
    import("../worker.ts"),
  ]);
  return startWorker({ database, config, log }, { concurrency: 1, runners: createRunners(config, 1) });
}

/** Whether a worker of this machine was killed before it could say so: its last heartbeat would count for a while. */
function isGone({ host, pid }: { readonly host: string; readonly pid: number }): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
