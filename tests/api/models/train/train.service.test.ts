import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operator } from "../../../../api/access/principal.ts";
import { readConfig } from "../../../../api/config.ts";
import { selectSample, type TrainingSample } from "../../../../api/models/train/select-sample.ts";
import { type TrainRequest, TrainService } from "../../../../api/models/train/train.service.ts";
import {
  readTrainingParams,
  type TrainingParams,
  taskOf,
} from "../../../../api/models/train/training-params.ts";
import { findTrainingSubject, planTraining } from "../../../../api/models/train/training-subject.ts";
import { buildDataset } from "../../../support/evaluation-builder.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";
import { type GraphqlClient, graphqlClient } from "../../../support/graphql-client.ts";

/** Two images a patient; 30 patients, of whom the last is not known. */
const IMAGES = 60;
const rows = Array.from({ length: IMAGES }, (_, row) => row);
const files = {
  root: "/nowhere",
  of: rows.map((row) => ({ uri: `${row}.png`, sha256: "0".repeat(63) + (row % 10), rows: 80, cols: 64 })),
};

let database: FreshDatabase;
let service: TrainService;
let client: GraphqlClient;

beforeAll(async () => {
  database = await freshDatabase();
  service = new TrainService({ database, config: readConfig({ STRATUM_HOME: "/nonexistent" }) });
  client = graphqlClient(database);
  const patients = rows.map((row) => (row >= 58 ? -1 : row >> 1));
  const columns = {
    imageCount: IMAGES,
    files,
    patients,
    categories: {
      sex: { dictionary: ["M", "F"], codes: rows.map((row) => (row % 20 === 7 ? -1 : (row >> 1) % 2)) },
      race: {
        dictionary: ["ASIAN", "WHITE", "BLACK/AFRICAN", "OTHER", "DECLINED"],
        codes: rows.map((row) => (row >> 1) % 5),
        mapping: {
          ASIAN: "Asian",
          WHITE: "White",
          "BLACK/AFRICAN": "Black",
          OTHER: "Other",
          DECLINED: null,
        },
      },
      "finding:Edema": { dictionary: ["0", "1"], codes: rows.map((row) => (row < 4 ? -1 : row % 2)) },
      "finding:Nodule": {
        dictionary: ["0", "1"],
        codes: rows.map((row) => (row < 2 ? -1 : Number(row % 3 === 0))),
      },
      view: { dictionary: ["AP", "PA"], codes: rows.map((row) => (row >> 2) % 2) },
    },
    numbers: { age: rows },
  } as const;
  await buildDataset(database, {
    ...columns,
    slug: "split",
    splits: {
      split: { parts: ["train", "validate", "test"], of: Array.from({ length: 29 }, (_, i) => i % 3) },
    },
  });
  await buildDataset(database, {
    ...columns,
    slug: "half",
    splits: { split: { parts: ["train", "test"], of: Array.from({ length: 29 }, (_, i) => i % 2) } },
  });
  await buildDataset(database, { ...columns, slug: "whole" });
  const { patients: _, ...strangers } = columns;
  await buildDataset(database, { ...strangers, slug: "strangers" });
});
afterAll(() => database[Symbol.asyncDispose]());

const asked = (request: Partial<TrainRequest> = {}) =>
  service.request(
    { dataset: "split", attribute: "sex", where: [], transforms: [], onBadImage: "fail", ...request },
    operator,
  );

async function paramsOf(request: Partial<TrainRequest> = {}): Promise<TrainingParams> {
  return readTrainingParams((await asked(request)).run.params);
}

async function sampleOf(request: Partial<TrainRequest> = {}): Promise<TrainingSample> {
  const params = await paramsOf(request);
  const subject = await findTrainingSubject(database.db, { dataset: params.dataset });
  return selectSample(database, await planTraining(database, subject, taskOf(params)), params);
}

/** The patients of one side of a sample. */
function patientsOf({ patients, isValidation }: TrainingSample, side: number): Set<number> {
  return new Set(patients.filter((_, place) => isValidation[place] === side));
}

