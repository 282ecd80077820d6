import { expect, test } from "vitest";
import { RowCache } from "../../../api/db/row-cache.ts";

test("a kept row is read once a second, and a missing one each time", async () => {
  let now = 0;
  const asked: number[][] = [];
  const cache = new RowCache(
    async (ids) => {
      asked.push([...ids]);
      return ids.filter((id) => id < 10).map((id) => ({ id, title: `title at ${now}` }));
    },
    () => now,
  );
  expect(await cache.rows([1, 2])).toHaveLength(2);
  now = 999;
  expect(await cache.rows([2, 3])).toEqual([
    { id: 2, title: "title at 0" },
    { id: 3, title: "title at 999" },
  ]);
  now = 1_000;
  expect(await cache.rows([1])).toEqual([{ id: 1, title: "title at 1000" }]);
  expect(await cache.rows([99])).toEqual([]);
  expect(await cache.rows([99])).toEqual([]);
  expect(asked).toEqual([[1, 2], [3], [1], [99], [99]]);
});

test("a row that is kept is there at once, for a second", async () => {
  let now = 0;
  const cache = new RowCache(
    async (ids) => ids.map((id) => ({ id })),
    () => now,
  );
  expect(cache.kept(1)).toBeUndefined();
  await cache.rows([1]);
  now = 999;
  expect(cache.kept(1)).toEqual({ id: 1 });
  now = 1_000;
  expect(cache.kept(1)).toBeUndefined();
});
