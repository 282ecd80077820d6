import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idListOf } from "../../../../compute/data/predictions/id-list.ts";
import { importErrorCodes } from "../../../../compute/data/predictions/import-error.ts";
import { parsePredictionMapping } from "../../../../compute/data/predictions/parse-mapping.ts";
import { readPredictions } from "../../../../compute/data/predictions/read-predictions.ts";
import type { ExistingImages, ReadProgress } from "../../../../compute/data/predictions/types.ts";
import { bytesSource, streamSource } from "../../../../compute/data/tabular-source.ts";
import { placesOf, readAll } from "./read-all.ts";

const race = { kind: "multiclass", attribute: "race", classes: ["Asian", "Black", "White"] };
const raceMapping = {
  id: "image",
  patient: "patient",
  task: race,
  truth: { column: "race", map: { "BLACK/AFRICAN AMERICAN": "Black" }, ignore: ["UNABLE TO OBTAIN"] },
  scores: { Asian: "pA", Black: "pB", White: "pW" },
  attributes: { sex: { column: "sex", vocabulary: ["F", "M"], missing: ["U"] }, age: "age" },
};
const raceCsv = [
  "image,patient,race,pA,pB,pW,sex,age,note",
  "a.png,p1,Asian,0.7,0.2,0.1,F,044Y,x",
  "b.png,p1,Asian,0.5,0.25,0.25,F,44,x",
  'c.png,"p,2",BLACK/AFRICAN AMERICAN,,1e-3,0.5,U,006M,"quoted ""note"""',
  "d.png,,UNABLE TO OBTAIN,0,1,0,M,,x",
].join("\n");

const findings = { kind: "multilabel", attribute: "finding", classes: ["Effusion", "Mass"] };
const findingMapping = {
  id: "path",
  task: findings,
  truth: { columns: { Effusion: "t_e", Mass: "t_m" } },
  scores: { Effusion: "e", Mass: "m" },
};

function existingOf(ids: readonly string[]): ExistingImages {
  return {
    count: ids.length,
    ids: (async function* () {
      for (let at = 0; at < ids.length; at += 3) yield idListOf(ids.slice(at, at + 3));
    })(),
  };
}

