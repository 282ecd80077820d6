import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainRequestOf } from "../../api/cli/train-flags.ts";
import { aucWords, duration, epochLine, nextCommand } from "../../api/cli/training-text.ts";
import { packageRoot } from "../../api/package-root.ts";
import { ScratchFolder } from "../support/child-tasks.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { buildStripes } from "../support/jobs/training-fixture.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

let database: FreshDatabase;
let folder: ScratchFolder;
let home: string;

beforeAll(async () => {
  database = await freshDatabase();
  folder = new ScratchFolder();
  home = join(folder.path, "home");
  await buildStripes(database, folder, 96, "stripes");
}, 60_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const stratum = (...args: readonly string[]): Promise<Ended> =>
  runStratum(args, { home, databaseUrl: database.connectionString });

const quick = ["--learning-rate", "0.003", "--batch", "8", "--epochs", "2", "--augment", "none"];
const target = ["train", "--dataset", "stripes", "--attribute", "sex", ...quick];

/** A training without end that gets a Ctrl-C in its first epochs. */
async function interrupted(): Promise<{ readonly status: number | null; readonly err: string }> {
  const child = spawn(
    process.execPath,
    [join(packageRoot, "bin/stratum.js"), ...target, "--epochs", "100000", "--patience", "0"],
    {
      cwd: packageRoot,
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        STRATUM_HOME: home,
        DATABASE_URL: database.connectionString,
        STRATUM_HEARTBEAT_MS: "200",
        STRATUM_LEASE_MS: "2000",
      },
    },
  );
  let err = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const hasBegun = err.includes("Epoch");
    err += text;
    // Once: the second time would end the command at once.
    if (!hasBegun && err.includes("Epoch")) child.kill("SIGINT");
  });
  return { status: await ended, err };
}

