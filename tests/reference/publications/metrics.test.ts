import { describe, expect, test } from "vitest";
import { parsePrintedResult } from "../../../compute/data/publications/printed.ts";
import { publishedStudy } from "./published-files.ts";

const study = publishedStudy();
const { metrics, datasets, discrepancies } = study;
const table = (number: string) =>
  metrics.filter(({ origin }) => origin.kind === "table" && origin.table === number);

/** Table 3, Gichoya et al. 2022, doi:10.1016/S2589-7500(22)00063-2: Asian, Black, White. */
const TABLE_3_CHEST: Readonly<Record<string, readonly string[]>> = {
  "MXR Resnet34": ["0.986 (0.984-0.988)", "0.982 (0.981-0.983)", "0.981 (0.979-0.982)"],
  "CXP Resnet34": ["0.981 (0.979-0.983)", "0.980 (0.977-0.983)", "0.980 (0.978-0.981)"],
  "EMX Resnet34": ["0.969 (0.961-0.976)", "0.992 (0.991-0.994)", "0.988 (0.986-0.989)"],
  "MXR Resnet34 to CXP": ["0.947 (0.944-0.951)", "0.962 (0.957-0.966)", "0.948 (0.945-0.951)"],
  "MXR Resnet34 to EMX": ["0.914 (0.899-0.928)", "0.983 (0.981-0.985)", "0.975 (0.973-0.978)"],
  "CXP Resnet34 to MXR": ["0.974 (0.971-0.977)", "0.955 (0.952-0.957)", "0.956 (0.954-0.958)"],
  "CXP Resnet34 to EMX": ["0.915 (0.901-0.929)", "0.968 (0.965-0.971)", "0.954 (0.951-0.958)"],
  "EMX Resnet34 to MXR": ["0.966 (0.962-0.969)", "0.970 (0.968-0.972)", "0.964 (0.962-0.965)"],
  "EMX Resnet34 to CXP": ["0.949 (0.946-0.952)", "0.973 (0.970-0.977)", "0.947 (0.945-0.950)"],
};
const TABLE_3_OTHER: Readonly<Record<string, readonly string[]>> = {
  NLST: ["0.92 (slice; 0.910-0.918)", "0.96 (study; 0.926-0.982)"],
  "NLST to EM-CT": ["0.80 (slice; 0.796-0.800)", "0.87 (study; 0.829-0.904)"],
  "NLST to RSPECT": ["0.83 (slice; 0.825-0.834)", "0.90 (study; 0.836-0.958)"],
  "EM-Mammo": ["0.78 (slice; 0.773-0.786)", "0.81 (study; 0.794-0.818)"],
  "EM-CS": ["0.913 (0.892-0.931)"],
  DHA: ["0.87 (0.752-0.894)"],
};

