import { join } from "node:path";
import { pino } from "pino";
import { type Config, readConfig } from "../../../api/config.ts";
import { createRunners } from "../../../api/runners.ts";
import { startWorker, type Worker } from "../../../api/worker.ts";
import { ScratchFolder } from "../child-tasks.ts";
import { type FreshDatabase, freshDatabase } from "../fresh-database.ts";
import { until } from "../processes.ts";

/** A database, a folder and the settings of a worker that looks often: what a test of whole jobs works in. */
export interface JobStage extends AsyncDisposable {
  readonly database: FreshDatabase;
  readonly folder: ScratchFolder;
  readonly config: Config;
  /** One worker of its own, one run at a time: an audit that waited inside it would wait for ever. */
  work(): Promise<Worker>;
}

/**
 * A stage of its own for one test file.
 *
 * @param settings - beyond the stage's; of its folder where they need one
 */
export async function openJobStage(
  settings: (folder: ScratchFolder) => Readonly<Record<string, string>> = () => ({}),
): Promise<JobStage> {
  const database = await freshDatabase();
  const folder = new ScratchFolder();
  const config = readConfig({
    STRATUM_HOME: join(folder.path, "home"),
    STRATUM_HEARTBEAT_MS: "300",
    STRATUM_LEASE_MS: "20000",
    STRATUM_RETRY_MS: "10",
    ...settings(folder),
  });
  return {
    database,
    folder,
    config,
    work() {
      const deps = { database, config, log: pino({ level: process.env["JOBS_LOG"] ?? "silent" }) };
      return startWorker(deps, { concurrency: 1, runners: createRunners(config, 1) });
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** What `read` gives once the run of the audit has ended. */
export async function auditEnded<Audit extends { readonly run: { readonly state: string } }>(
  read: () => Promise<Audit>,
  patienceMs: number,
): Promise<Audit> {
  const isOver = async () => !["queued", "running"].includes((await read()).run.state.toLowerCase());
  await until(isOver, "the audit to end", patienceMs);
  return read();
}
