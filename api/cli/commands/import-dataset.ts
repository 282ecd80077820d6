import type { Command } from "commander";
import {
  type BadFile,
  type BadFilePolicy,
  badFilePolicies,
  type DatasetProgress,
  type LayoutName,
  labelBlankPolicies,
  labelUncertainPolicies,
  layoutNames,
  type Verification,
  verifications,
} from "../../../compute/index.ts";
import {
  DatasetImportService,
  type ImportDatasetOutcome,
  type ImportDatasetRequest,
} from "../../datasets/import/dataset-import.service.ts";
import { encodeId } from "../../graphql/node-id.ts";
import { type DatasetFlags, datasetMappingOf, tableFilesOf } from "../dataset-flags.ts";
import { datasetText } from "../dataset-text.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { readJsonFile, requireReadable, writeGiven } from "../given-files.ts";
import { choice, collect, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { type Progress, startProgress } from "../progress.ts";
import { configOf, openSession } from "../session.ts";
import { whole } from "../text-table.ts";
import { importCommand } from "./import.ts";

interface Flags extends DatasetFlags, GlobalOptions {
  readonly dataset: string;
  readonly root: string;
  readonly layout?: LayoutName;
  readonly manifest?: string;
  readonly mapping?: string;
  readonly saveMapping?: string;
  readonly raceMapping?: string;
  readonly classFromFolder?: string;
  readonly studyIs?: "series" | "study";
  readonly onBadFile: BadFilePolicy;
  readonly verify: Verification;
  readonly allowHardLinks?: boolean;
  readonly overrideLeak?: string;
  readonly problems?: string;
  readonly threads?: string;
}

const examples = `
Examples:
  A table of images with their patients, paths below the root:
    $ stratum import dataset --dataset hannover --root images --manifest metadata.csv \\
        --path file --patient patient_id --attribute sex=sex --attribute view=projection

  Sets as they are released (chexpert, mimic-cxr-jpg, nih-chest-xray14):
    $ stratum import dataset --dataset chexpert --root CheXpert-v1.0 --layout chexpert \\
        --table demographics=demo.csv --uncertain zeros

  A folder whose sub-folders are classes, and a tree of DICOM files:
    $ stratum import dataset --dataset photos --root photos --layout folder --class-from-folder view
    $ stratum import dataset --dataset ct --root scans --layout dicom --on-bad-file skip

  Cells: column, column[0] or column[0:1] (segments of a path), table.column of a --table.
`;

/** `stratum import dataset`: images with their tables into the warehouse. */
export function addImportDataset(program: Command): void {
  importCommand(program)
    .command("dataset")
    .description("Import a dataset: every file is read once, nothing is copied; all or nothing.")
    .requiredOption("--dataset <slug>", "the dataset; made when there is none")
    .requiredOption("--root <folder>", "the folder that every path starts from")
    .addOption(choice("--layout <layout>", "how the folder is laid out", layoutNames, "manifest"))
    .option("--manifest <file>", "the table of images: CSV, TSV or Parquet, also gzip")
    .option("--table <name=file>", "a further table, or one that a layout looks for; repeat", collect, [])
    .option("--mapping <file>", "a JSON file that says how to read the tables, over the layout")
    .option("--save-mapping <file>", "write the mapping that these options make")
    .option("--path <column>", "the column of paths, or a template: files/{study}/{id:2}.jpg")
    .option("--search", "the path is a name, to be found in any folder below the root")
    .option("--id <cell>", "the image's id (default: its path)")
    .option("--patient <cell>", "the patient's id")
    .option("--study <cell>", "the study's id")
    .option("--split <cell>", "the part of the split")
    .option("--no-split", "leave the layout's split out")
    .option("--attribute <name=cell>", "an attribute; age reads as years, bmi as number; repeat", collect, [])
    .option("--number <name=cell>", "an attribute that is a number; repeat", collect, [])
    .option(
      "--category-mapping <name=mapping>",
      "a stored mapping for an attribute, as race=...; repeat",
      collect,
      [],
    )
    .option("--race-mapping <mapping>", "for self-reported race instead of the layout's; or none")
    .option("--label <class=cell>", "the 0/1 cell of a finding; repeat", collect, [])
    .option("--labels <cell>", "a cell that lists findings with | between")
    .option("--label-classes <names>", "the findings of --labels, comma-separated")
    .option("--label-name <name>", "what the labels are called", "finding")
    .option("--uncertain <policy>", `what -1 becomes: ${labelUncertainPolicies.join(", ")}`)
    .option("--blank-labels <policy>", `what an empty label becomes: ${labelBlankPolicies.join(", ")}`)
    .option("--join <table=key>", "join a --table by its key column; table=key=cell; repeat", collect, [])
    .option("--class-from-folder <name>", "folder: the attribute that the first folder is")
    .option("--study-is <what>", "dicom: series or study (default: by modality)")
    .addOption(choice("--on-bad-file <policy>", "a file that is no usable image", badFilePolicies, "fail"))
    .addOption(choice("--verify <how>", "read headers only, or decode every image", verifications, "header"))
    .option("--allow-hard-links", "take files that have several names")
    .option("--override-leak <reason>", "record a split with patients on two sides, flagged for ever")
    .option("--problems <file>", "write every bad file with its code to a CSV file")
    .option("--threads <n>", "threads that read files (default: one a processor)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      await importDataset(command.optsWithGlobals<Flags>());
    });
}