describe("a request for a training", () => {
  test("needs a dataset and an attribute only; the rest is the study's", async () => {
    const { run, created } = await asked();
    expect(created).toBe(true);
    expect(run).toMatchObject({ kind: "training", plugin: "train", state: "queued" });
    expect(readTrainingParams(run.params)).toMatchObject({
      dataset: "split",
      datasetVersion: 1,
      attribute: "sex",
      classes: [
        { name: "F", levels: ["F"] },
        { name: "M", levels: ["M"] },
      ],
      training: { name: "split", part: "train" },
      validation: { kind: "part", part: { name: "split", part: "validate" } },
      heldOut: null,
      provider: "cpu",
      model: "split-sex-small_cnn",
      recipe: {
        start: { kind: "architecture", name: "small_cnn" },
        task: "exclusive",
        classes: ["F", "M"],
        preprocessing: { rows: 80, cols: 80, planes: 1, mean: [0.5], deviation: [0.25] },
        optimiser: { kind: "adam" },
        learningRate: 1e-3,
        schedule: { kind: "plateau", factor: 0.1, patience: 2, floor: 1e-5 },
        epochs: 100,
        patience: 4,
        monitor: "validation-loss",
        augmentation: { flip: 0.5, rotation: 15, zoom: 0.1 },
        sampling: { kind: "shuffle" },
        keep: "best",
        seed: 2021,
      },
    });
  });

  test("is the same run the second time, by whatever name its title goes, and another with another seed", async () => {
    const first = await asked({ seed: 7 });
    expect(first.created).toBe(true);
    const again = await Promise.all([
      asked({ seed: 7 }),
      asked({ seed: 7, title: "Another title", validationSplit: "validate", epochs: 100 }),
    ]);
    for (const { run, created } of again)
      expect({ id: run.id, created }).toEqual({ id: first.run.id, created: false });
    expect((await asked({ seed: 8 })).run.id).not.toBe(first.run.id);
    expect((await asked({ seed: 7, model: "mine" })).run.id).not.toBe(first.run.id);
  });

  test.each<[Partial<TrainRequest>, string]>([
    [{ attribute: "age" }, "an attribute of categories"],
    [{ attribute: "nobody" }, "finding"],
    [{ classes: [{ name: "F" }] }, "2 to 1000 classes"],
    [{ classes: [{ name: "F" }, { name: "X" }] }, '"X"'],
    [{ classes: [{ name: "F" }, { name: "all", levels: ["F", "M"] }] }, "twice"],
    [{ split: "nowhere" }, "a part of a split"],
    [{ validationSplit: "test", validationShare: 0.2 }, "got both"],
    [{ validationShare: 1.5 }, "validationShare"],
    [{ folds: { k: 1, fold: 1 } }, "2 to 100 folds"],
    [{ folds: { k: 5, fold: 6 } }, "a fold from 1 to 5"],
    [{ folds: { k: 60, fold: 1 } }, "at least as many patients"],
    [{ where: [{ attribute: "sex", in: ["F"] }] }, "training images of every class"],
    [{ validationShare: 0, keep: "best" }, "without validation"],
    [{ learningRate: -1 }, "learningRate"],
    [{ batch: 1.5 }, "a whole number for batch"],
    [{ classWeights: [1] }, "2 classWeights"],
    [{ optimiser: { kind: "sgd", beta1: 0.9 } }, "no beta1"],
    [{ sampling: "equal-strata" }, "strata"],
    [{ strata: ["view"] }, "EQUAL_STRATA"],
    [{ sampling: "matched-strata" }, "strata"],
    [{ sampling: "matched-strata", strata: ["view", "sex"] }, "other than what is learnt"],
    [{ attribute: "finding", sampling: "balanced" }, "many labels"],
    [{ start: { learn: "head" } }, "the model that training starts from"],
    [{ model: "Not A Slug" }, "slug"],
    [{ preprocessing: { rows: 0 } }, "rows from 1"],
  ])("%j is refused in words", async (request, words) => {
    await expect(asked(request)).rejects.toThrow(words);
  });

  test("does not take the name of a model that came from elsewhere", async () => {
    await database.pool.query(
      "insert into model (slug, title, origin) values ('theirs', 'theirs', 'registered')",
    );
    await expect(asked({ model: "theirs" })).rejects.toThrow("which was registered");
  });

  test("comes through GraphQL, and for stewards only", async () => {
    const mutation = `mutation ($input: TrainInput!) { train(input: $input) { created run { id kind state trainingHistory { epoch } trainedModel { version } } } }`;
    const input = {
      dataset: "half",
      attribute: "race",
      classes: [{ name: "White" }, { name: "other", levels: ["Asian", "Black", "Other"] }],
      start: { architecture: "RESNET18" },
      optimiser: { kind: "SGD", momentum: 0.9 },
      schedule: { kind: "COSINE" },
      sampling: "EQUAL_STRATA",
      strata: "view",
      monitor: "VALIDATION_AUC",
      transforms: [{ lowPass: { radius: 10 } }],
      where: [{ attribute: "age", gte: 4 }],
    };
    const { train } = await client.ask(mutation, { input });
    expect(train).toMatchObject({
      created: true,
      run: { kind: "TRAINING", state: "QUEUED", trainingHistory: [], trainedModel: null },
    });
    const { rows: found } = await database.pool.query("select params from run order by id desc limit 1");
    expect(found[0].params).toMatchObject({
      strata: ["view"],
      transforms: [{ id: "low_pass" }],
      recipe: {
        optimiser: { kind: "sgd", momentum: 0.9 },
        schedule: { kind: "cosine", floor: 0 },
        sampling: { kind: "equal-strata" },
        monitor: "validation-auc",
      },
    });
    await expect(client.ask(mutation, { input }, "analyst")).rejects.toThrow(/steward/);
  });
});

