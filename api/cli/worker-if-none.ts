import type { Session } from "./session.ts";

/** A worker in this process for as long as no other lives; undefined where one does. */
export async function workerIfNone(session: Session): Promise<AsyncDisposable | undefined> {
  const { config, database, log } = session;
  const { countLivingWorkers } = await import("../runs/run-queue.queries.ts");
  if ((await countLivingWorkers(database.db, config.jobs.leaseMs)) > 0) return undefined;
  const [{ createRunners }, { startWorker }] = await Promise.all([
    import("../runners.ts"),
    import("../worker.ts"),
  ]);
  return startWorker({ database, config, log }, { concurrency: 1, runners: createRunners(config, 1) });
}
