import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../../compute/data/images/decode-image.ts";
import { idealAuc } from "../../../../compute/data/phantoms/ideal-observer.ts";
import {
  idealScore,
  imagePhantomFiles,
  imagePhantomPixels,
  makeImagePhantom,
} from "../../../../compute/data/phantoms/image-phantom.ts";
import type {
  ImagePhantomRow,
  ImagePhantomSpec,
} from "../../../../compute/data/phantoms/phantom-patients.ts";
import { describePlanted, parsePlanted } from "../../../../compute/data/phantoms/planted.ts";
import { plantedPattern } from "../../../../compute/data/phantoms/planted-pattern.ts";
import { filterFrequencies } from "../../../../native/index.ts";

function specOf(planted: string, more: Partial<ImagePhantomSpec> = {}): ImagePhantomSpec {
  return {
    seed: 1,
    patients: 20,
    planted: parsePlanted(planted),
    strength: 2,
    attribute: "race",
    imagesPerPatient: 2,
    side: 64,
    patternSeed: 0,
    ...more,
  };
}

/** Every pair counted: the slow truth. */
function pairAuc(scores: readonly number[], labels: readonly number[]): number {
  let wins = 0;
  let pairs = 0;
  for (const [i, score] of scores.entries()) {
    if (labels[i] !== 1) continue;
    for (const [j, other] of scores.entries()) {
      if (labels[j] !== 0) continue;
      pairs += 1;
      wins += score > other ? 1 : score === other ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

const digestOf = (spec: ImagePhantomSpec) => {
  const hash = createHash("sha256");
  for (const { path, bytes } of imagePhantomFiles(makeImagePhantom(spec))) hash.update(path).update(bytes);
  return hash.digest("hex");
};

describe("where something is planted", () => {
  test.each(["low", "high", "none", "patch:2,0", "confounder:age", "confounder:equipment", "hidden"])(
    "%s reads as it is written",
    (text) => expect(describePlanted(parsePlanted(text))).toBe(text),
  );

  test.each(["", "middle", "patch:3,0", "patch:1", "confounder:weather"])("%j is refused", (text) => {
    expect(() => parsePlanted(text)).toThrow(/Expected low, high/);
  });
});

describe("a cohort of made-up radiographs", () => {
  test("is the same bytes for the same seed, and other bytes for another", () => {
    const spec = specOf("high", { patients: 3 });
    expect(digestOf(spec)).toBe(digestOf(specOf("high", { patients: 3 })));
    expect(digestOf(spec)).not.toBe(digestOf(specOf("high", { patients: 3, seed: 2 })));
  });

  test("of fewer patients is the first of a larger one", () => {
    const few = makeImagePhantom(specOf("low", { patients: 3 }));
    const many = makeImagePhantom(specOf("low", { patients: 9 }));
    expect(many.rows.slice(0, few.rows.length)).toEqual(few.rows);
    // `!`: both have rows.
    expect(imagePhantomPixels(many, many.rows[5]!)).toEqual(imagePhantomPixels(few, few.rows[5]!));
  });

  test("has the share of patients in the test part that was asked for, and a fifth of the others validates", () => {
    const shareOf = (part: string, testShare?: number) => {
      const { rows } = makeImagePhantom(
        specOf("none", {
          patients: 4000,
          imagesPerPatient: 1,
          ...(testShare === undefined ? {} : { testShare }),
        }),
      );
      return rows.filter(({ split }) => split === part).length / rows.length;
    };
    // Three standard deviations of 4000 patients.
    expect(Math.abs(shareOf("test") - 0.25)).toBeLessThan(0.021);
    expect(Math.abs(shareOf("test", 0.6) - 0.6)).toBeLessThan(0.024);
    expect(Math.abs(shareOf("validate", 0.6) - 0.08)).toBeLessThan(0.013);
  });

  test("differs by what is planted alone: the same patients, whatever it is", () => {
    const traits = (planted: string) =>
      makeImagePhantom(specOf(planted)).rows.map(({ race, sex, site, view, split }) => [
        race,
        sex,
        site,
        view,
        split,
      ]);
    for (const planted of ["high", "patch:1,1", "confounder", "none"]) {
      expect(traits(planted)).toEqual(traits("low"));
    }
  });

  test("is PNG files that read back, with hardly a pixel at black or white", async () => {
    const phantom = makeImagePhantom(specOf("confounder", { patients: 20, strength: 3 }));
    const files = [...imagePhantomFiles(phantom)];
    expect(files.slice(-3).map(({ path }) => path)).toEqual(["manifest.csv", "mapping.json", "truth.json"]);
    const [first] = files;
    const [row] = phantom.rows;
    // `!`: there are images.
    const decoded = await decodeImage(first!.bytes);
    expect([decoded.rows, decoded.cols]).toEqual([64, 64]);
    expect([...decoded.pixels]).toEqual([...imagePhantomPixels(phantom, row!)]);
    const levels = phantom.rows.flatMap((one) => [...imagePhantomPixels(phantom, one)]);
    const atTheEnds = levels.filter((level) => level === 0 || level === 255).length;
    expect(atTheEnds / levels.length).toBeLessThan(0.002);
  });

  test.each([
    [{ patients: 0 }, /patients/],
    [{ strength: 7 }, /strength/],
    [{ side: 8 }, /side/],
    [{ imagesPerPatient: 21 }, /images a patient/],
    [{ seed: 0.5 }, /seed/],
    [{ testShare: 0.95 }, /test share/],
    [{ patternSeed: Number.NaN }, /pattern seed/],
  ])("with %o is refused", (more, message) => {
    expect(() => makeImagePhantom(specOf("low", more))).toThrow(message);
  });
});

describe("what is planted", () => {
  const planted = [
    "low",
    "high",
    "patch:0,2",
    "patch:2,1",
    "confounder",
    "confounder:equipment",
    "hidden",
    "none",
  ];

  test.each(planted)("%s: the ideal observer of the images attains the closed form", (where) => {
    const spec = specOf(where, { patients: 250, imagesPerPatient: 2, side: 48 });
    const phantom = makeImagePhantom(spec);
    const scores = phantom.rows.map((row) => idealScore(phantom, imagePhantomPixels(phantom, row)));
    const labels = phantom.rows.map(({ truth }) => truth);
    // Three standard errors of 250 patients; seed 1 is fixed, so this either always passes or never.
    const tolerance = 3 * Math.sqrt(0.1 / 250);
    expect(Math.abs(pairAuc(scores, labels) - idealAuc(spec))).toBeLessThan(tolerance);
    // The images show t, up to grey levels.
    const worst = Math.max(
      ...phantom.rows.map((row, index) => Math.abs(row.t - (scores[index] ?? Number.NaN))),
    );
    expect(worst).toBeLessThan(0.1);
    const means = phantom.rows
      .filter(({ image }) => image === 0)
      .map(({ patient, truth }) => ({
        truth,
        score: (scores[2 * patient]! + scores[2 * patient + 1]!) / 2, // `!`: two images a patient
      }));
    const byPatient = pairAuc(
      means.map(({ score }) => score),
      means.map(({ truth }) => truth),
    );
    expect(Math.abs(byPatient - idealAuc(spec, "patient"))).toBeLessThan(tolerance);
  });

  test("the closed form is Phi(d'/sqrt 2): 0.5, 0.760, 0.921, 0.983 at d' of 0 to 3", () => {
    // Green & Swets 1966, table of d' and area for one interval.
    const areas = [0, 1, 2, 3].map((strength) => idealAuc(specOf("low", { strength })));
    expect(areas.map((area) => area.toFixed(3))).toEqual(["0.500", "0.760", "0.921", "0.983"]);
    expect(idealAuc(specOf("none", { strength: 3 }))).toBe(0.5);
  });

  test.each(planted.filter((where) => !where.startsWith("confounder") && where !== "hidden"))(
    "%s: nothing recorded beside the attribute goes with it",
    (where) => {
      const { rows } = makeImagePhantom(specOf(where, { patients: 1200, imagesPerPatient: 1 }));
      const labels = rows.map(({ truth }) => truth);
      const others: Record<string, (row: ImagePhantomRow) => number> = {
        age: ({ age }) => age,
        sex: ({ sex }) => (sex === "M" ? 1 : 0),
        site: ({ site }) => (site === "north" ? 1 : 0),
        equipment: ({ equipment }) => (equipment === "Beta 7" ? 1 : 0),
        view: ({ view }) => (view === "AP" ? 1 : 0),
        effusion: ({ effusion }) => (effusion ? 1 : 0),
      };
      const strayed = Object.entries(others)
        .map(([name, of]) => [name, pairAuc(rows.map(of), labels)] as const)
        .filter(([, auc]) => Math.abs(auc - 0.5) > 3.5 * Math.sqrt(1 / (12 * 300)));
      expect(strayed).toEqual([]);
    },
  );

  test("in a hidden confounder goes with age as the closed form says, and with no pixel", () => {
    const spec = specOf("hidden", { patients: 1200, imagesPerPatient: 1 });
    const { rows } = makeImagePhantom(spec);
    const labels = rows.map(({ truth }) => truth);
    const ages = pairAuc(
      rows.map(({ age }) => age),
      labels,
    );
    expect(Math.abs(ages - idealAuc(specOf("confounder:age")))).toBeLessThan(3 * 0.008);
    const shown = pairAuc(
      rows.map(({ t }) => t),
      labels,
    );
    expect(Math.abs(shown - 0.5)).toBeLessThan(3.5 * Math.sqrt(1 / (12 * 300)));
    expect(idealAuc(spec)).toBe(0.5);
  });

  test("in a confounder vanishes within its levels", () => {
    const { rows } = makeImagePhantom(specOf("confounder:equipment", { patients: 300, imagesPerPatient: 1 }));
    for (const equipment of ["Alpha 100", "Beta 7"]) {
      const within = rows.filter((row) => row.equipment === equipment);
      expect(new Set(within.map(({ t }) => t)).size).toBe(1);
    }
  });

  test("in a band passes that band alone", async () => {
    const energyAfter = async (where: string, filter: { kind: "low" | "high"; radius: number }) => {
      const { pattern } = plantedPattern(parsePlanted(where), 64, 0);
      const pixels = Float32Array.from(pattern);
      const passed = await filterFrequencies({ pixels, count: 1, rows: 64, cols: 64 }, filter);
      return passed.reduce((sum, value) => sum + value * value, 0);
    };
    expect(await energyAfter("low", { kind: "low", radius: 6 })).toBeCloseTo(1, 4);
    expect(await energyAfter("low", { kind: "high", radius: 6 })).toBeCloseTo(0, 4);
    expect(await energyAfter("low", { kind: "low", radius: 1.5 })).toBeCloseTo(0, 4);
    expect(await energyAfter("high", { kind: "high", radius: 19 })).toBeCloseTo(1, 4);
    expect(await energyAfter("high", { kind: "low", radius: 19 })).toBeCloseTo(0, 4);
  });

  // An audit's high pass once gave 0.659 (0.527 to 0.776) on 42 patients of a low phantom. This is what there is to find
  // beyond the band, whatever looks: the rounding to grey levels, which no class decides.
  test.each([
    ["low", "high", 32, 10],
    ["low", "high", 64, 6],
    ["high", "low", 32, 9],
    ["high", "low", 64, 19],
  ] as const)(
    "%s leaves nothing of itself to a %s pass at %i pixels, radius %i, but rounding to grey levels",
    async (where, kind, side, radius) => {
      const phantom = makeImagePhantom(specOf(where, { patients: 30, side, imagesPerPatient: 1 }));
      // The same anatomy and grain with a signal of two and a half deviations either way.
      const differences = phantom.rows.map((row) => {
        const [more, less] = [2.5, -2.5].map((t) => imagePhantomPixels(phantom, { ...row, t }));
        return Float32Array.from(more ?? [], (level, pixel) => (level - (less?.[pixel] ?? 0)) / 255);
      });
      const pixels = Float32Array.from(differences.flatMap((one) => [...one]));
      const rootMeanSquare = async (pass: "low" | "high") => {
        const batch = { pixels: pixels.slice(), count: differences.length, rows: side, cols: side };
        const left = await filterFrequencies(batch, { kind: pass, radius });
        return Math.sqrt(left.reduce((sum, value) => sum + value * value, 0) / left.length);
      };
      // Two roundings, each uniform within one grey level.
      const rounding = Math.sqrt(2 / 12) / 255;
      expect(await rootMeanSquare(kind)).toBeLessThan(1.05 * rounding);
      expect(await rootMeanSquare(kind === "low" ? "high" : "low")).toBeGreaterThan(30 * rounding);
    },
  );

  test("in a patch is nothing outside its tile", () => {
    const { pattern } = plantedPattern(parsePlanted("patch:1,2"), 64, 0);
    // Tiles of 64 pixels: rows 21 to 41, columns 42 to 63.
    const outside = pattern.filter((_, pixel) => {
      const [row, col] = [Math.floor(pixel / 64), pixel % 64];
      return row < 21 || row >= 42 || col < 42;
    });
    expect(outside.every((value) => value === 0)).toBe(true);
  });

  test("is the same pattern at every site of the same pattern seed", () => {
    const pattern = (seed: number, patternSeed: number) =>
      makeImagePhantom(specOf("low", { seed, patternSeed })).pattern.pattern;
    expect(pattern(1, 0)).toEqual(pattern(2, 0));
    expect(pattern(1, 0)).not.toEqual(pattern(1, 1));
  });
});
