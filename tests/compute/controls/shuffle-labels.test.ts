import { describe, expect, test } from "vitest";
import { RandomStream, shuffleLabels } from "../../../compute/index.ts";

const PATIENTS = 400;
const chance = new RandomStream(5);
/** One to four images a patient; a fifth of the patients are of class 1, some are unknown (255). */
const units = Array.from({ length: PATIENTS }, (_, patient) =>
  new Array<number>(1 + chance.below(4)).fill(patient),
).flat();
const classOf = Array.from({ length: PATIENTS }, () => [1, 0, 0, 0, 255][chance.below(5)] ?? 0);
const codes = Uint8Array.from(units, (patient) => classOf[patient] ?? 0);

/** The label of each patient. */
const byPatient = (labels: Uint8Array) =>
  Array.from({ length: PATIENTS }, (_, patient) => labels[units.indexOf(patient)] ?? -1);

describe("shuffled labels", () => {
  test("are dealt once each: as many patients have each label as before", () => {
    const dealt = byPatient(shuffleLabels(codes, units, PATIENTS, 1));
    expect(dealt.toSorted()).toEqual(byPatient(codes).toSorted());
    expect(dealt).not.toEqual(byPatient(codes));
  });

  test("are the same on all images of a patient", () => {
    const dealt = shuffleLabels(codes, units, PATIENTS, 1);
    const labels = byPatient(dealt);
    expect([...dealt]).toEqual(units.map((patient) => labels[patient]));
  });

  test("follow from the seed, and leave what they are made from as it is", () => {
    const before = codes.slice();
    expect(shuffleLabels(codes, units, PATIENTS, 7)).toEqual(shuffleLabels(codes, units, PATIENTS, 7));
    expect(shuffleLabels(codes, units, PATIENTS, 7)).not.toEqual(shuffleLabels(codes, units, PATIENTS, 8));
    expect(codes).toEqual(before);
  });

  test("say nothing about the labels they were made from", () => {
    // Share of patients that keep class 1, over seeds: that of class 1 itself, squared.
    const labels = byPatient(codes);
    const share = labels.filter((label) => label === 1).length / PATIENTS;
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const kept = seeds.map((seed) => {
      const dealt = byPatient(shuffleLabels(codes, units, PATIENTS, seed));
      return dealt.filter((label, patient) => label === 1 && labels[patient] === 1).length / PATIENTS;
    });
    const mean = kept.reduce((sum, one) => sum + one, 0) / seeds.length;
    // Hypergeometric: standard deviation of one share below 0.009, of the mean below 0.0007.
    expect(Math.abs(mean - share * share)).toBeLessThan(0.002);
  });
});
