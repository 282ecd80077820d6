import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newcombeInterval } from "../../../compute/intervals/newcombe.ts";
import { type GroupRateKind, groupRateKinds, groupRates } from "../../../compute/metrics/group-rates.ts";
import { operatingPoints } from "../../../compute/metrics/operating-points.ts";
import { sortScores } from "../../../compute/metrics/score-order.ts";

const kinds = Object.keys(groupRateKinds) as GroupRateKind[]; // safe: its own keys
const LEVEL = 0.95;

const row = fc.record({
  score: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.NaN)),
  label: fc.constantFrom(0, 1, 255),
  group: fc.integer({ min: 0, max: 2 }),
  patient: fc.integer({ min: 0, max: 7 }),
});

async function inputOf(rows: readonly { score: number; label: number; group: number }[], groups: number) {
  return {
    order: await sortScores(Float32Array.from(rows, ({ score }) => score)),
    labels: Uint8Array.from(rows, ({ label }) => label),
    strata: Uint16Array.from(rows, ({ group }) => group),
    stratumCount: groups,
  };
}

describe("groupRates", () => {
  test("counts as operating points do, in each group, in all, and in the rest of each", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const input = await inputOf(rows, 3);
        const points = operatingPoints(input, 5, LEVEL);
        for (const rate of kinds) {
          const patients = rows.map(({ patient }) => patient);
          const { all, gaps } = groupRates(input, patients, {
            threshold: 5,
            rate,
            groups: [0, 1, 2],
            level: LEVEL,
          });
          const restOf = async (group: number) => {
            const others = rows.filter((one) => one.group !== group).map((one) => ({ ...one, group: 0 }));
            return operatingPoints(await inputOf(others, 1), 5, LEVEL)[0]?.rates[rate];
          };
          for (const { stratum, rate: own, rest, gap } of gaps) {
            expect(own.value).toBe(points[stratum]?.rates[rate].value);
            expect(own.reason).toBe(points[stratum]?.rates[rate].reason);
            expect(rest.value).toBe((await restOf(stratum))?.value);
            expect(gap).toBe(own.value === null || rest.value === null ? null : own.value - rest.value);
          }
          expect(all.counted.total).toBe(gaps.reduce((sum, one) => sum + one.rate.counted.total, 0));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("leaves out groups that take no part, from the rest too", async () => {
    const rows = [
      { score: 9, label: 0, group: 0 },
      { score: 1, label: 0, group: 1 },
      { score: 9, label: 0, group: 2 },
    ];
    const { all, gaps } = groupRates(await inputOf(rows, 3), [0, 1, 2], {
      threshold: 5,
      rate: "fpr",
      groups: [0, 1],
      level: LEVEL,
    });
    expect(all.value).toBe(0.5);
    expect(gaps.map(({ gap }) => gap)).toEqual([1, -1]);
  });

  test("takes the images of a patient as one cluster: ten of each tell no more than one", async () => {
    const people = Array.from({ length: 40 }, (_, patient) => ({
      score: patient % 3 === 0 ? 9 : 1,
      label: 0,
      group: patient % 2,
      patient,
    }));
    const many = people.flatMap((one) => Array.from({ length: 10 }, () => one));
    const asked = { threshold: 5, rate: "fpr", groups: [0, 1], level: LEVEL } as const;
    const of = async (rows: typeof people) =>
      groupRates(
        await inputOf(rows, 2),
        rows.map(({ patient }) => patient),
        asked,
      );
    const [single, tenfold] = [await of(people), await of(many)];
    for (const [i, gap] of tenfold.gaps.entries()) {
      expect(gap.rate.low).toBeCloseTo(single.gaps[i]?.rate.low ?? -1, 9);
      expect(gap.interval.low).toBeCloseTo(single.gaps[i]?.interval.low ?? -1, 9);
      const { rate, rest } = gap;
      expect(gap.interval).toEqual(newcombeInterval(rate.counted.effective, rest.counted.effective, LEVEL));
      // As if all were independent it would be far too narrow.
      const naive = newcombeInterval(rate.counted, rest.counted, LEVEL);
      expect((gap.interval.high ?? 0) - (gap.interval.low ?? 0)).toBeGreaterThan(
        2 * ((naive.high ?? 0) - (naive.low ?? 0)),
      );
    }
  });
});