describe("a wide file of new images", () => {
  test("gives ids, scores, truth, patients and attributes in the order of the rows", async () => {
    const got = await readAll({ predictions: raceCsv, mapping: raceMapping });
    expect(got.report.errors).toEqual([]);
    expect(got.ids).toEqual(["a.png", "b.png", "c.png", "d.png"]);
    expect(got.scores["Asian"]).toEqual([Math.fround(0.7), 0.5, Number.NaN, 0]);
    expect(got.scores["Black"]).toEqual([Math.fround(0.2), 0.25, Math.fround(1e-3), 1]);
    expect(got.truth["class"]).toEqual([0, 0, 1, 255]);
    expect(got.patients).toEqual(["p1", "p1", "p,2", undefined]);
    expect(got.attributes["sex"]).toEqual(["F", "F", undefined, "M"]);
    expect(got.attributes["age"]).toEqual([44, 44, 0.5, Number.NaN]);
  });

  test("keeps self-reported race as it was recorded beside its class", async () => {
    const { report, truth } = await readAll({ predictions: raceCsv, mapping: raceMapping });
    expect(report.truthValues).toEqual(["Asian", "BLACK/AFRICAN AMERICAN", "UNABLE TO OBTAIN"]);
    expect(report.truthClasses).toEqual([0, 1, 255]);
    expect(truth["raw"]).toEqual([0, 0, 1, 2]);
  });

  test("counts what is unknown, by class and by column", async () => {
    const { report } = await readAll({ predictions: raceCsv, mapping: raceMapping });
    expect(report).toMatchObject({
      rows: 4,
      images: 4,
      patients: 2,
      scores: 11,
      unknownScores: 1,
      unknownScoresByClass: [1, 0, 0],
      stoppedEarly: false,
    });
    expect(report.unknownCells.map(({ column, count }) => [column, count])).toEqual([
      ["pA", 1],
      ["patient", 1],
      ["sex", 1],
      ["age", 1],
    ]);
  });

  test("is the same in blocks of any size and pieces of any length", async () => {
    const whole = await readAll({ predictions: raceCsv, mapping: raceMapping });
    for (const [blockRows, size] of [
      [1, 1],
      [3, 7],
      [4, 50],
    ] as const) {
      const bytes = new TextEncoder().encode(raceCsv);
      const pieces = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })();
      const got = await readAll({
        predictions: streamSource(pieces),
        mapping: raceMapping,
        options: { blockRows },
      });
      expect(got.blocks).toBe(Math.ceil(4 / blockRows));
      expect({ ...got, blocks: 1 }).toEqual(whole);
    }
  });

  test("maps columns by name, in any order", async () => {
    const shuffled = "m,path,e,t_m,t_e\n0.1,x,0.9,0,1\n";
    const got = await readAll({ predictions: shuffled, mapping: findingMapping });
    expect(got.scores).toEqual({ Effusion: [Math.fround(0.9)], Mass: [Math.fround(0.1)] });
    expect(got.truth).toEqual({ Effusion: [1], Mass: [0] });
  });

  test("reads labels as numbers, words and unknowns", async () => {
    const rows = ["1,0", "1.0,0.0", "True,false", ",1", "-1,0"].map((truth, at) => `i${at},0.5,0.5,${truth}`);
    const mapping = { ...findingMapping, truth: { ...findingMapping.truth, uncertain: "ignore" } };
    const got = await readAll({ predictions: `path,e,m,t_e,t_m\n${rows.join("\n")}`, mapping });
    expect(got.truth).toEqual({ Effusion: [1, 1, 1, 255, 255], Mass: [0, 0, 0, 1, 0] });
  });

  test.each([
    ["ones", 1],
    ["zeros", 0],
    ["ignore", 255],
  ])("takes uncertain labels as %s", async (uncertain, code) => {
    const mapping = { ...findingMapping, truth: { ...findingMapping.truth, uncertain } };
    const got = await readAll({ predictions: "path,e,m,t_e,t_m\ni,0,0,-1,-1.0", mapping });
    expect(got.truth).toEqual({ Effusion: [code], Mass: [code] });
  });

  test("has unknown truth for classes without a truth column", async () => {
    const mapping = { ...findingMapping, truth: { columns: { Effusion: "t_e" } } };
    const got = await readAll({ predictions: "path,e,m,t_e\ni,0,0,1", mapping });
    expect(got.truth).toEqual({ Effusion: [1], Mass: [255] });
  });

  test("reads a binary task with the positive score alone and 0/1 truth", async () => {
    const mapping = {
      id: "id",
      task: { kind: "binary", attribute: "sex", classes: ["M", "F"] },
      truth: "y",
      scores: { F: "p" },
    };
    const got = await readAll({ predictions: "id,p,y\na,0.1,0\nb,0.9,1\nc,0.8,F\n", mapping });
    expect(got.scores).toEqual({ F: [Math.fround(0.1), Math.fround(0.9), Math.fround(0.8)] });
    expect(got.truth["class"]).toEqual([0, 1, 1]);
  });

  test("reads logits outside 0 to 1", async () => {
    const mapping = { ...findingMapping, truth: undefined, scoreKind: "logit" };
    const got = await readAll({ predictions: "path,e,m\na,-12.5,3e2\n", mapping });
    expect(got.scores).toEqual({ Effusion: [-12.5], Mass: [300] });
  });

  test("reads ages of every DICOM unit", async () => {
    const ages = ["058Y", "006M", "015D", "3w", "90", "0.5", " 7 "];
    const rows = ages.map((age, at) => `i${at},0,0,${age}`).join("\n");
    const mapping = { ...findingMapping, truth: undefined, attributes: { age: "age" } };
    const got = await readAll({ predictions: `path,e,m,age\n${rows}`, mapping });
    expect(got.attributes["age"]).toEqual([58, 0.5, 15 / 365.25, 21 / 365.25, 90, 0.5, 7]);
  });

  test("records implausible ages as unknown where the mapping says so", async () => {
    const mapping = {
      ...findingMapping,
      truth: undefined,
      attributes: { age: { column: "age", implausible: "unknown" } },
    };
    const got = await readAll({ predictions: "path,e,m,age\na,0,0,414\nb,0,0,-1\nc,0,0,30", mapping });
    expect(got.report.errors).toEqual([]);
    expect(got.attributes["age"]).toEqual([Number.NaN, Number.NaN, 30]);
    expect(got.report.implausibleAges).toBe(2);
  });

  test("takes words of an object's prototype as words", async () => {
    const mapping = {
      ...findingMapping,
      truth: undefined,
      attributes: { site: "site", constructor: "site" },
    };
    const got = await readAll({ predictions: "path,e,m,site\na,0,0,constructor\nb,0,0,__proto__", mapping });
    expect(got.attributes["site"]).toEqual(["constructor", "__proto__"]);
  });
});

