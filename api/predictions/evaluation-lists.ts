import DataLoader from "dataloader";
import type { Db } from "../db/client.ts";
import { type Connection, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import type { ServiceDeps } from "../services.ts";
import type { EvaluationRecord } from "./evaluation.queries.ts";
import type { EvaluationService } from "./evaluation.service.ts";
import {
  countEvaluationsOf,
  type EvaluationParent,
  newestEvaluationsOf,
} from "./evaluation-links.queries.ts";

/** Opens lists of evaluations by what they belong to. */
export class EvaluationListService {
  readonly #db: Db;
  readonly #evaluations: EvaluationService;

  constructor({ database }: Pick<ServiceDeps, "database">, evaluations: EvaluationService) {
    this.#db = database.db;
    this.#evaluations = evaluations;
  }

  /** Lists for one request, which find single evaluations through its loader. */
  open(evaluation: DataLoader<number, EvaluationRecord>): EvaluationLists {
    return new EvaluationLists(this.#db, this.#evaluations, evaluation);
  }
}

/**
 * Evaluations of the datasets or models of one request: first pages of all parents come in two statements. Cursors
 * are those of `evaluations` filtered by the parent, so a client may walk on with either.
 */
export class EvaluationLists {
  readonly #db: Db;
  readonly #evaluations: EvaluationService;
  readonly #evaluation: DataLoader<number, EvaluationRecord>;
  readonly #pages = new Map<string, DataLoader<number, readonly number[]>>();
  readonly #counts = new Map<EvaluationParent, DataLoader<number, number>>();

  constructor(db: Db, evaluations: EvaluationService, evaluation: DataLoader<number, EvaluationRecord>) {
    this.#db = db;
    this.#evaluations = evaluations;
    this.#evaluation = evaluation;
  }

  /**
   * One page of the evaluations of a dataset or model, the newest first.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
   */
  async of(
    parent: EvaluationParent,
    { id, slug }: { readonly id: number; readonly slug: string },
    args: PageArgs,
  ): Promise<Connection<EvaluationRecord>> {
    const filter = { [parent]: slug };
    if (args.after != null) return this.#evaluations.page(filter, args);
    const request = readPage("evaluations", filter, args, 1);
    const ids = await this.#firstPages(parent, request.limit).load(id);
    const rows = await Promise.all(ids.map((row) => this.#evaluation.load(row)));
    return toConnection(
      request,
      rows,
      (row) => [row.id],
      () => this.#totals(parent).load(id),
    );
  }

  #firstPages(parent: EvaluationParent, limit: number): DataLoader<number, readonly number[]> {
    const key = `${parent}/${limit}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const loader = new DataLoader<number, readonly number[]>(async (parents) => {
      const rows = await newestEvaluationsOf(this.#db, parent, parents, limit);
      return parents.map((wanted) => rows.filter((row) => row.parent === wanted).map(({ id }) => id));
    });
    this.#pages.set(key, loader);
    return loader;
  }

  #totals(parent: EvaluationParent): DataLoader<number, number> {
    const known = this.#counts.get(parent);
    if (known) return known;
    const loader = new DataLoader<number, number>(async (parents) => {
      const totals = new Map(
        (await countEvaluationsOf(this.#db, parent, parents)).map(({ id, total }) => [id, total]),
      );
      return parents.map((wanted) => totals.get(wanted) ?? 0);
    });
    this.#counts.set(parent, loader);
    return loader;
  }
}
