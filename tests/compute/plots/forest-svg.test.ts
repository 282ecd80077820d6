import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetaAnalysisInput } from "../../../compute/meta/meta-analysis.ts";
import { metaAnalysis } from "../../../compute/meta/meta-analysis.ts";
import type { ForestOptions } from "../../../compute/plots/forest-svg.ts";
import { forestSvg } from "../../../compute/plots/forest-svg.ts";
import { textWidth } from "../../../compute/plots/text-width.ts";
import type { ReadElement } from "./svg-reading.ts";
import { numberOf, readSvg } from "./svg-reading.ts";

const transfers = [
  { label: "MXR to CXP", value: 0.962, ciLow: 0.957, ciHigh: 0.966 },
  { label: "MXR to EMX", value: 0.983, ciLow: 0.981, ciHigh: 0.985 },
  { label: "CXP to MXR", value: 0.955, ciLow: 0.952, ciHigh: 0.957 },
];

function draw(input: MetaAnalysisInput, options?: ForestOptions): ReadElement[] {
  return readSvg(forestSvg(metaAnalysis(input), options));
}

function texts(elements: readonly ReadElement[]): string[] {
  return elements.filter(({ name }) => name === "text").map(({ text }) => text);
}

/** Left and right end of a text by the width that the layout reckons with. */
function extent(element: ReadElement, elements: readonly ReadElement[]): [number, number] {
  const bold = element.attributes["font-weight"] === "600";
  const shown = drawnText(element, elements);
  const width = textWidth(shown, Number(element.attributes["font-size"] ?? 13), bold);
  const x = numberOf(element, "x");
  const anchor = element.attributes["text-anchor"] ?? "start";
  if (anchor === "end") return [x - width, x];
  return anchor === "middle" ? [x - width / 2, x + width / 2] : [x, x + width];
}

/** A shortened text carries its whole as a title, which is not drawn. */
function drawnText(element: ReadElement, elements: readonly ReadElement[]): string {
  const next = elements[elements.indexOf(element) + 1];
  return next?.name === "title" ? element.text.slice(next.text.length) : element.text;
}

