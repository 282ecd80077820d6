import type { Db } from "../db/client.ts";
import { RowCache } from "../db/row-cache.ts";
import { type Connection, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import type { ServiceDeps } from "../services.ts";
import {
  countModels,
  findModelBySlug,
  listModels,
  type ModelRecord,
  type ModelSelection,
  type ModelVersionRecord,
  modelsByIds,
  modelVersionsByIds,
  versionsOfModels,
} from "./model.queries.ts";

/** Reads models and their versions. */
export class ModelService {
  readonly #db: Db;
  readonly #byId: RowCache<ModelRecord>;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#db = database.db;
    this.#byId = new RowCache((ids) => modelsByIds(this.#db, ids));
  }

  /** The model with this slug, or undefined. */
  findBySlug(slug: string): Promise<ModelRecord | undefined> {
    return findModelBySlug(this.#db, slug);
  }

  /** The model with this row id when it is kept in memory; undefined when it would have to be read. */
  kept(id: number): ModelRecord | undefined {
    return this.#byId.kept(id);
  }

  /** The models with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly ModelRecord[]> {
    return this.#byId.rows(ids);
  }

  /** The model versions with these row ids, for the loader. */
  versionsByIds(ids: readonly number[]): Promise<readonly ModelVersionRecord[]> {
    return modelVersionsByIds(this.#db, ids);
  }

  /** Versions of these models, the newest first, for the loader. */
  versionsOf(modelIds: readonly number[]): Promise<readonly ModelVersionRecord[]> {
    return versionsOfModels(this.#db, modelIds);
  }

  /**
   * One page of models in order of slug.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
   */
  async page(selection: ModelSelection, args: PageArgs): Promise<Connection<ModelRecord>> {
    const request = readPage("models", selection, args, 1);
    const after = request.after === undefined ? undefined : String(request.after[0]);
    const rows = await listModels(this.#db, selection, request.limit, after);
    return toConnection(
      request,
      rows,
      ({ slug }) => [slug],
      () => countModels(this.#db, selection),
    );
  }
}
