import { type Protocol, parseProtocol } from "../../compute/index.ts";
import type { Principal } from "../access/principal.ts";
import type { Db } from "../db/executor.ts";
import type { AnalysisFrames } from "../metrics/analysis-rows.ts";
import { discloseMetrics, type MetricView } from "../metrics/metric-disclosure.ts";
import type { ServiceDeps } from "../services.ts";
import {
  computedRecords,
  type ExperimentRecord,
  experimentsOf,
  listExperiments,
  publishedRecords,
} from "./experiment.queries.ts";
import { isOfTheSame } from "./published-and-computed.ts";

/** A published number, and what this warehouse computed of the same. */
export interface ExperimentResult {
  readonly published: MetricView;
  /** The newest first. */
  readonly computed: readonly MetricView[];
}

/** Reads experiments. */
export class ExperimentService {
  readonly #db: Db;
  readonly #frames: AnalysisFrames;

  constructor({ database }: Pick<ServiceDeps, "database">, frames: AnalysisFrames) {
    this.#db = database.db;
    this.#frames = frames;
  }

  /** Every experiment, in the order of the study's Table 2. */
  all(): Promise<readonly ExperimentRecord[]> {
    return listExperiments(this.#db);
  }

  /** Experiments of these publications, for the loader. */
  ofPublications(publicationIds: readonly number[]): Promise<readonly ExperimentRecord[]> {
    return experimentsOf(this.#db, publicationIds);
  }

  /**
   * The numbers that publications print for an experiment, each with those computed here of the same model, dataset,
   * class, stratum, unit and transform, as the caller may see them.
   *
   * @param source - only from places that begin so, such as `Table 2`; null for all.
   */
  async results(
    { protocol: stored }: ExperimentRecord,
    source: string | null,
    principal: Principal,
  ): Promise<readonly ExperimentResult[]> {
    const protocol: Protocol = parseProtocol(stored);
    const published = await publishedRecords(this.#db, protocol.published, source ?? undefined);
    const computed = await computedRecords(
      this.#db,
      idsOf(published, ({ modelId }) => modelId),
      idsOf(published, ({ datasetId }) => datasetId),
      [...new Set(published.map(({ metric }) => metric))],
    );
    const results: ExperimentResult[] = [];
    for (const record of published) {
      const same = computed.filter((one) => isOfTheSame(protocol, record, one));
      const [shown, ...others] = await discloseMetrics(
        this.#frames,
        [record, ...same.map((one) => one.record)],
        principal,
      );
      if (shown !== undefined) results.push({ published: shown, computed: others });
    }
    return results;
  }
}

function idsOf<Row>(rows: readonly Row[], of: (row: Row) => number | null): readonly number[] {
  return [...new Set(rows.map(of))].filter((id) => id !== null);
}
