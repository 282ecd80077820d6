import { describe, expect, test } from "vitest";
import {
  assertMayQuery,
  type CountedCell,
  type DisclosureQuestion,
  discloseCells,
  discloseCount,
  discloseLevel,
  discloseRoc,
  mayDisclose,
} from "../../../api/access/disclosure.ts";

const cell = (
  sex: string | undefined,
  patients: number,
  positives = Math.floor(patients / 2),
): CountedCell & { auc: number } => ({
  class: "a",
  stratum: sex === undefined ? [] : [{ attribute: "sex", level: sex }],
  nPatients: patients,
  nPositive: positives,
  nNegative: patients - positives,
  auc: 0.123456,
});
const context = (margins: readonly CountedCell[]) => ({
  margins,
  exclusiveClasses: true,
  decimals: { auc: 3 },
});
const shown = (cells: readonly (CountedCell & { auc: number })[], margins: readonly CountedCell[]) =>
  discloseCells(cells, "public", context(margins)).cells.map((told) => told.cell?.nPatients ?? null);

describe("disclosure", () => {
  test("leaves everything as it is for analysts and stewards", () => {
    const cells = [cell("F", 3), cell("M", 500)];
    const { cells: told, suppressed } = discloseCells(cells, "analyst", context([cell(undefined, 503)]));
    expect(told.map((disclosed) => disclosed.cell)).toEqual(cells);
    expect(suppressed).toBe(0);
  });

  test("rounds counts to 5 and values to their decimals for everyone else", () => {
    const { cells } = discloseCells([cell(undefined, 523, 252)], "public", context([]));
    expect(cells[0]?.cell).toMatchObject({ nPatients: 525, nPositive: 250, nNegative: 270, auc: 0.123 });
    expect([discloseCount(12, "public"), discloseCount(13, "public"), discloseCount(13, "analyst")]).toEqual([
      10, 15, 13,
    ]);
  });

  test("hides a small cell, and the smallest other one when it could be subtracted", () => {
    const whole = cell(undefined, 903);
    expect(shown([cell("F", 500), cell("M", 400), cell("U", 3)], [whole])).toEqual([500, null, null]);
    // Six positives between M and U would tell each of them to within 6.
    const fewPositives = [cell("F", 500), cell("M", 400, 5), cell("U", 3)];
    expect(shown(fewPositives, [whole])).toEqual([null, null, null]);
    const three = ["U", "X", "Y"].map((sex) => cell(sex, 9));
    expect(shown([cell("F", 500), cell("M", 380), ...three], [cell(undefined, 907)])).toEqual([
      500,
      380,
      null,
      null,
      null,
    ]);
  });

  test("hides a class of which there are few, by rows and by patients", () => {
    expect(shown([cell(undefined, 500, 10)], [])).toEqual([null]);
    expect(shown([cell(undefined, 500, 490)], [])).toEqual([null]);
    expect(shown([{ ...cell(undefined, 500), nPositivePatients: 4 }], [])).toEqual([null]);
    expect(shown([{ ...cell(undefined, 500), nPatients: null }], [])).toEqual([null]);
    expect(
      mayDisclose({ nPatients: 100, nPositive: 50, nNegative: 50, nPositivePatients: 10 }, "public"),
    ).toBe(false);
    expect(mayDisclose({ nPatients: 100, nPositive: 50, nNegative: 50 }, "public")).toBe(true);
  });

  test("keeps numbers of patients to itself where patients lie in several cells, and shows the rest", () => {
    const { cells } = discloseCells(
      [cell("AP", 300), cell("PA", 205)],
      "public",
      context([cell(undefined, 500)]),
    );
    expect(cells.map(({ cell: told }) => [told?.nPatients, told?.nPositive])).toEqual([
      [null, 150],
      [null, 100],
    ]);
  });

  test("gives a combination without rows the look of a small cell", () => {
    const levels = (sex: string, view: string, patients: number) => ({
      ...cell(sex, patients),
      stratum: [
        { attribute: "sex", level: sex },
        { attribute: "view", level: view },
      ],
    });
    const cells = [levels("F", "AP", 100), levels("F", "PA", 100), levels("M", "AP", 100)];
    const byView = ["AP", "PA"].map((view) => ({
      ...cell("", 200),
      stratum: [{ attribute: "view", level: view }],
    }));
    const { cells: told, suppressed } = discloseCells(cells, "public", {
      ...context([cell(undefined, 300), cell("F", 200), cell("M", 100), ...byView]),
    });
    expect(told).toHaveLength(4);
    expect(told[3]?.stratum.map(({ level }) => level)).toEqual(["M", "PA"]);
    expect(told[3]?.cell).toBeUndefined();
    expect(suppressed).toBe(told.filter((disclosed) => disclosed.cell === undefined).length);
  });

  test("keeps classes that exclude each other from being subtracted", () => {
    const classes = [
      { ...cell(undefined, 500, 300), class: "a" },
      { ...cell(undefined, 500, 195), class: "b" },
      { ...cell(undefined, 500, 5), class: "c" },
    ];
    const told = discloseCells(classes, "public", context([]));
    expect(told.cells.map((disclosed) => disclosed.cell)).toEqual([undefined, undefined, undefined]);
    const labels = discloseCells(classes, "public", { ...context([]), exclusiveClasses: false });
    expect(labels.cells.map((disclosed) => disclosed.cell?.nPositive)).toEqual([300, 195, undefined]);
  });

  test("refuses tables so large that hiding what must be hidden would hold everyone else up", () => {
    const cells = Array.from({ length: 5_001 }, (_, level) => cell(String(level), 20));
    expect(() => discloseCells(cells, "public", context([cell(undefined, 100_020)]))).toThrow(
      expect.objectContaining({ code: "FORBIDDEN" }),
    );
  });

  test("reads ages over 89 as 90+, for everyone", () => {
    const level = (attribute: string, text: string) => discloseLevel({ attribute, level: text });
    expect([level("age", "89"), level("age", "90"), level("age", "101.5"), level("bmi", "95")]).toEqual([
      "89",
      "90+",
      "90+",
      "95",
    ]);
  });

  test("thins a curve, rounds it and leaves thresholds out; hides it where a class is below 100", () => {
    const points = { fpr: [0, 0, 0.1, 1], tpr: [0, 0.41237, 0.8, 1], threshold: [null, 0.9, 0.5, 0.1] };
    const counts = { nPatients: 1_000, nPositive: 400, nNegative: 600 };
    expect(discloseRoc(points, counts, "analyst")).toBe(points);
    const told = discloseRoc(points, counts, "public");
    expect(told?.fpr).toHaveLength(21);
    expect(told?.tpr.slice(0, 3)).toEqual([0.41, 0.61, 0.8]);
    expect(told?.tpr.at(-1)).toBe(1);
    expect(told?.threshold.every((value) => value === null)).toBe(true);
    expect(discloseRoc(points, { ...counts, nPositivePatients: 99 }, "public")).toBeUndefined();
  });
});

describe("a question of a caller without row-level rights", () => {
  test.each<[string, DisclosureQuestion]>([
    ["filters rows", { filtersRows: true }],
    ["chooses bands", { customBands: true }],
    ["chooses a threshold", { customThreshold: true }],
    ["selects by value", { selectsByValue: true }],
    ["divides by three attributes", { by: ["sex", "age", "view"] }],
    ["divides by a column of the import", { by: ["postcode"] }],
    ["asks for a level that tells the standard error", { level: 0.999999 }],
  ])("that %s is refused, and allowed to analysts", (_what, question) => {
    expect(() => assertMayQuery("public", question)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => assertMayQuery("analyst", question)).not.toThrow();
  });

  test("is answered when it divides by up to two canonical attributes", () => {
    expect(() => assertMayQuery("public", { by: ["sex", "finding:Hernia"], level: 0.95 })).not.toThrow();
  });
});