describe("images known before", () => {
  const mapping = { ...findingMapping, truth: undefined };

  test("line up by id in the order of the dataset version, absent ones unknown and counted", async () => {
    const got = await readAll({
      predictions: "path,e,m\nd,0.4,0\nb,0.2,0\na,0.1,0\n",
      mapping,
      existing: existingOf(["a", "b", "c", "d", "e"]),
      options: { blockRows: 2 },
    });
    expect(got.scores["Effusion"]).toEqual([
      Math.fround(0.1),
      Math.fround(0.2),
      Number.NaN,
      Math.fround(0.4),
      Number.NaN,
    ]);
    expect(got.blocks).toBe(3);
    expect(got.ids).toEqual([]);
    expect(got.report).toMatchObject({
      images: 5,
      rows: 3,
      scores: 6,
      unknownScores: 4,
      imagesWithoutScores: 2,
    });
  });

  test("refuse ids that the version does not have", async () => {
    const predictions = "path,e,m\na,0,0\nx,0,0\ny,0,0\n";
    const { report, blocks } = await readAll({ predictions, mapping, existing: existingOf(["a", "b"]) });
    expect(placesOf(report)).toEqual([
      ["UNKNOWN_IMAGE", 3, "path"],
      ["UNKNOWN_IMAGE", 4, "path"],
    ]);
    expect(blocks).toBe(0);
  });

  test("refuse an id twice, with both lines", async () => {
    const predictions = "path,e,m\na,0,0\nb,0,0\na,1,1\n";
    const { report } = await readAll({ predictions, mapping, existing: existingOf(["a", "b"]) });
    expect(placesOf(report)).toEqual([["DUPLICATE_ID", 4, "path"]]);
    expect(report.errors[0]?.message).toContain("line 2");
  });

  test("name the first line also when thousands of rows lie between", async () => {
    const ids = Array.from({ length: 5_000 }, (_, at) => `i${at}`);
    const rows = [...ids.slice(0, 2_500), "i0", ...ids.slice(2_500)].map((id) => `${id},0,0`).join("\n");
    const { report } = await readAll({
      predictions: `path,e,m\n${rows}`,
      mapping,
      existing: existingOf(ids),
    });
    expect(placesOf(report)).toEqual([["DUPLICATE_ID", 2_502, "path"]]);
    expect(report.errors[0]?.message).toContain("line 2 ");
  });
});

