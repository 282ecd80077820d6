import { describe, expect, test } from "vitest";
import { parseDatasetMapping } from "../../../../compute/data/manifests/parse-dataset-mapping.ts";
import { fillTemplate, parseTemplate } from "../../../../compute/data/manifests/path-template.ts";
import { normalisePath } from "../../../../compute/data/manifests/safe-path.ts";

describe("a dataset's mapping", () => {
  test("fills in what is left out", () => {
    expect(parseDatasetMapping({ path: "file" })).toEqual({
      path: { template: "{file}", search: false, drop: 0 },
      attributes: {},
      tables: {},
    });
    const mapping = parseDatasetMapping({
      path: { template: "a/{id:2}/{id}.png", drop: 1 },
      id: "id",
      attributes: { age: "years", bmi: "bmi", view: { column: "file", parts: -2 } },
      labels: { columns: { Edema: { column: "edema", table: "findings" } } },
      tables: { findings: "id" },
    });
    expect(mapping).toMatchObject({
      attributes: {
        age: { column: { column: "years" }, kind: "age", implausible: "error" },
        bmi: { kind: "number" },
        view: { column: { column: "file", parts: [-2, -2] }, kind: "category" },
      },
      labels: { attribute: "finding", classes: ["Edema"], blank: "unknown" },
      tables: { findings: { key: "id", on: { column: "id" }, several: "agree", unmatched: "unknown" } },
    });
    expect(parseDatasetMapping(mapping)).toEqual(mapping);
  });

  test.each([
    ["no path", {}, "path"],
    ["a column and a template", { path: { column: "a", template: "{a}" } }, "path"],
    ["a template without a column", { path: { template: "a.png" } }, "path.template"],
    ["a brace alone", { path: { template: "{a}}" } }, "path.template"],
    ["an open brace", { path: { template: "{a" } }, "path.template"],
    ["an empty column", { path: { template: "{}" } }, "path.template"],
    ["a strange key", { path: "a", pat: "b" }, "mapping"],
    ["a table that is not there", { path: "a", patient: { column: "p", table: "t" } }, "patient.table"],
    [
      "parts of a joined cell",
      { path: "a", tables: { t: "k" }, patient: { column: "p", table: "t", parts: 1 } },
      "patient",
    ],
    ["parts that are none", { path: "a", patient: { column: "p", parts: [1, 2, 3] } }, "patient.parts"],
    ["an id of another table", { path: "a", tables: { t: "k" }, id: { column: "p", table: "t" } }, "id"],
    ["an attribute of our own name", { path: "a", attributes: { patient: "p" } }, "attributes.patient"],
    [
      "a label that is an attribute too",
      { path: "a", attributes: { "finding:E": "e" }, labels: { columns: { E: "e" } } },
      "labels",
    ],
    [
      "columns and a list",
      { path: "a", labels: { classes: ["E"], columns: { E: "e" }, list: "l" } },
      "labels",
    ],
    ["a list without classes", { path: "a", labels: { list: "l" } }, "labels.classes"],
    ["a class twice", { path: "a", labels: { classes: ["E", "E"], list: "l" } }, "labels.classes"],
    [
      "a lone class that is none",
      { path: "a", labels: { classes: ["E"], list: { column: "l", alone: ["N"] } } },
      "labels.list.alone",
    ],
    [
      "an unknown policy",
      { path: "a", labels: { columns: { E: "e" }, uncertain: "maybe" } },
      "labels.uncertain",
    ],
    [
      "an anchor of no age",
      { path: "a", attributes: { bmi: { column: "b", anchor: { year: "y", date: "d" } } } },
      "attributes.bmi.anchor",
    ],
    ["a drop that is no number", { path: { column: "a", drop: "1" } }, "path.drop"],
    ["a search that is no flag", { path: { column: "a", search: 1 } }, "path.search"],
  ])("refuses %s, naming the place", (_what, json, place) => {
    expect(() => parseDatasetMapping(json)).toThrow(
      expect.objectContaining({
        code: "INVALID_MAPPING",
        message: expect.stringContaining(`in ${place}, got`),
      }),
    );
  });

  test("takes words of every object for columns of their own", () => {
    const mapping = parseDatasetMapping({
      path: "a",
      attributes: JSON.parse('{"constructor": "c", "__proto__": "p"}'),
    });
    expect(Object.keys(mapping.attributes)).toEqual(["constructor", "__proto__"]);
  });
});

describe("paths", () => {
  test("are built from templates", () => {
    const pieces = parseTemplate("files/p{subject:2}/p{subject}/{dicom id}.jpg");
    expect(fillTemplate(pieces, ["10000032", "10000032", "02aa"])).toBe("files/p10/p10000032/02aa.jpg");
  });

  test.each([
    ["a/b.png", 0, "a/b.png"],
    ["./a//b.png", 0, "a/b.png"],
    ["set/a/b.png", 1, "a/b.png"],
    ["a b/ü.png", 0, "a b/ü.png"],
    ["...", 0, "..."],
    ["a", 1, undefined],
    ["", 0, undefined],
    [".", 0, undefined],
    ["..", 0, undefined],
    ["a/../b", 0, undefined],
    ["a/..", 0, undefined],
    ["/a", 0, undefined],
    ["a/", 0, undefined],
    ["c:/a", 0, undefined],
    ["a\\b", 0, undefined],
    ["a\u0000b", 0, undefined],
    ["a\nb", 0, undefined],
    ["a\u2028b", 0, undefined],
    ["a\ud800b", 0, undefined],
    ["x".repeat(1_025), 0, undefined],
  ])("%j without %i segments is %j", (path, drop, expected) => {
    expect(normalisePath(path, drop)).toBe(expected);
  });
});
