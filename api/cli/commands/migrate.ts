import type { Command } from "commander";
import { openDatabase } from "../../db/client.ts";
import { migrate } from "../../db/migrate.ts";
import { loadPublications } from "../../publications/publication.loader.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { commandLog, configOf } from "../session.ts";

const examples = `
Examples:
  $ stratum migrate
  $ DATABASE_URL=postgresql://stratum@db.example:5432/stratum stratum migrate
`;

/** `stratum migrate`: the database up to this version, and the published results in it. */
export function addMigrate(program: Command): void {
  program
    .command("migrate")
    .description("Bring the database up to this version and load the published results; safe to repeat.")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions>();
      const config = configOf(process.env, flags);
      await using database = await openDatabase(config);
      const applied = await migrate(database);
      const loaded = await loadPublications(database, commandLog(config));
      if (flags.json === true) printJson({ applied, loaded });
      else {
        printText(applied.length === 0 ? "The database is up to date." : `Applied ${applied.join(", ")}.`);
        printText(`Published results are loaded: ${loaded.map(({ slug }) => slug).join(", ")}.`);
      }
    });
}
