import { hasRowRights } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import type { Db } from "../db/client.ts";
import { ServiceError } from "../errors.ts";
import { MAX_PAGE } from "../graphql/paging.ts";
import type { Loaders } from "../loaders.ts";
import type { ServiceDeps } from "../services.ts";
import {
  datasetsOfRuns,
  listRunEvents,
  type RunEventRecord,
  type RunRecord,
  runsByIds,
} from "./run.queries.ts";

/** Reads runs. */
export class RunService {
  readonly #db: Db;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#db = database.db;
  }

  /** The run with this row id, or undefined. */
  async find(id: number): Promise<RunRecord | undefined> {
    const [run] = await runsByIds(this.#db, [id]);
    return run;
  }

  /** The runs with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly RunRecord[]> {
    return runsByIds(this.#db, ids);
  }

  /** Row ids of the datasets whose evaluations these runs made, for the loader. */
  datasetsOf(runIds: readonly number[]): ReturnType<typeof datasetsOfRuns> {
    return datasetsOfRuns(this.#db, runIds);
  }

  /**
   * Whether the caller may read what a run was given and what it counted, exactly: only with row-level rights on the
   * datasets it was about.
   */
  async showsDetails(run: RunRecord, load: Loaders, principal: Principal): Promise<boolean> {
    if (hasRowRights(principal.baseRole)) return true;
    const datasets = await load.datasetsOfRun.load(run.id);
    return datasets.length > 0 && datasets.every(({ datasetId }) => hasRowRights(principal.role(datasetId)));
  }

  /**
   * Up to `first` events after a sequence number; none for those who may not read the run's details.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE
   */
  async events(
    run: RunRecord,
    after: number,
    first: number,
    load: Loaders,
    principal: Principal,
  ): Promise<readonly RunEventRecord[]> {
    if (first < 1 || first > MAX_PAGE) {
      throw new ServiceError(
        "PAGE_TOO_LARGE",
        `Expected first from 1 to ${MAX_PAGE}, got ${first}; walk on with after`,
      );
    }
    return (await this.showsDetails(run, load, principal))
      ? listRunEvents(this.#db, run.id, after, first)
      : [];
  }
}
