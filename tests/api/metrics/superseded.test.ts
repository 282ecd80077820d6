import { expect, test } from "vitest";
import { loadPublications } from "../../../api/publications/publication.loader.ts";
import { startTestApi } from "../../support/test-api.ts";

const COUNT = "query ($filter: MetricFilter) { metrics(filter: $filter, first: 1) { totalCount } }";

test("a number loaded in two versions of a publication is counted once, and the earlier one found by its id", async () => {
  await using api = await startTestApi();
  await loadPublications(api.database);
  const count = async (filter?: Record<string, unknown>) => {
    const { data } = await api.ask<{ metrics: { totalCount: number } }>(COUNT, { filter });
    return data?.metrics.totalCount;
  };
  const before = await count();
  expect(before).toBe(540);
  // A second version of the data files, as a corrected file would make: the same numbers under another content.
  await api.database.pool.query(`
    with again as (
      insert into publication (slug, version, title, citation, year, facts, content_sha256)
      select slug, 2, title, citation, year, facts, repeat('0', 64) from publication where slug = 'gichoya-2022' returning id)
    insert into metric_record (origin, metric, metric_version, publication_id, value, reason, printed, fingerprint)
    select origin, metric, metric_version, again.id, value, reason, printed, encode(sha256(fingerprint::bytea), 'hex')
    from metric_record, again where publication_id = (select min(id) from publication where slug = 'gichoya-2022')`);
  expect(await count()).toBe(before);
  expect(await count({ publication: "gichoya-2022" })).toBe(524);
  const { rows } = await api.database.pool.query<{ id: string }>(
    "select id from metric_record where publication_id = (select min(id) from publication where slug = 'gichoya-2022') limit 1",
  );
  const id = Buffer.from(`MetricRecord:${rows[0]?.id}`).toString("base64url");
  expect(await count({ ids: [id] })).toBe(1);
});
