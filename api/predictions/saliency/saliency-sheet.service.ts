import { join } from "node:path";
import {
  drawSaliencySheet,
  modelView,
  NpyRows,
  type SaliencyRow,
  saliencyTitles,
} from "../../../compute/index.ts";
import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import type { Config } from "../../config.ts";
import { findRoot, listImageFiles } from "../../datasets/image-files.queries.ts";
import { folderOf } from "../../datasets/image-roots.ts";
import type { Database } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { runsByIds } from "../../runs/run.queries.ts";
import type { ServiceDeps } from "../../services.ts";
import { findSubject } from "../evaluate/subject.ts";
import { type EvaluationRecord, findEvaluations, readScores } from "../evaluation.queries.ts";
import { type Companions, companionsOf } from "./companions.ts";

/** Which images of an evaluation to draw. */
export interface SaliencySheetRequest {
  /** Row id. */
  readonly evaluation: number;
  /** Ordinals, or the images with the highest scores of the class, or some from the highest to the lowest, evenly by rank. */
  readonly images: readonly number[] | { readonly top: number } | { readonly spread: number };
}

/** A drawn sheet, and what is on it. */
export interface DrawnSheet {
  readonly png: Uint8Array;
  readonly class: string;
  readonly method: string;
  readonly images: readonly {
    readonly ordinal: number;
    readonly score: number;
    /** What the strongest colour stands for. */
    readonly limit: number;
  }[];
}

const MOST_IMAGES = 50;

/** Draws the maps that an evaluation left over its images. */
export class SaliencySheetService {
  readonly #database: Database;
  readonly #config: Config;

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#database = database;
    this.#config = config;
  }

  /**
   * Draws some images with their maps. Files of images and maps must be on this machine.
   *
   * @throws {ServiceError} NOT_FOUND for no such evaluation, one without maps, or files that are elsewhere;
   *   BAD_USER_INPUT for images without a map; UNAUTHENTICATED, FORBIDDEN for all but stewards of the dataset
   */
  async draw({ evaluation: id, images }: SaliencySheetRequest, principal: Principal): Promise<DrawnSheet> {
    const [evaluation] = await findEvaluations(this.#database.db, [id]);
    if (evaluation === undefined) {
      throw new ServiceError("NOT_FOUND", "Expected the id of an evaluation, got one that is not here");
    }
    requireRole(principal, "steward", evaluation.datasetId);
    const companions = await this.#companions(evaluation);
    const spec = companions.params.artefacts?.saliency;
    if (spec === undefined) throw noMaps();
    const { class: className, method } = spec;
    const classIndex = evaluation.classes.indexOf(className);
    const [scores = new Float32Array(0)] = await readScores(this.#database, evaluation, [classIndex]);
    const folder = join(this.#config.home, companions.folder);
    await using maps = await openHere(join(folder, "saliency.npy"));
    await using rows = await openHere(join(folder, "ordinals.npy"));
    const ordinals = await rows.read(0, rows.shape[0] ?? 0);
    const chosen =
      "top" in images
        ? byScore(ordinals, scores).slice(0, images.top)
        : "spread" in images
          ? spreadOver(byScore(ordinals, scores), images.spread)
          : images;
    requireImages(chosen);
    const views = await this.#views(evaluation, companions, chosen);
    const drawn: SaliencyRow[] = [];
    for (const [k, ordinal] of chosen.entries()) {
      const place = ordinals.indexOf(ordinal);
      const view = views[k];
      if (place < 0 || view === undefined) {
        throw new ServiceError(
          "BAD_USER_INPUT",
          `Expected images that were evaluated, got ordinal ${ordinal}, which has no map`,
        );
      }
      const [, mapRows = 0, mapCols = 0] = maps.shape;
      const map = Float32Array.from(await maps.read(place, 1));
      const label = `Image ${ordinal}, score ${(scores[ordinal] ?? Number.NaN).toPrecision(4)}`;
      drawn.push({ label, ...view, map, mapRows, mapCols });
    }
    const { dataset, model } = companions.params;
    const title = `${saliencyTitles[method]} of ${className}: ${model} on ${dataset}`;
    const { png, limits } = await drawSaliencySheet(title, drawn);
    return {
      png,
      class: className,
      method,
      images: chosen.map((ordinal, k) => ({
        ordinal,
        score: scores[ordinal] ?? Number.NaN,
        limit: limits[k] ?? 0,
      })),
    };
  }

  async #companions(evaluation: EvaluationRecord): Promise<Companions> {
    const [run] = await runsByIds(this.#database.db, [evaluation.runId]);
    const companions = run && companionsOf(run);
    if (companions === undefined) throw noMaps();
    return companions;
  }

  /** What the model saw of each image, in the order asked for. */
  async #views(evaluation: EvaluationRecord, { params }: Companions, chosen: readonly number[]) {
    const { db } = this.#database;
    const { preprocessing } = await findSubject(db, params);
    const location = await findRoot(db, evaluation.datasetVersionId);
    if (location === undefined) throw elsewhere("images");
    const root = folderOf(location, this.#config.imageRoots);
    const within = Uint32Array.from(new Set(chosen)).sort();
    const files = await listImageFiles(db, evaluation.datasetVersionId, { limit: within.length, within });
    const { rows, cols } = preprocessing;
    return Promise.all(
      chosen.map(async (ordinal) => {
        const file = files.find((each) => each.ordinal === ordinal);
        if (file === undefined) return undefined;
        const maker = { root, preprocessing, transforms: params.transforms };
        const image = await modelView(maker, file).catch((cause: unknown) => {
          throw unreadable(ordinal, cause);
        });
        return { image, rows, cols };
      }),
    );
  }
}

function byScore(ordinals: ArrayLike<number>, scores: Float32Array): readonly number[] {
  return Array.from(ordinals).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}

/** The first, the last and what lies evenly between them. */
function spreadOver(items: readonly number[], count: number): readonly number[] {
  if (items.length <= count) return items;
  const step = (items.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => items[Math.round(i * step)] ?? 0);
}

function requireImages(chosen: readonly number[]): void {
  if (chosen.length >= 1 && chosen.length <= MOST_IMAGES) return;
  throw new ServiceError("BAD_USER_INPUT", `Expected 1 to ${MOST_IMAGES} images, got ${chosen.length}`);
}

async function openHere(path: string): Promise<NpyRows> {
  try {
    return await NpyRows.open(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw elsewhere("maps");
    throw error;
  }
}

function elsewhere(what: string): ServiceError {
  return new ServiceError(
    "NOT_FOUND",
    `Expected the ${what} on this machine, got none; run this where the evaluation ran`,
  );
}

function unreadable(ordinal: number, cause: unknown): unknown {
  if (!(cause instanceof Error && "code" in cause)) return cause;
  const words = `Expected the file of image ${ordinal} as it was imported, got ${String(cause.code)}`;
  return new ServiceError("BAD_USER_INPUT", words, { cause });
}

function noMaps(): ServiceError {
  return new ServiceError(
    "NOT_FOUND",
    "Expected an evaluation that left maps, got one without; evaluate with --saliency",
  );
}
