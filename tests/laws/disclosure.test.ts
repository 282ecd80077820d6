import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CountedCell, discloseCells } from "../../api/access/disclosure.ts";

/*
 * The attacker: asks everything that a caller without row-level rights may ask of one cohort (the whole, each
 * attribute, each pair), and bounds every hidden number of patients by sums, from all answers at once, knowing how
 * counts are rounded. Written apart from the code it attacks.
 */

const NAMES = ["sex", "race", "view"] as const;
const NARROW = 11;

interface Cohort {
  /** Levels of each patient, one an attribute, and the label. */
  readonly patients: readonly { readonly levels: readonly number[]; readonly positive: boolean }[];
  readonly sizes: readonly number[];
}

/** Cohorts with rare levels: a level's weight falls off geometrically, so cells of every size come up. */
const cohorts = fc
  .record({
    sizes: fc.tuple(...NAMES.map(() => fc.integer({ min: 2, max: 4 }))),
    decay: fc.tuple(...NAMES.map(() => fc.double({ min: 0.05, max: 0.9, noNaN: true }))),
    count: fc.integer({ min: 20, max: 1500 }),
    prevalence: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  })
  .map(({ sizes, decay, count, prevalence, seed }): Cohort => {
    const random = mulberry(seed);
    const draw = (size: number, ratio: number): number => {
      let level = 0;
      while (level < size - 1 && random() < ratio) level += 1;
      return level;
    };
    return {
      sizes,
      patients: Array.from({ length: count }, () => ({
        levels: sizes.map((size, axis) => draw(size, decay[axis] ?? 0.5)),
        positive: random() < prevalence,
      })),
    };
  });

type Axes = readonly number[];
const TABLES: readonly Axes[] = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]];

function tabulate({ patients, sizes }: Cohort, axes: Axes): CountedCell[] {
  const grid = axes.reduce<number[][]>(
    (cells, axis) =>
      cells.flatMap((cell) => Array.from({ length: sizes[axis] ?? 0 }, (_, level) => [...cell, level])),
    [[]],
  );
  return grid.flatMap((levels) => {
    const members = patients.filter((patient) =>
      axes.every((axis, at) => patient.levels[axis] === levels[at]),
    );
    const nPositive = members.filter(({ positive }) => positive).length;
    const cell = {
      class: "finding",
      stratum: axes.map((axis, at) => ({ attribute: NAMES[axis] ?? "", level: String(levels[at]) })),
      nPositive,
      nNegative: members.length - nPositive,
      nPatients: members.length,
    };
    // As the service does: combinations without rows are not computed.
    return members.length === 0 && axes.length > 0 ? [] : [cell];
  });
}

interface Answer {
  readonly key: string;
  readonly levels: readonly (number | undefined)[];
  readonly shown: number | undefined;
}

/** All public answers: what is shown of every cell of every table. */
function answers(cohort: Cohort, role: "public" | "analyst"): Answer[] {
  return TABLES.flatMap((axes) => {
    const margins = TABLES.filter(
      (other) => other.length < axes.length && other.every((axis) => axes.includes(axis)),
    ).flatMap((other) => tabulate(cohort, other));
    const { cells } = discloseCells(tabulate(cohort, axes), role, {
      margins,
      exclusiveClasses: true,
      decimals: {},
    });
    return cells.map(({ stratum, cell }) => {
      const levels = NAMES.map((name) => {
        const at = stratum.find(({ attribute }) => attribute === name);
        return at && Number(at.level);
      });
      return { key: levels.join(), levels, shown: cell?.nPatients ?? undefined };
    });
  });
}

/** Without protection beyond hiding: small cells are left out, nothing else is; counts are exact. */
function nakedAnswers(cohort: Cohort): Answer[] {
  return answers(cohort, "analyst").map((answer) => ({
    ...answer,
    shown: (answer.shown ?? 0) < NARROW ? undefined : answer.shown,
  }));
}

/** Bounds on every cell's patients from all answers at once, by interval propagation over all sums. */
function attack(seen: readonly Answer[], slack: number): Map<string, [low: number, high: number]> {
  const bounds = new Map(
    seen.map(({ key, shown }): [string, [number, number]] => [
      key,
      shown === undefined ? [0, Number.POSITIVE_INFINITY] : [Math.max(0, shown - slack), shown + slack],
    ]),
  );
  const sums = new Map<string, { whole: string; parts: string[] }>();
  for (const { levels, key } of seen) {
    for (const [axis, level] of levels.entries()) {
      if (level === undefined) continue;
      const whole = levels.map((other, at) => (at === axis ? undefined : other)).join();
      const sum = sums.get(`${axis}:${whole}`) ?? { whole, parts: [] };
      sum.parts.push(key);
      sums.set(`${axis}:${whole}`, sum);
    }
  }
  const at = (key: string): [number, number] => bounds.get(key) ?? [0, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 60; round += 1) {
    let changed = false;
    const narrow = (key: string, low: number, high: number): void => {
      const [oldLow, oldHigh] = at(key);
      if (low <= oldLow && high >= oldHigh) return;
      bounds.set(key, [Math.max(low, oldLow), Math.min(high, oldHigh)]);
      changed = true;
    };
    for (const { whole, parts } of sums.values()) {
      const total = (end: 0 | 1, skip?: string): number =>
        parts.reduce((sum, key) => (key === skip ? sum : sum + at(key)[end]), 0);
      narrow(whole, total(0), total(1));
      for (const key of parts) narrow(key, at(whole)[0] - total(1, key), at(whole)[1] - total(0, key));
    }
    if (!changed) break;
  }
  return bounds;
}

