import { describe, expect, test } from "vitest";
import type { Interval } from "../../compute/intervals/interval.ts";
import { auroc } from "../../compute/metrics/auroc.ts";
import { sortScores } from "../../compute/metrics/score-order.ts";
import { type ParamSpec, parseParams } from "../../compute/params.ts";
import {
  type AucInterval,
  type ClusteredRows,
  type DifferenceInterval,
  type Law,
  laws,
  type Metric,
  type ProportionInterval,
} from "../../compute/plugin.ts";
import { RandomStream } from "../../compute/random.ts";
import { intervalMethods, listPlugins, metrics, requirePlugin } from "../../compute/registry.ts";

interface Row {
  readonly score: number;
  readonly label: number;
  readonly stratum: number;
  readonly patient: number;
}

/** 240 rows of 60 patients in two strata, with ties, unknown labels and missing scores; scores are probabilities. */
function drawRows(seed: number): Row[] {
  const stream = new RandomStream(seed);
  return Array.from({ length: 240 }, () => {
    const dice = stream.below(20);
    const label = dice === 0 ? 255 : stream.below(2);
    const score = (stream.below(40) + 12 * (label === 1 ? 1 : 0) + 1) / 60;
    return {
      score: dice === 1 ? Number.NaN : score,
      label,
      stratum: stream.below(2),
      patient: stream.below(60),
    };
  });
}

async function columnsOf(rows: readonly Row[]): Promise<ClusteredRows> {
  return {
    order: await sortScores(Float64Array.from(rows, ({ score }) => score)),
    labels: Uint8Array.from(rows, ({ label }) => label),
    strata: Uint16Array.from(rows, ({ stratum }) => stratum),
    stratumCount: 2,
    patients: Uint32Array.from(rows, ({ patient }) => patient),
    patientCount: 60,
  };
}