describe("the published numbers", () => {
  test("are 540, by kind of source", () => {
    const counts: Record<string, number> = {};
    for (const { sourceKind } of metrics) counts[sourceKind] = (counts[sourceKind] ?? 0) + 1;
    expect(counts).toEqual({
      paper_table: 87,
      paper_text: 36,
      repo_notebook: 333,
      digitised_figure: 60,
      recomputed: 8,
      later_work_abstract: 16,
    });
    expect(metrics).toHaveLength(540);
  });

  test("hold every chest x-ray cell of Table 3 as printed", () => {
    for (const [row, cells] of Object.entries(TABLE_3_CHEST)) {
      const printed = ["Asian", "Black", "White"].map(
        (column) =>
          table("3").find(
            ({ origin, class: of }) => origin.kind === "table" && origin.row === row && of === column,
          )?.printed,
      );
      expect([row, ...printed]).toEqual([row, ...cells]);
    }
  });

  test("hold the binary rows of Table 3 in the column where they are printed", () => {
    for (const [row, cells] of Object.entries(TABLE_3_OTHER)) {
      const found = table("3").filter(({ origin }) => origin.kind === "table" && origin.row === row);
      expect(found.map(({ printed }) => printed)).toEqual(cells);
      for (const { origin, class: of } of found) {
        expect(origin).toMatchObject({ column: "Asian" });
        expect(of).toBe("Black vs White");
      }
    }
    expect(table("3")).toHaveLength(37);
  });

  test("give the six transfers for the Black class with their 95 % intervals", () => {
    const transfers = table("3").filter(
      ({ experiment, class: of }) => experiment === "CXR external" && of === "Black",
    );
    expect(
      transfers.map(({ train, test: to, value, interval }) => [train[0], to[0], value, interval]),
    ).toEqual(
      [
        ["MXR", "CXP", 0.962, 0.957, 0.966],
        ["MXR", "EMX", 0.983, 0.981, 0.985],
        ["CXP", "MXR", 0.955, 0.952, 0.957],
        ["CXP", "EMX", 0.968, 0.965, 0.971],
        ["EMX", "MXR", 0.97, 0.968, 0.972],
        ["EMX", "CXP", 0.973, 0.97, 0.977],
      ].map(([from, to, value, low, high]) => [from, to, value, { low, high, level: 0.95, method: null }]),
    );
  });

  test("hold Table 2: 36 values and 14 pointers to the appendix", () => {
    expect(table("2")).toHaveLength(50);
    const pointers = table("2").filter(({ printed }) => parsePrintedResult(printed).kind === "pointer");
    expect(pointers).toHaveLength(14);
    for (const { value, origin, printed } of pointers) {
      expect(value).toBeNull();
      expect(origin).toMatchObject({ appendixPage: printed.replace(/^.*p (.+)\)$/, "$1") });
    }
    expect(table("2").filter(({ value }) => value !== null)).toHaveLength(36);
  });

  test("hold every cell of Table 1 for nine datasets", () => {
    const printed = datasets.flatMap(({ code, table1 }) => (table1 ? [[code, table1] as const] : []));
    expect(printed.map(([code]) => code)).toEqual([
      "MXR",
      "CXP",
      "EMX",
      "NLST",
      "RSPECT",
      "EM-CT",
      "DHA",
      "EM-Mammo",
      "EM-CS",
    ]);
    expect(printed.flatMap(([, cells]) => Object.keys(cells))).toHaveLength(9 * 9);
    expect(printed.find(([code]) => code === "EM-CS")?.[1].images).toEqual({
      printed: "103 58",
      count: 10358,
      warnings: ["broken_digit_group"],
    });
    expect(printed.flatMap(([, { images }]) => images.warnings ?? [])).toHaveLength(1);
  });

  test("name the discrepancy that a contradicting flag speaks of", () => {
    const contradictions = new Set([
      "disagrees_with_table_2",
      "disagrees_with_table_3",
      "text_differs",
      "unkeyed_values",
      "attribute_not_public",
      "notebook_differs",
      "not_discussed_in_text",
      "contradicted_by_later_work",
      "contradicted_by_table_3",
      "point_above_interval",
      "printed_in_asian_column",
      "lopsided_interval",
      "unit_differs_between_tables",
      "method_named_differently",
      "described_differently",
      "order_may_be_permuted",
      "equals_retired_model",
      "appendix_pointer_but_in_text",
    ]);
    const flagged = metrics.filter(({ flags }) => flags.some((flag) => contradictions.has(flag)));
    expect(flagged.length).toBeGreaterThan(30);
    expect(flagged.filter((metric) => metric.discrepancies.length === 0).map(({ key }) => key)).toEqual([]);
  });

  test("are linked with discrepancies in both directions", () => {
    const links = metrics.flatMap(({ key, discrepancies: of }) => of.map((number) => `${number} ${key}`));
    const back = discrepancies.flatMap(({ number, instances }) => [
      ...new Set(instances.flatMap(({ records }) => records.map((key) => `${number} ${key}`))),
    ]);
    expect(links.toSorted()).toEqual(back.toSorted());
    expect(links.length).toBeGreaterThan(100);
  });
});
