import type { Db } from "../db/executor.ts";
import { RowCache } from "../db/row-cache.ts";
import { type Connection, type PageArgs, readPage, toConnection } from "../graphql/paging.ts";
import type { ServiceDeps } from "../services.ts";
import {
  countPublications,
  type DiscrepancyRecord,
  discrepanciesOf,
  findPublicationBySlug,
  listPublications,
  type PublicationRecord,
  publicationsByIds,
} from "./publication-list.queries.ts";

/** Reads publications and what is inconsistent in them. */
export class PublicationService {
  readonly #db: Db;
  readonly #byId: RowCache<PublicationRecord>;

  constructor({ database }: Pick<ServiceDeps, "database">) {
    this.#db = database.db;
    this.#byId = new RowCache((ids) => publicationsByIds(this.#db, ids));
  }

  /** The newest version of the publication with this slug, or undefined. */
  findBySlug(slug: string): Promise<PublicationRecord | undefined> {
    return findPublicationBySlug(this.#db, slug);
  }

  /** The publication with this row id when it is kept in memory; undefined when it would have to be read. */
  kept(id: number): PublicationRecord | undefined {
    return this.#byId.kept(id);
  }

  /** The publications with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly PublicationRecord[]> {
    return this.#byId.rows(ids);
  }

  /** Discrepancies of these publications, for the loader. */
  discrepanciesOf(publicationIds: readonly number[]): Promise<readonly DiscrepancyRecord[]> {
    return discrepanciesOf(this.#db, publicationIds);
  }

  /**
   * One page of publications in order of slug, each in its newest version.
   *
   * @throws {ServiceError} PAGE_TOO_LARGE, BAD_CURSOR
   */
  async page(args: PageArgs): Promise<Connection<PublicationRecord>> {
    const request = readPage("publications", null, args, 1);
    const after = request.after === undefined ? undefined : String(request.after[0]);
    const rows = await listPublications(this.#db, request.limit, after);
    return toConnection(
      request,
      rows,
      ({ slug }) => [slug],
      () => countPublications(this.#db),
    );
  }
}