describe("a second file of attributes", () => {
  const mapping = {
    id: "path",
    patient: "patient",
    split: "fold",
    task: findings,
    truth: { columns: { Effusion: "Effusion", Mass: "Mass" } },
    scores: { Effusion: "e", Mass: "m" },
    attributes: { sex: "sex", age: "age" },
    attributesFile: { id: "image" },
  };
  const predictions = "path,e,m\nb,0.2,0\na,0.1,0\nc,0.3,0\n";
  const attributes =
    "image,patient,fold,Effusion,Mass,sex,age\na,p1,train,1,0,F,10\nz,p9,test,0,0,M,9\nb,p1,train,0,1,M,20\n";

  test("is joined by id, whatever its order", async () => {
    const got = await readAll({ predictions, attributes, mapping, options: { blockRows: 2 } });
    expect(got.report.errors).toEqual([]);
    expect(got.ids).toEqual(["b", "a", "c"]);
    expect(got.truth).toEqual({ Effusion: [0, 1, 255], Mass: [1, 0, 255] });
    expect(got.attributes).toEqual({ sex: ["M", "F", undefined], age: [20, 10, Number.NaN] });
    expect(got.patients).toEqual(["p1", "p1", undefined]);
    expect(got.splits).toEqual(["train", "train", undefined]);
    expect(got.report).toMatchObject({
      rows: 3,
      attributeRows: 3,
      imagesWithoutAttributes: 1,
      attributesWithoutImage: 1,
    });
  });

  test("may be asked to have every image", async () => {
    const strict = { ...mapping, attributesFile: { id: "image", unmatched: "error" } };
    const { report } = await readAll({ predictions, attributes, mapping: strict });
    expect(placesOf(report)).toEqual([["UNMATCHED_ID", 4, "path"]]);
  });

  test("must not have an image twice", async () => {
    const { report } = await readAll({
      predictions,
      attributes: `${attributes}a,p1,train,1,0,F,10\n`,
      mapping,
    });
    expect(report.errors.map(({ code, line, file }) => [code, line, file])).toEqual([
      ["DUPLICATE_ID", 5, "attributes"],
    ]);
  });

  test("must name the same patient where both files do", async () => {
    const both = "path,patient,e,m\nb,p1,0.2,0\na,p2,0.1,0\nc,,0.3,0\n";
    const { report, patients } = await readAll({ predictions: both, attributes, mapping });
    expect(placesOf(report)).toEqual([["PATIENT_CONFLICT", 3, "patient"]]);
    const more = `${attributes}c,p7,test,0,0,F,1\n`;
    const agreeing = await readAll({ predictions: both.replace("p2", "p1"), attributes: more, mapping });
    expect(agreeing.patients).toEqual(["p1", "p1", "p7"]);
    expect(patients).toEqual([]);
  });

  test("lends its columns to files that line up with known images", async () => {
    const got = await readAll({
      predictions,
      attributes,
      mapping,
      existing: existingOf(["a", "b", "c", "d"]),
    });
    expect(got.report.errors).toEqual([]);
    expect(got.scores["Effusion"]).toEqual([
      Math.fround(0.1),
      Math.fround(0.2),
      Math.fround(0.3),
      Number.NaN,
    ]);
    expect(got.attributes["age"]).toEqual([10, 20, Number.NaN, Number.NaN]);
    expect(got.report).toMatchObject({ imagesWithoutScores: 1, imagesWithoutAttributes: 1 });
  });

  test("is needed exactly when the mapping names it", async () => {
    const { report } = await readAll({ predictions, mapping });
    expect(placesOf(report)).toEqual([["INVALID_MAPPING", undefined, undefined]]);
    expect(report.stoppedEarly).toBe(true);
  });
});