describe("forestSvg", () => {
  test("names itself and says the result in words", () => {
    const elements = draw({ estimates: transfers }, { title: "Transfers" });
    const [svg, title, desc] = elements;
    expect(svg?.attributes["role"]).toBe("img");
    expect(svg?.attributes["aria-labelledby"]).toBe(`${title?.attributes["id"]} ${desc?.attributes["id"]}`);
    expect(title).toMatchObject({ name: "title", text: "Transfers" });
    expect(desc?.text).toMatch(/^Pooled AUC 0\.\d{3} \(95% confidence interval .* to .*\) from 3 studies\./);
    expect(desc?.text).toContain("MXR to CXP: 0.962 [0.957, 0.966].");
  });

  test("prints every study, the pooled row, the weights and the heterogeneity", () => {
    const result = metaAnalysis({ estimates: transfers });
    if (result.status !== "OK") throw new Error(result.reason);
    const shown = texts(draw({ estimates: transfers }));
    expect(shown).toContain("0.983 [0.981, 0.985]");
    expect(shown).toContain("AUC [95% CI]");
    expect(shown).toContain("95% prediction interval");
    expect(shown).toContain(`${result.studies[1]?.weight.toFixed(1)}%`);
    expect(shown).toContain(
      `Heterogeneity: Q = ${result.q.toFixed(2)}, df = 2, p < 0.001; I² = ${result.i2.toFixed(1)}%; τ² = ${Number(result.tau2.toPrecision(3))} (logit scale).`,
    );
  });

  test("sizes squares so that area stands for weight", () => {
    const estimates = [1, 4, 16].map((factor, i) => ({ label: `${i}`, yi: i, vi: 1 / factor }));
    const elements = draw({ estimates, model: "COMMON", test: "Z", scale: "RAW" });
    const sides = elements
      .filter(({ name, attributes }) => name === "rect" && attributes["width"] === attributes["height"])
      .map((element) => numberOf(element, "width"));
    expect(sides.length).toBe(3);
    expect((sides[1] ?? 0) / (sides[2] ?? 0)).toBeCloseTo(0.5, 2);
  });

  test("places squares in proportion to their values", () => {
    const elements = draw({ estimates: transfers });
    const centres = elements
      .filter(({ name, attributes }) => name === "rect" && attributes["width"] === attributes["height"])
      .map((element) => numberOf(element, "x") + numberOf(element, "width") / 2);
    const [a = 0, b = 0, c = 0] = centres;
    expect((a - c) / (b - c)).toBeCloseTo((0.962 - 0.955) / (0.983 - 0.955), 2);
  });

  test("ends an interval that leaves the axis in an arrow", () => {
    const arrows = (ciLow: number) => {
      const wide = { label: "wide", value: 0.96, ciLow, ciHigh: 0.9999 };
      const input: MetaAnalysisInput = { estimates: [...transfers, wide], model: "COMMON", test: "Z" };
      return draw(input).filter(({ attributes }) => /v10z$/.test(attributes["d"] ?? "")).length;
    };
    expect(arrows(0.1)).toBe(1);
    expect(arrows(0.955)).toBe(0);
  });

  test.each([
    ["too few studies", transfers.slice(0, 1), "TOO_FEW_STUDIES"],
    ["no study", [], "NO_ROWS"],
  ])("shows %s without a diamond, with the reason", (_name, estimates, reason) => {
    const elements = draw({ estimates });
    expect(texts(elements).join("\n")).toContain(`Not estimable: ${reason}.`);
    expect(elements.filter(({ name }) => name === "path")).toEqual([]);
  });

  test("names the studies left out, and why", () => {
    const shown = texts(draw({ estimates: [...transfers, { label: "bare", value: 0.9 }] })).join("\n");
    expect(shown).toContain("Left out because neither an interval, nor se, nor vi is given: bare.");
  });

  test("draws the model of a meta-regression in every row", () => {
    const estimates = transfers.map((study, i) => ({ ...study, moderators: { year: i * i } }));
    const elements = draw({ estimates, moderators: ["year"] });
    const open = elements.filter(({ name, attributes }) => name === "path" && attributes["fill"] === "none");
    expect(open.length).toBe(3);
    expect(texts(elements).join("\n")).toMatch(/Moderators: F\(1, 1\) = /);
  });

  test("has an explicit background in both themes", () => {
    const backgrounds = (["light", "dark"] as const).map((theme) => {
      const elements = draw({ estimates: transfers }, { theme });
      return elements.find(({ name }) => name === "rect")?.attributes["fill"];
    });
    expect(backgrounds).toEqual(["#ffffff", "#12181f"]);
  });

  test("gives two different plots different ids, and the same plot the same", () => {
    const idOf = (estimates: MetaAnalysisInput["estimates"]) => draw({ estimates })[1]?.attributes["id"];
    expect(idOf(transfers)).toBe(idOf(transfers));
    expect(idOf(transfers)).not.toBe(idOf(transfers.slice(1)));
  });

  test("stays well-formed and free of overlaps whatever the labels are", () => {
    const hostile = fc.constantFrom(
      '<script>alert("x")</script>',
      "]]>&amp;&lt;\u0000\u001f",
      "</text></svg>",
      "\u202eevil\u2066",
      "\ud800 lone",
      "x".repeat(500),
      "many short words ".repeat(40),
      "漢字".repeat(60),
      "WWWW MMMM @@@@ %%%%",
    );
    const label = fc.oneof(hostile, fc.string({ unit: "binary", maxLength: 80 }));
    const study = fc.record({
      label,
      value: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      half: fc.double({ min: 1e-4, max: 0.4, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(study, { maxLength: 8 }),
        fc.option(label),
        fc.integer({ min: 100, max: 1400 }),
        (all, title, width) => {
          const estimates = all.map(({ label, value, half }) => {
            return {
              label,
              value,
              ciLow: Math.max(0.001, value - half),
              ciHigh: Math.min(0.999, value + half),
            };
          });
          const elements = draw(
            { estimates },
            title === null ? { width } : { width, title, valueName: title },
          );
          const frame = elements[0];
          const written = elements.filter(({ name, text }) => name === "text" && text !== "");
          const boxes = written.map((element) => ({
            y: numberOf(element, "y"),
            span: extent(element, elements),
          }));
          for (const { y, span } of boxes) {
            expect(span[0]).toBeGreaterThanOrEqual(0);
            expect(span[1]).toBeLessThanOrEqual(numberOf(frame, "width") + 0.01);
            expect(y).toBeLessThanOrEqual(numberOf(frame, "height"));
          }
          // Two texts whose baselines are closer than a line must not meet.
          for (const [i, a] of boxes.entries()) {
            for (const b of boxes.slice(i + 1)) {
              if (Math.abs(a.y - b.y) >= 12) continue;
              expect(a.span[1] <= b.span[0] + 0.01 || b.span[1] <= a.span[0] + 0.01).toBe(true);
            }
          }
        },
      ),
    );
  });
});
