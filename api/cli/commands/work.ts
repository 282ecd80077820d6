import { getPriority, setPriority } from "node:os";
import type { Command } from "commander";
import { pino } from "pino";
import { openDatabase } from "../../db/client.ts";
import { checkMigrations, migrate } from "../../db/migrate.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { numberOf } from "../number-option.ts";
import { type GlobalOptions, printText } from "../program-options.ts";
import { configOf } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";

interface Flags extends GlobalOptions {
  readonly concurrency: string;
}

const examples = `
Examples:
  $ stratum work
  $ stratum work --concurrency 2
  $ DATABASE_URL=postgresql://stratum@db.example:5432/stratum stratum work

The first SIGTERM or Ctrl-C gives back what the worker has, within 10 s; a second one ends it at
once. A worker that is killed loses nothing: another goes on from the last checkpoint.
`;

/** A stop must be over within 10 s, whatever the database does. */
const STOP_MS = 9_500;

/** `stratum work`: a worker, until it is stopped. */
export function addWork(program: Command): void {
  program
    .command("work")
    .description("Carry out queued runs, such as evaluations, until interrupted.")
    .option("--concurrency <count>", "how many runs at once; they share the processors", "1")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const concurrency = concurrencyOf("--concurrency", flags.concurrency);
      const config = configOf(process.env, flags);
      const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
      // Listening from the start: a signal that comes while it starts stops it just as well.
      const stopped = Promise.race([untilStopped(), untilParentGone()]);
      await using database = await openDatabase(config);
      if (database.embedded) await migrate(database);
      else await checkMigrations(database);
      const [{ loadTransforms, requireAddon }, { createRunners }, { startWorker }] = await Promise.all([
        import("../../../compute/index.ts"),
        import("../../runners.ts"),
        import("../../worker.ts"),
      ]);
      yieldToOthers(config.jobs.nice);
      requireAddon(); // before a run is taken that would fail
      await loadTransforms(config.plugins);
      const runners = createRunners(config, concurrency);
      await using worker = await startWorker({ database, config, log }, { concurrency, runners });
      printText(`Worker ${worker.id} takes runs, ${concurrency} at once. Stop with Ctrl-C.`);
      await stopped;
      setTimeout(() => process.exit(exitCodes.ok), STOP_MS).unref();
    });
}

function yieldToOthers(nice: number): void {
  try {
    setPriority(Math.max(getPriority(), nice));
  } catch {
    // A system that does not allow it works at its own priority.
  }
}

/**
 * How many runs at once.
 *
 * @throws {CommandError} usage
 */
export function concurrencyOf(option: string, text: string): number {
  const count = numberOf(option, text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new CommandError(exitCodes.usage, `Expected 1 to 64 for ${option}, got ${text}`);
}

/** Resolves when the process that started this one is gone, where that one wants to be followed (`serve --with-worker`). */
function untilParentGone(): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) return;
    process.once("disconnect", resolve);
    // Listening alone would keep this process alive.
    process.channel?.unref();
  });
}
