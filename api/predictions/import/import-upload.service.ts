import type { Principal } from "../../access/principal.ts";
import { requireRole } from "../../access/require-role.ts";
import { findDatasetBySlug } from "../../datasets/dataset.queries.ts";
import type { Database } from "../../db/client.ts";
import { decodeUuid } from "../../graphql/node-id.ts";
import type { EvaluationRecord } from "../evaluation.queries.ts";
import type { EvaluationService } from "../evaluation.service.ts";
import type { TakenUpload, UploadService } from "../upload.service.ts";
import type { ImportOutcome, ImportService } from "./import.service.ts";
import type { ImportPredictionsInput, ImportProblem, ImportReport } from "./import.type.ts";
import { mappingOfInput } from "./mapping-input.ts";

/** What the mutation answers. */
export interface ImportAnswer {
  readonly evaluation: EvaluationRecord | null;
  readonly created: boolean;
  readonly problems: readonly ImportProblem[];
  readonly problemCounts: readonly { readonly code: string; readonly count: number }[];
  readonly report: ImportReport | null;
}

/** Imports files that came by upload. */
export class ImportUploadService {
  readonly #database: Database;
  readonly #imports: ImportService;
  readonly #uploads: UploadService;
  readonly #evaluations: EvaluationService;

  constructor(
    database: Database,
    services: { imports: ImportService; uploads: UploadService; evaluations: EvaluationService },
  ) {
    this.#database = database;
    this.#imports = services.imports;
    this.#uploads = services.uploads;
    this.#evaluations = services.evaluations;
  }

  /**
   * Imports uploaded files into a dataset. Stewards of the dataset only; of everything, when it has to be made. The
   * uploads are used up, also when the import is rejected.
   *
   * @throws {ServiceError} UNAUTHENTICATED, FORBIDDEN, BAD_ID, NOT_FOUND, UPLOAD_*, BAD_USER_INPUT (mapping), DB_*
   */
  async importPredictions(
    input: ImportPredictionsInput,
    principal: Principal,
    signal: AbortSignal,
  ): Promise<ImportAnswer> {
    const dataset = await findDatasetBySlug(this.#database.db, input.dataset);
    requireRole(principal, "steward", dataset?.id);
    const mapping = mappingOfInput(input.mapping);
    await using predictions = await this.#take(input.upload, principal);
    await using attributes =
      input.attributesUpload == null ? undefined : await this.#take(input.attributesUpload, principal);
    const outcome = await this.#imports.importPredictions(
      {
        dataset: input.dataset,
        model: input.model,
        mapping,
        predictions: { path: predictions.path },
        attributes: attributes === undefined ? undefined : { path: attributes.path },
        newVersion: input.newVersion,
        overrideLeakReason: input.overrideLeakReason ?? undefined,
      },
      { signal },
    );
    return this.#answer(outcome);
  }

  #take(upload: string, principal: Principal): Promise<TakenUpload> {
    return this.#uploads.take(decodeUuid("Upload", upload), principal);
  }

  async #answer(outcome: ImportOutcome): Promise<ImportAnswer> {
    const report = outcome.report ?? null;
    if (outcome.status === "rejected") {
      const problemCounts = Object.entries(outcome.totals).map(([code, count]) => ({ code, count }));
      return { evaluation: null, created: false, problems: outcome.problems, problemCounts, report };
    }
    const evaluation = (await this.#evaluations.find(outcome.evaluationId)) ?? null;
    return { evaluation, created: outcome.created, problems: [], problemCounts: [], report };
  }
}
