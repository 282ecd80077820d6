import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePrintedResult } from "../../../compute/data/publications/printed.ts";
import { digestFolder, publishedStudy } from "./published-files.ts";

/** A record of the digest, as far as this test reads it. */
interface DigestRecord {
  readonly id: string;
  readonly experiment: string;
  readonly value: number | null;
  readonly ci_low: number | null;
  readonly ci_high: number | null;
  readonly ci_level: number | null;
  readonly n: number | null;
  readonly printed: string;
  readonly source_kind: string;
  readonly class: string | null;
  readonly unit: string;
  readonly dataset_train: string;
  readonly flags: readonly string[];
  readonly param: Readonly<Record<string, unknown>>;
}

const folder = digestFolder();
const title = folder ? "the digest" : "the digest (SKIPPED: it does not lie beside the project)";
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder ?? "", name), "utf8"));

describe.skipIf(folder === undefined)(title, () => {
  const { metrics, datasets, confusionMatrices, raceMappings } = publishedStudy();
  // the shape of the digest is checked by the comparisons below
  const records = folder ? (read("paper-numbers.json") as readonly DigestRecord[]) : [];

  test("has the same records with the same numbers", () => {
    const theirs = records.map(
      ({ id, experiment, value, ci_low, ci_high, ci_level, n, source_kind, unit }) => [
        id,
        experiment,
        value,
        ci_low,
        ci_high,
        ci_level,
        n,
        source_kind,
        unit === "not stated" ? null : unit,
      ],
    );
    const ours = metrics.map(({ key, experiment, value, interval, n, sourceKind, unit }) => [
      key,
      experiment,
      value,
      interval?.low ?? null,
      interval?.high ?? null,
      interval?.level ?? null,
      n,
      sourceKind,
      unit,
    ]);
    expect(ours).toEqual(theirs);
  });

  test("prints each number alike, but for zeros at the end", () => {
    for (const [index, { id, printed }] of records.entries()) {
      const ours = parsePrintedResult(metrics[index]?.printed ?? "");
      if (ours.kind === "number" && !ours.percent) expect([id, ours.value]).toEqual([id, Number(printed)]);
      if (ours.kind === "pointer") expect(metrics[index]?.printed).toBe(printed);
    }
  });

  test("gives the same classes, datasets and parameters", () => {
    for (const [index, record] of records.entries()) {
      const ours = metrics[index];
      const classes: Record<string, string | null> = {
        "binary Black vs White": "Black vs White",
        range_min: null,
        range_max: null,
        race: null,
        age: null,
        sex: null,
        "sex and race, PCA 1-3": null,
      };
      const expected =
        record.class !== null && record.class in classes ? classes[record.class] : record.class;
      expect([record.id, ours?.class]).toEqual([record.id, expected ?? null]);
      if (
        /^[A-Z-]+$/i.test(record.dataset_train) &&
        record.dataset_train !== "CT" &&
        record.dataset_train !== "Cedars-Sinai"
      )
        expect([record.id, ours?.train]).toEqual([record.id, [record.dataset_train]]);
      const numbers = Object.values(record.param).filter((value) => typeof value === "number");
      const kept = Object.values(ours?.parameters ?? {}).filter((value) => typeof value === "number");
      expect([record.id, kept.toSorted()]).toEqual([record.id, numbers.toSorted()]);
      if (
        record.flags.length > 0 &&
        !record.flags.every((flag) => /^(strictly_greater|greater_or_equal)$/.test(flag))
      )
        expect([record.id, (ours?.flags.length ?? 0) > 0]).toEqual([record.id, true]);
    }
  });

  test("prints the same cells of Table 1 and the same matrices and strings", () => {
    // compared cell by cell right below
    const tables = read("paper-tables.json") as {
      readonly table1: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly confusion_matrices: readonly { readonly id: string; readonly m: unknown }[];
      readonly chexpert_primary_race_strings: Readonly<Record<string, number>>;
    };
    for (const [code, cells] of Object.entries(tables.table1)) {
      const table1 = datasets.find((dataset) => dataset.code === code)?.table1;
      const printed = Object.fromEntries(
        Object.entries(table1 ?? {}).map(([column, cell]) => [`${column}_printed`, cell.printed]),
      );
      expect(cells).toMatchObject(printed);
      expect(Object.keys(printed)).toHaveLength(9);
    }
    expect(confusionMatrices.map(({ id, matrix }) => [id, matrix])).toEqual(
      tables.confusion_matrices.map(({ id, m }) => [id, m]),
    );
    const { "(null)": missing, ...strings } = tables.chexpert_primary_race_strings;
    const ours = raceMappings.vocabularies.find(({ id }) => id === "chexpert-primary-race");
    expect(Object.fromEntries((ours?.values ?? []).map(({ recorded, count }) => [recorded, count]))).toEqual(
      strings,
    );
    expect(ours?.missing).toBe(missing);
  });
});
