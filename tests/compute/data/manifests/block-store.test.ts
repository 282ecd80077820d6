import { expect, test } from "vitest";
import { BlockStore } from "../../../../compute/data/manifests/block-store.ts";

test("a block store gives back what it took, from memory and from its file, as often as asked", async () => {
  await using store = new BlockStore<{
    readonly n: number;
    readonly values: Uint32Array;
    readonly ids: readonly string[];
  }>(2);
  const blocks = Array.from({ length: 6 }, (_, n) => ({
    n,
    values: Uint32Array.from({ length: 1_000 * (n + 1) }, (__, at) => at * n),
    ids: [`ä${n}`, ""],
  }));
  for (const block of blocks) await store.add(block);
  for (let pass = 0; pass < 2; pass++) {
    const found: unknown[] = [];
    for await (const block of store) found.push(block);
    expect(found).toEqual(blocks);
  }
  expect(await store.read(4)).toEqual(blocks[4]);
  await expect(store.read(6)).rejects.toThrow(/one of 6/);
});

test("a block store that was given back says so", async () => {
  const store = new BlockStore<number>(0);
  await store.add(1);
  await store[Symbol.asyncDispose]();
  await expect(store.read(0)).rejects.toThrow(/given back/);
});
