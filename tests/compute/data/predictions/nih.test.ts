import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { idListOf } from "../../../../compute/data/predictions/id-list.ts";
import { fileSource } from "../../../../compute/data/tabular-source.ts";
import { findings, nihMapping } from "../../../support/nih-predictions.ts";
import { findSharedData } from "../../../support/shared-data.ts";
import { readAll } from "./read-all.ts";

const folder = findSharedData("nih-disease-predictions", "two seeds of NIH predictions as typed columns");
const mapping = {
  ...nihMapping,
  attributes: { ...nihMapping.attributes, sex: { column: "sex", vocabulary: ["F", "M"] } },
};

describe.skipIf(folder === undefined)("NIH predictions", () => {
  test("two seeds come in with truth and attributes from a second file, lined up by id", async () => {
    const attributes = await fileSource(join(folder ?? "", "truth_and_demographics.csv"));
    const path = (seed: number) => join(folder ?? "", `preds_seed${seed}.csv`);
    const first = await readAll({ predictions: await fileSource(path(11)), attributes, mapping });
    expect(first.report.errors).toEqual([]);
    expect(first.report).toMatchObject({
      images: 6_373,
      patients: 1_835,
      scores: 6_373 * 15,
      unknownScores: 0,
      imagesWithoutAttributes: 0,
      attributesWithoutImage: 0,
    });
    const count = (values: readonly unknown[], value: unknown) =>
      values.filter((entry) => entry === value).length;
    expect([count(first.attributes["sex"] ?? [], "M"), count(first.attributes["sex"] ?? [], "F")]).toEqual([
      3_545, 2_828,
    ]);
    expect([
      count(first.attributes["view"] ?? [], "PA"),
      count(first.attributes["view"] ?? [], "AP"),
    ]).toEqual([4_017, 2_356]);
    expect(count(first.truth["Hernia"] ?? [], 1)).toBe(26);
    const ages = (first.attributes["age"] ?? []).map(Number);
    expect([Math.min(...ages), Math.max(...ages)]).toEqual([1, 94]);

    const second = await readAll({
      predictions: await fileSource(path(37)),
      mapping: {
        ...mapping,
        patient: undefined,
        truth: undefined,
        attributes: {},
        attributesFile: undefined,
      },
      existing: {
        count: first.ids.length,
        ids: (async function* () {
          yield idListOf(first.ids);
        })(),
      },
    });
    expect(second.report.errors).toEqual([]);
    // The oracle: csv-parse, Number, and a Map by id.
    const rows = parse(readFileSync(path(37)), { columns: true }) as Record<string, string>[];
    const byId = new Map(rows.map((row) => [row["path"], row]));
    for (const name of findings) {
      const want = first.ids.map((id) => Math.fround(Number(byId.get(id)?.[`prob_${name}`])));
      expect(second.scores[name]).toEqual(want);
    }
  });
});
