import { openTable } from "../open-table.ts";
import type { RowProblem, TableReader, WantedColumn } from "../tabular.ts";
import type { TableSource } from "../tabular-source.ts";
import { readDirectly } from "./direct-pass.ts";
import { ImportError, type ImportFile } from "./import-error.ts";
import type { ImportPlan } from "./import-plan.ts";
import { ImportRun, type Tally } from "./import-run.ts";
import { type Headers, planImport } from "./plan-import.ts";
import { ProblemLog } from "./problem-log.ts";
import { readSpooled } from "./spooled-pass.ts";
import type {
  Dictionary,
  PredictionEvent,
  PredictionInput,
  PredictionReader,
  ReadOptions,
  ReadReport,
  UnknownCells,
} from "./types.ts";

/** Images a block. */
export const BLOCK_ROWS = 65_536;
const LISTED = 20;

/**
 * Reads predictions, and the attributes that go with them, as typed columns in blocks of 65,536 images.
 *
 * A wide file of new images streams through with 8 bytes kept per image. Long files, a second file, and files that
 * line up with `existing` images are scattered to a temporary file by block first. Either way memory does not depend
 * on what a row holds. Problems do not throw: they are in the report, and no event follows the first one.
 *
 * @throws {Error} from the iteration when a source cannot be read or `signal` aborts.
 */
export function readPredictions(input: PredictionInput, options: ReadOptions = {}): PredictionReader {
  return new PredictionImport(input, options);
}

class PredictionImport implements PredictionReader {
  readonly scoredClasses: readonly string[];
  readonly #input: PredictionInput;
  readonly #options: ReadOptions;
  readonly #problems: ProblemLog;
  readonly #tally: Tally;
  readonly #tables: { predictions?: TableReader; attributes?: TableReader } = {};
  #plan: ImportPlan | undefined;
  #run: ImportRun | undefined;
  #state: "new" | "reading" | "done" = "new";
  #stoppedEarly = false;

