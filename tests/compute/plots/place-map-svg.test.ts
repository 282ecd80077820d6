import { describe, expect, test } from "vitest";
import { placeMapSvg } from "../../../compute/plots/place-map-svg.ts";
import { readSvg } from "./svg-reading.ts";

const grid = (values: readonly number[], title = "White") => ({
  title,
  rows: 2,
  cols: values.length / 2,
  values,
});
const cellsOf = (svg: string) =>
  readSvg(svg).filter(({ name, attributes }) => name === "rect" && attributes["x"] !== undefined);

describe("placeMapSvg", () => {
  test("draws each place where it lies, the highest in yellow and what is 0 in dark blue", () => {
    const cells = cellsOf(placeMapSvg([grid([0, 1, 2, 4])], { title: "Maps" }));
    expect(cells.map(({ attributes }) => [Number(attributes["x"]), Number(attributes["y"])])).toEqual([
      [20, 46],
      [130, 46],
      [20, 156],
      [130, 156],
    ]);
    expect(cells[0]?.attributes["fill"]).toBe("#00224e");
    expect(cells[3]?.attributes["fill"]).toBe("#fee838");
  });

  test("is blue over white to orange where there are values of both signs, about 0", () => {
    const cells = cellsOf(placeMapSvg([grid([-4, 0, 0, 4])], { title: "Maps" }));
    expect(cells.map(({ attributes }) => attributes["fill"])).toEqual([
      "#2166ac",
      "#f7f7f7",
      "#f7f7f7",
      "#b35806",
    ]);
  });

  test("has a scale for each map, says where each is highest, and escapes titles", () => {
    const svg = placeMapSvg([grid([0, 1, 2, 4]), grid([-1, 9, 0, 0], "A & <B>")], { title: "Maps" });
    expect(svg).toContain("colours from 0 to 4.0");
    expect(svg).toContain("colours from -9.0 to 9.0");
    expect(svg).toContain("White: 2 by 2 places, highest at row 2, column 2.");
    expect(svg).toContain("A &amp; &lt;B&gt;: 2 by 2 places, highest at row 1, column 2.");
  });

  test("draws a map of nothing but 0", () => {
    expect(placeMapSvg([grid([0, 0, 0, 0])], { title: "Maps" })).toContain("colours from 0 to 0");
  });
});
