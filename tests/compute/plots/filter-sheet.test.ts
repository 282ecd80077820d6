import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type DecodedImage, drawFilterSheet } from "../../../compute/index.ts";
import { filterPanels } from "../../../compute/plots/filter-panels.ts";
import { strokePath, strokeWidth } from "../../../compute/plots/stroke-font.ts";

/** Waves of two frequencies about 0.5, and a slope. */
function picture(rows: number, cols: number): DecodedImage {
  const pixels = Float32Array.from({ length: rows * cols }, (_, at) => {
    const [row, col] = [Math.floor(at / cols), at % cols];
    const slow = Math.sin((2 * Math.PI * 3 * col) / cols);
    const fast = Math.sin((2 * Math.PI * 12 * row) / rows);
    return 1000 + 400 * slow + 200 * fast;
  });
  return { pixels, rows, cols, black: 0, white: 2000, format: "dicom" };
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce<number>((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? 0))), 0);

describe("the pictures of a sheet", () => {
  test("are the original, low and high pass by radius, then band pass and notch", async () => {
    const { panels } = await filterPanels(picture(40, 40), {
      radii: [5, 9],
      bands: [{ inner: 2, outer: 6 }],
      size: 40,
    });
    expect(panels.map(({ kind, radii }) => [kind, ...radii])).toEqual([
      ["original"],
      ["low", 5],
      ["low", 9],
      ["high", 5],
      ["high", 9],
      ["band", 2, 6],
      ["notch", 2, 6],
    ]);
    for (const { shown } of panels) expect(shown.length).toBe(1600);
  });

  test("a low pass is shown as brightness, a high pass about mid-grey times its gain", async () => {
    const { panels } = await filterPanels(picture(40, 40), { radii: [6], size: 40 });
    const [original, low, high] = panels;
    // Brightness is 0.5 + 0.2 slow + 0.1 fast; the circle of 6 keeps the slow wave and drops the fast one.
    expect(original?.shown[0]).toBe(128);
    const slow = Array.from(
      { length: 1600 },
      (_, at) => 255 * (0.5 + 0.2 * Math.sin((2 * Math.PI * 3 * (at % 40)) / 40)),
    );
    expect(distance(low?.shown ?? [], slow)).toBeLessThan(1);
    expect(low?.gain).toBeUndefined();
    const gain = high?.gain ?? 0;
    // 40 rows catch its crests at 0.0951.
    expect(gain).toBeCloseTo(0.5 / 0.0951, 1);
    const fast = Array.from({ length: 1600 }, (_, at) => {
      const value = 0.5 + gain * 0.1 * Math.sin((2 * Math.PI * 12 * Math.floor(at / 40)) / 40);
      return 255 * Math.min(1, Math.max(0, value));
    });
    expect(distance(high?.shown ?? [], fast)).toBeLessThan(1.5);
  });

  test("look the same in legacy, about the mean of the channel", async () => {
    const of = (mode: "corrected" | "legacy") =>
      filterPanels(picture(40, 40), { radii: [6], size: 40, mode });
    const [corrected, legacy] = [await of("corrected"), await of("legacy")];
    expect(distance(corrected.panels[1]?.shown ?? [], legacy.panels[1]?.shown ?? [])).toBeLessThanOrEqual(1);
    expect(legacy.panels[2]?.gain).toBeCloseTo(corrected.panels[2]?.gain ?? 0, 3);
    const mean = (shown: Uint8Array | undefined) =>
      (shown ?? new Uint8Array()).reduce((sum, v) => sum + v, 0) / 1600 / 255;
    expect(mean(corrected.panels[2]?.shown)).toBeCloseTo(0.5, 2);
    expect(mean(legacy.panels[2]?.shown)).toBeCloseTo(0.485, 2);
  });

  test("which hold the mean decides how they are shown, at odd sizes too", async () => {
    const rings = [
      { inner: 0, outer: 4 },
      { inner: 2, outer: 4 },
    ];
    const gains = async (size: number) => {
      const { panels } = await filterPanels(picture(45, 45), { radii: [0.6, 5], bands: rings, size });
      return panels.map(({ gain }) => gain !== undefined);
    };
    //                                  original  low           high        band          notch
    expect(await gains(44)).toEqual([false, false, false, true, true, false, true, true, false]);
    // The mean of an odd square lies 0.71 bins beside the centre: outside of 0.6.
    expect(await gains(45)).toEqual([false, true, false, false, true, false, true, true, false]);
  });

  test("a blank picture is grey and not noise blown up", async () => {
    const { panels } = await filterPanels(picture(40, 40), { radii: [200], size: 40 });
    expect(panels[2]).toMatchObject({ kind: "high", gain: 1 });
    expect(new Set(panels[2]?.shown)).toEqual(new Set([128]));
  });

  test("keep their proportions when asked, down to a line", async () => {
    const of = (rows: number, cols: number) =>
      filterPanels(picture(rows, cols), { radii: [4], size: 64, resize: "keep" });
    expect(await of(300, 100)).toMatchObject({ rows: 64, cols: 21 });
    expect(await of(100, 300)).toMatchObject({ rows: 21, cols: 64 });
    expect(await of(1, 1000)).toMatchObject({ rows: 1, cols: 64 });
    expect(await filterPanels(picture(100, 300), { radii: [4], size: 64 })).toMatchObject({
      rows: 64,
      cols: 64,
    });
  });

  test.each([
    ["no radius above 0", { radii: [0] }],
    ["a radius that is none", { radii: [Number.NaN] }],
    ["a ring inside out", { radii: [], bands: [{ inner: 9, outer: 4 }] }],
    ["a size too small", { radii: [5], size: 7 }],
    ["half a pixel", { radii: [5], size: 64.5 }],
    ["more pictures than memory", { radii: Array.from({ length: 50 }, (_, at) => at + 1), size: 4096 }],
  ])("%s is refused", async (_name, options) => {
    await expect(filterPanels(picture(9, 9), options)).rejects.toMatchObject({ code: "INVALID_PARAM" });
  });
});

