import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BlockSpool,
  CategoryColumn,
  NumberColumn,
  OrdinalColumn,
  readWhole,
} from "../../../../api/predictions/import/column-store.ts";
import { UNKNOWN_CODE } from "../../../../compute/index.ts";

/** Blocks of codes up to `most`, some unknown. */
const blocksOf = (most: number) =>
  fc.array(
    fc.array(fc.oneof(fc.integer({ min: 0, max: most }), fc.constant(UNKNOWN_CODE)), { maxLength: 40 }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

const decoders = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array } as const;

describe("a gathered column", () => {
  test.each([
    ["u8", 254, 255],
    ["u16", 65_534, 65_535],
    ["u32", 100_000, 0xffffffff],
  ] as const)(
    "of categories reads back from file and memory alike, at most %s wide",
    async (widest, most, unknown) => {
      await fc.assert(
        fc.asyncProperty(blocksOf(most), fc.constantFrom(0, 100, 1e6), async (blocks, kept) => {
          await using spool = new BlockSpool(kept);
          const column = new CategoryColumn(spool);
          for (const block of blocks) {
            // The reader's arrays are longer than what counts, and are used again.
            const codes = Uint32Array.from([...block, 7, 7]);
            column.append(codes, block.length);
            codes.fill(99);
            await spool.relieve();
          }
          const stored = column.finish();
          const flat = blocks.flat();
          expect(stored.unknownCount).toBe(flat.filter((code) => code === UNKNOWN_CODE).length);
          if (stored.encoding !== "u8" && stored.encoding !== "u16" && stored.encoding !== "u32")
            throw new Error(stored.encoding);
          expect(["u8", "u16", "u32"].indexOf(stored.encoding)).toBeLessThanOrEqual(
            ["u8", "u16", "u32"].indexOf(widest),
          );
          const mark =
            stored.encoding === widest ? unknown : 2 ** (8 * decoders[stored.encoding].BYTES_PER_ELEMENT) - 1;
          const back = [...new decoders[stored.encoding](await readWhole(stored))];
          expect(back).toEqual(flat.map((code) => (code === UNKNOWN_CODE ? mark : code)));
        }),
        { numRuns: 60 },
      );
    },
  );

  test("of numbers is float32 while that is exact, else float64", async () => {
    const anyNumber = fc.oneof(fc.float(), fc.double(), fc.constant(Number.NaN));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyNumber, { maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        async (blocks) => {
          await using spool = new BlockSpool(50);
          const column = new NumberColumn(spool);
          for (const block of blocks) {
            column.append(Float64Array.from(block), block.length);
            await spool.relieve();
          }
          const stored = column.finish();
          const flat = blocks.flat();
          const exact = flat.every((value) => Number.isNaN(value) || Math.fround(value) === value);
          expect(stored.encoding).toBe(exact ? "f32" : "f64");
          const whole = await readWhole(stored);
          const back = [...(exact ? new Float32Array(whole) : new Float64Array(whole))];
          expect(back).toEqual(flat);
          expect(stored.unknownCount).toBe(flat.filter(Number.isNaN).length);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("may be read twice: once for its digest, once for the database", async () => {
    await using spool = new BlockSpool(0);
    const column = new OrdinalColumn(spool);
    column.append(Uint32Array.of(1, 2, UNKNOWN_CODE), 3);
    await spool.relieve();
    const stored = column.finish();
    expect([...new Uint32Array(await readWhole(stored))]).toEqual([1, 2, UNKNOWN_CODE]);
    expect([...new Uint32Array(await readWhole(stored))]).toEqual([1, 2, UNKNOWN_CODE]);
  });
});