describe("the images of a training", () => {
  test("are those of the parts, with what is true of them; others are counted by reason", async () => {
    const sample = await sampleOf();
    // Patients 0, 3, 6, ... train, 1, 4, 7, ... validate; images 7, 27 and 47 have no sex.
    const expected = rows.filter((row) => row < 58 && (row >> 1) % 3 < 2 && row % 20 !== 7);
    expect([...sample.ordinals]).toEqual(expected);
    expect([...sample.isValidation]).toEqual(expected.map((row) => (row >> 1) % 3));
    // The dictionary is M, F; the classes are F, M.
    expect([...sample.targets]).toEqual(expected.map((row) => 1 - ((row >> 1) % 2)));
    expect([...sample.patients]).toEqual(expected.map((row) => row >> 1));
    expect(sample.leftOut).toEqual({ NO_LABEL: 2 });
    expect(sample.training.images + sample.validation.images).toBe(expected.length);
    expect(sample.training.patients).toBe(10);
  });

  test("without a part for validation are a tenth of the training patients, with one seed the same ones", async () => {
    // Of the fifteen patients of the part, three have no known race.
    const request = { dataset: "half", attribute: "race", validationShare: 0.3 };
    const first = await sampleOf(request);
    expect(await sampleOf({ ...request, epochs: 3 })).toEqual(first);
    const [training, validation] = [patientsOf(first, 0), patientsOf(first, 1)];
    expect(validation.size).toBe(4);
    expect(training.size).toBe(8);
    expect([...training].filter((patient) => validation.has(patient))).toEqual([]);
    expect([...training, ...validation].every((patient) => patient % 2 === 0)).toBe(true);
    const other = await sampleOf({ ...request, splitSeed: 5 });
    expect(patientsOf(other, 1)).not.toEqual(validation);
    expect(patientsOf(await sampleOf({ dataset: "half", attribute: "race" }), 1).size).toBe(1);
  });

  test("of k trainings by folds hold back every patient once, also from validation", async () => {
    const seen: number[] = [];
    for (const fold of [1, 2, 3]) {
      const request = { dataset: "whole", folds: { k: 3, fold } };
      const sample = await sampleOf(request);
      const used = new Set(sample.patients);
      const held = rows.map((row) => row >> 1).filter((patient) => patient < 29 && !used.has(patient));
      seen.push(...new Set(held));
      expect(sample.leftOut["NO_PATIENT"]).toBe(2);
      expect((await paramsOf(request)).model).toBe(`whole-sex-small_cnn-fold-${fold}-of-3`);
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 29 }, (_, patient) => patient));
    // The division is a split like any other.
    const { rows: stored } = await database.pool.query(
      "select name, cardinality(parts) as parts from split where name like 'folds-%'",
    );
    expect(stored).toEqual([{ name: "folds-3-seed-2021", parts: 3 }]);
  });

  test("with a fold for validation are those of the part itself, and the fold can be named", async () => {
    const request = { dataset: "half", attribute: "race", validationFold: { k: 4, fold: 2 } };
    const sample = await sampleOf(request);
    const [training, validation] = [patientsOf(sample, 0), patientsOf(sample, 1)];
    // Of the part's own patients, never of others: those are for tests.
    expect([...training, ...validation].every((patient) => patient % 2 === 0)).toBe(true);
    expect([...training].filter((patient) => validation.has(patient))).toEqual([]);
    const { rows: members } = await database.pool.query(
      `select member.patient_ordinal::int as patient from split join split_member as member on member.split_id = split.id
       join dataset_version on dataset_version.id = split.dataset_version_id join dataset on dataset.id = dataset_version.dataset_id
       where dataset.slug = 'half' and split.name = 'folds-4-seed-2021' and member.part = 1`,
    );
    const fold = new Set(members.map(({ patient }) => patient));
    expect(fold.size).toBeGreaterThan(5);
    expect(validation.size).toBeGreaterThan(0);
    expect([...validation].every((patient) => fold.has(patient))).toBe(true);
    expect([...training].some((patient) => fold.has(patient))).toBe(false);
  });

  test("of a source without patients are divided one by one", async () => {
    const sample = await sampleOf({ dataset: "strangers", folds: { k: 4, fold: 2 } });
    expect(sample.training.patients).toBeNull();
    expect(sample.ordinals.length).toBeGreaterThan(40);
    expect(sample.ordinals.length).toBeLessThan(46);
  });

  test("of merged levels have the class that they are merged into", async () => {
    const classes = [{ name: "White" }, { name: "other", levels: ["Asian", "Black"] }];
    const sample = await sampleOf({ dataset: "whole", attribute: "race", classes, validationShare: 0 });
    const expected = rows.filter((row) => [0, 1, 2].includes((row >> 1) % 5));
    expect([...sample.ordinals]).toEqual(expected);
    expect([...sample.targets]).toEqual(expected.map((row) => ((row >> 1) % 5 === 1 ? 0 : 1)));
    expect(sample.leftOut).toEqual({ NO_LABEL: 12, OTHER_CLASS: 12 });
  });

  test("of many labels have one number a class, -1 where it is not known", async () => {
    const sample = await sampleOf({ dataset: "whole", attribute: "finding", validationShare: 0 });
    expect((await paramsOf({ dataset: "whole", attribute: "finding", validationShare: 0 })).classes).toEqual([
      { name: "Edema", levels: ["Edema"] },
      { name: "Nodule", levels: ["Nodule"] },
    ]);
    expect(sample.ordinals[0]).toBe(2);
    expect([...sample.targets.subarray(0, 8)]).toEqual([-1, 0, -1, 1, 0, 0, 1, 0]);
    expect(sample.leftOut).toEqual({ NO_LABEL: 2 });
  });

  test("for equal strata have the level of the attribute", async () => {
    const sample = await sampleOf({ sampling: "equal-strata", strata: ["race"] });
    // Declined is not known: left out of training, not of validation.
    expect(sample.leftOut["NO_STRATUM"]).toBeGreaterThan(0);
    const training = sample.ordinals.filter((_, place) => sample.isValidation[place] === 0);
    expect(training.every((row) => (row >> 1) % 5 !== 4)).toBe(true);
    expect(new Set(sample.strata).size).toBeGreaterThan(3);
  });

  test("for matched strata are of levels together that every class has", async () => {
    // Of the training patients 0, 3, 6, ... the races go round by 5 and the sexes by 2: some pairs are of one sex only.
    const sample = await sampleOf({ sampling: "matched-strata", strata: ["race", "view"] });
    const classesOf = new Map<number, Set<number>>();
    for (const [place, stratum] of (sample.strata ?? []).entries()) {
      if (sample.isValidation[place] === 1) continue;
      classesOf.set(stratum, (classesOf.get(stratum) ?? new Set()).add(sample.targets[place] ?? -1));
    }
    expect(classesOf.size).toBeGreaterThan(0);
    expect([...classesOf.values()].every(({ size }) => size === 2)).toBe(true);
    expect(sample.leftOut["NOT_IN_EVERY_CLASS"]).toBeGreaterThan(0);
    // What is not known is a level like any other here.
    expect(sample.leftOut["NO_STRATUM"]).toBeUndefined();
  });

  test("have no patient on both sides", async () => {
    const { datasetVersionId } = await buildDataset(database, {
      slug: "crossed",
      imageCount: IMAGES,
      files,
      patients: rows.map((row) => row >> 1),
      categories: { sex: { dictionary: ["M", "F"], codes: rows.map((row) => ((row >> 1) % 3) % 2) } },
    });
    // Held by image, and recorded against the rule: every patient has an image in each part.
    await database.pool.query(
      `insert into split (dataset_version_id, name, parts, leaking_patients, override_reason, image_parts)
       values ($1, 'leaking', '{train,validate}', 30, 'to see it refused', $2)`,
      [datasetVersionId, Buffer.from(rows.map((row) => row % 2))],
    );
    await expect(asked({ dataset: "crossed" })).rejects.toThrow(
      "Expected no patient both among training and validation images, got 30",
    );
    const sample = await sampleOf({ dataset: "crossed", validationShare: 0.5 });
    expect([patientsOf(sample, 0).size, patientsOf(sample, 1).size]).toEqual([15, 15]);
  });
});