function pinned(seen: readonly Answer[], slack: number): number {
  const bounds = attack(seen, slack);
  return seen.filter(({ key, shown }) => {
    const [low, high] = bounds.get(key) ?? [0, Number.POSITIVE_INFINITY];
    return shown === undefined && high - low < NARROW;
  }).length;
}

describe("disclosure", () => {
  test("gives no small cell away through another finding of the same patients", () => {
    const rates = [0.5, 0.1, 0.02];
    fc.assert(
      fc.property(cohorts, fc.integer({ min: 1, max: 1e9 }), (cohort, seed) => {
        const random = mulberry(seed);
        const findings = rates.map((rate) => ({
          ...cohort,
          patients: cohort.patients.map((patient) => ({ ...patient, positive: random() < rate })),
        }));
        const exact = new Map(answers(cohort, "analyst").map(({ key, shown }) => [key, shown ?? 0]));
        const perFinding = findings.map((finding) => answers(finding, "public"));
        const seen = perFinding[0]?.map((answer, index) => ({
          ...answer,
          shown: perFinding.map((told) => told[index]?.shown).find((shown) => shown !== undefined),
        }));
        const bounds = attack(seen ?? [], 2);
        for (const { key } of seen ?? []) {
          if ((exact.get(key) ?? 0) >= NARROW) continue;
          const [low, high] = bounds.get(key) ?? [0, Number.POSITIVE_INFINITY];
          expect(high - low).toBeGreaterThanOrEqual(NARROW);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("gives no number of positives away to within 11 where the class is small", () => {
    fc.assert(
      fc.property(cohorts, (cohort) => {
        const positives = { ...cohort, patients: cohort.patients.filter(({ positive }) => positive) };
        const told = new Map(answers(positives, "analyst").map(({ key, shown }) => [key, shown]));
        const seen = answers(cohort, "public").map((answer) => ({
          ...answer,
          shown: answer.shown === undefined ? undefined : (told.get(answer.key) ?? 0),
        }));
        expect(pinned(seen, 0)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("gives an attacker with all public answers no hidden count to within 11 patients", () => {
    fc.assert(
      fc.property(cohorts, (cohort) => {
        expect(pinned(answers(cohort, "public"), 2)).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test("holds even when the attacker knows every visible count exactly", () => {
    fc.assert(
      fc.property(cohorts, (cohort) => {
        const exact = new Map(answers(cohort, "analyst").map(({ key, shown }) => [key, shown]));
        const seen = answers(cohort, "public").map((answer) => ({
          ...answer,
          shown: answer.shown === undefined ? undefined : exact.get(answer.key),
        }));
        expect(pinned(seen, 0)).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test("is needed: hiding only the small cells, the same attacker tells more than 30 % of them", () => {
    let hidden = 0;
    let told = 0;
    for (const cohort of fc.sample(cohorts, { numRuns: 200, seed: 7 })) {
      const seen = nakedAnswers(cohort);
      hidden += seen.filter(({ shown }) => shown === undefined).length;
      told += pinned(seen, 0);
    }
    expect(told / hidden).toBeGreaterThan(0.3);
  });

  test("keeps most of a cohort without rare levels", () => {
    const even = fc
      .sample(cohorts, { numRuns: 100, seed: 3 })
      .filter(({ patients }) => patients.length > 1000);
    const share = even.map((cohort) => {
      const seen = answers(cohort, "public").filter(
        ({ levels }) => levels.filter(Number.isFinite).length < 2,
      );
      return seen.filter(({ shown }) => shown !== undefined).length / seen.length;
    });
    expect(share.reduce((sum, value) => sum + value, 0) / share.length).toBeGreaterThan(0.4);
  });

  test("shows multiples of 5 and no cell below 11 patients or 11 of a class", () => {
    fc.assert(
      fc.property(cohorts, (cohort) => {
        for (const axes of TABLES) {
          const cells = tabulate(cohort, axes);
          const { cells: shown } = discloseCells(cells, "public", {
            margins: TABLES.filter((other) => other.length < axes.length).flatMap((other) =>
              tabulate(cohort, other),
            ),
            exclusiveClasses: true,
            decimals: {},
          });
          for (const [index, { cell }] of shown.entries()) {
            if (cell === undefined) continue;
            const exact = cells[index];
            expect(
              Math.min(exact?.nPatients ?? 0, exact?.nPositive ?? 0, exact?.nNegative ?? 0),
            ).toBeGreaterThanOrEqual(11);
            for (const count of [cell.nPatients, cell.nPositive, cell.nNegative])
              expect((count ?? 1) % 5).toBe(0);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