describe("the long form", () => {
  const mapping = {
    id: "id",
    patient: "patient",
    task: findings,
    truth: { column: "truth" },
    scores: { classColumn: "class", scoreColumn: "score", classMap: { mass: "Mass" } },
    attributes: { sex: "sex", age: "age" },
  };
  const header = "id,patient,class,score,truth,sex,age";

  test("groups rows by image in any order, missing pairs unknown and counted", async () => {
    const rows = [
      "a,p1,Effusion,0.1,1,F,50",
      "b,p2,mass,0.4,0,M,60",
      "c,p2,Mass,,1,M,61",
      "a,p1,Mass,0.2,0,F,50",
    ];
    for (const blockRows of [1, 2, 100]) {
      const got = await readAll({
        predictions: [header, ...rows].join("\n"),
        mapping,
        options: { blockRows },
      });
      expect(got.report.errors).toEqual([]);
      expect(got.ids).toEqual(["a", "b", "c"]);
      expect(got.scores).toEqual({
        Effusion: [Math.fround(0.1), Number.NaN, Number.NaN],
        Mass: [Math.fround(0.2), Math.fround(0.4), Number.NaN],
      });
      expect(got.truth).toEqual({ Effusion: [1, 255, 255], Mass: [0, 0, 1] });
      expect(got.patients).toEqual(["p1", "p2", "p2"]);
      expect(got.attributes).toEqual({ sex: ["F", "M", "M"], age: [50, 60, 61] });
      expect(got.report).toMatchObject({
        rows: 4,
        images: 3,
        scores: 3,
        unknownScores: 3,
        unknownScoresByClass: [2, 1],
      });
    }
  });

  test("refuses a pair twice, with both lines, even when its first score is empty", async () => {
    const rows = ["a,p1,Effusion,,1,F,50", "a,p1,Mass,0.1,1,F,50", "a,p1,Effusion,0.3,1,F,50"];
    const { report } = await readAll({ predictions: [header, ...rows].join("\n"), mapping });
    expect(placesOf(report)).toEqual([["DUPLICATE_SCORE", 4, "id"]]);
    expect(report.errors[0]?.message).toContain("line 2");
  });

  test("refuses classes outside the task and names the nearest", async () => {
    const { report } = await readAll({ predictions: `${header}\na,p,Efusion,0.1,1,F,5`, mapping });
    expect(placesOf(report)).toEqual([["UNKNOWN_CLASS", 2, "class"]]);
    expect(report.errors[0]?.message).toContain('"Efusion" (nearest: "Effusion")');
  });

  test("refuses an image whose patient or attributes change between rows", async () => {
    const rows = [
      "a,p1,Effusion,0.1,1,F,50",
      "a,p2,Mass,0.1,1,F,51",
      "b,p1,Mass,0.1,1,F,",
      "b,,Effusion,0.1,1,F,5",
    ];
    const { report } = await readAll({ predictions: [header, ...rows].join("\n"), mapping });
    expect(placesOf(report)).toEqual([
      ["PATIENT_CONFLICT", 3, "patient"],
      ["ATTRIBUTE_CONFLICT", 3, "age"],
    ]);
  });

  test("carries one truth class an image", async () => {
    const long = {
      id: "id",
      task: race,
      truth: "race",
      scores: { classColumn: "class", scoreColumn: "score" },
    };
    const rows = ["a,White,Asian,0.1", "b,Asian,Black,0.2", "a,White,White,0.7"];
    const got = await readAll({ predictions: `id,race,class,score\n${rows.join("\n")}`, mapping: long });
    expect(got.report.errors).toEqual([]);
    expect(got.truth["class"]).toEqual([2, 0]);
    expect(got.scores["White"]).toEqual([Math.fround(0.7), Number.NaN]);
  });

  test("equals the wide form, for random tables in random order", async () => {
    const table = fc.array(
      fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.integer(),
        fc.integer({ min: 1, max: 9 }),
        async (scores, seed, blockRows) => {
          const wide = `path,e,m\n${scores.map(([e, m], at) => `i${at},${e},${m}`).join("\n")}`;
          const rows = scores.flatMap(([e, m], at) => [`i${at},e,${e}`, `i${at},m,${m}`]);
          const shuffled = rows
            .map((row, at) => ({ row, key: Math.imul(at + 1, seed | 1) }))
            .sort((a, b) => a.key - b.key);
          const long = `path,c,s\n${shuffled.map(({ row }) => row).join("\n")}`;
          const existing = () => existingOf(scores.map((_, at) => `i${at}`));
          const task = { id: "path", task: findings };
          const options = { blockRows };
          const want = await readAll({
            predictions: wide,
            mapping: { ...task, scores: { Effusion: "e", Mass: "m" } },
            existing: existing(),
            options,
          });
          const got = await readAll({
            predictions: long,
            mapping: {
              ...task,
              scores: { classColumn: "c", scoreColumn: "s", classMap: { e: "Effusion", m: "Mass" } },
            },
            existing: existing(),
            options,
          });
          expect(got.scores).toEqual(want.scores);
          expect(got.scores["Effusion"]).toEqual(scores.map(([e]) => e + 0));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("problems", () => {
  const wide = {
    ...findingMapping,
    attributes: { sex: { column: "sex", vocabulary: ["F", "M"] }, age: "age" },
  };
  const header = "path,e,m,t_e,t_m,sex,age";
  const good = "a,0.5,0.5,0,1,F,50";
  const withRow = (row: string) => `${header}\n${good}\n${row}\n`;

  test.each([
    ["SCORE_UNPARSABLE", 'b,"0,5",0.5,0,1,F,50', "e", "decimal comma"],
    ["SCORE_UNPARSABLE", "b,0x1F,0.5,0,1,F,50", "e", "hexadecimal"],
    ["SCORE_UNPARSABLE", "b,0.5,0. 5,0,1,F,50", "m", "text of 4 bytes"],
    ["SCORE_UNPARSABLE", "b,0.5,N/A,0,1,F,50", "m", "leave the cell empty"],
    ["SCORE_NOT_FINITE", "b,NaN,0.5,0,1,F,50", "e", "finite"],
    ["SCORE_NOT_FINITE", "b,0.5,-Inf,0,1,F,50", "m", "finite"],
    ["SCORE_NOT_FINITE", "b,1e400,0.5,0,1,F,50", "e", "finite"],
    ["SCORE_OUT_OF_RANGE", "b,1.0000001,0.5,0,1,F,50", "e", "more than 1"],
    ["SCORE_OUT_OF_RANGE", "b,0.5,-1e-9,0,1,F,50", "m", "less than 0"],
    ["EMPTY_ID", ",0.5,0.5,0,1,F,50", "path", "empty"],
    ["FIELD_TOO_LONG", `${"b".repeat(600)},0.5,0.5,0,1,F,50`, "path", "512"],
    ["DUPLICATE_ID", "a,0.5,0.5,0,1,F,50", "path", "line 2"],
    ["LABEL_UNPARSABLE", "b,0.5,0.5,2,1,F,50", "t_e", "0, 1, true, false"],
    ["LABEL_UNPARSABLE", "b,0.5,0.5,0,-1,F,50", "t_m", "uncertain"],
    ["UNKNOWN_ATTRIBUTE_VALUE", "b,0.5,0.5,0,1,X,50", "sex", '"F", "M"'],
    ["ATTRIBUTE_UNPARSABLE", "b,0.5,0.5,0,1,F,old", "age", "058Y"],
    ["AGE_IMPLAUSIBLE", "b,0.5,0.5,0,1,F,414", "age", "120"],
    ["BAD_ROW", "b,0.5,0.5,0,1,F", undefined, "7 fields"],
  ])("%s: %s", async (code, row, column, words) => {
    const { report, blocks } = await readAll({ predictions: withRow(row), mapping: wide });
    expect(placesOf(report)).toEqual([[code, 3, column]]);
    expect(report.errors[0]?.message).toContain(words);
    expect(report.errorTotals).toEqual({ [code]: 1 });
    expect(blocks).toBe(0);
  });

  test("a negative zero is zero", async () => {
    const { report, scores } = await readAll({ predictions: withRow("b,-0,-0.0,0,1,F,50"), mapping: wide });
    expect(report.errors).toEqual([]);
    expect(Object.is(scores["Effusion"]?.[1], 0)).toBe(true);
  });

  test("UNKNOWN_LABEL shows the label and the nearest class", async () => {
    const { report } = await readAll({
      predictions: raceCsv.replace("b.png,p1,Asian", "b.png,p1,asian "),
      mapping: raceMapping,
    });
    expect(placesOf(report)).toEqual([["UNKNOWN_LABEL", 3, "race"]]);
    expect(report.errors[0]?.message).toContain('"asian " (nearest: "Asian")');
  });

  test("UNKNOWN_LABEL hides what may be an identifier", async () => {
    const predictions = raceCsv.replace("b.png,p1,Asian", "b.png,p1,MRN-00471122");
    const { report } = await readAll({ predictions, mapping: raceMapping });
    expect(report.errorTotals).toEqual({ UNKNOWN_LABEL: 1 });
    expect(JSON.stringify(report)).not.toContain("00471122");
  });

  test("name every missing and ambiguous column at once, with the nearest header", async () => {
    const { report } = await readAll({ predictions: "path,E,m,m,t_e,sex\na,1,1,1,1,F\n", mapping: wide });
    expect(placesOf(report)).toEqual([
      ["MISSING_COLUMN", 1, "e"],
      ["DUPLICATE_COLUMN", 1, "m"],
      ["MISSING_COLUMN", 1, "t_m"],
      ["MISSING_COLUMN", 1, "age"],
    ]);
    expect(report.errors[0]?.message).toContain('did you mean "E"');
    expect(report).toMatchObject({ rows: 0, stoppedEarly: true });
  });

  test("forgive columns with one name that nobody asks for", async () => {
    const mapping = { ...findingMapping, truth: undefined };
    const { report } = await readAll({ predictions: "path,x,x,e,m\na,1,2,0,0\n", mapping });
    expect(report.errors).toEqual([]);
  });

  test("PATIENT_IN_TWO_SPLITS counts patients and is refused unless allowed", async () => {
    const mapping = { ...findingMapping, truth: undefined, patient: "p", split: "fold" };
    const rows = [
      "1,p1,train",
      "2,p1,test",
      "3,p2,train",
      "4,p2,train",
      "5,p3,val",
      "6,p3,test",
      "7,,test",
      "8,p2,",
      "9,p1,test",
    ];
    const predictions = `path,p,fold,e,m\n${rows.map((row) => `${row},0,0`).join("\n")}`;
    const { report } = await readAll({ predictions, mapping });
    expect(report.errorTotals).toEqual({ PATIENT_IN_TWO_SPLITS: 2 });
    expect(report.errors[0]?.message).toContain("2 patients");
    expect(report.errors[0]?.column).toBe("fold");
    const allowed = await readAll({ predictions, mapping, options: { allowPatientsInTwoSplits: true } });
    expect(allowed.report.errors).toEqual([]);
    expect(allowed.report.patientsInTwoSplits).toBe(2);
    expect(allowed.splits[1]).toBe("test");
  });

  test("TOO_MANY_VALUES when a column is no category", async () => {
    const mapping = { ...findingMapping, truth: undefined, split: "fold" };
    const rows = Array.from({ length: 260 }, (_, at) => `i${at},0,0,f${at}`);
    const { report } = await readAll({ predictions: `path,e,m,fold\n${rows.join("\n")}`, mapping });
    expect(report.errorTotals).toEqual({ TOO_MANY_VALUES: 10 });
  });

  test("an empty file and a header alone are EMPTY_FILE", async () => {
    for (const predictions of ["", header, `${header}\n`]) {
      const { report } = await readAll({ predictions, mapping: wide });
      expect(placesOf(report)).toEqual([["EMPTY_FILE", 1, undefined]]);
    }
  });

  test("list the first twenty by line and count all of them, to the end of the file", async () => {
    const rows = Array.from(
      { length: 50_000 },
      (_, at) => `i${at % 25_000},${at % 2 === 0 ? "x" : "0.5"},2,0,1,F,50`,
    );
    const { report } = await readAll({ predictions: [header, ...rows].join("\n"), mapping: wide });
    expect(report.rows).toBe(50_000);
    expect(report.errorTotals).toEqual({
      SCORE_UNPARSABLE: 25_000,
      SCORE_OUT_OF_RANGE: 50_000,
      DUPLICATE_ID: 25_000,
    });
    expect(report.errors.map(({ line }) => line)).toEqual(
      [
        ...Array.from({ length: 14 }, (_, at) => at + 2).flatMap((line) =>
          line % 2 === 0 ? [line, line] : [line],
        ),
      ].slice(0, 20),
    );
  });

  test("a fault in the bytes ends the reading and says where", async () => {
    const bytes = new TextEncoder().encode(withRow("b,0.5,0.5,0,1,?,50"));
    bytes[bytes.indexOf("?".charCodeAt(0))] = 0xe9;
    const { report } = await readAll({ predictions: bytes, mapping: wide });
    expect(report.errors[0]).toMatchObject({
      code: "BAD_ENCODING",
      file: "predictions",
      line: 3,
      byteOffset: 58,
    });
    expect(report.stoppedEarly).toBe(true);
  });

  test("a fault in the second file names that file", async () => {
    const mapping = {
      ...findingMapping,
      truth: undefined,
      attributesFile: "path",
      attributes: { sex: "sex" },
    };
    const attributes = 'path,sex\na,F\nb,"M\n';
    const { report } = await readAll({ predictions: "path,e,m\na,0,0\n", attributes, mapping });
    expect(report.errors[0]).toMatchObject({ code: "BAD_ROW", file: "attributes", line: 3 });
  });

  test("hold no id and no patient's value in any message", async () => {
    const predictions = [
      "path,p,fold,e,m,t_e,t_m,sex,age",
      "CANARY1,CANARY2,train,CANARY3,2,CANARY4,0,CANARY5,CANARY6",
      "CANARY1,CANARY2,test,0.1,,0,0,F,999",
      "CANARY1",
    ].join("\n");
    const mapping = { ...wide, patient: "p", split: "fold" };
    const { report } = await readAll({ predictions, mapping });
    expect(Object.keys(report.errorTotals).length).toBeGreaterThanOrEqual(7);
    expect(JSON.stringify(report.errors)).not.toContain("CANARY");
  });

  test("let no event follow them", async () => {
    const mapping = parsePredictionMapping({ ...findingMapping, truth: undefined, patient: "p" });
    const rows = ["a,p1,0,0", "b,p2,0,x", "c,p3,0,0", "d,p4,0,0"].join("\n");
    const bytes = bytesSource(new TextEncoder().encode(`path,p,e,m\n${rows}`));
    const kinds: string[] = [];
    for await (const event of readPredictions({ predictions: { bytes }, mapping }, { blockRows: 1 }))
      kinds.push(event.kind);
    expect(kinds).toEqual(["patients", "block"]);
  });

  test("have distinct codes", () => {
    expect(new Set(importErrorCodes).size).toBe(importErrorCodes.length);
  });
});

describe("a running import", () => {
  const mapping = parsePredictionMapping({ ...findingMapping, truth: undefined });
  const csv = `path,e,m\n${Array.from({ length: 30_000 }, (_, at) => `i${at},0.5,0.25`).join("\n")}`;
  const predictions = { bytes: bytesSource(new TextEncoder().encode(csv)) };

  test("reports progress up to the last byte", async () => {
    const seen: ReadProgress[] = [];
    const reader = readPredictions(
      { predictions, mapping },
      { onProgress: (progress) => seen.push(progress) },
    );
    for await (const _event of reader);
    expect(seen.at(-1)).toEqual({
      file: "predictions",
      bytesRead: csv.length,
      bytesTotal: csv.length,
      rows: 30_000,
    });
  });

  test("stops when it is aborted", async () => {
    const abort = new AbortController();
    const reader = readPredictions({ predictions, mapping }, { blockRows: 100, signal: abort.signal });
    let blocks = 0;
    await expect(
      (async () => {
        for await (const _event of reader) if (++blocks === 2) abort.abort();
      })(),
    ).rejects.toThrow("aborted");
    expect(blocks).toBeLessThan(300);
  });

  test("closes its files when the loop is left", async () => {
    let open = 0;
    const counted = {
      ...predictions.bytes,
      async open() {
        open++;
        const reader = await predictions.bytes.open();
        return {
          ...reader,
          async close() {
            open--;
          },
        };
      },
    };
    const reader = readPredictions({ predictions: { bytes: counted }, mapping }, { blockRows: 10 });
    for await (const _event of reader) break;
    expect(open).toBe(0);
  });

  test("gives no report before its end, and only one pass", async () => {
    const reader = readPredictions({ predictions, mapping });
    expect(() => reader.report()).toThrow("ended");
    for await (const _event of reader);
    expect(reader.report().images).toBe(30_000);
    await expect(reader[Symbol.asyncIterator]().next()).rejects.toThrow("second");
  });
});