describe("stratum train", () => {
  test("tells of each epoch, and ends with what to type next, which works", async () => {
    const { status, out, err } = await stratum(...target, "--fold", "1/4");
    expect({ status, err }).toMatchObject({ status: 0 });
    expect(err).toMatch(/^Training on \d+ images, validating on \d+: cpu, .*, \d+ threads$/m);
    expect(err).toMatch(
      /^Epoch 1\/2 {2}loss \d\.\d{4} {2}validation \d\.\d{4} {2}AUC M \d\.\d{3}.* {2}rate 0\.003 {2}[\d.]+ (s|min)/m,
    );
    expect(err).toMatch(/^Epoch 2\/2/m);
    expect(out).toMatch(/^Model stripes-sex-small_cnn-fold-1-of-4 version 1: F, M, AUC M \d/);
    expect(out).toMatch(/Epoch [12] of 2 kept, ended by epochs after \d+ s/);
    const [, next = ""] = /^Next: stratum (.*)$/m.exec(out) ?? [];
    expect(next).toBe(
      "evaluate --model stripes-sex-small_cnn-fold-1-of-4 --model-version 1 --dataset stripes --split folds-4-seed-2021:fold-1",
    );
    const evaluated = await stratum(...next.split(" "), "--json");
    expect(JSON.parse(evaluated.out).run).toMatchObject({
      state: "SUCCEEDED",
      summary: { images: 24, scored: 24 },
    });
  }, 240_000);

  test("finds what was trained before, as JSON with its whole history", async () => {
    const first = JSON.parse((await stratum(...target, "--json")).out);
    expect(first).toMatchObject({
      created: true,
      run: {
        kind: "TRAINING",
        state: "SUCCEEDED",
        trainedModel: { version: 1, model: { slug: "stripes-sex-small_cnn" } },
        trainingHistory: [{ epoch: 1 }, { epoch: 2 }],
      },
    });
    const again = await stratum(...target, "--json");
    expect(JSON.parse(again.out)).toEqual({ ...first, created: false });
    expect(again.err).toBe("");
  }, 240_000);

  test("cancels what it queued when it is interrupted, also the second time", async () => {
    for (let time = 0; time < 2; time += 1) {
      const { status, err } = await interrupted();
      expect(status).toBe(1);
      expect(err).toContain("Cancelling the training");
      expect(err).toContain("The training was cancelled.");
      // It began anew, and tells nothing of the first time.
      expect(err.match(/^Epoch +1\//gm)).toHaveLength(1);
      const { rows } = await database.pool.query("select state from run order by id desc limit 1");
      expect(rows).toEqual([{ state: "cancelled" }]);
    }
  }, 240_000);

  test.each([
    [["train", "--dataset", "nowhere", "--attribute", "sex"], 4, "NOT_FOUND"],
    [["train", "--dataset", "stripes", "--attribute", "shoe"], 2, "an attribute of categories"],
    [[...target, "--fold", "five"], 2, "--fold i/k"],
    [[...target, "--class", "=F"], 2, "--class NAME"],
    [[...target, "--augment", "blur=1"], 2, "--augment none"],
    [[...target, "--start", "nobody"], 4, "NOT_FOUND"],
    [[...target, "--batch", "many"], 2, "--batch"],
  ])("%j exits with %i", async (args, status, word) => {
    const ended = await stratum(...args);
    expect({ status: ended.status, err: ended.err }).toMatchObject({
      status,
      err: expect.stringContaining(word),
    });
  });
});

test("options become a request", () => {
  const usual = {
    dataset: "d",
    attribute: "sex",
    class: [],
    where: [],
    transform: [],
    antialias: true,
    lowering: true,
    onBadImage: "fail",
  } as const;
  const said = Object.entries(trainRequestOf(usual)).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  expect(Object.fromEntries(said)).toEqual({
    dataset: "d",
    attribute: "sex",
    where: [],
    transforms: [],
    onBadImage: "fail",
  });
  expect(
    trainRequestOf({
      ...usual,
      class: ["White", "other=Asian,Black"],
      fold: "2/5",
      start: "resnet34:2",
      learn: "head",
      size: "64",
      mean: "0.4,0.5,0.6",
      momentum: "0.9",
      optimiser: "sgd",
      schedulePatience: "3",
      augment: "flip=0.5,crop=0.75",
      strata: ["view", "sex"],
      lowering: false,
    }),
  ).toMatchObject({
    classes: [{ name: "White" }, { name: "other", levels: ["Asian", "Black"] }],
    folds: { fold: 2, k: 5 },
    start: { model: "resnet34", modelVersion: 2, learn: "head" },
    preprocessing: { rows: 64, cols: 64, mean: [0.4, 0.5, 0.6] },
    optimiser: { kind: "sgd", momentum: 0.9 },
    schedule: { kind: "plateau", patience: 3 },
    augmentation: { flip: 0.5, cropLeastArea: 0.75 },
    sampling: "equal-strata",
    strata: ["view", "sex"],
    lowering: false,
  });
});

describe("words of a training", () => {
  const auc = (name: string, value: number | null) => ({
    class: name,
    auc: value,
    ciLow: value === null ? null : value - 0.05,
    ciHigh: value === null ? null : value + 0.05,
  });

  test("an epoch is one line", () => {
    const report = {
      epoch: 3,
      epochs: 20,
      step: 60,
      learningRate: 1e-4,
      trainingLoss: 0.5,
      validationLoss: 0.4,
      best: true,
      seconds: 75,
    };
    expect(epochLine({ ...report, validationAuc: [auc("F", 0.9), auc("M", 0.9)] })).toBe(
      "Epoch  3/20  loss 0.5000  validation 0.4000  AUC M 0.900 (0.850 to 0.950)  rate 0.0001  1 min 15 s  best",
    );
    const { validationLoss: _, ...bare } = report;
    expect(epochLine({ ...bare, best: false })).toBe("Epoch  3/20  loss 0.5000  rate 0.0001  1 min 15 s");
  });

  test("many classes are shown by their mean, unknown ones by the word", () => {
    expect(aucWords([auc("A", 0.8), auc("B", null), auc("C", 0.7)])).toBe(
      "A 0.800 (0.750 to 0.850), B not estimable, C 0.700 (0.650 to 0.750)",
    );
    expect(aucWords(["A", "B", "C", "D", "E"].map((name) => auc(name, 0.7)))).toBe(
      "0.700 on average of 5 classes",
    );
  });

  test.each([
    [42.4, "42 s"],
    [119.6, "2 min 0 s"],
    [7_500, "2 h 5 min"],
  ])("%d seconds are %s", (seconds, words) => expect(duration(seconds)).toBe(words));

  test("the next command names what was held back", () => {
    const model = { slug: "m", version: 2 };
    const training = { name: "split", part: "train" };
    const params = { dataset: "d", heldOut: null, training };
    const command = "stratum evaluate --model m --model-version 2 --dataset d";
    expect(nextCommand(params, model, [{ name: "split", parts: ["train", "test"] }])).toBe(
      `${command} --split split:test`,
    );
    expect(nextCommand(params, model, [])).toBe(command);
    const heldOut = { split: { name: "folds-5-seed-1", part: "fold-2" }, k: 5, fold: 2, seed: 1 };
    expect(nextCommand({ ...params, heldOut }, model, [])).toBe(`${command} --split folds-5-seed-1:fold-2`);
  });
});
