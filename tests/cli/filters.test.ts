import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dicomFile, greyElements, syntaxUids, words } from "../support/dicom-writer.ts";
import { findSharedData } from "../support/shared-data.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

let folder: string;
const at = (name: string): string => join(folder, name);
const filters = (...args: readonly string[]): Promise<Ended> =>
  runStratum(["filters", ...args], { home: at("home") });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stratum-filters-"));
  const grey = Uint8Array.from({ length: 60 * 90 }, (_, pixel) => 128 + 100 * Math.sin(pixel / 13));
  const image = sharp(grey, { raw: { width: 90, height: 60, channels: 1 } }).toColourspace("b-w");
  await image.clone().png().toFile(at("grey.png"));
  await image.clone().jpeg().toFile(at("grey.jpg"));
  const elements = { ...greyElements(60, 90, { bits: 12 }), "00281050 DS": "100", "00281051 DS": "200" };
  await writeFile(at("grey.dcm"), dicomFile({ syntax: syntaxUids.explicit, elements, pixels: words(grey) }));
  await writeFile(at("text.png"), "patient,sex\n");
  await writeFile(at("cut.png"), (await readFile(at("grey.png"))).subarray(0, 200));
});

afterAll(() => rm(folder, { recursive: true }));

describe("stratum filters", () => {
  test.each(["grey.png", "grey.jpg", "grey.dcm"])("draws %s", async (name) => {
    const out = at(`${name}.sheet.png`);
    const {
      status,
      out: said,
      err,
    } = await filters(at(name), "--radii", "5,20", "--bands", "5-20", "--out", out);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(said).toBe(`Wrote ${out}: 7 pictures of 224 x 224, from one of 60 x 90.\n`);
    expect(await sharp(out).metadata()).toMatchObject({ format: "png", width: 520 });
  });

  test("says sizes and gains as JSON", async () => {
    const out = at("json.png");
    const more = ["--mode", "legacy", "--size", "64", "--resize", "keep", "--window", "100,50", "--json"];
    const { status, out: said } = await filters(at("grey.dcm"), "--radii", "5", "--out", out, ...more);
    expect(status).toBe(0);
    expect(JSON.parse(said)).toMatchObject({
      out,
      image: { rows: 60, cols: 90, format: "dicom" },
      rows: 43,
      cols: 64,
      mode: "legacy",
      panels: [
        { kind: "original" },
        { kind: "low", radii: [5] },
        { kind: "high", radii: [5], gain: expect.any(Number) },
      ],
    });
  });

  test.each([
    ["a file that is no image", ["text.png", "--radii", "5"], 1, /IMAGE_FORMAT_UNKNOWN/],
    ["a file that was cut off", ["cut.png", "--radii", "5"], 1, /IMAGE_TRUNCATED/],
    ["no such file", ["nowhere.png", "--radii", "5"], 2, /ENOENT/],
    ["no radius", ["grey.png", "--radii", ","], 2, /Expected a radius/],
    ["a radius that is a word", ["grey.png", "--radii", "five"], 2, /a number for --radii, got "five"/],
    ["a mode that is none", ["grey.png", "--radii", "5", "--mode", "wild"], 2, /corrected, legacy/],
    ["a frame of minus one", ["grey.dcm", "--radii", "5", "--frame=-1"], 2, /INVALID_PARAM/],
  ] as const)("%s", async (_name, [name, ...flags], expected, message) => {
    const { status, out, err } = await filters(at(name), ...flags, "--out", at("never.png"));
    expect({ status, out }).toEqual({ status: expected, out: "" });
    expect(err).toMatch(message);
    expect(await readdir(folder)).not.toContain("never.png");
  });

  test("an --out that is no PNG, or that cannot be written", async () => {
    expect(await filters(at("grey.png"), "--radii", "5", "--out", at("sheet.jpg"))).toMatchObject({
      status: 2,
    });
    expect(await filters(at("grey.png"), "--radii", "5", "--out", at("no/such/sheet.png"))).toMatchObject({
      status: 2,
    });
  });
});

const chests = findSharedData("dicom/chest_xray", "sheets of real radiographs");

test.skipIf(chests === undefined)(
  "draws real radiographs (real data, skipped where it is absent)",
  async () => {
    for (const name of await readdir(chests ?? "")) {
      const out = at("chest.png");
      const { status } = await filters(join(chests ?? "", name), "--radii", "10,25,50", "--out", out);
      expect(status).toBe(0);
    }
  },
);
