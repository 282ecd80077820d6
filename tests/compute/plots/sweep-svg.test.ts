import { describe, expect, test } from "vitest";
import { patchMapSvg } from "../../../compute/plots/patch-map-svg.ts";
import { sweepSvg } from "../../../compute/plots/sweep-svg.ts";
import { numberOf, readSvg } from "./svg-reading.ts";

const point = (x: number, value: number | null) => ({
  x,
  value,
  ciLow: value === null ? null : value - 0.05,
  ciHigh: value === null ? null : value + 0.05,
});

describe("sweepSvg", () => {
  const series = [
    { name: "Black", points: [point(1, 0.5), point(10, 0.7), point(100, 0.9)] },
    { name: "White", points: [point(1, 0.6), point(10, null), point(100, 0.8)] },
  ];
  const panels = [{ title: "Low pass", series }];

  test("draws a mark for each value, and a cross where there is none", () => {
    const elements = readSvg(sweepSvg(panels, { title: "Sweep", xName: "radius" }));
    const groups = elements.filter(({ name }) => name === "g");
    expect(groups.map(({ attributes }) => attributes["data-series"])).toEqual(["Black", "White"]);
    const paths = elements
      .filter(({ name }) => name === "path")
      .map(({ attributes }) => attributes["d"] ?? "");
    expect(paths.filter((d) => d.includes("l7 7m0 -7l-7 7"))).toHaveLength(1);
    // The curve of three values is one line; the broken one is none, for no two neighbours have values.
    expect(paths.filter((d) => /^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)+$/.test(d))).toHaveLength(1);
  });

  test("gives each doubling the same room on a log scale", () => {
    const powers = [
      { title: "Resolution", series: [{ name: "F", points: [1, 2, 4, 8].map((x) => point(x, 0.7)) }] },
    ];
    const xs = (scale: "linear" | "log") =>
      readSvg(sweepSvg(powers, { title: "Sweep", xName: "side", scale }))
        .filter(({ name, attributes }) => name === "line" && attributes["stroke-width"] === "1.1")
        .map((line) => numberOf(line, "x1"));
    const gaps = (at: readonly number[]) => at.slice(1).map((x, i) => x - (at[i] ?? 0));
    const [a = 0, b = 0, c = 0] = gaps(xs("log"));
    expect(b).toBeCloseTo(a, 1);
    expect(c).toBeCloseTo(a, 1);
    const [d = 0, e = 0] = gaps(xs("linear"));
    expect(e).toBeCloseTo(2 * d, 1);
  });

  test("says all values in its description and draws its title only when asked to", () => {
    const [shown, hidden] = [true, false].map((showTitle) =>
      readSvg(sweepSvg(panels, { title: "A <sweep>", xName: "radius", showTitle })),
    );
    expect(shown?.find(({ name }) => name === "desc")?.text).toContain(
      "White: 1: 0.600, 10: no value, 100: 0.800.",
    );
    const titles = (elements = shown) =>
      elements?.filter(({ name, text }) => name === "text" && text === "A <sweep>");
    expect(titles()).toHaveLength(1);
    expect(titles(hidden)).toHaveLength(0);
  });

  test("stands without any point", () => {
    expect(() => readSvg(sweepSvg([], { title: "Nothing", xName: "radius" }))).not.toThrow();
    expect(() =>
      readSvg(sweepSvg([{ title: "Nothing", series: [] }], { title: "Nothing", xName: "r" })),
    ).not.toThrow();
  });
});

describe("patchMapSvg", () => {
  const cells = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 0.4, null, 0.55].map((value) => ({ value, reason: "TOO_FEW" }));
  const elements = readSvg(
    patchMapSvg([{ title: "Kept", rows: 3, cols: 3, cells }], { title: "Where", showTitle: false }),
  );
  const boxes = elements.filter(({ name, attributes }) => name === "rect" && attributes["height"] === "84");

  test("writes each value where its part lies, and the reason where there is none", () => {
    expect(boxes).toHaveLength(9);
    expect(numberOf(boxes[5], "x")).toBeGreaterThan(numberOf(boxes[4], "x"));
    expect(numberOf(boxes[5], "y")).toBe(numberOf(boxes[4], "y"));
    const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);
    for (const text of ["0.500", "0.900", "1.000", "TOO_FEW"]) expect(texts).toContain(text);
  });

  test("is darker the larger the value, and stays within its colours", () => {
    const light = (i: number) => {
      const fill = boxes[i]?.attributes["fill"] ?? "";
      return [1, 3, 5].reduce((sum, at) => sum + Number.parseInt(fill.slice(at, at + 2), 16), 0);
    };
    for (const i of [0, 1, 2, 3, 4]) expect(light(i + 1)).toBeLessThan(light(i));
    expect(light(6)).toBe(light(0));
  });
});
