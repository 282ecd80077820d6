import { occlusionOf, startComputeChild } from "../../../compute/index.ts";
import { findRoot } from "../../datasets/image-files.queries.ts";
import { folderOf } from "../../datasets/image-roots.ts";
import { findMasks, maskRootsOf } from "../../datasets/masks/wanted-masks.ts";
import { fingerprintOf } from "../../metrics/fingerprint.ts";
import type { ModelStore } from "../../models/model-store.ts";
import { type RunContext, RunFailure, type Runner, type RunOutcome } from "../../runs/runner.ts";
import { storedParams } from "../../runs/stored-params.ts";
import { reservePredictionSetId } from "../import/import.queries.ts";
import { artefactSummary, openArtefacts } from "./artefacts.ts";
import { computeDefaultMetrics } from "./default-metrics.ts";
import { conditionsOf, type EvaluationParams, readParams } from "./evaluation-params.ts";
import { type ScoringReport, type StartChild, scoreImages } from "./score-images.ts";
import { ScoreSheet } from "./score-sheet.ts";
import { selectImages } from "./select-images.ts";
import { storeEvaluation } from "./store-evaluation.ts";
import { type EvaluationSubject, findSubject } from "./subject.ts";
import { planUnstored } from "./unstored-columns.ts";

/** What an evaluation runner is made of. */
export interface EvaluationRunnerOptions {
  readonly models: Pick<ModelStore, "open">;
  /** Threads of one session; absent: all processors. */
  readonly threads?: number;
  /** Default: the compute child. */
  readonly startChild?: StartChild;
}

/** Evaluates a model on the images of a dataset version: scores, and the metric records that come with them. */
export class EvaluationRunner implements Runner {
  readonly #options: EvaluationRunnerOptions;

  constructor(options: EvaluationRunnerOptions) {
    this.#options = options;
  }

  async run(context: RunContext): Promise<RunOutcome> {
    const { database, run, config, signal } = context;
    const params = storedParams(run, readParams);
    const subject = await context.read(() => findSubject(database.db, params));
    const { version, modelVersion } = subject;
    const selection = await context.read(async () => {
      const plan = await planUnstored(database, subject);
      return { ordinals: await selectImages(database, plan, params), splits: plan.splits };
    });
    const artefacts =
      params.artefacts && (await openArtefacts(config.home, run, params.artefacts, modelVersion.classes));
    // The files of an attempt, and what it tells of its images, are of all of them: nothing of an earlier attempt counts.
    const isWhole = artefacts !== undefined || occlusionOf(params.transforms) !== undefined;
    if (isWhole) await context.dropParts();
    const sheet = new ScoreSheet(version.imageCount ?? 0, modelVersion.classes.length, selection.ordinals);
    const masks = await context.read(() => findMasks(database.db, version.id, params.transforms));
    const report = await scoreImages(
      context,
      {
        task: {
          ...(await this.#task(context, subject, params)),
          ...(masks.length === 0 ? {} : { maskRoots: maskRootsOf(masks, config.imageRoots) }),
          ...(artefacts === undefined ? {} : { extras: artefacts.extras }),
          ...(config.pixelCache === undefined ? {} : { pixelCache: config.pixelCache }),
        },
        datasetVersionId: version.id,
        ordinals: selection.ordinals,
        masks,
        sheet,
      },
      this.#options.startChild ?? startComputeChild,
    );
    const future = {
      id: await context.read(() => reservePredictionSetId(database.db)),
      runId: run.id,
      fingerprint: fingerprintOf({ evaluation: run.fingerprint }),
    };
    const metrics = await context.read(async () =>
      computeDefaultMetrics(
        database,
        await planUnstored(database, subject, future),
        sheet.columns,
        conditionsOf(params),
        {
          cacheBytes: config.cacheBytes,
          signal,
        },
      ),
    );
    const scored = sheet.length - sheet.leftOut.size;
    const set = {
      ...future,
      modelVersionId: modelVersion.id,
      datasetVersionId: version.id,
      splitId: params.split === null ? null : (selection.splits.get(params.split.name)?.id ?? null),
      transformChain: params.transforms,
      scoreKind: subject.output.activation === "none" ? ("any" as const) : ("probability" as const),
      scoredCount: scored,
      missingScoreCount: ((version.imageCount ?? 0) - scored) * modelVersion.classes.length,
    };
    return {
      summary: {
        ...summaryOf(sheet, report, metrics),
        ...artefactSummary(artefacts?.folder, report.artefacts),
      },
      store: (tx) => storeEvaluation(tx, { set, columns: sheet.columns, metrics: metrics.rows }),
    };
  }

  async #task(context: RunContext, subject: EvaluationSubject, params: EvaluationParams) {
    const { models, threads } = this.#options;
    const { onnxSha256, preprocessing, output, modelVersion, version } = subject;
    const location = await context.read(() => findRoot(context.database.db, version.id));
    if (location === undefined) {
      throw new RunFailure(
        "permanent",
        "IMAGES_UNREACHABLE",
        "Expected to know where the images lie, got no location",
      );
    }
    return {
      kind: "evaluate",
      modelPath: (await models.open(onnxSha256)).path,
      modelSha256: onnxSha256,
      trusted: modelVersion.trainedByRunId !== null,
      preprocessing,
      output,
      classes: modelVersion.classes.length,
      transforms: params.transforms,
      plugins: context.config.plugins,
      provider: params.provider,
      ...(threads === undefined ? {} : { threads }),
      root: folderOf(location, context.config.imageRoots),
      onBadImage: params.onBadImage,
    } as const;
  }
}

function summaryOf(
  sheet: ScoreSheet,
  { session, seconds, sessionSeconds, peakMiB, disagreement, occluded }: ScoringReport,
  metrics: Awaited<ReturnType<typeof computeDefaultMetrics>>,
): Readonly<Record<string, unknown>> {
  const leftOut: Record<string, number> = {};
  for (const code of sheet.leftOut.values()) leftOut[code] = (leftOut[code] ?? 0) + 1;
  return {
    images: sheet.length,
    scored: sheet.length - sheet.leftOut.size,
    leftOut,
    metrics: metrics.rows.length,
    notEstimable: metrics.rows.filter(({ reason }) => reason !== null).length,
    ...(metrics.tooMany.length > 0 ? { attributesWithTooManyLevels: metrics.tooMany } : {}),
    ...(session === undefined ? {} : { session }),
    ...(seconds === undefined ? {} : { seconds, sessionSeconds, peakMiB }),
    ...(disagreement === undefined ? {} : { disagreement }),
    ...(occluded === undefined ? {} : { occluded }),
  };
}
