import { z } from "zod";
import type { MeanMap } from "../../../compute/index.ts";
import type { RunRecord } from "../../runs/run.queries.ts";
import { type EvaluationParams, readParams } from "../evaluate/evaluation-params.ts";

/** One file that an evaluation left beside its scores: a row an image. */
export interface CompanionRecord {
  /** File name, such as saliency.npy. */
  readonly file: string;
  /** Rows first. */
  readonly shape: readonly number[];
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Of maps: their mean over the images. */
  readonly mean?: MeanMap | undefined;
}

/** What an evaluation left in files. */
export interface Companions {
  /** Path below the home of the worker that evaluated. */
  readonly folder: string;
  readonly files: readonly CompanionRecord[];
  /** What was asked. */
  readonly params: EvaluationParams;
}

const left = z.object({
  artefacts: z.object({
    folder: z.string(),
    files: z.array(
      z.object({
        ...{ file: z.string(), shape: z.array(z.number()), sha256: z.string() },
        mean: z
          .object({ images: z.number(), rows: z.number(), cols: z.number(), values: z.array(z.number()) })
          .optional(),
      }),
    ),
  }),
});

/** The files that an evaluation left; undefined where it left none, or its scores were imported. */
export function companionsOf({ kind, params, summary }: RunRecord): Companions | undefined {
  const found = kind === "evaluation" ? left.safeParse(summary) : undefined;
  return found?.success === true ? { ...found.data.artefacts, params: readParams(params) } : undefined;
}