describe("the sheet", () => {
  test("is one grey PNG with the pictures in it and ink in the labels", async () => {
    const sheet = await drawFilterSheet(picture(200, 200), { radii: [5, 50], size: 200 });
    const { data, info } = await sharp(sheet.png)
      .toColourspace("b-w")
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ channels: 1, width: 520 });
    const { panels } = await filterPanels(picture(200, 200), { radii: [5, 50], size: 200 });
    const rows = Array.from({ length: info.height }, (_, row) =>
      data.subarray(row * info.width, (row + 1) * info.width),
    );
    for (const { shown } of panels) {
      const line = Buffer.from(shown.subarray(0, 200));
      expect(rows.some((row) => row.includes(line))).toBe(true);
    }
    // The title is above all pictures.
    expect(rows.slice(15, 40).some((row) => row.some((value) => value < 90))).toBe(true);
  });

  test("is the same each time", async () => {
    const draw = () => drawFilterSheet(picture(64, 64), { radii: [5], size: 64 });
    expect((await draw()).png).toEqual((await draw()).png);
  });

  test.each([
    [300, 4000],
    [4000, 300],
    [1, 1],
  ])("takes an image of %i x %i", async (rows, cols) => {
    const sheet = await drawFilterSheet(picture(rows, cols), { radii: [2], size: 700, resize: "keep" });
    const { width, height } = await sharp(sheet.png).metadata();
    expect(width).toBeLessThan(2000);
    expect(height).toBeLessThan(2800);
  });
});

describe("letters without a font", () => {
  test("have strokes for all that labels say", () => {
    const said =
      "Frequency filters at 224 × 224, of a 1024 × 768 DICOM: PNG; JPEG, corrected - legacy (×1.7) 98 % / study's + =";
    for (const character of said.replaceAll(" ", "")) {
      // The box that stands for an unknown letter starts like this.
      expect(strokePath(character, 0, 0, 6), character).not.toMatch(/^M0 0L3 0L3 6L0 6L0 0/);
    }
    expect(strokePath("§", 0, 0, 6)).toMatch(/^M0 0L3 0L3 6L0 6L0 0/);
  });

  test("grow with their height, and a text is as wide as its letters", () => {
    expect(strokeWidth("High pass", 22)).toBeCloseTo(2 * strokeWidth("High pass", 11), 9);
    expect(strokeWidth("", 11)).toBe(0);
    expect(strokeWidth("HH", 6)).toBeGreaterThan(2 * strokeWidth("H", 6));
  });
});
