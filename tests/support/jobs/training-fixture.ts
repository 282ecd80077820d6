import { randomUUID } from "node:crypto";
import type { Database } from "../../../api/db/client.ts";
import type { TrainRequest } from "../../../api/models/train/train.service.ts";
import type { ScratchFolder } from "../child-tasks.ts";
import { type BuiltDataset, buildDataset } from "../evaluation-builder.ts";
import { SIDE, stripeImages } from "../training-tasks.ts";

/**
 * A dataset of images with stripes along (sex F) or across (sex M), against noise; four images a patient, who are in the
 * parts train, validate and test by turns.
 */
export async function buildStripes(
  database: Database,
  folder: ScratchFolder,
  count: number,
  slug: string = `stripes-${randomUUID()}`,
): Promise<BuiltDataset> {
  const images = await stripeImages(folder, { count, validation: 0, contrast: 60, seed: count });
  return buildDataset(database, {
    slug,
    imageCount: count,
    files: {
      root: folder.path,
      of: images.map(({ uri, sha256 }) => ({ uri, sha256, rows: SIDE, cols: SIDE })),
    },
    categories: {
      sex: { dictionary: ["F", "M"], codes: images.map(({ target }) => Number(target)) },
      race: {
        dictionary: ["Asian", "Black", "White"],
        codes: images.map(({ ordinal }) => (ordinal % 2 === 0 ? 2 : (ordinal >> 1) % 2)),
      },
      "finding:Along": { dictionary: ["0", "1"], codes: images.map(({ target }) => 1 - Number(target)) },
      // Of every fifth image it is not known.
      "finding:Across": {
        dictionary: ["0", "1"],
        codes: images.map(({ target, ordinal }) => (ordinal % 5 === 0 ? -1 : Number(target))),
      },
    },
    patients: images.map(({ ordinal }) => ordinal >> 2),
    splits: {
      split: {
        parts: ["train", "validate", "test"],
        of: Array.from({ length: Math.ceil(count / 4) }, (_, patient) => Math.max(0, (patient % 4) - 1)),
      },
    },
  });
}

/** A training of stripes that takes seconds, less what is said otherwise. */
export function stripesRequest(dataset: string, parts: Partial<TrainRequest> = {}): TrainRequest {
  return {
    dataset,
    attribute: "sex",
    where: [],
    transforms: [],
    onBadImage: "fail",
    learningRate: 3e-3,
    batch: 8,
    epochs: 3,
    augmentation: {},
    stepsPerCall: 1,
    ...parts,
  };
}
