import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { StudyInput } from "../../../compute/meta/effect-size.ts";
import type { MetaAnalysis } from "../../../compute/meta/meta-analysis.ts";
import { metaAnalysis } from "../../../compute/meta/meta-analysis.ts";
import type { MetaTest } from "../../../compute/meta/mixed-model.ts";
import type { MetaModel } from "../../../compute/meta/tau-squared.ts";

/** What metafor.R writes; see tests/reference/runners/metafor.R. */
interface Fixture {
  readonly datasets: Readonly<Record<string, readonly Readonly<Record<string, number | string>>[]>>;
  readonly cases: readonly Case[];
}
interface Interval {
  readonly estimate: number;
  readonly se: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}
interface Case {
  readonly data: string;
  readonly moderators: readonly string[];
  readonly model: MetaModel;
  readonly test: MetaTest;
  readonly level: number;
  readonly tau2: number;
  readonly tau2Se: number | null;
  readonly tau2Low?: number;
  readonly tau2High?: number;
  readonly i2: number;
  readonly h2: number;
  readonly q: number;
  readonly qP: number;
  readonly coefficients: readonly (Interval & { name: string; statistic: number; p: number })[];
  readonly pooled: Interval & { predictionLow: number | null; predictionHigh: number | null };
  readonly weights: readonly number[];
  readonly residuals: readonly number[];
  readonly standardized: readonly (number | null)[];
  readonly blup: Readonly<Record<"estimate" | "ciLow" | "ciHigh", readonly number[]>>;
  readonly moderatorTest?: {
    statistic: number;
    p: number;
    df1: number;
    df2: number | null;
    r2: number | null;
  };
  readonly egger?: { statistic: number; p: number; df: number; limit: readonly number[] | null };
  readonly leaveOneOut?: readonly (Interval & {
    q: number;
    qP: number;
    tau2: number;
    i2: number;
    h2: number;
  })[];
}

// The file is written by our own runner in this shape.
const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/metafor.json", import.meta.url), "utf8"),
) as Fixture;

/** Asked for: 5 digits. Met: 1e-7 of the value; `unit` is the size below which a difference is rounding. */
function expectClose(
  got: number | null | undefined,
  wanted: number | null | undefined,
  unit: number,
  what: string,
) {
  if (wanted === null || wanted === undefined) {
    expect(got ?? null, what).toBeNull();
    return;
  }
  expect(got, what).toBeTypeOf("number");
  const error = Math.abs((got ?? Number.NaN) - wanted) / Math.max(Math.abs(wanted), unit);
  expect(error, `${what}: got ${got}, metafor says ${wanted}`).toBeLessThanOrEqual(1e-7);
}

function run(wanted: Case): MetaAnalysis {
  const rows = fixture.datasets[wanted.data] ?? [];
  const estimates = rows.map((row): StudyInput => {
    const { label, yi, vi, ...moderators } = row;
    return { label: String(label), yi: Number(yi), vi: Number(vi), moderators };
  });
  const { model, test, level, moderators } = wanted;
  const result = metaAnalysis({ estimates, scale: "RAW", model, test, level, moderators });
  if (result.status !== "OK") throw new Error(`not estimable: ${result.reason}`);
  return result;
}

function named(cases: readonly Case[]) {
  return cases.map((wanted) => {
    const formula = ["1", ...wanted.moderators].join(" + ");
    return [`${wanted.data} ~ ${formula}, ${wanted.model}, ${wanted.test}, ${wanted.level}`, wanted] as const;
  });
}

/** A tau^2 that metafor's own iteration left a hair above zero is 0: compare on the scale of the sampling variances. */
function smallestVariance(wanted: Case): number {
  return Math.min(...(fixture.datasets[wanted.data] ?? []).map((row) => Number(row["vi"])));
}