function shuffled(rows: readonly Row[]): Row[] {
  const stream = new RandomStream(77);
  return rows
    .map((row) => ({ row, key: stream.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row);
}

const seeds = [1, 2, 3, 4, 5];
const swapped = ({ label, score, ...row }: Row): Row => ({
  ...row,
  label: label > 1 ? label : 1 - label,
  score: 1 - score,
});
const changedElsewhere = (row: Row, k: number): Row =>
  row.stratum === 1 ? { ...row, score: (k % 7) / 7, label: k % 2 } : row;

async function valuesOf(metric: Metric, rows: readonly Row[]): Promise<readonly (number | null)[]> {
  return (await metric.measure(await columnsOf(rows), metric.example)).map(({ value }) => value);
}

function expectSame(actual: readonly (number | null)[], expected: readonly (number | null)[]): void {
  for (const [k, value] of expected.entries()) {
    if (value === null) expect(actual[k]).toBeNull();
    else expect(actual[k]).toBeCloseTo(value, 9);
  }
}

/** What each law means for a metric. */
const metricLaws: Partial<Record<Law, (metric: Metric, rows: readonly Row[]) => Promise<void>>> = {
  "row-order-free": async (metric, rows) =>
    expectSame(await valuesOf(metric, shuffled(rows)), await valuesOf(metric, rows)),
  "strata-independent": async (metric, rows) =>
    expectSame(
      (await valuesOf(metric, rows.map(changedElsewhere))).slice(0, 1),
      (await valuesOf(metric, rows)).slice(0, 1),
    ),
  "replication-free": async (metric, rows) =>
    expectSame(await valuesOf(metric, [...rows, ...rows]), await valuesOf(metric, rows)),
  "rank-invariant": async (metric, rows) =>
    expectSame(
      await valuesOf(
        metric,
        rows.map((row) => ({ ...row, score: row.score ** 3 })),
      ),
      await valuesOf(metric, rows),
    ),
  "symmetric-in-classes": async (metric, rows) =>
    expectSame(await valuesOf(metric, rows.map(swapped)), await valuesOf(metric, rows)),
  bounded: async (metric, rows) => {
    for (const value of await valuesOf(metric, rows)) {
      expect(value).toBeGreaterThanOrEqual(metric.range[0]);
      expect(value).toBeLessThanOrEqual(metric.range[1]);
    }
  },
};

function expectNested(inner: Interval | undefined, outer: Interval | undefined): void {
  expect(inner?.reason).toBeNull();
  expect(outer?.low).toBeLessThanOrEqual(inner?.low ?? Number.NaN);
  expect(outer?.high).toBeGreaterThanOrEqual(inner?.high ?? Number.NaN);
}

async function boundsOf(method: AucInterval, rows: readonly Row[], level = 0.95) {
  return await method.intervals(await columnsOf(rows), level, method.example);
}

/** What each law means for an interval of an AUC. */
const aucLaws: Partial<Record<Law, (method: AucInterval, rows: readonly Row[]) => Promise<void>>> = {
  "row-order-free": async (method, rows) => {
    for (const side of ["low", "high"] as const) {
      expectSame(
        (await boundsOf(method, shuffled(rows))).map((each) => each[side]),
        (await boundsOf(method, rows)).map((each) => each[side]),
      );
    }
  },
  "strata-independent": async (method, rows) =>
    expect((await boundsOf(method, rows.map(changedElsewhere)))[0]).toEqual(
      (await boundsOf(method, rows))[0],
    ),
  bounded: async (method, rows) => {
    for (const { low, high } of await boundsOf(method, rows, 0.999)) {
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThan(high ?? Number.NaN);
    }
  },
  "contains-estimate": async (method, rows) => {
    const estimates = await auroc.measure(await columnsOf(rows), {});
    for (const [k, { low, high }] of (await boundsOf(method, rows, 0.5)).entries()) {
      expect(low).toBeLessThan(estimates[k]?.value ?? Number.NaN);
      expect(high).toBeGreaterThan(estimates[k]?.value ?? Number.NaN);
    }
  },
  "grows-with-level": async (method, rows) => {
    const [inner, outer] = [await boundsOf(method, rows, 0.8), await boundsOf(method, rows, 0.99)];
    for (const k of [0, 1]) expectNested(inner[k], outer[k]);
  },
};

const counts = [
  [0, 5],
  [1, 5],
  [3, 7],
  [7, 7],
  [450, 1000],
] as const;

/** What each law means for an interval of a proportion. */
const proportionLaws: Partial<Record<Law, (method: ProportionInterval) => void>> = {
  bounded: (method) => {
    for (const [successes, total] of counts) {
      const { low, high } = method.interval(successes, total, 0.9999, method.example);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
    }
  },
  "contains-estimate": (method) => {
    for (const [successes, total] of counts) {
      const { low, high } = method.interval(successes, total, 0.5, method.example);
      expect(low).toBeLessThanOrEqual(successes / total);
      expect(high).toBeGreaterThanOrEqual(successes / total);
    }
  },
  "grows-with-level": (method) => {
    for (const [successes, total] of counts) {
      const at = (level: number) => method.interval(successes, total, level, method.example);
      expectNested(at(0.8), at(0.99));
    }
  },
  "mirrors-classes": (method) => {
    for (const [successes, total] of counts) {
      const there = method.interval(successes, total, 0.9, method.example);
      const back = method.interval(total - successes, total, 0.9, method.example);
      expect(back.low).toBeCloseTo(1 - (there.high ?? 9), 12);
    }
  },
};

const pairs = [
  [
    { successes: 3, total: 7 },
    { successes: 9, total: 10 },
  ],
  [
    { successes: 0, total: 4 },
    { successes: 4, total: 4 },
  ],
  [
    { successes: 50, total: 100 },
    { successes: 45, total: 90 },
  ],
] as const;

/** What each law means for an interval of a difference. */
const differenceLaws: Partial<Record<Law, (method: DifferenceInterval) => void>> = {
  bounded: (method) => {
    for (const [first, second] of pairs) {
      const { low, high } = method.interval(first, second, 0.9999, method.example);
      expect(low).toBeGreaterThanOrEqual(-1);
      expect(high).toBeLessThanOrEqual(1);
    }
  },
  "contains-estimate": (method) => {
    for (const [first, second] of pairs) {
      const { low, high } = method.interval(first, second, 0.5, method.example);
      const difference = first.successes / first.total - second.successes / second.total;
      expect(low).toBeLessThanOrEqual(difference);
      expect(high).toBeGreaterThanOrEqual(difference);
    }
  },
  "grows-with-level": (method) => {
    for (const [first, second] of pairs) {
      const at = (level: number) => method.interval(first, second, level, method.example);
      expectNested(at(0.8), at(0.99));
    }
  },
  "mirrors-classes": (method) => {
    for (const [first, second] of pairs) {
      const there = method.interval(first, second, 0.9, method.example);
      const failures = [first, second].map(({ successes, total }) => ({
        successes: total - successes,
        total,
      }));
      const [firstFailures = first, secondFailures = second] = failures;
      expect(method.interval(firstFailures, secondFailures, 0.9, method.example).low).toBeCloseTo(
        -(there.high ?? 9),
        12,
      );
    }
  },
};

/** The check of a law, or a failure: a law that is declared and not tested would be a lie. */
function requireCheck<Check>(checks: Partial<Record<Law, Check>>, law: Law): Check {
  const check = checks[law];
  if (check === undefined)
    throw new Error(`Expected a check of "${law}" for this kind of plugin, got none; add one here`);
  return check;
}

describe.each(metrics.map((metric) => [metric.id, metric] as const))("metric %s", (_id, metric) => {
  test.each(metric.laws)("%s", async (law) => {
    for (const seed of seeds) await requireCheck(metricLaws, law)(metric, drawRows(seed));
  });

  test("gives every stratum a finite value or a reason, never both or neither", async () => {
    const rows = drawRows(1).map((row) => (row.stratum === 1 ? { ...row, label: 0 } : row));
    const input = { ...(await columnsOf(rows)), stratumCount: 3 };
    const values = await metric.measure(input, metric.example);
    expect(values).toHaveLength(3);
    for (const { value, reason } of values) {
      expect((value === null) === (reason !== null)).toBe(true);
      if (value !== null) expect(Number.isFinite(value)).toBe(true);
    }
    expect(values[2]?.value).toBeNull();
  });
});

describe.each(intervalMethods.map((method) => [method.id, method] as const))("interval %s", (_id, method) => {
  test.each(method.laws)("%s", async (law) => {
    if (method.of === "AUC") {
      for (const seed of seeds) await requireCheck(aucLaws, law)(method, drawRows(seed));
    } else if (method.of === "PROPORTION") requireCheck(proportionLaws, law)(method);
    else requireCheck(differenceLaws, law)(method);
  });
});

/** A value that a spec must refuse. */
function badValue(spec: ParamSpec): unknown {
  if (spec.kind === "choice") return "no such choice";
  if (spec.kind === "flag") return "yes";
  if (spec.kind === "name") return "No Name";
  return spec.max === Number.MAX_VALUE ? Number.NaN : spec.max + 1;
}

describe("every plugin", () => {
  const plugins = listPlugins();

  test("has an id of its own within its kind, in snake_case, a version, a sentence and a source", () => {
    expect(new Set(plugins.map(({ kind, id }) => `${kind}:${id}`)).size).toBe(plugins.length);
    for (const { id, version, doc, source } of plugins) {
      expect(id).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(version).toBeGreaterThanOrEqual(1);
      expect(doc).toMatch(/\.$/);
      expect(source.length).toBeGreaterThan(10);
    }
  });

  test("declares laws that have a meaning", () => {
    for (const plugin of plugins) for (const law of plugin.laws) expect(Object.keys(laws)).toContain(law);
  });

  test("accepts its example", () => {
    for (const { params, example } of plugins) expect(parseParams(params, example)).toEqual(example);
  });

  const everyParam = plugins.flatMap((plugin) =>
    Object.entries(plugin.params).map(([name, spec]) => [plugin.id, name, plugin, spec] as const),
  );
  test.each(everyParam)("%s refuses a bad %s", (_id, name, plugin, spec) => {
    expect(() => parseParams(plugin.params, { ...plugin.example, [name]: badValue(spec) })).toThrow(
      expect.objectContaining({ code: "INVALID_PARAM" }),
    );
  });
});

describe("requirePlugin", () => {
  test("finds by kind and id", () => {
    expect(requirePlugin("METRIC", "auroc")).toBe(auroc);
  });

  test("refuses an id there is not, naming those there are", () => {
    expect(() => requirePlugin("INTERVAL", "auroc")).toThrow(
      expect.objectContaining({ code: "NO_SUCH_PLUGIN" }),
    );
    expect(() => requirePlugin("INTERVAL", "auroc")).toThrow("delong");
  });
});
