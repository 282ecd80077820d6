import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type Colour, colourAt, diverging, sequential } from "../../../compute/plots/colour-map.ts";
import { drawSaliencySheet, type SaliencyRow } from "../../../compute/plots/saliency-sheet.ts";

/** Relative luminance of sRGB (IEC 61966-2-1). */
function luminance([red, green, blue]: Colour): number {
  const linear = (value: number) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** What is left of a colour without its green receptors (Machado et al. 2009, doi:10.1109/TVCG.2009.113, severity 1). */
function deuteranope([red, green, blue]: Colour): Colour {
  return [
    0.367322 * red + 0.860646 * green - 0.227968 * blue,
    0.280085 * red + 0.672501 * green + 0.047413 * blue,
    -0.01182 * red + 0.04294 * green + 0.968881 * blue,
  ];
}

const steps = Array.from({ length: 33 }, (_, k) => k / 32);

describe("colours", () => {
  test("of one sign are the brighter the larger, for everyone", () => {
    for (const seen of [(colour: Colour) => colour, deuteranope]) {
      const brightness = steps.map((share) => luminance(seen(colourAt(sequential, share))));
      for (let k = 1; k < brightness.length; k += 1) {
        expect(brightness[k]).toBeGreaterThan(brightness[k - 1] ?? 1);
      }
    }
  });

  test("of both signs are darker to either end, blue on the one and orange on the other, for everyone", () => {
    for (const seen of [(colour: Colour) => colour, deuteranope]) {
      const colours = steps.map((share) => seen(colourAt(diverging, share)));
      for (let k = 0; k < 16; k += 1) {
        expect(luminance(colours[k] as Colour)).toBeLessThan(luminance(colours[k + 1] as Colour));
        expect(luminance(colours[32 - k] as Colour)).toBeLessThan(luminance(colours[31 - k] as Colour));
      }
      const [low, high] = [colours[2] as Colour, colours[30] as Colour];
      expect(low[2] - low[0]).toBeGreaterThan(60);
      expect(high[0] - high[2]).toBeGreaterThan(60);
    }
  });

  test("end where the map ends", () => {
    expect(colourAt(sequential, -1)).toEqual(sequential[0]);
    expect(colourAt(sequential, 2)).toEqual(sequential.at(-1));
  });
});

const SIDE = 8;

function row(map: Float32Array, mapSide: number): SaliencyRow {
  const image = new Float32Array(SIDE * SIDE).fill(0.5);
  return { label: "Image 3", image, rows: SIDE, cols: SIDE, map, mapRows: mapSide, mapCols: mapSide };
}

/** The colours of the sheet's three pictures of its only row at a place from 0 to 1. */
async function coloursAt(map: Float32Array, mapSide: number, down: number, right: number) {
  const { png, width, height, limits } = await drawSaliencySheet("Grad-CAM of Black", [row(map, mapSide)]);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
  // The first picture is the only even grey of 320 x 320.
  const start = data.findIndex(
    (_, at) => at % 3 === 0 && [0, 1, 2, 3, 300].every((k) => data[at + 3 * k] === 128),
  );
  const [top, left] = [Math.floor(start / 3 / width), (start / 3) % width];
  return {
    limits,
    colours: [0, 1, 2].map((column) => {
      const at = 3 * ((top + Math.round(319 * down)) * width + left + column * 332 + Math.round(319 * right));
      return [...data.subarray(at, at + 3)];
    }),
  };
}

describe("a saliency sheet", () => {
  test("shows a map of one sign in yellow and dark blue, and over the image where it is strong", async () => {
    const map = new Float32Array(16);
    map[5] = 2; // second row, second column
    const { colours, limits } = await coloursAt(map, 4, 0.375, 0.375);
    expect(limits).toEqual([2]);
    const [grey, yellow, over] = colours as [number[], number[], number[]];
    expect(grey).toEqual([128, 128, 128]);
    for (const [k, value] of (sequential.at(-1) as Colour).entries()) {
      expect(Math.abs((yellow[k] ?? 0) - value)).toBeLessThan(6);
      expect(Math.abs((over[k] ?? 0) - (0.75 * value + 0.25 * 128))).toBeLessThan(6);
    }
    const far = await coloursAt(map, 4, 0.9, 0.9);
    expect(far.colours).toEqual([[128, 128, 128], [...(sequential[0] as Colour)], [128, 128, 128]]);
  });

  test("shows a map of both signs about white, orange for the class and blue against it", async () => {
    const map = Float32Array.of(3, 0, 0, -3);
    const [, orange] = (await coloursAt(map, 2, 0, 0)).colours;
    const [, blue] = (await coloursAt(map, 2, 1, 1)).colours;
    const [, white] = (await coloursAt(map, 2, 0, 1)).colours;
    expect(orange).toEqual([...(diverging.at(-1) as Colour)]);
    expect(blue).toEqual([...(diverging[0] as Colour)]);
    expect(white).toEqual([...(diverging[2] as Colour)]);
  });

  test("of a map of zeros shows the image alone", async () => {
    const { colours, limits } = await coloursAt(new Float32Array(4), 2, 0.5, 0.5);
    expect([limits, colours[2]]).toEqual([[0], [128, 128, 128]]);
  });

  test("has a row for each image and refuses none, too many, and what does not fill its sides", async () => {
    const one = row(new Float32Array(4).fill(1), 2);
    const [single, double] = [await drawSaliencySheet("x", [one]), await drawSaliencySheet("x", [one, one])];
    expect(double.height - single.height).toBeGreaterThan(320);
    const refusal = expect.objectContaining({ code: "INVALID_INPUT" });
    await expect(drawSaliencySheet("x", [])).rejects.toEqual(refusal);
    await expect(drawSaliencySheet("x", Array(51).fill(one))).rejects.toEqual(refusal);
    await expect(drawSaliencySheet("x", [{ ...one, mapRows: 3 }])).rejects.toEqual(refusal);
  });
});
