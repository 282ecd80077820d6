import { describe, expect, test } from "vitest";
import { ImportError } from "../../../../compute/data/predictions/import-error.ts";
import { parsePredictionMapping } from "../../../../compute/data/predictions/parse-mapping.ts";

const wide = {
  id: "path",
  task: { kind: "multilabel", attribute: "finding", classes: ["Mass", "No Finding"] },
  scores: { Mass: "m", "No Finding": "n" },
};

function refusal(json: unknown): string {
  try {
    parsePredictionMapping(json);
  } catch (error) {
    if (error instanceof ImportError && error.code === "INVALID_MAPPING") return error.message;
    throw error;
  }
  throw new Error("Expected a refusal, got a mapping");
}

describe("parsePredictionMapping", () => {
  test("fills in defaults", () => {
    expect(
      parsePredictionMapping({
        ...wide,
        attributes: { age: "years", bmi: "b", sex: "s" },
        attributesFile: "img",
      }),
    ).toEqual({
      ...wide,
      scores: { form: "wide", columns: { Mass: "m", "No Finding": "n" } },
      scoreKind: "probability",
      attributes: {
        age: { column: "years", kind: "age", map: {}, missing: [], implausible: "error" },
        bmi: { column: "b", kind: "number", map: {}, missing: [], implausible: "error" },
        sex: { column: "s", kind: "category", map: {}, missing: [], implausible: "error" },
      },
      attributesFile: { id: "img", unmatched: "unknown" },
    });
  });

  test.each([
    ["wide", wide],
    [
      "a class named like a key",
      { ...wide, task: { ...wide.task, classes: ["columns", "form"] }, scores: { columns: "a", form: "b" } },
    ],
    [
      "long",
      {
        ...wide,
        form: "long",
        scores: { classColumn: "c", scoreColumn: "s", classMap: { mass: "Mass" } },
        truth: { column: "t" },
      },
    ],
    [
      "multiclass with everything",
      {
        id: "i",
        patient: "p",
        study: { column: "s", file: "attributes" },
        split: "fold",
        task: { kind: "multiclass", attribute: "race", classes: ["Asian", "Black"] },
        truth: { column: "race", map: { B: "Black" }, ignore: ["", "declined"] },
        scores: { Asian: "a", Black: "b" },
        scoreKind: "logit",
        attributes: {
          sex: { column: "sex", vocabulary: ["F", "M"], map: { "0": "F" }, missing: ["U"] },
          age: { column: { column: "a", file: "predictions" }, implausible: "unknown" },
        },
        attributesFile: { id: "i", unmatched: "error" },
      },
    ],
  ])("stays equal when stored and parsed again: %s", (_what, json) => {
    const once = parsePredictionMapping(json);
    expect(parsePredictionMapping(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  test("keeps words that every object knows as words", () => {
    const json = JSON.parse('{"__proto__": "x", "constructor": "F"}');
    const { attributes } = parsePredictionMapping({
      ...wide,
      attributes: { sex: { column: "s", map: json } },
    });
    expect(Object.entries(attributes["sex"]?.map ?? {})).toEqual([
      ["__proto__", "x"],
      ["constructor", "F"],
    ]);
  });

  test.each([
    ["no object", 7, "in mapping"],
    ["an unknown key", { ...wide, patients: "p" }, '"patients"'],
    ["no id", { ...wide, id: undefined }, "in id"],
    ["an empty id", { ...wide, id: "" }, "in id"],
    ["an unknown kind", { ...wide, task: { ...wide.task, kind: "regression" } }, "in task.kind"],
    ["one class twice", { ...wide, task: { ...wide.task, classes: ["Mass", "Mass"] } }, "in task.classes"],
    [
      "three binary classes",
      { ...wide, task: { ...wide.task, kind: "binary", classes: ["a", "b", "c"] } },
      "in task.classes",
    ],
    [
      "too many classes",
      { ...wide, task: { ...wide.task, classes: Array.from({ length: 251 }, String) } },
      "in task.classes",
    ],
    ["a class without a column", { ...wide, scores: { Mass: "m" } }, 'class "No Finding"'],
    ["a score of no class", { ...wide, scores: { ...wide.scores, Nodule: "x" } }, "in scores.Nodule"],
    ["a score kind of its own", { ...wide, scoreKind: "percent" }, "in scoreKind"],
    ["one truth column for many labels", { ...wide, truth: "t" }, "in truth"],
    [
      "a map to no class",
      { ...wide, task: { ...wide.task, kind: "multiclass" }, truth: { column: "t", map: { x: "y" } } },
      "in truth.map.x",
    ],
    [
      "an unknown uncertain policy",
      { ...wide, truth: { columns: { Mass: "t" }, uncertain: "drop" } },
      "in truth.uncertain",
    ],
    [
      "a vocabulary of numbers",
      { ...wide, attributes: { age: { column: "a", vocabulary: ["1"] } } },
      "in attributes.age",
    ],
    [
      "a map past the vocabulary",
      { ...wide, attributes: { s: { column: "s", vocabulary: ["F"], map: { x: "M" } } } },
      "in attributes.s.map.x",
    ],
    [
      "a column of a file that is not there",
      { ...wide, patient: { column: "p", file: "attributes" } },
      "in patient.file",
    ],
    ["a long form without columns", { ...wide, form: "long", scores: {} }, "in scores.classColumn"],
  ])("refuses %s and says where", (_what, json, words) => {
    expect(refusal(json)).toContain(words);
  });
});
