import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import {
  makePhantomCohort,
  phantomLevels,
  phantomRecordedRaces,
} from "../../../compute/data/phantom-cohort.ts";
import { phantomCsv, phantomCsvColumns } from "../../../compute/data/phantom-csv.ts";
import { type PhantomModel, phantomTruth, scorePhantomCohort } from "../../../compute/data/phantom-scores.ts";
import { comparePairedAucs } from "../../../compute/metrics/compare-auc.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";
import { stratifiedAuc } from "../../../compute/metrics/stratified-auc.ts";

const findings = { Effusion: 0.2, Mass: 0.05 };
const small = makePhantomCohort({ seed: 4, patients: 300, findings });
const model: PhantomModel = {
  seed: 1,
  task: "race",
  separation: ({ view, site }, name) =>
    1.5 + (view === 1 ? 0.6 : 0) - (site === 1 ? 0.3 : 0) + name.length / 50,
  shift: ({ sex }) => (sex === 0 ? 0.4 : 0),
};

/** Every value of a column by patient. */
function valuesByPatient(column: Uint8Array): Set<number>[] {
  const values = Array.from({ length: small.patientCount }, () => new Set<number>());
  for (const [row, patient] of small.patients.entries()) values[patient]?.add(column[row] ?? -1);
  return values;
}

describe("makePhantomCohort", () => {
  test("makes the same cohort of the same seed, another of another, and fewer patients as the first of more", () => {
    expect(makePhantomCohort({ seed: 4, patients: 300, findings })).toEqual(small);
    expect(makePhantomCohort({ seed: 5, patients: 300 }).ages).not.toEqual(small.ages);
    const more = makePhantomCohort({ seed: 4, patients: 400, findings });
    for (const column of ["patients", "studies", "races", "ages", "views", "splits"] as const) {
      expect(more[column].subarray(0, small.imageCount)).toEqual(small[column]);
    }
    expect(more.findings["Mass"]?.subarray(0, small.imageCount)).toEqual(small.findings["Mass"]);
  });

  test.each(["races", "sexes", "ages", "sites", "splits"] as const)(
    "gives a patient one value of %s",
    (column) => {
      expect(valuesByPatient(small[column]).every((values) => values.size === 1)).toBe(true);
    },
  );

  test("numbers studies and patients without a hole, one patient and at most two images a study", () => {
    const images = new Map<number, number[]>();
    for (const [row, study] of small.studies.entries()) {
      images.set(study, [...(images.get(study) ?? []), small.patients[row] ?? -1]);
    }
    expect(images.size).toBe(small.studyCount);
    expect([...images.values()].every((owners) => owners.length <= 2 && new Set(owners).size === 1)).toBe(
      true,
    );
    expect(new Set(small.patients).size).toBe(300);
  });

  test("has every level of every attribute, and recorded races that map to their category", () => {
    for (const [column, levels] of [
      ["sexes", "sex"],
      ["views", "view"],
      ["sites", "site"],
      ["splits", "split"],
    ] as const) {
      expect(new Set(small[column]).size).toBe(phantomLevels[levels].length);
    }
    expect([...new Set(small.races)].sort((a, b) => a - b)).toEqual([0, 1, 2, 255]);
    for (const [row, recorded] of small.recordedRaces.entries()) {
      expect(small.races[row]).toBe(phantomRecordedRaces[recorded]?.category);
    }
  });

  test("lets the images of a study agree on their findings, near the chance asked for", () => {
    const { Effusion = new Uint8Array(0) } = small.findings;
    const ofStudy = new Map<number, number>();
    for (const [row, study] of small.studies.entries()) {
      expect(Effusion[row]).toBe(ofStudy.get(study) ?? Effusion[row]);
      ofStudy.set(study, Effusion[row] ?? -1);
    }
    const share = [...ofStudy.values()].filter((value) => value === 1).length / small.studyCount;
    expect(Math.abs(share - 0.2)).toBeLessThan(0.05);
  });

  test.each([
    { seed: 1, patients: 0 },
    { seed: 1, patients: 3, imagesPerPatient: [2, 1] as const },
    { seed: 1, patients: 3, findings: { Mass: 1 } },
  ])("refuses %o", (spec) => {
    expect(() => makePhantomCohort(spec)).toThrow(expect.objectContaining({ code: "INVALID_PARAM" }));
  });
});

