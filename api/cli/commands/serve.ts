import type { Command } from "commander";
import { pino } from "pino";
import { openDatabase } from "../../db/client.ts";
import { checkMigrations, migrate } from "../../db/migrate.ts";
import { loadPublications } from "../../publications/publication.loader.ts";
import { type GlobalOptions, printText } from "../program-options.ts";
import { configOf } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { keepWorker } from "../worker-process.ts";
import { concurrencyOf } from "./work.ts";

interface Flags extends GlobalOptions {
  readonly withWorker?: string | true;
  readonly port?: string;
  readonly host?: string;
}

const examples = `
Examples:
  $ stratum serve                        on http://127.0.0.1:4000, with a PostgreSQL of its own
  $ stratum serve --port 8080 --host 0.0.0.0
  $ stratum serve --with-worker          and carry out evaluations, in a process beside it
  $ DATABASE_URL=postgresql://stratum@db.example:5432/stratum stratum serve
`;

/** `stratum serve`: the API, until it is stopped. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("Serve the GraphQL API, with GraphiQL in the browser, until interrupted.")
    .option("--port <port>", "TCP port (default 4000; 0 takes a free one)")
    .option("--host <host>", "address to listen on (default 127.0.0.1; others see suppressed results)")
    .option(
      "--with-worker [concurrency]",
      "run a worker beside it, which takes so many runs at once (default 1)",
    )
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const config = configOf(process.env, flags);
      const workers = flags.withWorker === true ? "1" : flags.withWorker;
      const concurrency = workers === undefined ? undefined : concurrencyOf("--with-worker", workers);
      const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: false }));
      await using database = await openDatabase(config);
      if (database.embedded) await migrate(database);
      else await checkMigrations(database);
      await loadPublications(database, log);
      const { createApi } = await import("../../main.ts");
      await using api = await createApi({ database, config, log });
      await using _worker = concurrency === undefined ? undefined : keepWorker(config, concurrency, log);
      printText(
        `Stratum answers on ${api.url}/graphql (open it in a browser for GraphiQL). Stop with Ctrl-C.`,
      );
      await untilStopped();
    });
}
