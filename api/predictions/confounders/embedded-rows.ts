import { join } from "node:path";
import { type ConfounderRows, NpyRows } from "../../../compute/index.ts";
import type { Db } from "../../db/client.ts";
import { badInput } from "../../metrics/question.ts";
import { findRunByFingerprint, type RunRecord, runsByIds } from "../../runs/run.queries.ts";
import { RunFailure } from "../../runs/runner.ts";
import type { EvaluationSubject } from "../evaluate/subject.ts";
import { companionsOf } from "../saliency/companions.ts";
import type { KeptEmbeddings } from "./confounder-params.ts";

const FILE = "embeddings.npy";
/** More numbers an image than networks keep: a regression of them would take hours. */
const MOST_NUMBERS = 4_096;

/** What a network keeps of the images that it evaluated. */
export interface Embeddings {
  /** Length n: which images. */
  readonly ordinals: Uint32Array;
  /** Length n * width, image after image. */
  readonly values: Float32Array;
  readonly width: number;
}

/**
 * The embeddings that a run of evaluation has kept of a dataset's images.
 *
 * @throws {ServiceError} BAD_USER_INPUT where it has kept none, or of other images
 */
export async function keptEmbeddings(
  db: Db,
  runId: number,
  { dataset, version }: Pick<EvaluationSubject, "dataset" | "version">,
): Promise<KeptEmbeddings> {
  const [run] = await runsByIds(db, [runId]);
  const companions = run && companionsOf(run);
  const file = companions?.files.find((one) => one.file === FILE);
  if (run === undefined || companions === undefined || file === undefined) {
    throw badInput("Expected an evaluation that has kept embeddings, got one without; ask for them with it");
  }
  const { params } = companions;
  if (params.dataset !== dataset.slug || params.datasetVersion !== version.version) {
    throw badInput("Expected embeddings of images of the same dataset version, got those of another");
  }
  const width = widthOf(file.shape);
  if (width < 1 || width > MOST_NUMBERS) {
    throw badInput(`Expected 1 to ${MOST_NUMBERS} numbers of an image, got ${width}; name another layer`);
  }
  return {
    evaluation: run.fingerprint,
    sha256: file.sha256,
    width,
    network: params.model,
    layer: params.artefacts?.embedding ?? "",
  };
}

/**
 * Reads embeddings that an evaluation has kept.
 *
 * @param home - of this worker
 * @throws {RunFailure} EMBEDDINGS_UNREACHABLE where the files are not on this machine, or are others by now
 */
export async function readEmbeddings(
  db: Db,
  home: string,
  { evaluation, sha256 }: Pick<KeptEmbeddings, "evaluation" | "sha256">,
): Promise<Embeddings> {
  const run = await findRunByFingerprint(db, evaluation);
  const file = run && companionsOf(run)?.files.find((one) => one.file === FILE);
  if (run === undefined || file?.sha256 !== sha256) throw unreachable();
  return embeddingsOfRun(run, home);
}

/**
 * The embeddings that a run has kept, in order of image.
 *
 * @throws {RunFailure} EMBEDDINGS_UNREACHABLE where the files are not on this machine
 */
export async function embeddingsOfRun(run: RunRecord, home: string): Promise<Embeddings> {
  const companions = companionsOf(run);
  if (companions === undefined) throw unreachable();
  const folder = join(home, companions.folder);
  await using rows = await openHere(join(folder, FILE));
  await using places = await openHere(join(folder, "ordinals.npy"));
  const [count = 0] = rows.shape;
  const width = widthOf(rows.shape);
  const given = await rows.read(0, count);
  const unordered = await places.read(0, count);
  // Batches are written as they come; forests grow otherwise from rows in another order.
  const order = [...unordered.keys()].sort((a, b) => (unordered[a] ?? 0) - (unordered[b] ?? 0));
  const values = new Float32Array(count * width);
  for (const [place, from] of order.entries()) {
    values.set(given.subarray(from * width, (from + 1) * width), place * width);
  }
  return { values, width, ordinals: Uint32Array.from(order, (from) => unordered[from] ?? 0) };
}

/** The rows of the images that have embeddings, which are their columns. */
export function embeddedRows(
  { classes, truth, patients }: ConfounderRows,
  { ordinals, values, width }: Embeddings,
): ConfounderRows {
  // `!`: ordinals are below the images of the version, and values hold width numbers of each.
  return {
    classes,
    truth: Int32Array.from(ordinals, (ordinal) => truth[ordinal]!),
    patients: Uint32Array.from(ordinals, (ordinal) => patients[ordinal]!),
    columns: Array.from({ length: width }, (_, column) => ({
      name: `feature ${column + 1}`,
      kind: "number" as const,
      values: Float64Array.from(ordinals, (_ordinal, place) => values[place * width + column]!),
    })),
  };
}

function widthOf([, ...sides]: readonly number[]): number {
  return sides.reduce((product, side) => product * side, 1);
}

async function openHere(path: string): Promise<NpyRows> {
  try {
    return await NpyRows.open(path);
  } catch (cause) {
    throw unreachable(cause);
  }
}

function unreachable(cause?: unknown): RunFailure {
  return new RunFailure(
    "permanent",
    "EMBEDDINGS_UNREACHABLE",
    "Expected the embeddings on this machine, got none; evaluate again where this worker is, or share the home folder",
    { cause },
  );
}
