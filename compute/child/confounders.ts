import { crossValidate } from "../confounders/cross-validate.ts";
import type { ConfounderRows } from "../confounders/feature-columns.ts";
import { emptyStatistics, pixelStatistics } from "../confounders/pixel-statistics.ts";
import { decodeImage } from "../data/images/decode-image.ts";
import { ImageError } from "../data/images/image-error.ts";
import type { Parent } from "./parent.ts";
import type { ConfoundersTask } from "./protocol.ts";
import { ImageChangedError, readImage } from "./read-image.ts";
import { BadImageError } from "./tally.ts";

/** Rows of scores a message. */
const ROWS = 65_536;

/** Cross-validates a model of what is recorded, and of grey levels where they are asked for. */
export async function confounders(task: ConfoundersTask, parent: Parent): Promise<void> {
  const started = performance.now();
  const { validation, pixels } = task;
  const { folds } = validation;
  const seconds = () => (performance.now() - started) / 1_000;
  const count = task.rows.truth.length;
  // Reading the images counts as one fold more.
  const first = pixels === undefined ? 0 : 1;
  const tell = (done: number) =>
    parent.send({
      kind: "progress",
      done,
      total: first + folds,
      perSecond: (count * done) / (first + folds) / Math.max(seconds(), 1e-3),
    });
  const { rows, hasPixels } =
    pixels === undefined
      ? { rows: task.rows, hasPixels: undefined }
      : await withPixels(task.rows, pixels, parent);
  if (first > 0) await tell(first);
  const scores = await crossValidate(rows, validation, (done) => tell(first + done));
  const classes = rows.classes.length;
  // What was not seen has no score, nor has what only trains.
  const seen = Uint32Array.from(rows.truth.keys()).filter((row) => hasPixels?.[row] !== 0);
  const scored = seen.filter((row) => !Number.isNaN(scores[row * classes]));
  for (let from = 0; from < scored.length; from += ROWS) {
    const ordinals = scored.slice(from, from + ROWS);
    const some = new Float32Array(ordinals.length * classes);
    for (const [place, row] of ordinals.entries()) {
      some.set(scores.subarray(row * classes, (row + 1) * classes), place * classes);
    }
    await parent.send({ kind: "scores", ordinals, scores: some });
  }
  await parent.send({
    kind: "done",
    done: scored.length,
    leftOut: count - scored.length,
    onlyTrained: seen.length - scored.length,
    seconds: seconds(),
    sessionSeconds: 0,
    waitingSeconds: 0,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  });
}

/** The rows with numbers about the grey levels of their images; a row without them is not learnt from. */
async function withPixels(
  rows: ConfounderRows,
  { statistic, root, onBadImage }: NonNullable<ConfoundersTask["pixels"]>,
  parent: Parent,
): Promise<{ readonly rows: ConfounderRows; readonly hasPixels: Uint8Array }> {
  const columns = emptyStatistics(statistic, rows.truth.length);
  const hasPixels = new Uint8Array(rows.truth.length);
  for await (const page of parent.pages()) {
    for (const { ordinal, uri, sha256 } of page) {
      try {
        const image = await decodeImage(await readImage(root, uri, sha256));
        const numbers = pixelStatistics(image, statistic);
        for (const [place, { values }] of columns.entries()) values[ordinal] = numbers[place] ?? Number.NaN;
        hasPixels[ordinal] = 1;
      } catch (error) {
        if (!(error instanceof ImageError || error instanceof ImageChangedError)) throw error;
        if (onBadImage === "fail") throw new BadImageError(error.code, error.message, ordinal);
        await parent.send({ kind: "problem", ordinal, code: error.code });
      }
    }
  }
  const truth = rows.truth.map((code, row) => (hasPixels[row] === 1 ? code : -1));
  return { rows: { ...rows, columns: [...rows.columns, ...columns], truth }, hasPixels };
}
