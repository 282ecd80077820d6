import type { Command } from "commander";
import { tableFormats } from "../../../compute/index.ts";
import { encodeId } from "../../graphql/node-id.ts";
import {
  type ImportOutcome,
  type ImportPredictionsRequest,
  ImportService,
} from "../../predictions/import/import.service.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { readJsonFile, requireReadable, writeGiven } from "../given-files.ts";
import { type ImportFlags, mappingOfFlags } from "../import-flags.ts";
import { collect, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { startProgress } from "../progress.ts";
import { configOf, openSession } from "../session.ts";
import { counted, textTable, whole } from "../text-table.ts";
import { importCommand } from "./import.ts";

interface Flags extends ImportFlags, GlobalOptions {
  readonly file?: string;
  readonly csv?: string;
  readonly tsv?: string;
  readonly parquet?: string;
  readonly dataset: string;
  readonly model: string;
  readonly mapping?: string;
  readonly saveMapping?: string;
  readonly attributesFile?: string;
  readonly newVersion?: boolean;
  readonly overrideLeak?: string;
}

const examples = `
Examples:
  One column per class, attributes in the same file:
    $ stratum import predictions --csv scores.csv --dataset chest --model resnet34 \\
        --id image --patient subject --truth race \\
        --score Asian=p_asian --score Black=p_black --score White=p_white \\
        --attribute sex=sex --attribute age=age_years

  Many findings, each its own yes/no, with truth and attributes in a second file:
    $ stratum import predictions --csv preds.csv --attributes-file truth.csv --attributes-id path \\
        --dataset nih --model densenet --id path --patient patient_id \\
        --label Effusion=Effusion --score Effusion=prob_Effusion \\
        --attribute sex=sex --attribute age=age

  The same import again, from a mapping file:
    $ stratum import predictions --csv preds.csv --dataset nih --model densenet --mapping map.json
`;

/** `stratum import predictions`: files of predictions into the warehouse. */
export function addImportPredictions(program: Command): void {
  importCommand(program)
    .command("predictions")
    .description("Import a model's predictions with the patients' attributes; all or nothing.")
    .option("--csv <file>", "a CSV file")
    .option("--tsv <file>", "a TSV file")
    .option("--parquet <file>", "a Parquet file")
    .option("--file <file>", "a file in any of these formats, told by its content")
    .requiredOption("--dataset <slug>", "the dataset; made when there is none")
    .requiredOption("--model <slug>", "the model; made when there is none")
    .option("--mapping <file>", "a JSON file that says how to read the columns, instead of the options below")
    .option("--save-mapping <file>", "write the mapping that these options make")
    .option("--id <column>", "the column of image ids")
    .option("--patient <column>", "the column of patient ids")
    .option("--study <column>", "the column of study ids")
    .option("--split <column>", "the column of split parts")
    .option("--kind <kind>", "multiclass, binary or multilabel (default: told from the options)")
    .option("--task <name>", "the attribute that the model predicts (default: the truth column)")
    .option("--truth <column>", "the column that holds the true class")
    .option("--label <class=column>", "the 0/1 column of a finding's truth; repeat", collect, [])
    .option(
      "--score <class=column>",
      "the score column of a class, in the model's order; repeat",
      collect,
      [],
    )
    .option("--class-column <column>", "long form: the column that names the class of a row")
    .option("--score-column <column>", "long form: the column of scores")
    .option("--classes <names>", "long form: the classes in the model's order, comma-separated")
    .option("--score-kind <kind>", "probability, logit or any", "probability")
    .option(
      "--attribute <name=column>",
      "an attribute; age is read as years, bmi as a number; repeat",
      collect,
      [],
    )
    .option("--number <name=column>", "an attribute that is a number; repeat", collect, [])
    .option(
      "--category-mapping <name=mapping>",
      "a stored mapping for an attribute, such as race=chexpert-race-three-class@1; repeat",
      collect,
      [],
    )
    .option("--attributes-file <file>", "a second file with attributes, truth or patients, joined by id")
    .option("--attributes-id <column>", "its id column (default: as --id)")
    .option("--new-version", "make a new version of the dataset instead of lining up with the newest")
    .option("--override-leak <reason>", "record a split that puts patients on two sides, flagged for ever")
    .option("--json", "print the result as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      await importPredictions(command.optsWithGlobals<Flags>());
    });
}

