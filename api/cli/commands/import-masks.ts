import { join, resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import {
  ImportError,
  type Preprocessing,
  readTextPairs,
  type SaliencyRegion,
} from "../../../compute/index.ts";
import { operator } from "../../access/principal.ts";
import { MaskImportService } from "../../datasets/masks/mask-import.service.ts";
import { encodeId } from "../../graphql/node-id.ts";
import { findComputable } from "../../predictions/evaluate/subject.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { numberOf } from "../number-option.ts";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { saidUnfinished } from "../run-outcome.ts";
import { exitCodeOfRun, followRun } from "../run-watching.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { untilStopped } from "../stop-signal.ts";
import { counted, whole } from "../text-table.ts";
import { workerIfNone } from "../worker-if-none.ts";
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
  readonly threshold?: string;
  readonly model?: string;
  readonly class?: string;
  readonly box?: boolean;
}

const examples = `
Examples:
  $ stratum import masks --dataset nih --name lung --root masks/
  $ stratum import masks --dataset nih --name lung --root . --table masks.csv \\
      --id "Image Index" --mask mask_path
  $ stratum import masks --dataset nih --name salient --root salient/ \\
      --saliency .stratum/artefacts/... --box
  $ stratum import masks --dataset nih --name lungs --root lungs/ --model lung-unet --class lung
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
    .option("--model <slug>", "make them by a registered model that segments, into --root")
    .option("--class <class>", "which of its classes")
    .option(
      "--threshold <share>",
      "share of a map's largest value from which on a pixel is salient (default: 0.1); of --model its own (0.5)",
    )
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
      const stopped = untilStopped();
      const paths = flags.table === undefined ? undefined : await pathsOf(flags.table, flags);
      await using session = await openSession(configOf(process.env, flags));
      const service = new MaskImportService(session.database, session.config.imageRoots);
      const { dataset, name, root, allowMissing } = flags;
      const request = { dataset, version, name, root, allowMissing };
      const maps = await mapsOf(session, flags, stopped);
      if (maps === "unfinished") return;
      const done =
        maps === undefined
          ? await service.importMasks({ ...request, paths })
          : await service.importSaliency(request, maps.folder, maps.region);
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

/** Maps of the images and what becomes a region in them; undefined where the masks are files already. */
async function mapsOf(
  session: Session,
  flags: Flags,
  stopped: Promise<void>,
): Promise<{ readonly folder: string; readonly region: SaliencyRegion } | "unfinished" | undefined> {
  const box = flags.box === true;
  if (flags.model === undefined) {
    if (flags.saliency === undefined) return undefined;
    const threshold = numberOf("--threshold", flags.threshold ?? "0.1");
    return { folder: resolve(flags.saliency), region: { threshold, relative: true, box } };
  }
  if (flags.class === undefined || flags.saliency !== undefined || flags.table !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      "Expected --model with --class, without --saliency and --table, got otherwise",
    );
  }
  const segmented = await segment(session, { ...flags, model: flags.model, class: flags.class }, stopped);
  if (segmented === undefined) return "unfinished";
  const threshold = numberOf("--threshold", flags.threshold ?? "0.5");
  const { folder, padded } = segmented;
  return {
    folder,
    region: { threshold, relative: false, box, ...(padded === undefined ? {} : { padded }) },
  };
}

/** Has the model give maps of all images, in a run like any other; undefined, and said why, where that has not ended. */
async function segment(
  session: Session,
  flags: Flags & { readonly model: string; readonly class: string },
  stopped: Promise<void>,
): Promise<{ readonly folder: string; readonly padded: Preprocessing | undefined } | undefined> {
  const { dataset, model, of } = flags;
  const services = await session.services();
  const { run } = await services.evaluate.request(
    {
      ...{ dataset, model, where: [], transforms: [], onBadImage: "fail" },
      datasetVersion: of === undefined ? null : Number(of),
      saliency: { class: flags.class, method: "segmentation" },
    },
    operator,
  );
  await using _worker = await workerIfNone(session);
  const ended = await followRun(session, encodeId("Run", run.id), { stopped });
  process.exitCode = exitCodeOfRun(ended);
  if (saidUnfinished(ended, "segmentation")) return undefined;
  const { folder } = z.object({ folder: z.string() }).parse(ended.summary?.["artefacts"]);
  const { preprocessing } = await findComputable(session.database.db, { model });
  return {
    folder: join(session.config.home, folder),
    padded: preprocessing.resize === "pad" ? preprocessing : undefined,
  };
}