describe("against metafor", () => {
  test.each(named(fixture.cases))("%s: heterogeneity", (_name, wanted) => {
    const smallest = smallestVariance(wanted);
    const got = run(wanted);
    expectClose(got.tau2, wanted.tau2, smallest, "tau2");
    expectClose(got.tau2Se, wanted.tau2Se, smallest, "se of tau2");
    expectClose(got.i2, wanted.i2, 1, "I2");
    expectClose(got.h2, wanted.h2, 1, "H2");
    expectClose(got.q, wanted.q, 1e-6, "Q");
    expectClose(got.qP, wanted.qP, 1e-300, "p of Q");
    expectClose(got.tau2Low, wanted.tau2Low, smallest, "lower bound of tau2");
    expectClose(got.tau2High, wanted.tau2High, smallest, "upper bound of tau2");
  });

  test.each(named(fixture.cases))("%s: coefficients, tests and prediction interval", (_name, wanted) => {
    const got = run(wanted);
    expect(got.coefficients.length).toBe(wanted.coefficients.length);
    wanted.coefficients.forEach((coefficient, j) => {
      const ours = got.coefficients[j];
      const unit = coefficient.se;
      for (const field of ["estimate", "se", "ciLow", "ciHigh"] as const) {
        expectClose(ours?.[field], coefficient[field], unit, `${coefficient.name} ${field}`);
      }
      expectClose(ours?.statistic, coefficient.statistic, 1, `${coefficient.name} statistic`);
      expectClose(ours?.p, coefficient.p, 1e-300, `${coefficient.name} p`);
    });
    for (const field of ["estimate", "se", "ciLow", "ciHigh", "predictionLow", "predictionHigh"] as const) {
      expectClose(got[field], wanted.pooled[field], wanted.pooled.se, `pooled ${field}`);
    }
    if (wanted.moderatorTest === undefined) expect(got.moderatorTest).toBeNull();
    else {
      const { statistic, p, df1, df2, r2 } = wanted.moderatorTest;
      expectClose(got.moderatorTest?.statistic, statistic, 1, "QM");
      expectClose(got.moderatorTest?.p, p, 1e-300, "p of QM");
      expect(got.moderatorTest).toMatchObject({ df1, df2 });
      // Where there is no heterogeneity to explain we say null; metafor says 0.
      expectClose(got.moderatorTest?.r2 ?? 0, r2, 1, "R2");
    }
  });

  test.each(named(fixture.cases))("%s: every study", (_name, wanted) => {
    const got = run(wanted);
    const se = Math.sqrt(smallestVariance(wanted));
    got.studies.forEach((study, i) => {
      expectClose(study.weight, wanted.weights[i], 1e-3, "weight");
      expectClose(study.residual, wanted.residuals[i], se, "residual");
      expectClose(study.standardizedResidual, wanted.standardized[i], 1, "standardized residual");
      for (const field of ["estimate", "ciLow", "ciHigh"] as const) {
        expectClose(study.shrunken[field], wanted.blup[field][i], se, `blup ${field}`);
      }
    });
    expect(got.studies.length).toBe(wanted.weights.length);
  });

  test.each(named(fixture.cases.filter(({ egger }) => egger)))("%s: Egger's test", (_name, wanted) => {
    const { egger } = run(wanted);
    if (egger.status !== "OK") throw new Error(`not estimable: ${egger.reason}`);
    expectClose(egger.statistic, wanted.egger?.statistic, 1, "t");
    expectClose(egger.p, wanted.egger?.p, 1e-300, "p");
    expect(egger.df).toBe(wanted.egger?.df);
    expectClose(egger.limit?.estimate, wanted.egger?.limit?.[0], 1e-3, "limit");
    expectClose(egger.limit?.ciLow, wanted.egger?.limit?.[1], 1e-3, "limit ciLow");
    expectClose(egger.limit?.ciHigh, wanted.egger?.limit?.[2], 1e-3, "limit ciHigh");
  });

  test.each(named(fixture.cases.filter((c) => c.leaveOneOut)))(
    "%s: leaving each study out",
    (_name, wanted) => {
      const smallest = smallestVariance(wanted);
      const { leaveOneOut } = run(wanted);
      expect(leaveOneOut.length).toBe(wanted.leaveOneOut?.length);
      wanted.leaveOneOut?.forEach((part, i) => {
        const ours = leaveOneOut[i];
        if (ours?.status !== "OK") throw new Error("not estimable");
        for (const field of ["estimate", "se", "ciLow", "ciHigh"] as const) {
          expectClose(ours[field], part[field], part.se, `without ${i}: ${field}`);
        }
        expectClose(ours.tau2, part.tau2, smallest, `without ${i}: tau2`);
        expectClose(ours.i2, part.i2, 1, `without ${i}: I2`);
        expectClose(ours.h2, part.h2, 1, `without ${i}: H2`);
        expectClose(ours.q, part.q, 1e-6, `without ${i}: Q`);
        expectClose(ours.qP, part.qP, 1e-300, `without ${i}: p of Q`);
      });
    },
  );
});

describe("Table 3 of doi:10.1016/S2589-7500(22)00063-2, external validation, Black", () => {
  const estimates = (fixture.datasets["table3_black"] ?? []).map((row): StudyInput => {
    return {
      label: String(row["label"]),
      value: Number(row["value"]),
      ciLow: Number(row["ciLow"]),
      ciHigh: Number(row["ciHigh"]),
    };
  });
  const wanted = fixture.cases.find((c) => {
    return c.data === "table3_black" && c.model === "REML" && c.test === "HARTUNG_KNAPP" && c.level === 0.95;
  });

  test("six printed AUCs with their intervals pool on the logit scale as in metafor", () => {
    const result = metaAnalysis({ estimates });
    if (result.status !== "OK") throw new Error(`not estimable: ${result.reason}`);
    const sigmoid = (y: number) => 1 / (1 + Math.exp(-y));
    for (const field of ["estimate", "ciLow", "ciHigh", "predictionLow", "predictionHigh"] as const) {
      expectClose(result[field], sigmoid(wanted?.pooled[field] ?? Number.NaN), 1e-3, field);
    }
    expectClose(result.se, wanted?.pooled.se, 1e-3, "se in logit units");
  });

  test("the pooled AUC is 0.970 (0.957 to 0.979), a further transfer is expected between 0.926 and 0.988", () => {
    const result = metaAnalysis({ estimates });
    expect(result).toMatchObject({ status: "OK", k: 6, leftOut: [], scale: "LOGIT" });
    if (result.status !== "OK") return;
    const { estimate, ciLow, ciHigh, predictionLow, predictionHigh } = result;
    const shown = [estimate, ciLow, ciHigh, predictionLow ?? 0, predictionHigh ?? 0].map((x) => x.toFixed(3));
    expect(shown).toEqual(["0.970", "0.957", "0.979", "0.926", "0.988"]);
  });
});