describe("scorePhantomCohort", () => {
  const large = makePhantomCohort({ seed: 9, patients: 30_000, imagesPerPatient: [1, 3], findings });
  const strata = Uint16Array.from(large.sexes, (sex, row) => sex * 2 + (large.views[row] ?? 0));

  test.each(["race", "findings"] as const)(
    "draws scores of %s whose AUC in every stratum is the true one",
    async (task) => {
      const scores = scorePhantomCohort(large, { ...model, task, patientCorrelation: 0.1 });
      const truth = phantomTruth(scores, strata, 4);
      for (const [index, column] of scores.scores.entries()) {
        const labels = scores.labels[index] ?? new Uint8Array(0);
        const cells = await stratifiedAuc({
          order: await sortScores(column),
          labels,
          strata,
          stratumCount: 4,
        });
        for (const cell of cells) {
          const expected = truth[index * 4 + cell.stratum];
          expect(cell.positives).toBe(expected?.positives);
          expect(cell.negatives).toBe(expected?.negatives);
          const z = ((cell.auc ?? 9) - (expected?.auc ?? 0)) / Math.sqrt(cell.variance ?? 0);
          expect(Math.abs(z)).toBeLessThan(4.5);
        }
      }
    },
  );

  test("draws the pooled AUC that shifted and unequal strata make together", async () => {
    const scores = scorePhantomCohort(large, { ...model, shift: ({ view }) => 1.5 * view });
    const [cell] = await stratifiedAuc({
      order: await sortScores(scores.scores[2] ?? new Float32Array(0)),
      labels: scores.labels[2] ?? new Uint8Array(0),
    });
    const truth = phantomTruth(scores)[2]?.auc ?? 0;
    expect(Math.abs((cell?.auc ?? 9) - truth)).toBeLessThan(0.005);
  });

  test("knows Phi(separation / sqrt 2) where all share one separation", () => {
    const scores = scorePhantomCohort(small, { seed: 1, task: "race", separation: () => Math.SQRT2 });
    for (const { auc } of phantomTruth(scores)) expect(auc).toBeCloseTo(0.8413447460685429, 12);
  });

  test("correlates the images of a patient and the models of a cohort as much as asked", () => {
    const flat = (seed: number) =>
      scorePhantomCohort(large, {
        seed,
        task: "race",
        separation: () => 0,
        patientCorrelation: 0.5,
        modelCorrelation: 0.2,
      });
    const logit = (score: number) => Math.log(score / (1 - score)) + 1;
    const first = Array.from(flat(1).scores[0] ?? [], logit);
    const second = Array.from(flat(2).scores[0] ?? [], logit);
    const product = (pairs: readonly (readonly [number, number])[]) =>
      pairs.reduce((sum, [a, b]) => sum + a * b, 0) / pairs.length;
    const neighbours = first.flatMap((score, row) =>
      large.patients[row] === large.patients[row + 1] ? [[score, first[row + 1] ?? 0] as const] : [],
    );
    expect(product(neighbours)).toBeCloseTo(0.5, 1);
    expect(product(first.map((score, row) => [score, second[row] ?? 0] as const))).toBeCloseTo(0.7, 1);
    expect(product(first.map((score) => [score, score] as const))).toBeCloseTo(1, 1);
  });

  test("makes a better model better by the paired test", async () => {
    const [better, worse] = [2, 1.6].map((distance, seed) =>
      scorePhantomCohort(small, {
        seed,
        task: "race",
        separation: () => distance,
        patientCorrelation: 0,
        modelCorrelation: 0.8,
      }),
    );
    const [cell] = await comparePairedAucs(
      {
        first: await sortScores(better?.scores[2] ?? new Float32Array(0)),
        second: await sortScores(worse?.scores[2] ?? new Float32Array(0)),
        labels: better?.labels[2] ?? new Uint8Array(0),
      },
      0.95,
    );
    expect(cell?.difference).toBeGreaterThan(0);
    expect(cell?.p).toBeLessThan(0.01);
  });

  test("refuses correlations above 1 together", () => {
    expect(() => scorePhantomCohort(small, { ...model, patientCorrelation: 0.8 })).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});

describe("phantomCsv", () => {
  async function textOf(task: "race" | "findings", split?: "test"): Promise<string> {
    const scores = scorePhantomCohort(small, { ...model, task });
    const options = split === undefined ? { task } : { task, split };
    let text = "";
    for await (const chunk of phantomCsv(small, scores, options)) text += chunk;
    return text;
  }

  test("writes one row per image under its columns, with scores that read back bit by bit", async () => {
    const scores = scorePhantomCohort(small, model);
    const rows: Record<string, string>[] = parse(await textOf("race"), { columns: true });
    expect(Object.keys(rows[0] ?? {})).toEqual(phantomCsvColumns(["Asian", "Black", "White"], "race"));
    expect(rows).toHaveLength(small.imageCount);
    expect(new Set(rows.map((row) => row["image_id"])).size).toBe(small.imageCount);
    expect(Float32Array.from(rows, (row) => Number(row["score_Black"]))).toEqual(scores.scores[1]);
    expect(Uint8Array.from(rows, (row) => Number(row["age"]))).toEqual(small.ages);
    for (const [k, row] of rows.entries()) {
      const category = phantomRecordedRaces.find(({ recorded }) => recorded === row["race"])?.category ?? 255;
      expect(row["truth"]).toBe(phantomLevels.race.at(category) ?? "");
      expect(category).toBe(small.races[k]);
    }
  });

  test("quotes what holds a comma", async () => {
    expect(await textOf("race")).toContain('"Asian, non-Hispanic"');
  });

  test("writes a truth per finding, and only the split asked for", async () => {
    const rows: Record<string, string>[] = parse(await textOf("findings", "test"), { columns: true });
    expect(rows).toHaveLength(small.splits.filter((split) => split === 2).length);
    expect(new Set(rows.map((row) => row["split"]))).toEqual(new Set(["test"]));
    expect(new Set(rows.map((row) => row["truth_Mass"]))).toEqual(new Set(["0", "1"]));
  });
});
