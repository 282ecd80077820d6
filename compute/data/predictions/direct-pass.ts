import { openTable } from "../open-table.ts";
import type { TableReader } from "../tabular.ts";
import { Frame } from "./frame.ts";
import { type DuplicateIds, IdLedger } from "./id-ledger.ts";
import { IdListBuilder } from "./id-list.ts";
import type { ImportRun } from "./import-run.ts";
import type { PredictionEvent } from "./types.ts";

/** Reads a wide file of new images in one pass: row i is image i, and nothing is kept but 8 bytes an id. */
export async function* readDirectly(run: ImportRun, table: TableReader): AsyncGenerator<PredictionEvent> {
  const { plan, blockRows, problems } = run;
  const frame = new Frame(plan.predictions.layout, blockRows);
  const ids = new IdListBuilder();
  const ledger = new IdLedger();
  let first = 0;
  let filled = 0;
  const note = (bytes: Uint8Array, start: number, end: number): void => {
    if (end > start) ledger.note(bytes, start, end);
    ids.append(bytes, start, end);
  };
  const emit = function* (): Generator<PredictionEvent> {
    yield* run.freshKeys(1);
    const block = run.finishBlock(first, filled, ids, { predictions: frame });
    if (problems.isEmpty) yield block;
    first += filled;
    filled = 0;
    ids.clear();
  };
  for await (const batch of run.batches(table, "predictions")) {
    for (let from = 0; from < batch.rows; ) {
      const to = Math.min(batch.rows, from + blockRows - filled);
      run.eachId(plan.predictions, batch, from, to, note);
      run.decode(plan.predictions, batch, from, to, frame, filled);
      filled += to - from;
      from = to;
      if (filled === blockRows) yield* emit();
    }
  }
  const duplicates = ledger.takeDuplicates();
  if (duplicates.repeats > 0) await reportDuplicates(run, duplicates);
  if (filled > 0) yield* emit();
}

/** Reads the ids once more to name the lines of the first duplicates, comparing their bytes. */
async function reportDuplicates(run: ImportRun, duplicates: DuplicateIds): Promise<void> {
  const { plan, problems, listed } = run;
  const { file, idColumn: column } = plan.predictions;
  if (!run.input.predictions.bytes.replayable) {
    const message = () =>
      "Expected each image once, got some again; spool the stream to a file to have the lines named";
    problems.add("DUPLICATE_ID", { file, column }, message, duplicates.repeats);
    return;
  }
  const firsts: { readonly line: number; readonly id: Uint8Array }[] = [];
  let verified = 0;
  const table = await openTable(run.input.predictions, () => {});
  try {
    table.want(plan.predictions.wanted.slice(0, 1));
    for (;;) {
      run.options.signal?.throwIfAborted();
      const batch = await table.next();
      if (batch === undefined) break;
      const cells = batch.columns[0];
      if (cells?.kind !== "text") break;
      for (let row = 0; row < batch.rows && verified < listed; row++) {
        // In bounds: the batch has this row.
        const cell = row * cells.stride + cells.offset;
        const start = cells.starts[cell] as number;
        const end = cells.ends[cell] as number;
        const which = end > start ? duplicates.find(cells.bytes, start, end) : -1;
        if (which < 0) continue;
        const line = batch.lines[row] as number;
        const id = cells.bytes.slice(start, end);
        const earlier = firsts[which];
        if (earlier === undefined) firsts[which] = { line, id };
        else if (Buffer.compare(earlier.id, id) === 0) {
          verified++;
          const message = () => `Expected each image once, got the image of line ${earlier.line} again`;
          problems.add("DUPLICATE_ID", { file, line, column }, message);
        }
      }
      if (verified >= listed) break;
    }
  } finally {
    await table.close();
  }
  // Stopped at the last listed one, the rest is counted by hash; else every repeat was compared and this is the count.
  if (verified >= listed || !duplicates.complete)
    problems.count("DUPLICATE_ID", duplicates.repeats - verified);
}
