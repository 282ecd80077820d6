import { hasRowRights } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import type { Database } from "../db/client.ts";
import { type Connection, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import { compareNaturally, levelOf } from "../metrics/strata.ts";
import type { ServiceDeps } from "../services.ts";
import {
  countEvaluations,
  type EvaluationFilterValues,
  type EvaluationRecord,
  findEvaluations,
  listEvaluations,
} from "./evaluation.queries.ts";
import { EvaluationColumns } from "./evaluation-columns.ts";

/** An attribute that can divide the rows of an evaluation. */
export interface DividingAttribute {
  readonly name: string;
  readonly kind: "category" | "number" | "split";
  readonly levels: readonly string[];
  readonly unit: string | null;
}

/** Reads evaluations and holds their columns in memory. */
export class EvaluationService {
  /** The columns of all evaluations, shared by every statistic. */
  readonly columns: EvaluationColumns;
  readonly #database: Database;

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#database = database;
    this.columns = new EvaluationColumns(database, config.cacheBytes);
  }

  /** The evaluation with this row id, or undefined. */
  async find(id: number): Promise<EvaluationRecord | undefined> {
    const [evaluation] = await findEvaluations(this.#database.db, [id]);
    return evaluation;
  }

  /** The evaluations with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly EvaluationRecord[]> {
    return findEvaluations(this.#database.db, ids);
  }

  /**
   * One page of evaluations, the newest first.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
   */
  async page(filter: EvaluationFilterValues, args: PageArgs): Promise<Connection<EvaluationRecord>> {
    const request = readPage("evaluations", filter, args, 1);
    const before = request.after === undefined ? undefined : Number(request.after[0]);
    const rows = await listEvaluations(this.#database.db, filter, request.limit, before);
    return toConnection(
      request,
      rows,
      ({ id }) => [id],
      () => countEvaluations(this.#database.db, filter),
    );
  }

  /** What the rows of an evaluation can be divided by, by name; splits only with row-level rights. */
  async attributes(
    evaluation: EvaluationRecord,
    principal: Principal,
  ): Promise<readonly DividingAttribute[]> {
    const plan = await this.columns.plan(evaluation.id);
    const found: DividingAttribute[] = [];
    for (const info of plan.attributes.values()) {
      if (info.kind !== "category" && info.kind !== "number") continue;
      const categories = (info.dictionary ?? []).flatMap((recorded) => levelOf(info, recorded) ?? []);
      const levels = [...new Set(categories)].sort(compareNaturally);
      found.push({ name: info.name, kind: info.kind, levels, unit: info.unit });
    }
    if (!hasRowRights(principal.role(evaluation.datasetId))) return found;
    for (const { name, parts } of plan.splits.values()) {
      found.push({ name: `split:${name}`, kind: "split", levels: parts, unit: null });
    }
    return found;
  }
}
