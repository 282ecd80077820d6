import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchSizeFor, imageBatches } from "../../../compute/child/image-batches.ts";
import type { ImageFile } from "../../../compute/child/protocol.ts";

const file = (ordinal: number): ImageFile => ({ ordinal, uri: `${ordinal}`, sha256: "" });

async function* pagesOf(sizes: readonly number[]): AsyncGenerator<ImageFile[]> {
  let next = 0;
  for (const size of sizes) yield Array.from({ length: size }, () => file(next++));
}

describe("imageBatches", () => {
  test("cuts pages into batches with the neighbours that a transform reaches", async () => {
    const batches: [number[], number, number][] = [];
    for await (const { images, skip, count } of imageBatches(pagesOf([3, 4]), 3, 2)) {
      batches.push([images.map(({ ordinal }) => ordinal), skip, count]);
    }
    expect(batches).toEqual([
      [[0, 1, 2, 3, 4], 0, 3],
      [[1, 2, 3, 4, 5, 6], 2, 3],
      [[4, 5, 6], 2, 1],
    ]);
  });

  test("gives every image once, in full batches but the last, with all neighbours there are, whatever the pages", async () => {
    const sizes = fc.array(fc.nat({ max: 9 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 7 }),
        fc.nat({ max: 12 }),
        async (pages, size, reach) => {
          const total = pages.reduce((sum, page) => sum + page, 0);
          let next = 0;
          for await (const { images, skip, count } of imageBatches(pagesOf(pages), size, reach)) {
            const from = Math.max(0, next - reach);
            const to = Math.min(total, next + count + reach);
            expect(images.map(({ ordinal }) => ordinal)).toEqual(
              Array.from({ length: to - from }, (_, i) => from + i),
            );
            expect(skip).toBe(next - from);
            expect(count).toBe(Math.min(size, total - next));
            next += count;
          }
          expect(next).toBe(total);
        },
      ),
    );
  });
});

describe("batchSizeFor", () => {
  test("is a power of two that fits a quarter of the memory", () => {
    expect(batchSizeFor(224 * 224 * 3 * 4, 4_096)).toBe(16);
    expect(batchSizeFor(224 * 224 * 3 * 4, 1_024)).toBe(4);
    expect(batchSizeFor(64 * 64 * 4, 4_096)).toBe(32);
    expect(batchSizeFor(4_096 * 4_096 * 4, 4_096)).toBe(1);
  });
});
