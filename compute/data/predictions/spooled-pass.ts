import type { TableBatch, TableReader } from "../tabular.ts";
import { Frame } from "./frame.ts";
import { gatherRows, LongGatherer } from "./gather-rows.ts";
import { IdIndex } from "./id-index.ts";
import { IdListBuilder } from "./id-list.ts";
import { IdSpool } from "./id-spool.ts";
import type { FilePlan } from "./import-plan.ts";
import type { ImportRun } from "./import-run.ts";
import { ScatterSpool } from "./scatter-spool.ts";
import { type PredictionEvent, UNKNOWN_CODE } from "./types.ts";

/** Rows decoded at a time; no table gives larger batches. */
const BATCH_ROWS = 8_192;
/** Rows after which the number of images in the file is estimated, and the most to make room for on an estimate. */
const SAMPLE_ROWS = 200_000;
const RESERVE_CAP = 20_000_000;
/** Patients handed on together. */
const KEYS_TOGETHER = 65_536;

/**
 * Reads what does not come one row an image in the order of the images: the long form, a second file, and files that
 * must line up with images known before. Rows are scattered to disk by block, then each block is put together.
 *
 * In memory stay the index of ids (17 bytes each), 16 KiB a block and one block; on disk each row once.
 */
export async function* readSpooled(
  run: ImportRun,
  predictions: TableReader,
  attributes: TableReader | undefined,
): AsyncGenerator<PredictionEvent> {
  await using spools = new Spools(run);
  const { existing } = run.input;
  const index = new IdIndex();
  index.reserve(existing?.count ?? 0);
  if (existing !== undefined) await indexExisting(index, existing.ids, existing.count);

  const rows = await spools.scatter(run.plan.predictions);
  const ids = existing === undefined ? await spools.ids() : undefined;
  const fresh = new IdListBuilder();
  let isReserved = false;
  yield* scatterFile(
    run,
    run.plan.predictions,
    predictions,
    rows,
    (bytes, start, end, line) => {
      if (ids === undefined) {
        const known = index.find(bytes, start, end);
        if (known < 0) unknownImage(run, line);
        return known;
      }
      const known = index.size;
      const ordinal = index.add(bytes, start, end);
      if (ordinal === known) fresh.append(bytes, start, end);
      return ordinal;
    },
    async (readRows) => {
      await ids?.append(fresh);
      fresh.clear();
      if (existing !== undefined || isReserved || readRows < SAMPLE_ROWS) return;
      isReserved = true;
      const { byteLength } = run.input.predictions.bytes;
      const share = (byteLength ?? 0) / Math.max(1, predictions.bytesRead);
      index.reserve(Math.min(RESERVE_CAP, Math.ceil(index.size * share * 1.05)));
    },
  );
  await ids?.flush();

  const attributePlan = run.plan.attributesFile;
  const attributeRows = attributePlan && (await spools.scatter(attributePlan));
  if (attributePlan !== undefined && attributeRows !== undefined && attributes !== undefined) {
    yield* scatterFile(run, attributePlan, attributes, attributeRows, (bytes, start, end) => {
      const known = index.find(bytes, start, end);
      if (known < 0) run.tally.attributesWithoutImage++;
      return known;
    });
  }
  yield* run.freshKeys(1);
  yield* gatherBlocks(run, index.size, rows, attributeRows, ids);
}

/**
 * Decodes the rows of a batch in place. Rows of the attributes file that belong to no image are not looked at: their
 * patients and values are none of this import's.
 */
function decodeWanted(
  run: ImportRun,
  plan: FilePlan,
  batch: TableBatch,
  ordinals: Int32Array,
  frame: Frame,
): void {
  if (plan.file === "predictions") {
    run.decode(plan, batch, 0, batch.rows, frame, 0);
    return;
  }
  for (let from = 0; from < batch.rows; ) {
    let to = from;
    // In bounds: to < batch.rows <= ordinals.length.
    while (to < batch.rows && (ordinals[to] as number) >= 0) to++;
    if (to > from) run.decode(plan, batch, from, to, frame, from);
    from = to + 1;
  }
}

/** Decodes a file row by row and scatters it; rows whose ordinal is -1 are left out. */
async function* scatterFile(
  run: ImportRun,
  plan: FilePlan,
  table: TableReader,
  spool: ScatterSpool,
  ordinalOf: (bytes: Uint8Array, start: number, end: number, line: number) => number,
  afterBatch?: (readRows: number) => Promise<void>,
): AsyncGenerator<PredictionEvent> {
  const frame = new Frame(plan.layout, BATCH_ROWS);
  const ordinals = new Int32Array(BATCH_ROWS);
  let readRows = 0;
  for await (const batch of run.batches(table, plan.file)) {
    run.eachId(plan, batch, 0, batch.rows, (bytes, start, end, row) => {
      // In bounds: row < batch.rows <= BATCH_ROWS.
      ordinals[row] = end > start ? ordinalOf(bytes, start, end, batch.lines[row] as number) : -1;
    });
    decodeWanted(run, plan, batch, ordinals, frame);
    spool.write(frame, batch.lines, 0, batch.rows, ordinals);
    await spool.flush();
    readRows += batch.rows;
    await afterBatch?.(readRows);
    yield* run.freshKeys(KEYS_TOGETHER);
  }
}

