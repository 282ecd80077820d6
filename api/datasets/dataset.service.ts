import type { Db } from "../db/client.ts";
import { RowCache } from "../db/row-cache.ts";
import { type Connection, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import type { ServiceDeps } from "../services.ts";
import {
  countDatasets,
  type DatasetRecord,
  type DatasetSelection,
  datasetsByIds,
  findDatasetBySlug,
  listDatasets,
} from "./dataset.queries.ts";

/** Reads datasets. */
export class DatasetService {
  readonly #db: Db;
  readonly #byId: RowCache<DatasetRecord>;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#db = database.db;
    this.#byId = new RowCache((ids) => datasetsByIds(this.#db, ids));
  }

  /** The dataset with this slug, or undefined. */
  findBySlug(slug: string): Promise<DatasetRecord | undefined> {
    return findDatasetBySlug(this.#db, slug);
  }

  /** The dataset with this row id when it is kept in memory; undefined when it would have to be read. */
  kept(id: number): DatasetRecord | undefined {
    return this.#byId.kept(id);
  }

  /** The datasets with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly DatasetRecord[]> {
    return this.#byId.rows(ids);
  }

  /**
   * One page of datasets in order of slug.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
   */
  async page(selection: DatasetSelection, args: PageArgs): Promise<Connection<DatasetRecord>> {
    const request = readPage("datasets", selection, args, 1);
    const after = request.after === undefined ? undefined : String(request.after[0]);
    const rows = await listDatasets(this.#db, selection, request.limit, after);
    return toConnection(
      request,
      rows,
      ({ slug }) => [slug],
      () => countDatasets(this.#db, selection),
    );
  }
}
