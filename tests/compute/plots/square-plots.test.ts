import { describe, expect, test } from "vitest";
import { ComputeError } from "../../../compute/errors.ts";
import { calibrationSvg } from "../../../compute/plots/calibration-svg.ts";
import { gapSvg } from "../../../compute/plots/gap-svg.ts";
import { rocSvg } from "../../../compute/plots/roc-svg.ts";
import { numberOf, readSvg } from "./svg-reading.ts";

const hostile = '</text><script>&"';

describe("rocSvg", () => {
  const curve = { label: hostile, fpr: [0, 0.25, 1], tpr: [0, 0.75, 1], auc: 0.75, ciLow: 0.7, ciHigh: 0.8 };

  test("draws each curve at its points", () => {
    const elements = readSvg(rocSvg([curve, { ...curve, label: "b" }]));
    const lines = elements.filter(({ name }) => name === "polyline");
    expect(lines.length).toBe(2);
    const [first, middle, last] = (lines[0]?.attributes["points"] ?? "")
      .split(" ")
      .map((p) => p.split(",").map(Number));
    const [x0 = 0, y0 = 0] = first ?? [];
    const [x1 = 0, y1 = 0] = last ?? [];
    const [x = 0, y = 0] = middle ?? [];
    expect((x - x0) / (x1 - x0)).toBeCloseTo(0.25, 6);
    expect((y - y0) / (y1 - y0)).toBeCloseTo(0.75, 6);
    expect(y1).toBeLessThan(y0);
  });

  test("lists the AUC with its interval, and no numbers where there are none", () => {
    const shown = readSvg(rocSvg([curve, { label: "bare", fpr: [0, 1], tpr: [0, 1] }])).map(
      ({ text }) => text,
    );
    expect(shown).toContain("AUC 0.750 [0.700, 0.800]");
    expect(shown).toContain(hostile);
    expect(shown[2]).toContain("; bare");
  });

  test("refuses arrays of different length", () => {
    expect(() => rocSvg([{ label: "x", fpr: [0, 1], tpr: [0] }])).toThrow(ComputeError);
  });

  test("repeats colours only with another dash", () => {
    const many = Array.from({ length: 13 }, (_, i) => ({ ...curve, label: `${i}` }));
    const lines = readSvg(rocSvg(many)).filter(({ name }) => name === "polyline");
    const styles = lines.map(({ attributes }) => `${attributes["stroke"]} ${attributes["stroke-dasharray"]}`);
    expect(new Set(styles).size).toBe(13);
  });
});

describe("calibrationSvg", () => {
  const points = [
    { predicted: 0.1, observed: 0.2, ciLow: 0.1, ciHigh: 0.3, count: 900 },
    { predicted: 0.8, observed: 0.6, count: 100 },
  ];

  test("draws a dot a bin and a whisker where an interval is given", () => {
    const elements = readSvg(calibrationSvg([{ label: hostile, points }]));
    const dots = elements.filter(({ name }) => name === "circle");
    expect(dots.length).toBe(2);
    expect(numberOf(dots[0], "r")).toBeGreaterThan(numberOf(dots[1], "r"));
    expect(elements.filter(({ attributes }) => attributes["stroke-opacity"] === "0.55").length).toBe(1);
  });
});

describe("gapSvg", () => {
  const rows = [
    { label: "a", value: 0.2, ciLow: 0.1, ciHigh: 0.3 },
    { label: hostile, value: 0.5, ciLow: 0.4, ciHigh: 0.6 },
    { label: "c", value: null, reason: "SUPPRESSED" },
  ];

  test("names the widest gap and keeps a row for a stratum without a value", () => {
    const elements = readSvg(gapSvg(rows, { valueName: "False positive rate", overall: 0.3 }));
    const shown = elements.filter(({ name }) => name === "text").map(({ text }) => text);
    expect(shown).toContain(`Widest gap: 0.300, from a (0.200) to ${hostile} (0.500).`);
    expect(shown).toContain("SUPPRESSED");
    expect(elements.filter(({ name }) => name === "circle").length).toBe(2);
    expect(elements.filter(({ attributes }) => attributes["stroke-dasharray"] !== undefined).length).toBe(1);
  });

  test("says so when there is no gap to show", () => {
    const svg = gapSvg(rows.slice(2), { valueName: "FPR" });
    expect(readSvg(svg).map(({ text }) => text)).toContain("Fewer than two strata have a value: no gap.");
  });
});
