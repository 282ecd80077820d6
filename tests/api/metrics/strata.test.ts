import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bandsFor } from "../../../api/metrics/bands.ts";
import {
  bandLevels,
  categoryLevels,
  combineStrata,
  type LevelColumn,
  unitLevels,
} from "../../../api/metrics/strata.ts";
import type { AttributeInfo } from "../../../api/predictions/evaluation.queries.ts";

const attribute = (info: Partial<AttributeInfo>): AttributeInfo => ({
  id: 1,
  name: "a",
  kind: "category",
  encoding: "u8",
  dictionary: null,
  mapping: null,
  unit: null,
  unknownCount: 0,
  ...info,
});
const words = ({ levels, codes }: LevelColumn) => Array.from(codes, (code) => levels[code]);

describe("categoryLevels", () => {
  test("orders levels as people do, whatever the codes, and puts unknown last", () => {
    const info = attribute({ dictionary: ["10", "9", "unknown", "b", "B"] });
    const column = categoryLevels(info, Uint8Array.of(0, 1, 2, 3, 4, 255, 17));
    expect(column.levels).toEqual(["9", "10", "b", "B", "unknown"]);
    expect(words(column)).toEqual(["10", "9", "unknown", "b", "B", "unknown", "unknown"]);
  });

  test("reads recorded values through the mapping; what it leaves out is unknown", () => {
    const mapping = {
      slug: "m",
      version: 1,
      categories: new Map([
        ["BLACK", "Black"],
        ["AFRICAN", "Black"],
        ["DECLINED", null],
      ]),
    };
    const column = categoryLevels(
      attribute({ dictionary: ["BLACK", "AFRICAN", "DECLINED", "NEW"], mapping }),
      Uint8Array.of(0, 1, 2, 3),
    );
    expect(words(column)).toEqual(["Black", "Black", "unknown", "unknown"]);
  });
});

test("categoryLevels puts ages over 89 into one level, also where ages are words", () => {
  const column = categoryLevels(
    attribute({ name: "age", dictionary: ["93", "89", "101"] }),
    Uint8Array.of(0, 1, 2),
  );
  expect(words(column)).toEqual(["90+", "89", "90+"]);
});

describe("bandLevels", () => {
  test("includes the lower edge and not the upper, with all ages over 89 together", () => {
    const ages = Float64Array.of(0, 19.9, 20, 79, 80, 94, 120, Number.NaN);
    const column = bandLevels(attribute({ name: "age", kind: "number" }), ages, bandsFor("age", []));
    expect(words(column)).toEqual(["0-20", "0-20", "20-40", "60-80", "80-", "80-", "80-", "unknown"]);
    const own = bandsFor("age", [{ attribute: "age", edges: [18, 65, 90, 95] }]);
    expect(
      words(bandLevels(attribute({ name: "age", kind: "number" }), Float64Array.of(17, 18, 89, 90, 96), own)),
    ).toEqual(["<18", "18-65", "65-90", "90+", "90+"]);
  });

  test("uses the study's bands of body mass index", () => {
    const column = bandLevels(
      attribute({ name: "bmi", kind: "number" }),
      Float32Array.of(18.4, 18.5, 25, 30, 41),
      bandsFor("bmi", []),
    );
    expect(words(column)).toEqual(["<18.5", "18.5-25", "25-30", ">30", ">30"]);
  });

  test("refuses numbers without bands, and bands that are none", () => {
    expect(() => bandsFor("dose", [])).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
    for (const edges of [[], [2, 1], [1, 1], [Number.NaN]]) {
      expect(() => bandsFor("dose", [{ attribute: "dose", edges }])).toThrow(
        expect.objectContaining({ code: "BAD_USER_INPUT" }),
      );
    }
    expect(() => bandsFor("toString", [])).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
  });
});

describe("combineStrata", () => {
  test("puts every row inside into exactly the stratum of its levels, and no other row anywhere", () => {
    const column = (name: string) =>
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(4), { minLength: 30, maxLength: 30 })).map(
        ([width, codes]): LevelColumn => ({
          attribute: name,
          levels: Array.from({ length: width }, (_, level) => `${name}${level}`),
          codes: Uint16Array.from(codes, (code) => code % width),
        }),
      );
    const inside = fc.option(
      fc.array(fc.nat(1), { minLength: 30, maxLength: 30 }).map((bits) => Uint8Array.from(bits)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.tuple(column("a"), column("b"), column("c")), fc.nat(3), inside, (all, count, mask) => {
        const columns = all.slice(0, count);
        const { codes, levels, sizes } = combineStrata(30, columns, mask);
        const seen = levels.map(() => 0);
        for (let row = 0; row < 30; row += 1) {
          const stratum = codes?.[row] ?? 0;
          if (mask?.[row] === 0) {
            expect(stratum).toBe(levels.length);
            continue;
          }
          seen[stratum] = (seen[stratum] ?? 0) + 1;
          expect(levels[stratum]?.map(({ level }) => level)).toEqual(
            columns.map((each) => each.levels[each.codes[row] ?? -1]),
          );
        }
        expect(sizes).toEqual(seen);
        expect(sizes.every((size) => size > 0) || columns.length === 0).toBe(true);
      }),
    );
  });

  test("refuses more strata than anyone reads", () => {
    const column = {
      attribute: "serial",
      levels: Array.from({ length: 3_000 }, (_, i) => `${i}`),
      codes: Uint16Array.from({ length: 3_000 }, (_, i) => i),
    };
    expect(() => combineStrata(3_000, [column], undefined)).toThrow(
      expect.objectContaining({ code: "QUERY_TOO_COSTLY" }),
    );
  });
});

describe("unitLevels", () => {
  test("keeps the level that all images share, and says mixed where they differ", () => {
    const column = {
      attribute: "view",
      levels: ["AP", "PA", "unknown"],
      codes: Uint16Array.of(0, 0, 1, 0, 1, 2),
    };
    const units = { ordinals: Uint32Array.of(0, 0, 1, 1, 2, 3), count: 4 };
    expect(words(unitLevels(column, units, undefined))).toEqual(["AP", "mixed", "PA", "unknown"]);
    expect(words(unitLevels(column, units, Uint8Array.of(1, 1, 1, 0, 1, 1)))).toEqual([
      "AP",
      "PA",
      "PA",
      "unknown",
    ]);
  });
});
