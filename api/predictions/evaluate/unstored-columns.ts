import { type ScoreOrder, sortScores } from "../../../compute/index.ts";
import type { Database } from "../../db/client.ts";
import { attributesByName } from "../control-columns.ts";
import { findAttributes, findSplits } from "../evaluation.queries.ts";
import { EvaluationColumns, type EvaluationPlan, orderBytes } from "../evaluation-columns.ts";
import type { EvaluationSubject } from "./subject.ts";

/** The columns of one evaluation that is not stored yet: its scores come from memory, all else from the database. */
export class UnstoredColumns extends EvaluationColumns {
  readonly #plan: EvaluationPlan;
  readonly #scores: readonly Float32Array[];

  /** @param scores - a column a class, NaN where unknown; none, where only attributes are asked for */
  constructor(database: Database, plan: EvaluationPlan, scores: readonly Float32Array[], maxBytes: number) {
    super(database, maxBytes);
    this.#plan = plan;
    this.#scores = scores;
  }

  override plan(): Promise<EvaluationPlan> {
    return Promise.resolve(this.#plan);
  }

  override orders(_plan: EvaluationPlan, classIndexes: readonly number[]): Promise<ScoreOrder[]> {
    return Promise.all(
      classIndexes.map((index) =>
        this.cache.get(`order/${index}`, orderBytes, () =>
          sortScores(this.#scores[index] ?? new Float32Array(0)),
        ),
      ),
    );
  }
}

/** What an evaluation that is not stored yet will be known by. */
export interface FutureEvaluation {
  readonly id: number;
  readonly runId: number;
  readonly fingerprint: string;
}

/** As much of an evaluation's subject as a plan needs: also of a model that is still to be trained. */
export interface PlannedSubject {
  readonly dataset: Pick<EvaluationSubject["dataset"], "id">;
  readonly version: Pick<EvaluationSubject["version"], "id" | "imageCount" | "patientCount">;
  readonly model: Pick<EvaluationSubject["model"], "id">;
  readonly modelVersion: Pick<
    EvaluationSubject["modelVersion"],
    "id" | "taskKind" | "taskAttribute" | "classes" | "classLevels"
  >;
}

/** The plan of an evaluation that is not stored yet. Three statements. */
export async function planUnstored(
  database: Pick<Database, "db">,
  { dataset, version, model, modelVersion }: PlannedSubject,
  future: FutureEvaluation = { id: 0, runId: 0, fingerprint: "" },
): Promise<EvaluationPlan> {
  const [attributes, splits] = await Promise.all([
    findAttributes(database.db, version.id),
    findSplits(database.db, version.id),
  ]);
  return {
    evaluation: {
      ...future,
      modelVersionId: modelVersion.id,
      modelId: model.id,
      datasetVersionId: version.id,
      datasetId: dataset.id,
      splitId: null,
      transformChain: [],
      scoreKind: "any",
      scoredCount: 0,
      missingScoreCount: 0,
      recordedAt: new Date(0),
      taskKind: modelVersion.taskKind,
      taskAttribute: modelVersion.taskAttribute,
      classes: modelVersion.classes,
      classLevels: modelVersion.classLevels,
      imageCount: version.imageCount ?? 0,
      patientCount: version.patientCount,
    },
    attributes: attributesByName(
      attributes,
      { id: version.id, imageCount: version.imageCount ?? 0 },
      modelVersion.taskAttribute,
    ),
    splits: new Map(splits.map((split) => [split.name, split])),
  };
}
