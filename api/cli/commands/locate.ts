import type { Command } from "commander";
import { LocateService } from "../../datasets/locate.service.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { whole } from "../text-table.ts";

interface Flags extends GlobalOptions {
  readonly of?: string;
  readonly all?: boolean;
}

const examples = `
Examples:
  $ stratum locate dataset chexpert /mnt/new-disk/CheXpert-v1.0
  $ stratum locate dataset chexpert /mnt/new-disk/CheXpert-v1.0 --of 2 --all
`;

/** `stratum locate dataset`: says where the files of a dataset lie now. */
export function addLocate(program: Command): void {
  program
    .command("locate")
    .description("Say where files lie after they were moved.")
    .addHelpText("after", examples)
    .command("dataset <slug> <folder>")
    .description("Record the folder that a dataset's files lie in, once some of them were found there.")
    .option("--of <version>", "number of the version (default: the newest with files)")
    .option("--all", "read every file, not 64 of them")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (slug: string, folder: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const version = flags.of === undefined ? undefined : Number(flags.of);
      if (version !== undefined && !(Number.isInteger(version) && version > 0)) {
        throw new CommandError(exitCodes.usage, `Expected --of a version's number, got "${flags.of}"`);
      }
      await using session = await openSession(configOf(process.env, flags));
      const located = await new LocateService(session.database, session.config.imageRoots).locate(
        slug,
        folder,
        {
          ...(version === undefined ? {} : { version }),
          all: flags.all === true,
        },
      );
      if (flags.json === true) printJson({ dataset: slug, ...located });
      else {
        const place = located.moved ? "are now looked for in this folder" : "were known to lie there";
        printText(
          `The ${whole(located.images)} images of version ${located.version} of ${slug} ${place}; ${whole(located.checked)} were read and are the same.`,
        );
      }
    });
}
