import { planBootstrap, rankAuc, rankBootstrap, type Scores, sortScores } from "../../../native/index.ts";
import { drawPatientWeights } from "../../support/oracles/patient-weights.ts";
import { drawCohort } from "../bench-cohort.ts";
import { LeastCost, ratio, requireAgreement, type Targets } from "./cost.ts";
import { findPython, Referee, SharedFolder, source } from "./referee.ts";

const ROWS = 228_915;
const STRATA = 16;
const REPLICATES = 2000;
/** Replicates that scikit-learn really does. */
const FEW = 4;
const ROUNDS = 10;

/** Prints AUCs, DeLong variances and the patient bootstrap beside scikit-learn. @throws {Error} when it disagrees. */
export async function benchRanks(targets: Targets): Promise<void> {
  const cohort = drawCohort(ROWS, ["no", "yes"], STRATA, 7);
  const scores = cohort.scores[1] ?? new Float32Array(0);
  const { truth: labels, patient: patients } = cohort;
  const strata = Uint32Array.from(cohort.stratum);
  const patientCount = (patients.at(-1) ?? 0) + 1;
  using folder = new SharedFolder();
  folder.write("scores.f32", scores);
  folder.write("labels.u8", labels);
  folder.write("strata.u32", strata);
  folder.write("patients.u32", patients);
  const python = findPython(["numpy", "scipy", "sklearn"], []);
  await using peer =
    python === undefined
      ? undefined
      : new Referee(python, [source("ranks.py"), STRATA, patientCount], folder.path);
  await peer?.ready();
  console.log(
    `\nAUC with DeLong's variance, ${ROWS} scores, ${STRATA} strata: milliseconds of processor time, one thread`,
  );
  await benchAuc({ scores, labels, strata, stratumCount: STRATA }, peer, targets);
  console.log(
    `\npatient bootstrap of the same, ${patientCount} patients, ${REPLICATES} replicates, 16 AUCs each`,
  );
  const plan = async () =>
    planBootstrap({
      columns: [{ order: await sortScores(scores), labels }],
      strata,
      stratumCount: STRATA,
      patients,
      patientCount,
    });
  await benchBootstrap(plan, peer, folder, targets);
}

interface Rows {
  readonly scores: Scores;
  readonly labels: Uint8Array;
  readonly strata: Uint32Array;
  readonly stratumCount: number;
}

async function benchAuc(rows: Rows, peer: Referee | undefined, targets: Targets): Promise<void> {
  const ours = (await rankAuc(rows)).flatMap(({ auc, variance }) => [auc, 1e4 * variance]);
  const theirs = await peer?.resultOf("auc");
  const scaled = theirs?.map((value, index) => (index % 2 === 0 ? value : 1e4 * value));
  requireAgreement("scikit-learn's AUC and variance", ours, scaled, 1e-5);
  const [addon, kept, sklearn] = [new LeastCost(), new LeastCost(), new LeastCost()];
  const order = await sortScores(rows.scores);
  for (let round = 0; round < ROUNDS; round += 1) {
    await addon.measure(1000, () => rankAuc(rows));
    await kept.measure(1000, () => rankAuc({ ...rows, scores: order }));
    sklearn.add(await peer?.ask("auc"));
  }
  const milliseconds = sklearn.cpu / 1000;
  console.log(
    `  ours ${addon.cpu.toFixed(1)}; with the order kept ${kept.cpu.toFixed(1)}; scikit-learn with a NumPy DeLong ${Number.isFinite(milliseconds) ? milliseconds.toFixed(0) : "-"} ${ratio(milliseconds, addon.cpu)}`,
  );
  targets.note("AUC and DeLong over scikit-learn and NumPy", milliseconds / addon.cpu, 10);
}

async function benchBootstrap(
  makePlan: () => ReturnType<typeof planBootstrap>,
  peer: Referee | undefined,
  folder: SharedFolder,
  targets: Targets,
): Promise<void> {
  const seed = 11;
  const plan = await makePlan();
  const weights = new Int32Array(FEW * plan.patientCount);
  for (let replicate = 0; replicate < FEW; replicate += 1) {
    const from = replicate * plan.patientCount;
    drawPatientWeights(seed, replicate, weights.subarray(from, from + plan.patientCount));
  }
  folder.write("weights.i32", weights);
  const theirs = await peer?.resultOf(`given ${FEW}`);
  requireAgreement("scikit-learn's bootstrap", await rankBootstrap(plan, seed, 0, FEW), theirs, 1e-6);
  const [planning, one, two, rows, weighted] = Array.from({ length: 5 }, () => new LeastCost());
  if (!planning || !one || !two || !rows || !weighted) return; // five, above
  for (let round = 0; round < 4; round += 1) {
    await planning.measure(1e6, makePlan);
    await one.measure(1e6, () => rankBootstrap(plan, seed, 0, REPLICATES, { threads: 1 }));
    await two.measure(1e6, () => rankBootstrap(plan, seed, 0, REPLICATES, { threads: 2 }));
    rows.add(await peer?.ask(`bootstrap rows ${FEW}`));
    weighted.add(await peer?.ask(`bootstrap weights ${FEW}`));
  }
  const best = (Math.min(rows.cpu, weighted.cpu) / 1e6) * REPLICATES;
  const whole = planning.cpu + one.cpu;
  console.log(
    `  ours ${whole.toFixed(3)} s of processor time, ${planning.cpu.toFixed(3)} of them to lay out the rows; by the clock one thread ${one.wall.toFixed(3)} s, two ${two.wall.toFixed(3)}, ${ratio(one.wall, two.wall)}`,
  );
  console.log(
    `  scikit-learn EXTRAPOLATED from ${FEW} replicates to ${REPLICATES}: ${((rows.cpu / 1e6) * REPLICATES).toFixed(0)} s by drawing rows, ${((weighted.cpu / 1e6) * REPLICATES).toFixed(0)} s by weights; the better over ours ${ratio(best, whole)}`,
  );
  targets.note(
    `bootstrap of ${REPLICATES} over scikit-learn (extrapolated), one thread each`,
    best / whole,
    100,
  );
}