async function importPredictions(flags: Flags): Promise<void> {
  const mapping =
    flags.mapping === undefined ? mappingOfFlags(flags) : await readJsonFile("--mapping", flags.mapping);
  if (flags.saveMapping !== undefined)
    await writeGiven("--save-mapping", flags.saveMapping, `${JSON.stringify(mapping, null, 2)}\n`);
  const predictions = fileOf(flags);
  await requireReadable(`--${predictions.format ?? "file"}`, predictions.path);
  if (flags.attributesFile !== undefined) await requireReadable("--attributes-file", flags.attributesFile);
  const request: ImportPredictionsRequest = {
    dataset: flags.dataset,
    model: flags.model,
    mapping,
    predictions,
    ...(flags.attributesFile === undefined ? {} : { attributes: { path: flags.attributesFile } }),
    newVersion: flags.newVersion ?? false,
    overrideLeakReason: flags.overrideLeak,
  };
  await using session = await openSession(configOf(process.env, flags));
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt);
  const bar = startProgress(`${flags.dataset}`);
  const begun = performance.now();
  let outcome: ImportOutcome;
  try {
    outcome = await new ImportService(session.database).importPredictions(request, {
      signal: abort.signal,
      onWait: () => {
        process.stderr.write(`Waiting for another import into ${flags.dataset} to end\n`);
      },
      onProgress: ({ bytesRead, bytesTotal, rows, file }) =>
        bar.update(bytesRead, bytesTotal, `${whole(rows)} rows of ${file}`),
    });
  } catch (error) {
    // Any other error may have come first: then it decides what can be said.
    if (error instanceof Error && error.name === "AbortError")
      throw new CommandError(exitCodes.interrupted, "Interrupted; nothing was stored");
    throw error;
  } finally {
    bar.stop();
    process.off("SIGINT", interrupt);
  }
  report(outcome, (performance.now() - begun) / 1000, flags.json === true);
}

function report(outcome: ImportOutcome, seconds: number, json: boolean): void {
  if (json) printJson(jsonOf(outcome, seconds));
  else printText(textOf(outcome, seconds));
  if (outcome.status === "rejected") process.exitCode = exitCodes.rejected;
}

function jsonOf(outcome: ImportOutcome, seconds: number): Record<string, unknown> {
  if (outcome.status === "rejected") {
    return { status: "rejected", evaluation: null, problems: outcome.problems, totals: outcome.totals };
  }
  const { report } = outcome;
  return {
    status: "stored",
    evaluation: encodeId("Evaluation", outcome.evaluationId),
    created: outcome.created,
    seconds,
    ...(report === undefined
      ? {}
      : {
          rows: report.rows,
          images: report.images,
          patients: report.patients,
          scores: report.scores,
          unknownScores: report.unknownScores,
          unknownCells: report.unknownCells,
          imagesWithoutScores: report.imagesWithoutScores,
          imagesWithoutAttributes: report.imagesWithoutAttributes,
          attributesWithoutImage: report.attributesWithoutImage,
          implausibleAges: report.implausibleAges,
        }),
  };
}

function textOf(outcome: ImportOutcome, seconds: number): string {
  if (outcome.status === "rejected") return rejectionText(outcome);
  const id = encodeId("Evaluation", outcome.evaluationId);
  const { report } = outcome;
  if (report === undefined) return `Already stored as evaluation ${id}; nothing was read again.`;
  const lines = [
    `Stored evaluation ${id}: ${counted(report.images, "image")}, ${counted(report.scores, "score")}${report.patients > 0 ? `, ${counted(report.patients, "patient")}` : ""} in ${seconds.toFixed(1)} s.`,
  ];
  const counts: (readonly [number, string])[] = [
    [report.unknownScores, "scores are recorded as unknown"],
    [report.imagesWithoutScores, "images of the dataset have no row here"],
    [report.imagesWithoutAttributes, "images have no row in the attributes file"],
    [report.attributesWithoutImage, "rows of the attributes file have no image"],
    [report.implausibleAges, "implausible ages are recorded as unknown"],
    [report.patientsInTwoSplits, "patients stand on two sides of the split (recorded by override)"],
    ...report.unknownCells.map(
      ({ count, column }) => [count, `cells of column ${column} are recorded as unknown`] as const,
    ),
  ];
  for (const [count, what] of counts) if (count > 0) lines.push(`  ${whole(count)} ${what}`);
  lines.push(`Next: stratum auc --evaluation ${id}`);
  return lines.join("\n");
}

function rejectionText({ problems, totals }: Extract<ImportOutcome, { status: "rejected" }>): string {
  const rows = problems.map((problem) => [
    problem.line === undefined ? "" : String(problem.line),
    problem.column ?? "",
    problem.code,
    problem.message,
  ]);
  const all = Object.entries(totals).map(([code, count]) => `${code}: ${whole(count)}`);
  return [
    "Rejected; nothing was stored. The first problems:",
    "",
    textTable(
      [{ title: "Line", right: true }, { title: "Column" }, { title: "Code" }, { title: "Problem" }],
      rows,
    ),
    "",
    `In all: ${all.join(", ")}`,
    ...("UNKNOWN_LABEL" in totals
      ? [
          "To map labels: --save-mapping map.json, edit its truth (map, ignore), import with --mapping map.json",
        ]
      : []),
  ].join("\n");
}

function fileOf(flags: Flags): ImportPredictionsRequest["predictions"] {
  const given = tableFormats.flatMap((format) => {
    const path = flags[format];
    return path === undefined ? [] : [{ path, format }];
  });
  const all = flags.file === undefined ? given : [...given, { path: flags.file }];
  const [only] = all;
  if (only === undefined || all.length > 1) {
    throw new CommandError(
      exitCodes.usage,
      `Expected one of --csv, --tsv, --parquet, --file, got ${all.length}`,
    );
  }
  return only;
}