async function* gatherBlocks(
  run: ImportRun,
  images: number,
  rows: ScatterSpool,
  attributeRows: ScatterSpool | undefined,
  ids: IdSpool | undefined,
): AsyncGenerator<PredictionEvent> {
  const { plan, blockRows, problems, tally } = run;
  const frame = new Frame(plan.blockLayout, blockRows);
  const seen = new Uint32Array(blockRows);
  const attributePlan = plan.attributesFile;
  const attributeFrame = attributePlan && new Frame(attributePlan.layout, blockRows);
  const attributeSeen = new Uint32Array(attributePlan === undefined ? 0 : blockRows);
  const patientColumn = plan.patient?.file === "predictions" ? plan.patient.index : -1;
  const classes = plan.scoredClasses.length;
  const long =
    plan.long && new LongGatherer(plan.predictions, plan.long, patientColumn, classes, blockRows, problems);
  for (let block = 0, first = 0; first < images; block++, first += blockRows) {
    run.options.signal?.throwIfAborted();
    const count = Math.min(blockRows, images - first);
    if (long !== undefined) await long.gather(rows, block, frame, seen);
    else await gatherRows(rows, block, frame, seen, plan.predictions, problems);
    for (let row = 0; row < count; row++) if (seen[row] === 0) tally.imagesWithoutScores++;
    if (attributeRows !== undefined && attributePlan !== undefined && attributeFrame !== undefined) {
      await gatherRows(attributeRows, block, attributeFrame, attributeSeen, attributePlan, problems);
      noteUnmatched(run, seen, attributeSeen, count);
      comparePatients(run, frame, attributeFrame, seen, count);
    }
    const idList = ids && (await ids.read(block));
    const frames = { predictions: frame, ...(attributeFrame && { attributes: attributeFrame }) };
    const finished = run.finishBlock(first, count, idList, frames);
    if (problems.isEmpty) yield finished;
  }
}

function noteUnmatched(run: ImportRun, seen: Uint32Array, attributeSeen: Uint32Array, count: number): void {
  const refuses = run.input.mapping.attributesFile?.unmatched === "error";
  for (let row = 0; row < count; row++) {
    // In bounds: row < count <= blockRows.
    if (seen[row] === 0 || attributeSeen[row] !== 0) continue;
    run.tally.imagesWithoutAttributes++;
    if (!refuses) continue;
    const place = {
      file: "predictions",
      line: seen[row] as number,
      column: run.plan.predictions.idColumn,
    } as const;
    run.problems.add(
      "UNMATCHED_ID",
      place,
      () => "Expected a row in the attributes file for each image, got none",
    );
  }
}

/** Where both files name the patient, they must name the same one. */
function comparePatients(
  run: ImportRun,
  frame: Frame,
  attributeFrame: Frame,
  seen: Uint32Array,
  count: number,
): void {
  const { patient, patientAgain } = run.plan;
  if (patient === undefined || patientAgain === undefined) return;
  // In bounds: the plan made the layouts; row < count.
  const here = frame.u32[patient.index] as Uint32Array;
  const there = attributeFrame.u32[patientAgain.index] as Uint32Array;
  const column = run.plan.predictions.fieldColumns.u32[patient.index];
  for (let row = 0; row < count; row++) {
    if (here[row] === UNKNOWN_CODE) here[row] = there[row] as number;
    else if (there[row] !== UNKNOWN_CODE && here[row] !== there[row]) {
      run.problems.add(
        "PATIENT_CONFLICT",
        { file: "predictions", line: seen[row] as number, column },
        () => "Expected the same patient for an image in both files, got two",
      );
    }
  }
}

async function indexExisting(
  index: IdIndex,
  lists: AsyncIterable<{ count: number; bytes: Uint8Array; offsets: Uint32Array }>,
  expected: number,
): Promise<void> {
  for await (const { count, bytes, offsets } of lists) {
    for (let at = 0; at < count; at++) {
      // In bounds: offsets has count + 1 entries.
      index.add(bytes, offsets[at] as number, offsets[at + 1] as number);
    }
  }
  if (index.size !== expected) {
    throw new Error(
      `Expected ${expected} distinct existing images, got ${index.size}; the warehouse is inconsistent`,
    );
  }
}

function unknownImage(run: ImportRun, line: number): void {
  run.problems.add(
    "UNKNOWN_IMAGE",
    { file: "predictions", line, column: run.plan.predictions.idColumn },
    () =>
      "Expected an image of the dataset version, got another; import it as a new version or leave the row out",
  );
}

/** The temporary files of one import, closed together. */
class Spools {
  readonly #run: ImportRun;
  readonly #open: { close(): Promise<void> }[] = [];

  constructor(run: ImportRun) {
    this.#run = run;
  }

  async scatter(plan: FilePlan): Promise<ScatterSpool> {
    const { options, blockRows } = this.#run;
    const spool = await ScatterSpool.create(options.spoolDirectory, plan.layout, blockRows);
    this.#open.push(spool);
    return spool;
  }

  async ids(): Promise<IdSpool> {
    const spool = await IdSpool.create(this.#run.options.spoolDirectory, this.#run.blockRows);
    this.#open.push(spool);
    return spool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const spool of this.#open.splice(0)) await spool.close();
  }
}
