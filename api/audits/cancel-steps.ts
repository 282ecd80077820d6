import type { Database } from "../db/client.ts";
import { cancelRun } from "../runs/run-requests.ts";
import { partsOfRun } from "./audit.queries.ts";
import { readLedger } from "./step-ledger.ts";

/**
 * Stops the runs that an audit has asked for; those that somebody had asked for before go on. Called once the audit itself
 * is stopped.
 *
 * @throws {ServiceError} as withTransaction
 */
export async function cancelSteps(database: Database, auditRunId: number): Promise<void> {
  const { entries } = readLedger(await partsOfRun(database.db, auditRunId));
  for (const { run, created } of entries.values()) {
    if (run !== null && created) await cancelRun(database, run);
  }
}
