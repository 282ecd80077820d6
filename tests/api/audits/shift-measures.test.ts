import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DISTANCE_METRIC, measureShift, SHIFT_METRIC } from "../../../api/audits/shift-measures.ts";
import { AnalysisFrames } from "../../../api/metrics/analysis-rows.ts";
import { EvaluationColumns } from "../../../api/predictions/evaluation-columns.ts";
import { NpyFile } from "../../../compute/child/npy-file.ts";
import { kolmogorovSmirnov } from "../../../compute/embeddings/kolmogorov-smirnov.ts";
import { RandomStream } from "../../../compute/index.ts";
import { ScratchFolder } from "../../support/child-tasks.ts";
import { type BuiltDataset, buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

/** Patients with one to three images; one patient of each class has none evaluated. */
const PATIENTS = 90;
const patients = Array.from({ length: PATIENTS }, (_, patient) =>
  Array(1 + (patient % 3)).fill(patient),
).flat();
const raceOf = (patient: number) => patient % 3;
const chance = new RandomStream(9, 0);
/** What the network keeps of a patient: one number that moves with the third race, and another that does not. */
const signal = Array.from({ length: PATIENTS }, (_, patient) => [
  5 * (chance.normal() + (raceOf(patient) === 2 ? 1.5 : 0)),
  chance.normal(),
]);
const shift = { components: 2, correction: "holm", alpha: 0.05 } as const;
const settings = { attribute: "race", classes: ["Black", "White"] };

let database: FreshDatabase;
let folder: ScratchFolder;
let dataset: BuiltDataset;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  dataset = await buildDataset(database, {
    imageCount: patients.length,
    patients,
    categories: { race: { dictionary: ["Asian", "Black", "White"], codes: patients.map(raceOf) } },
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

let count = 0;

/** An evaluation that has kept two numbers of these images, in this order. */
async function evaluationOf(images: readonly number[], of: (image: number) => readonly number[]) {
  count += 1;
  const below = `files-${count}`;
  await mkdir(join(folder.path, below));
  const files = [];
  for (const [file, type, row] of [
    ["ordinals.npy", "<u4", []],
    ["embeddings.npy", "<f4", [2]],
  ] as const) {
    const held = await NpyFile.create(join(folder.path, below, file), type);
    const values =
      type === "<u4" ? Uint32Array.from(images) : Float32Array.from(images.flatMap((one) => [...of(one)]));
    await held.append(values, images.length, row);
    files.push({ file, ...(await held.finish()) });
  }
  const { evaluationId } = await buildEvaluation(database, dataset, {
    taskKind: "multilabel",
    taskAttribute: "finding",
    classes: ["Mass"],
    scores: [patients.map(() => 0.5)],
    run: {
      params: {
        ...{
          dataset: dataset.slug,
          datasetVersion: 1,
          model: "chest",
          modelVersion: 1,
          split: null,
          where: [],
        },
        ...{ transforms: [], provider: "cpu", onBadImage: "skip", artefacts: { embedding: "penultimate" } },
      },
      summary: { artefacts: { folder: below, files } },
    },
  });
  return evaluationId;
}

const measure = (evaluation: number, home = folder.path, changes: Partial<typeof settings> = {}) =>
  measureShift(
    new AnalysisFrames(new EvaluationColumns(database)),
    { database, home },
    {
      shift,
      evaluation,
      settings: { ...settings, ...changes },
    },
  );

const all = [...patients.keys()];
const numbersOf = (image: number) => signal[patients[image] ?? 0] ?? [];
/** Of the first image of each patient. */
const firsts = all.filter((image) => patients[image] !== patients[image - 1]);

describe("measureShift", () => {
  test("tests each component between the classes, one row a patient, and records the share that is rejected", async () => {
    const { values, differences } = await measure(await evaluationOf(all, numbersOf));
    expect(differences.map(({ metric, params }) => [metric, params?.["component"]])).toEqual([
      [DISTANCE_METRIC, 1],
      [DISTANCE_METRIC, 2],
    ]);
    expect(differences[0]).toMatchObject({
      unit: "patient",
      n: 60,
      params: { first: "Black", second: "White" },
    });
    expect(values).toMatchObject([
      { metric: SHIFT_METRIC, value: 0.5, n: 60, className: null, reason: null },
    ]);
    // The first component is the first number, near enough.
    const along = (race: number) =>
      signal.filter((_, patient) => raceOf(patient) === race).map(([x = 0]) => x);
    const { distance, p } = kolmogorovSmirnov(along(1), along(2));
    expect(differences[0]?.value).toBeCloseTo(distance, 1);
    expect(Number(differences[0]?.params?.["p"])).toBeLessThan(0.001);
    expect(p).toBeLessThan(0.001);
  });

  test("takes a patient with three images for no more than one with one", async () => {
    const many = await measure(await evaluationOf(all, numbersOf));
    const single = await measure(await evaluationOf(firsts, numbersOf));
    const of = ({ differences }: typeof many) =>
      differences.map(({ value, params }) => [value, params?.["p"]] as const);
    for (const [i, [value, p]] of of(single).entries()) {
      expect(of(many)[i]?.[0]).toBeCloseTo(value ?? -1, 6);
      expect(Number(of(many)[i]?.[1])).toBeCloseTo(Number(p), 6);
    }
  });

  test("takes the mean of a patient's images, in whatever order they were kept", async () => {
    // Each patient's images lie around its own numbers.
    const around = (image: number) => {
      const own = all.filter((other) => patients[other] === patients[image]);
      const place = own.indexOf(image) - (own.length - 1) / 2;
      return numbersOf(image).map((number) => number + place);
    };
    const backwards = await measure(await evaluationOf([...all].reverse(), around));
    const plain = await measure(await evaluationOf(firsts, numbersOf));
    for (const [i, { value }] of plain.differences.entries()) {
      expect(backwards.differences[i]?.value).toBeCloseTo(value ?? -1, 6);
    }
  });

  test("leaves out classes that are not asked about, and says nothing where the files are elsewhere", async () => {
    const evaluation = await evaluationOf(all, numbersOf);
    const three = await measure(evaluation, folder.path, { classes: ["Asian", "Black", "White"] });
    expect(three.differences).toHaveLength(6);
    expect(three.values[0]?.n).toBe(PATIENTS);
    expect(await measure(evaluation, "/nonexistent")).toEqual({ values: [], differences: [] });
  });
});