async function importDataset(flags: Flags): Promise<void> {
  const request = await requestOf(flags);
  await using session = await openSession(configOf(process.env, flags));
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt);
  const bar = startProgress(flags.dataset);
  const bad: BadFile[] = [];
  const begun = performance.now();
  let outcome: ImportDatasetOutcome;
  try {
    outcome = await new DatasetImportService(session.database, session.config.imageRoots).importDataset(
      request,
      {
        signal: abort.signal,
        threads: threadsOf(flags.threads),
        onWait: () => {
          process.stderr.write(`Waiting for another import into ${flags.dataset} to end\n`);
        },
        onBad: (file) => {
          if (flags.problems !== undefined) bad.push(file);
        },
        onProgress: (progress) => show(bar, progress, begun),
      },
    );
  } catch (error) {
    // Any other error may have come first: then it decides what can be said.
    if (error instanceof Error && error.name === "AbortError")
      throw new CommandError(exitCodes.interrupted, "Interrupted; nothing was stored");
    throw error;
  } finally {
    bar.stop();
    process.off("SIGINT", interrupt);
  }
  if (flags.problems !== undefined) await writeGiven("--problems", flags.problems, csvOfBad(bad));
  const seconds = (performance.now() - begun) / 1000;
  if (flags.json === true) printJson(jsonOf(outcome, seconds));
  else printText(datasetText(flags.dataset, outcome, seconds));
  if (outcome.status === "rejected") process.exitCode = exitCodes.rejected;
}

async function requestOf(flags: Flags): Promise<ImportDatasetRequest> {
  const mapping =
    flags.mapping === undefined ? datasetMappingOf(flags) : await readJsonFile("--mapping", flags.mapping);
  if (flags.saveMapping !== undefined)
    await writeGiven("--save-mapping", flags.saveMapping, `${JSON.stringify(mapping, null, 2)}\n`);
  const files = {
    ...tableFilesOf(flags),
    ...(flags.manifest === undefined ? {} : { manifest: flags.manifest }),
  };
  for (const [name, path] of Object.entries(files)) {
    await requireReadable(name === "manifest" ? "--manifest" : `--table ${name}`, path);
  }
  if (flags.studyIs !== undefined && flags.studyIs !== "series" && flags.studyIs !== "study") {
    throw new CommandError(exitCodes.usage, "Expected --study-is series or study, got another word");
  }
  return {
    dataset: flags.dataset,
    root: flags.root,
    layout: flags.layout ?? "manifest",
    files,
    mapping,
    uncertain: flags.uncertain,
    blank: flags.blankLabels,
    raceMapping: flags.raceMapping,
    classFromFolder: flags.classFromFolder,
    studyIs: flags.studyIs,
    onBadFile: flags.onBadFile,
    verify: flags.verify,
    allowHardLinks: flags.allowHardLinks,
    overrideLeakReason: flags.overrideLeak,
  };
}

function threadsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new CommandError(exitCodes.usage, `Expected --threads from 1 to 64, got "${text}"`);
}

function show(bar: Progress, { phase, done, total, bytes }: DatasetProgress, begun: number): void {
  if (phase === "tables") return;
  const seconds = (performance.now() - begun) / 1000;
  const rate = `${whole(Math.round(done / seconds))} images/s, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
  bar.update(done, total, `${whole(done)} images, ${rate}`);
}

/** The list is the operator's own: unlike every answer, it names files. */
function csvOfBad(bad: readonly BadFile[]): string {
  // A leading quote keeps a spreadsheet from taking a name for a formula.
  const quoted = (text: string) => `"${/^[=+\-@\t\r]/.test(text) ? "'" : ""}${text.replaceAll('"', '""')}"`;
  return `line,code,path\n${bad.map(({ line, code, uri }) => `${line},${code},${quoted(uri)}\n`).join("")}`;
}

function jsonOf(outcome: ImportDatasetOutcome, seconds: number): Record<string, unknown> {
  if (outcome.status === "rejected") {
    const { problems, totals } = outcome;
    return { status: "rejected", dataset: null, version: null, problems, totals };
  }
  const { report, otherFiles, created, newSplit, version } = outcome;
  const { rows, images, patients, studies, files, remarks } = report;
  const { patientsInTwoSplits, implausibleAges, unmatched, conflicts, unknown } = report;
  return {
    status: "stored",
    dataset: encodeId("Dataset", outcome.datasetId),
    datasetVersion: encodeId("DatasetVersion", outcome.versionId),
    version,
    run: encodeId("Run", outcome.runId),
    created,
    newSplit,
    seconds,
    rows,
    images,
    patients,
    studies,
    files,
    otherFiles,
    patientsInTwoSplits,
    implausibleAges,
    unmatched,
    conflicts,
    unknown,
    remarks,
  };
}
