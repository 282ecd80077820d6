import { describe, expect, test } from "vitest";
import { type PublicationFileName, parsePublication } from "../../../compute/data/publications/parse.ts";
import {
  parsePrintedCount,
  parsePrintedResult,
  parsePrintedSplit,
} from "../../../compute/data/publications/printed.ts";
import { publicationFiles } from "./published-files.ts";

describe("printed results", () => {
  test.each([
    ["0.982", { kind: "number", value: 0.982, decimals: 3, relation: "=", interval: null }],
    ["0·980 (0·977–0·983)", { value: 0.98, interval: { low: 0.977, high: 0.983 } }],
    ["0.92 (slice; 0.910-0.918)", { unit: "slice", interval: { low: 0.91, lowDecimals: 3 } }],
    ["0.945 (0.94-0.949)", { interval: { lowDecimals: 2, highDecimals: 3 } }],
    ["95.1% (94.7-95.5)", { value: 95.1, percent: true }],
    ["-5.45%", { value: -5.45, percent: true }],
    [">=0.67", { value: 0.67, relation: ">=" }],
    ["≥0.67", { value: 0.67, relation: ">=" }],
    [">0.95", { value: 0.95, relation: ">" }],
    ["0.92-0.99", { kind: "range", low: 0.92, high: 0.99 }],
    ["0.55, 0.52", { kind: "list", values: [0.55, 0.52] }],
    ["10 of 12", { kind: "fraction", numerator: 10, denominator: 12 }],
    ["Multiple results (appendix p 26)", { kind: "pointer", appendixPage: "26" }],
    ["Multiple results (appendix p 13-18)", { kind: "pointer", appendixPage: "13-18" }],
  ])("%s", (printed, expected) => {
    expect(parsePrintedResult(printed)).toMatchObject(expected);
  });

  test.each(["", "about 0.9", "0.9 (0.8)", "0.9 0.8", "NaN", "0.9-"])("refuses %j", (printed) => {
    expect(() => parsePrintedResult(printed)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

describe("printed counts", () => {
  test.each([
    ["27532 (51.9%)", { count: 27532, percent: 51.9, warnings: [] }],
    ["27160 (100%)", { count: 27160, percent: 100, warnings: [] }],
    ["228 915", { count: 228915, percent: null, warnings: [] }],
    ["103 58", { count: 10358, percent: null, warnings: ["broken_digit_group"] }],
    ["0", { count: 0, percent: null, warnings: [] }],
  ])("%s", (printed, expected) => {
    expect(parsePrintedCount(printed)).toEqual(expected);
  });

  test("refuse what is no count", () => {
    for (const printed of ["", "1.5", "-3", "12 (3)"])
      expect(() => parsePrintedCount(printed)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });

  test("read a split ratio and refuse anything else", () => {
    expect(parsePrintedSplit("75/12.5/12.5")).toEqual([75, 12.5, 12.5]);
    expect(() => parsePrintedSplit("80/20")).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

describe("parsePublication", () => {
  test.each<[string, PublicationFileName, string, string, RegExp]>([
    ["a value other than the printed one", "metrics.jsonl", '"value": 0.982,', '"value": 0.983,', /r0052/],
    ["an interval other than the printed one", "metrics.jsonl", '"low": 0.981', '"low": 0.971', /r0052/],
    ["a flag outside the vocabulary", "metrics.jsonl", '"printed_in_asian_column"', '"odd"', /line 78/],
    ["an unknown dataset", "metrics.jsonl", '"train": ["CXP"]', '"train": ["XXX"]', /XXX/],
    ["an unknown model", "metrics.jsonl", '"model": "gichoya-2022-nlst-ct"', '"model": "none"', /none/],
    [
      "a lost link to a discrepancy",
      "metrics.jsonl",
      '"discrepancies": [13, 17]',
      '"discrepancies": [13]',
      /r0001/,
    ],
    ["a corrected cell", "datasets.json", '"count": 400', '"count": 340', /DHA/],
    ["a hidden broken digit group", "datasets.json", ', "warnings": ["broken_digit_group"]', "", /EM-CS/],
    ["a doubled key", "metrics.jsonl", '"key": "r0002"', '"key": "r0001"', /twice/],
    ["a missing discrepancy", "discrepancies.json", '"number": 7,', '"number": 39,', /number 7/],
    ["a confusion matrix that does not add up", "confusion-matrices.jsonl", "43020", "43021", /58615/],
    [
      "a recorded race without an entry",
      "race-mappings.json",
      '{"recorded": "OTHER", "category": "Other"}',
      '{"recorded": "OTHERS", "category": "Other"}',
      /OTHER/,
    ],
    ["text that is no JSON", "counts.json", "{", "", /counts\.json/],
  ])("refuses %s", (_what, name, from, to, message) => {
    const files = publicationFiles();
    expect(files[name]).toContain(from);
    const broken = { ...files, [name]: files[name].replace(from, to) };
    expect(() => parsePublication(broken)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringMatching(message) }),
    );
  });
});
