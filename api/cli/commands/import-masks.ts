import { resolve } from "node:path";
import type { Command } from "commander";
import { ImportError, readTextPairs } from "../../../compute/index.ts";
import { MaskImportService } from "../../datasets/masks/mask-import.service.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { counted, whole } from "../text-table.ts";
import { importCommand } from "./import.ts";

interface Flags extends GlobalOptions {
  readonly dataset: string;
  readonly of?: string;
  readonly name: string;
  readonly root: string;
  readonly table?: string;
  readonly id: string;
  readonly mask: string;
  readonly allowMissing?: boolean;
  readonly saliency?: string;
  readonly threshold: string;
  readonly box?: boolean;
}

const examples = `
Examples:
  $ stratum import masks --dataset nih --name lung --root masks/
  $ stratum import masks --dataset nih --name lung --root . --table masks.csv \\
      --id "Image Index" --mask mask_path
  $ stratum import masks --dataset nih --name salient --root salient/ \\
      --saliency .stratum/artefacts/... --box
  $ stratum evaluate --model resnet34 --dataset nih --transform mask:name=lung,what=keep
`;

/** `stratum import masks`: masks of a dataset's images, for the transform `mask`. */
export function addImportMasks(program: Command): void {
  importCommand(program)
    .command("masks")
    .description("Add masks (lungs, salient regions) of a dataset's images; the files stay where they are.")
    .requiredOption("--dataset <slug>", "dataset whose images they are of")
    .option("--of <version>", "number of the version (default: the newest with files)")
    .requiredOption("--name <name>", "what transforms call them")
    .requiredOption("--root <folder>", "folder with a file for each image, of its name but for the ending")
    .option("--table <file>", "table with the path of each image's mask below the folder")
    .option("--id <column>", "column of that table with the image's id or path", "image")
    .option("--mask <column>", "column of that table with the mask's path", "mask")
    .option("--saliency <folder>", "make them of an evaluation's saliency.npy in this folder, into --root")
    .option("--threshold <share>", "share of a map's largest value from which on a pixel is salient", "0.1")
    .option("--box", "the smallest rectangle around all that is salient")
    .option("--allow-missing", "take what is there; images without one cannot be evaluated under it")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const version = flags.of === undefined ? undefined : Number(flags.of);
      if (version !== undefined && !(Number.isInteger(version) && version > 0)) {
        throw new CommandError(exitCodes.usage, `Expected --of a version's number, got "${flags.of}"`);
      }
      const paths = flags.table === undefined ? undefined : await pathsOf(flags.table, flags);
      await using session = await openSession(configOf(process.env, flags));
      const service = new MaskImportService(session.database, session.config.imageRoots);
      const { dataset, name, root, allowMissing } = flags;
      const request = { dataset, version, name, root, allowMissing };
      const done =
        flags.saliency === undefined
          ? await service.importMasks({ ...request, paths })
          : await service.importSaliency(request, resolve(flags.saliency), {
              threshold: Number(flags.threshold),
              box: flags.box === true,
            });
      if (flags.json === true) return printJson({ dataset, name, ...done });
      const what = `${whole(done.masks)} of ${counted(done.images, "image")} of version ${done.version} of ${dataset}`;
      printText(
        done.created
          ? `Stored masks "${name}" for ${what}.`
          : `These masks "${name}" for ${what} were stored before.`,
      );
    });
}

async function pathsOf(table: string, { id, mask }: Flags): Promise<ReadonlyMap<string, string>> {
  try {
    return await readTextPairs(table, id, mask);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    const line = error.line === undefined ? "" : ` (line ${error.line})`;
    throw new CommandError(exitCodes.rejected, `${error.code}: ${error.message}${line}`);
  }
}
