import pg from "pg";
import { pino } from "pino";
import { untilStopped } from "../../../api/cli/stop-signal.ts";
import { readConfig } from "../../../api/config.ts";
import { openDatabase } from "../../../api/db/client.ts";
import { startWorker } from "../../../api/worker.ts";
import { CountingRunner } from "./counting-runner.ts";

/**
 * A worker process for tests: settings of Stratum in the environment, and `CRASH_AT=before:3` or `after:3` to die of
 * SIGKILL before or after the third statement of the transaction that stores results.
 */
const [when, place] = (process.env["CRASH_AT"] ?? "").split(":");
const config = readConfig(process.env);
const database = await openDatabase(config);
const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
const concurrency = Number(process.env["CONCURRENCY"] ?? 1);
const runner = new CountingRunner(() => {
  if (place !== undefined) dieIn(Number(place), when === "before");
});
const worker = await startWorker({ database, config, log }, { concurrency, runners: { evaluation: runner } });
process.stdout.write(`${JSON.stringify({ worker: worker.id })}\n`);
await untilStopped();
await worker[Symbol.asyncDispose]();
await database[Symbol.asyncDispose]();

/** Counts the statements of the next transaction that begins, whoever begins it. */
function dieIn(at: number, before: boolean): void {
  const original = pg.Client.prototype.query;
  let client: pg.Client | undefined;
  let count = 0;
  let isOver = false;
  // Safe: the same function with a count before it.
  pg.Client.prototype.query = function counted(this: pg.Client, ...given: unknown[]) {
    const text = typeof given[0] === "string" ? given[0] : String((given[0] as { text?: string }).text);
    if (text.startsWith("begin")) client ??= this;
    if (this !== client || isOver) return Reflect.apply(original, this, given);
    count += 1;
    // What the client does next, for whomever, is no part of it.
    isOver = /^commit/i.test(text);
    if (count === at && before) process.kill(process.pid, "SIGKILL");
    const result: unknown = Reflect.apply(original, this, given);
    if (count === at && result instanceof Promise) {
      return result.finally(() => process.kill(process.pid, "SIGKILL"));
    }
    return result;
  } as typeof original;
}
