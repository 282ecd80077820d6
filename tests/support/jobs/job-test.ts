import { createHash, randomUUID } from "node:crypto";
import type { Database } from "../../../api/db/client.ts";
import type { RunRecord } from "../../../api/runs/run.queries.ts";
import { requestRun } from "../../../api/runs/run-requests.ts";
import type { FreshDatabase } from "../fresh-database.ts";
import { type Child, startChild, until } from "../processes.ts";
import type { CountingParams } from "./counting-runner.ts";

/** Leases and heartbeats of the tests: short, so that a test of a lost worker takes a second. */
export const shortLease = { STRATUM_LEASE_MS: "1200", STRATUM_HEARTBEAT_MS: "150", STRATUM_RETRY_MS: "20" };

/** Asks for a run that counts. The same name is the same request. */
export async function askToCount(
  database: Pick<Database, "pool">,
  params: Partial<CountingParams> = {},
  name: string = randomUUID(),
): Promise<RunRecord> {
  const { run } = await requestRun(database, {
    kind: "evaluation",
    plugin: "counting",
    pluginVersion: 1,
    params: { steps: 60, stepMs: 5, stepsAPart: 20, ...params },
    inputDigests: {},
    fingerprint: createHash("sha256").update(name).digest("hex"),
    software: {},
  });
  return run;
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly child: Child;
  readonly pid: number;
  /** Its row id; waits until it takes runs. */
  readonly id: Promise<string>;
}

/** Starts a worker that counts. */
export function startWorkerProcess(
  database: FreshDatabase,
  env: Readonly<Record<string, string>> = {},
): WorkerProcess {
  const child = startChild("support/jobs/worker-main.ts", [], {
    env: {
      ...process.env,
      DATABASE_URL: database.config.databaseUrl ?? "",
      STRATUM_HOME: "/nonexistent",
      STRATUM_LOG_LEVEL: process.env["JOBS_LOG"] ?? "silent",
      STRATUM_POOL_SIZE: "4",
      ...shortLease,
      ...env,
    },
  });
  const id = child.answer().then(({ worker }) => String(worker));
  id.catch(() => undefined);
  return { child, pid: child.process.pid ?? 0, id };
}

/** A run's row now. */
export async function runNow(
  database: Pick<Database, "pool">,
  id: number,
): Promise<{ readonly state: string; readonly attempt: number; readonly failure: string | null }> {
  const { rows } = await database.pool.query("select state, attempt, failure from run where id = $1", [id]);
  return rows[0];
}

/** Waits until a run is in one of these states. */
export async function untilState(
  database: Pick<Database, "pool">,
  id: number,
  states: readonly string[],
  limitMs?: number,
): Promise<void> {
  await until(
    async () => states.includes((await runNow(database, id)).state),
    `run ${id} to be ${states.join(" or ")}`,
    limitMs,
  );
}

/** The kinds of a run's events in order, without progress; throws when their numbers have a gap. */
export async function eventsOf(database: Pick<Database, "pool">, id: number): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ sequence: number; kind: string; payload: { code?: string } }>(
    "select sequence, kind, payload from run_event where run_id = $1 order by sequence",
    [id],
  );
  const gap = rows.findIndex(({ sequence }, index) => sequence !== index + 1);
  if (gap >= 0)
    throw new Error(`Expected events numbered without gaps, got ${rows.map((row) => row.sequence)}`);
  return rows
    .filter(({ kind }) => kind !== "progress")
    .map(({ kind, payload }) => (payload.code === undefined ? kind : `${kind} ${payload.code}`));
}
