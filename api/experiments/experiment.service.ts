import type { Db } from "../db/executor.ts";
import type { ServiceDeps } from "../services.ts";
import { type ExperimentRecord, experimentsOf, listExperiments } from "./experiment.queries.ts";

/** Reads experiments. */
export class ExperimentService {
  readonly #db: Db;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#db = database.db;
  }

  /** Every experiment in order of slug. */
  all(): Promise<readonly ExperimentRecord[]> {
    return listExperiments(this.#db);
  }

  /** Experiments of these publications, for the loader. */
  ofPublications(publicationIds: readonly number[]): Promise<readonly ExperimentRecord[]> {
    return experimentsOf(this.#db, publicationIds);
  }
}
