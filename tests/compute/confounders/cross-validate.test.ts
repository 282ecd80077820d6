import { describe, expect, test } from "vitest";
import { crossValidate } from "../../../compute/confounders/cross-validate.ts";
import { fitDesign } from "../../../compute/confounders/design.ts";
import type { ConfounderRows, FeatureColumn } from "../../../compute/confounders/feature-columns.ts";
import { patientFolds } from "../../../compute/confounders/patient-folds.ts";
import { normalCdf } from "../../../compute/distributions.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../../compute/metrics/stratified-auc.ts";
import { confounderModelIds } from "../../../compute/protocols/schema.ts";
import { RandomStream } from "../../../compute/random.ts";

/** Patients of two images each; the number goes with the class at distance d', the category not at all. */
function cohort(strength: number, patients = 400, classes = 2): ConfounderRows {
  const stream = new RandomStream(9);
  const truth: number[] = [];
  const ids: number[] = [];
  const values: number[] = [];
  const codes: number[] = [];
  for (let patient = 0; patient < patients; patient += 1) {
    const code = patient % classes;
    const value = stream.normal() + strength * code;
    const level = stream.below(3);
    for (let image = 0; image < 2; image += 1) {
      truth.push(code);
      ids.push(patient);
      values.push(patient % 17 === 0 ? Number.NaN : value);
      codes.push(patient % 19 === 0 ? -1 : level);
    }
  }
  return {
    classes: ["a", "b", "c"].slice(0, classes),
    truth: Int32Array.from(truth),
    patients: Uint32Array.from(ids),
    columns: [
      { name: "age", kind: "number", values: Float64Array.from(values) },
      { name: "view", kind: "category", levels: ["AP", "PA", "LL"], codes: Int32Array.from(codes) },
    ],
  };
}

async function aucOf(rows: ConfounderRows, scores: Float32Array, code: number): Promise<number> {
  const column = Float32Array.from(
    rows.truth,
    (_, row) => scores[row * rows.classes.length + code] ?? Number.NaN,
  );
  const labels = Uint8Array.from(rows.truth, (value) => (value === code ? 1 : 0));
  const [cell] = await stratifiedAuc({ order: await sortScores(column), labels });
  return cell?.auc ?? Number.NaN;
}

describe("folds", () => {
  test("keep each patient's rows together and share classes evenly", () => {
    const rows = cohort(1);
    const folds = patientFolds(rows, 5, 1);
    for (const [row, patient] of rows.patients.entries()) {
      expect(folds[row]).toBe(folds[rows.patients.indexOf(patient)]);
    }
    for (let fold = 0; fold < 5; fold += 1) {
      const count = (code: number) =>
        folds.filter((its, row) => its === fold && rows.truth[row] === code).length;
      expect(count(0)).toBe(80);
      expect(count(1)).toBe(80);
    }
  });

  test("are the same for a seed and others for another", () => {
    const rows = cohort(1);
    expect(patientFolds(rows, 5, 1)).toEqual(patientFolds(rows, 5, 1));
    expect(patientFolds(rows, 5, 1)).not.toEqual(patientFolds(rows, 5, 2));
  });

  test("are refused where a class has fewer patients", () => {
    expect(() => patientFolds(cohort(1, 6), 5, 1)).toThrow(/at least 5 patients of each class.*got 3/);
  });
});

