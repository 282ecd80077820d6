import { hasRowRights } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import { requireRole } from "../access/require-role.ts";
import { cancelSteps } from "../audits/cancel-steps.ts";
import type { Database } from "../db/client.ts";
import { Notices } from "../db/notices.ts";
import { ServiceError } from "../errors.ts";
import { type Connection, MAX_PAGE, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import type { Loaders } from "../loaders.ts";
import { modelVersionsOfRuns } from "../models/train/train.queries.ts";
import { historiesOfRuns, type TrainingEpochAnswer } from "../models/train/training-history.ts";
import type { ServiceDeps } from "../services.ts";
import {
  countRuns,
  datasetsOfRuns,
  evaluationsOfRuns,
  listRunEvents,
  listRuns,
  progressOfRuns,
  type RunEventRecord,
  type RunRecord,
  type RunSelection,
  runsByIds,
} from "./run.queries.ts";
import { RUN_CHANNEL } from "./run-events.ts";
import type { RunProgress } from "./run-progress.ts";
import { cancelRun, retryRun } from "./run-requests.ts";
import { watchRun } from "./run-watch.ts";

/** Reads runs, stops them and asks for them again. Disposing it ends the connection on which it hears of events. */
export class RunService implements AsyncDisposable {
  readonly #database: Database;
  readonly #notices: Notices;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#database = database;
    this.#notices = new Notices(database.connectionString, RUN_CHANNEL);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#notices[Symbol.asyncDispose]();
  }

  /** The run with this row id, or undefined. */
  async find(id: number): Promise<RunRecord | undefined> {
    const [run] = await runsByIds(this.#database.db, [id]);
    return run;
  }

  /** The runs with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly RunRecord[]> {
    return runsByIds(this.#database.db, ids);
  }

  /**
   * One page of runs, the newest first.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
   */
  async page(selection: RunSelection, args: PageArgs): Promise<Connection<RunRecord>> {
    const request = readPage("runs", selection, args, 1);
    const before = request.after === undefined ? undefined : Number(request.after[0]);
    const rows = await listRuns(this.#database.db, selection, request.limit, before);
    return toConnection(
      request,
      rows,
      ({ id }) => [id],
      () => countRuns(this.#database.db, selection),
    );
  }

  /** The evaluations that these runs made, for the loader. */
  evaluationsOf(runIds: readonly number[]): ReturnType<typeof evaluationsOfRuns> {
    return evaluationsOfRuns(this.#database.db, runIds);
  }

  /** The model versions that these runs trained, for the loader. */
  trainedModelsOf(runIds: readonly number[]): ReturnType<typeof modelVersionsOfRuns> {
    return modelVersionsOfRuns(this.#database.db, runIds);
  }

  /** The epochs of these runs, for the loader. */
  historiesOf(runIds: readonly number[]): ReturnType<typeof historiesOfRuns> {
    return historiesOfRuns(this.#database, runIds);
  }

  /** The epochs of a training so far; none for those who may not read the run's details. */
  async trainingHistory(
    run: RunRecord,
    load: Loaders,
    principal: Principal,
  ): Promise<readonly TrainingEpochAnswer[]> {
    if (run.kind !== "training" || !(await this.showsDetails(run, load, principal))) return [];
    return (await load.epochsOfRun.load(run.id)).map(({ epoch }) => epoch);
  }

  /** How far these runs are, for the loader. */
  progressOf(runIds: readonly number[]): ReturnType<typeof progressOfRuns> {
    return progressOfRuns(this.#database.db, runIds);
  }

  /** How far a run is that runs, or null; null for those who may not read its details. */
  async progress(run: RunRecord, load: Loaders, principal: Principal): Promise<RunProgress | null> {
    if (run.state !== "running" || !(await this.showsDetails(run, load, principal))) return null;
    const [newest] = await load.progressOfRun.load(run.id);
    return (newest?.payload as RunProgress | undefined) ?? null; // safe: only attempts write such events
  }

  /**
   * Stops a run, and of an audit the runs that it has asked for. For stewards of its dataset.
   *
   * @throws {ServiceError} NOT_FOUND, UNAUTHENTICATED, FORBIDDEN
   */
  async cancel(id: number, principal: Principal): Promise<RunRecord> {
    await this.#requireSteward(id, principal);
    const run = await cancelRun(this.#database, id);
    if (run.kind === "audit" && run.state !== "succeeded") await cancelSteps(this.#database, id);
    return run;
  }

  /**
   * Queues a run that failed or was cancelled once more. For stewards of its dataset.
   *
   * @throws {ServiceError} NOT_FOUND, UNAUTHENTICATED, FORBIDDEN
   */
  async retry(id: number, principal: Principal): Promise<RunRecord> {
    await this.#requireSteward(id, principal);
    return retryRun(this.#database, id);
  }

  /**
   * The events of a run after a sequence number, those that there are and those that follow, until it has ended. For those
   * with row-level rights on its datasets, as long as they have them.
   *
   * @param again - finds out anew who asks: tokens end while somebody watches
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN
   */
  async watch(
    id: number,
    after: number,
    load: Loaders,
    principal: Principal,
    again: () => Promise<Principal>,
  ): Promise<AsyncGenerator<RunEventRecord, void, void>> {
    const run = await this.#require(id);
    if (after < 0) throw new ServiceError("BAD_USER_INPUT", `Expected after to be 0 or more, got ${after}`);
    await this.#requireDetails(run, load, principal);
    const authorise = async () => this.#requireDetails(run, load, await again());
    return watchRun({ db: this.#database.db, notices: this.#notices, authorise }, id, after);
  }

  async #require(id: number): Promise<RunRecord> {
    const run = await this.find(id);
    if (run !== undefined) return run;
    throw new ServiceError("NOT_FOUND", "Expected the id of a run, got one that is not here");
  }

  async #requireSteward(id: number, principal: Principal): Promise<void> {
    const { datasetId } = await this.#require(id);
    requireRole(principal, "steward", datasetId ?? undefined);
  }

  async #requireDetails(run: RunRecord, load: Loaders, principal: Principal): Promise<void> {
    if (await this.showsDetails(run, load, principal)) return;
    throw principal.kind === "anonymous"
      ? new ServiceError("UNAUTHENTICATED", "Expected a token of an analyst of the run's dataset, got none")
      : new ServiceError("FORBIDDEN", "Expected an analyst of the run's dataset, got a token of less");
  }

  /** Row ids of the datasets that these runs are about, for the loader. */
  datasetsOf(runIds: readonly number[]): ReturnType<typeof datasetsOfRuns> {
    return datasetsOfRuns(this.#database.db, runIds);
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
      ? listRunEvents(this.#database.db, run.id, after, first)
      : [];
  }
}