  constructor(input: PredictionInput, options: ReadOptions) {
    const { scores, task } = input.mapping;
    this.#input = input;
    this.#options = options;
    this.#problems = new ProblemLog(options.listed ?? LISTED);
    this.scoredClasses =
      scores.form === "long"
        ? task.classes
        : task.classes.filter((name) => Object.hasOwn(scores.columns, name));
    this.#tally = {
      rows: 0,
      attributeRows: 0,
      images: 0,
      scores: 0,
      unknownScores: this.scoredClasses.map(() => 0),
      imagesWithoutScores: 0,
      imagesWithoutAttributes: 0,
      attributesWithoutImage: 0,
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PredictionEvent> {
    if (this.#state !== "new")
      throw new Error("Expected one pass over an import, got a second; start a new one");
    this.#state = "reading";
    try {
      const headers = await this.#open();
      if (headers === undefined) return;
      const plan = planImport(this.#input.mapping, headers, this.#problems);
      this.#plan = plan;
      this.#stoppedEarly = plan === undefined;
      if (plan === undefined) return;
      const { predictions, attributes } = this.#tables;
      if (predictions === undefined) return;
      this.#want("predictions", plan.predictions.wanted);
      if (plan.attributesFile !== undefined) this.#want("attributes", plan.attributesFile.wanted);
      if (!this.#problems.isEmpty) {
        this.#stoppedEarly = true;
        return;
      }
      const limits = {
        blockRows: this.#options.blockRows ?? BLOCK_ROWS,
        listed: this.#options.listed ?? LISTED,
      };
      const run = new ImportRun(this.#input, this.#options, limits, plan, this.#problems, this.#tally);
      this.#run = run;
      const inOrder =
        plan.long === undefined && attributes === undefined && this.#input.existing === undefined;
      yield* inOrder ? readDirectly(run, predictions) : readSpooled(run, predictions, attributes);
      if (this.#tally.rows === 0) {
        const message = () => "Expected at least one row, got only a header";
        this.#problems.add("EMPTY_FILE", { file: "predictions", line: 1 }, message);
      }
      this.#checkSplits(run);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#problems.addFatal(error, error.file ?? "predictions");
      this.#stoppedEarly = true;
    } finally {
      this.#state = "done";
      await this.#tables.predictions?.close();
      await this.#tables.attributes?.close();
    }
  }

  report(): ReadReport {
    if (this.#state !== "done")
      throw new Error("Expected the iteration to have ended, got a report asked before");
    const tally = this.#tally;
    const plan = this.#plan;
    const { predictions, attributes } = this.#tables;
    const decoders = [...(plan?.predictions.decoders ?? []), ...(plan?.attributesFile?.decoders ?? [])];
    const truth = plan?.truth?.kind === "class" ? plan.truth.words : undefined;
    return {
      rows: tally.rows,
      attributeRows: tally.attributeRows,
      blankLines: (predictions?.blankLines ?? 0) + (attributes?.blankLines ?? 0),
      bytes: (predictions?.bytesRead ?? 0) + (attributes?.bytesRead ?? 0),
      images: tally.images,
      patients: plan?.patients.size ?? 0,
      studies: plan?.studies.size ?? 0,
      scores: tally.scores,
      unknownScores: tally.unknownScores.reduce((sum, count) => sum + count, 0),
      unknownScoresByClass: [...tally.unknownScores],
      unknownCells: decoders
        .map((decoder) => decoder.unknownCells())
        .filter((cells): cells is UnknownCells => cells !== undefined && cells.count > 0),
      imagesWithoutScores: tally.imagesWithoutScores,
      imagesWithoutAttributes: tally.imagesWithoutAttributes,
      attributesWithoutImage: tally.attributesWithoutImage,
      implausibleAges: plan?.ages.reduce((sum, ages) => sum + ages.implausible, 0) ?? 0,
      patientsInTwoSplits: this.#run?.splits.leaking ?? 0,
      dictionaries: Object.fromEntries(
        [...(plan?.categoryWords ?? [])].map(([name, words]): [string, Dictionary] => [
          name,
          { raw: words.raw, canonical: words.meaning },
        ]),
      ),
      splits: plan?.splitWords?.raw ?? [],
      truthValues: truth?.raw ?? [],
      truthClasses: truth?.meaningCodes ?? [],
      errors: [...this.#problems.first],
      errorTotals: this.#problems.totals,
      stoppedEarly: this.#stoppedEarly,
    };
  }

  /** Opens both files; undefined when either cannot be read as a table, with all that is wrong in the log. */
  async #open(): Promise<Headers | undefined> {
    const { predictions, attributes, mapping } = this.#input;
    if ((attributes === undefined) !== (mapping.attributesFile === undefined)) {
      const got = attributes === undefined ? "none" : "one";
      const message = () =>
        `Expected an attributes file exactly when the mapping has attributesFile, got ${got}`;
      this.#problems.add("INVALID_MAPPING", { file: "attributes" }, message);
      this.#stoppedEarly = true;
      return undefined;
    }
    await this.#openOne("predictions", predictions);
    if (attributes !== undefined) await this.#openOne("attributes", attributes);
    this.#stoppedEarly = !this.#problems.isEmpty;
    if (this.#stoppedEarly) return undefined;
    return {
      predictions: this.#tables.predictions?.header ?? [],
      ...(this.#tables.attributes && { attributes: this.#tables.attributes.header }),
    };
  }

  async #openOne(file: ImportFile, source: TableSource): Promise<void> {
    const onRow: RowProblem = (code, message, line) =>
      this.#problems.add(code, { file, line }, () => message);
    try {
      this.#tables[file] = await openTable(source, onRow);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#problems.addFatal(error, file);
    }
  }

  #want(file: ImportFile, columns: readonly WantedColumn[]): void {
    for (const problem of this.#tables[file]?.want(columns) ?? []) {
      this.#problems.add("COLUMN_TYPE", { file, column: problem.column }, () => problem.message);
    }
  }

  #checkSplits({ splits, plan }: ImportRun): void {
    if (splits.leaking === 0 || this.#options.allowPatientsInTwoSplits === true) return;
    const message = () =>
      `Expected each patient in one split, got ${splits.leaking} patients in two or more; split by patient`;
    const file = plan.split?.file ?? "predictions";
    const column =
      plan.split &&
      this.#plan?.[file === "predictions" ? "predictions" : "attributesFile"]?.fieldColumns.u32[
        plan.split.index
      ];
    this.#problems.add("PATIENT_IN_TWO_SPLITS", { file, column }, message, splits.leaking);
  }
}