describe("the matrix of a linear model", () => {
  test("is standardised by the training rows, unknown values at the mean and said to be unknown", () => {
    const columns: FeatureColumn[] = [
      { name: "age", kind: "number", values: Float64Array.of(10, 20, Number.NaN, 30) },
      { name: "sex", kind: "category", levels: ["F", "M"], codes: Int32Array.of(0, 1, 1, -1) },
      { name: "site", kind: "category", levels: ["x", "y"], codes: new Int32Array(4) },
    ];
    const design = fitDesign(columns, [0, 1, 2, 3]);
    expect(design.names).toEqual(["age", "age unknown", "sex M", "sex unknown"]);
    const matrix = design.matrix([0, 1, 2, 3]);
    const column = (index: number) => [0, 1, 2, 3].map((row) => matrix[row * 4 + index] ?? Number.NaN);
    expect(column(0)[2]).toBeCloseTo(0, 12);
    for (let index = 0; index < 4; index += 1) {
      expect(column(index).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 10);
      expect(column(index).reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(4, 10);
    }
  });
});

describe("confounder models", () => {
  test.each(confounderModelIds)(
    "%s finds a number that goes with the class, near its ideal",
    async (model) => {
      const rows = cohort(2);
      const scores = await crossValidate(rows, { model, folds: 4, seed: 1 });
      const auc = await aucOf(rows, scores, 1);
      // Phi(2 / sqrt 2) = 0.921 less what one value in seventeen unknown costs.
      const ideal = (16 / 17) ** 2 * normalCdf(Math.SQRT2) + (1 - (16 / 17) ** 2) * 0.7;
      expect(auc).toBeGreaterThan(ideal - 0.06);
      expect(auc).toBeLessThan(ideal + 0.03);
      for (let row = 0; row < rows.truth.length; row += 1) {
        expect((scores[2 * row] ?? 0) + (scores[2 * row + 1] ?? 0)).toBeCloseTo(1, 5);
      }
    },
  );

  test.each(confounderModelIds)(
    "%s finds nothing where there is nothing, though rows come in pairs",
    async (model) => {
      const rows = cohort(0);
      const scores = await crossValidate(rows, { model, folds: 4, seed: 1 });
      // Five standard errors of 400 patients. Folds by image would give a forest nearly 1 here.
      expect(Math.abs((await aucOf(rows, scores, 1)) - 0.5)).toBeLessThan(0.15);
    },
  );

  test.each(confounderModelIds)("%s is the same to the bit when repeated", async (model) => {
    const rows = cohort(1, 60);
    const once = await crossValidate(rows, { model, folds: 2, seed: 3 });
    expect(await crossValidate(rows, { model, folds: 2, seed: 3 })).toEqual(once);
  });

  test.each(confounderModelIds)(
    "%s scores three classes in their order, unequal as they are",
    async (model) => {
      const rows = cohort(2.5, 300, 3);
      // A third of the rows of the first class unknown: it becomes the rarest, and the order of frequency another.
      const truth = rows.truth.map((code, row) => (code === 0 && row % 3 === 0 ? -1 : code));
      const scores = await crossValidate({ ...rows, truth }, { model, folds: 3, seed: 1 });
      for (const code of [0, 1, 2]) {
        // The middle class is no side of a line: one-vs-rest regressions see little of it.
        const least = code === 1 ? (model === "logistic_regression" ? 0 : 0.6) : 0.78;
        expect(await aucOf({ ...rows, truth }, scores, code)).toBeGreaterThan(least);
      }
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    },
  );

  test("tell how far they are", async () => {
    const done: number[] = [];
    await crossValidate(cohort(1, 40), { model: "logistic_regression", folds: 3, seed: 1 }, (fold) => {
      done.push(fold);
    });
    expect(done).toEqual([1, 2, 3]);
  });

  test.each<[string, Partial<ConfounderRows>, RegExp]>([
    ["no feature", { columns: [] }, /at least one feature/],
    ["one class", { classes: ["a"] }, /two classes or more/],
    ["a class without rows", { classes: ["a", "b", "c"] }, /none of class 3/],
    ["a short column", { patients: new Uint32Array(3) }, /values in each column/],
  ])("refuse %s", async (_what, change, message) => {
    const asked = crossValidate(
      { ...cohort(1, 40), ...change },
      { model: "logistic_regression", folds: 2, seed: 1 },
    );
    await expect(asked).rejects.toThrow(message);
  });
});

describe("a forest of few rows", () => {
  // Two images a patient, two patients of each class a fold: four images of each.
  const rows = cohort(1, 8);

  test.each(["random_forest", "boosted_trees"] as const)(
    "%s is refused in words where a fold has too few to learn from",
    async (model) => {
      const asked = crossValidate(rows, { model, folds: 2, seed: 1 });
      await expect(asked).rejects.toThrow(/at least 5 images of each class for .* to learn from, got 4/);
      await expect(crossValidate(rows, { model, folds: 4, seed: 1 })).resolves.toHaveLength(32);
    },
  );

  test.each(["random_forest", "boosted_trees"] as const)(
    "%s scores, progressively, the folds before which there is enough",
    async (model) => {
      // One patient of each class a fold: 2, 4, 6 images of each before the second, third, fourth fold.
      const foldOf = patientFolds(rows, 4, 1);
      const scores = await crossValidate(rows, { model, folds: 4, seed: 1, scheme: "progressive" });
      const scored = [...foldOf.keys()].filter((row) => !Number.isNaN(scores[2 * row]));
      expect(scored).toEqual([...foldOf.keys()].filter((row) => foldOf[row] === 3));
      const none = crossValidate(rows, { model, folds: 2, seed: 1, scheme: "progressive" });
      await expect(none).rejects.toThrow(/got 4; use logistic regression or more images/);
    },
  );

  test("a regression is not", async () => {
    const scores = await crossValidate(rows, { model: "logistic_regression", folds: 2, seed: 1 });
    expect(scores.some(Number.isNaN)).toBe(false);
  });
});

describe("progressive validation", () => {
  const scheme = "progressive";

  test.each(confounderModelIds)(
    "%s learns from earlier folds alone, and scores no first one",
    async (model) => {
      const rows = cohort(1, 120);
      const validation = { model, folds: 4, seed: 2, scheme } as const;
      const scores = await crossValidate(rows, validation);
      const foldOf = patientFolds(rows, 4, 2);
      // The values of one fold drawn anew change the scores of that fold and of later ones, and of no earlier one.
      const changed = 2;
      const stream = new RandomStream(3);
      const columns = rows.columns.map((column) =>
        column.kind === "number"
          ? {
              ...column,
              values: column.values.map((value, row) => (foldOf[row] === changed ? stream.normal() : value)),
            }
          : column,
      );
      const others = await crossValidate({ ...rows, columns }, validation);
      const differing = [0, 1, 2, 3].map((fold) =>
        [...foldOf.keys()].some(
          (row) => foldOf[row] === fold && !Object.is(scores[2 * row], others[2 * row]),
        ),
      );
      expect(differing).toEqual([false, false, true, true]);
      for (const [row, fold] of foldOf.entries()) {
        expect(Number.isNaN(scores[2 * row]), `row ${row} of fold ${fold}`).toBe(fold === 0);
      }
    },
  );

  test("has intervals that hold 0.5 where nothing is there, which those of folds do not", async () => {
    const cohorts = 1_000;
    const held = { folds: 0, progressive: 0 };
    for (let seed = 0; seed < cohorts; seed += 1) {
      const rows = nothing(seed, 160);
      for (const its of ["folds", "progressive"] as const) {
        const validation = { model: "logistic_regression", folds: 5, seed, scheme: its } as const;
        const [low, high] = await deLongOf(rows, await crossValidate(rows, validation));
        if (low <= 0.5 && high >= 0.5) held[its] += 1;
      }
    }
    // Binomial: 95 % of 1,000 is within 928 and 971 in all but 2 studies of 1,000.
    expect(held.progressive).toBeGreaterThanOrEqual(928);
    expect(held.progressive).toBeLessThanOrEqual(971);
    expect(held.folds).toBeLessThan(900);
  });
});

/** Patients of one image whose three numbers have nothing to do with their class. */
function nothing(seed: number, patients: number): ConfounderRows {
  const stream = new RandomStream(seed, 77);
  const draw = () => Float64Array.from({ length: patients }, () => stream.normal());
  return {
    classes: ["a", "b"],
    truth: Int32Array.from({ length: patients }, () => stream.below(2)),
    patients: Uint32Array.from({ length: patients }, (_, row) => row),
    columns: ["one", "two", "three"].map((name) => ({ name, kind: "number", values: draw() })),
  };
}

async function deLongOf(rows: ConfounderRows, scores: Float32Array): Promise<readonly [number, number]> {
  const scored = [...rows.truth.keys()].filter((row) => !Number.isNaN(scores[2 * row]));
  const order = await sortScores(Float32Array.from(scored, (row) => scores[2 * row + 1] ?? 0));
  const labels = Uint8Array.from(scored, (row) => rows.truth[row] ?? 0);
  const [cell] = await stratifiedAuc({ order, labels });
  const auc = cell?.auc ?? Number.NaN;
  const width = 1.959_963_985 * Math.sqrt(cell?.variance ?? Number.NaN);
  return [auc - width, auc + width];
}
