import { describe, expect, test } from "vitest";
import { ComputeError } from "../../../compute/errors.ts";
import type { StudyInput } from "../../../compute/meta/effect-size.ts";
import type { MetaAnalysis, MetaAnalysisInput } from "../../../compute/meta/meta-analysis.ts";
import { cumulativeMetaAnalysis, metaAnalysis } from "../../../compute/meta/meta-analysis.ts";

function study(label: string, value: number, ciLow: number, ciHigh: number): StudyInput {
  return { label, value, ciLow, ciHigh };
}

const three = [study("a", 0.9, 0.88, 0.92), study("b", 0.85, 0.8, 0.89), study("c", 0.93, 0.9, 0.95)];

function pool(input: MetaAnalysisInput): MetaAnalysis {
  const result = metaAnalysis(input);
  if (result.status !== "OK") throw new Error(`not estimable: ${result.reason}`);
  return result;
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof ComputeError ? error.code : String(error);
  }
  return undefined;
}

describe("studies", () => {
  test("an interval on the logit scale gives back the standard error it was made from", () => {
    const se = 0.137;
    const reach = 1.959963984540054 * se;
    const sigmoid = (y: number) => 1 / (1 + Math.exp(-y));
    const made = study("made", sigmoid(2), sigmoid(2 - reach), sigmoid(2 + reach));
    expect(pool({ estimates: [made, ...three] }).studies[0]?.vi).toBeCloseTo(se ** 2, 12);
  });

  test("an interval at another level counts at that level", () => {
    const at95 = pool({ estimates: three, scale: "RAW" }).studies[0]?.vi ?? 0;
    const at90 = pool({ estimates: three, scale: "RAW", intervalLevel: 0.9 }).studies[0]?.vi ?? 0;
    expect(at90 / at95).toBeCloseTo((1.959963984540054 / 1.6448536269514722) ** 2, 12);
  });

  test("a standard error is carried to the logit scale by the delta method and remarked", () => {
    const result = pool({ estimates: [{ label: "se", value: 0.8, se: 0.02 }, ...three] });
    expect(result.studies[0]?.vi).toBeCloseTo((0.02 / (0.8 * 0.2)) ** 2, 14);
    expect(result.studies[0]?.remarks).toEqual(["SE_BY_DELTA_METHOD"]);
  });

  test.each([
    ["NO_ESTIMATE", { label: "x" }],
    ["NO_PRECISION", { label: "x", value: 0.9 }],
    ["NO_PRECISION", { label: "x", value: 0.9, ciLow: 0.8, ciHigh: null }],
    ["NO_PRECISION", { label: "x", yi: 1 }],
    ["NOT_FINITE", { label: "x", value: Number.NaN, ciLow: 0.8, ciHigh: 0.9 }],
    ["NOT_FINITE", { label: "x", yi: 1, vi: Number.POSITIVE_INFINITY }],
    ["VALUE_AT_LIMIT", study("x", 1, 0.9, 1)],
    ["VALUE_OUTSIDE_RANGE", study("x", 1.2, 0.9, 1)],
    ["VALUE_OUTSIDE_RANGE", study("x", 0.9, -0.1, 1)],
    ["REVERSED_INTERVAL", study("x", 0.9, 0.95, 0.85)],
    ["ZERO_WIDTH", study("x", 0.9, 0.9, 0.9)],
    ["ZERO_WIDTH", { label: "x", yi: 1, vi: 0 }],
    ["ZERO_WIDTH", { label: "x", value: 0.9, se: 0 }],
    ["ZERO_WIDTH", study("x", 0.9, 0, 1)],
    ["INTERVAL_EXCLUDES_VALUE", study("x", 0.6, 0.88, 0.92)],
  ] as const)("leaves out with %s and says so", (reason, bad: StudyInput) => {
    const result = pool({ estimates: [bad, ...three] });
    expect(result.leftOut).toEqual([{ index: 0, label: "x", reason }]);
    expect(result.k).toBe(3);
    expect(result.remarks.map(({ code }) => code)).toContain("STUDIES_LEFT_OUT");
    expect(result.estimate).toBe(pool({ estimates: three }).estimate);
  });

  test.each([
    ["VALUE_AT_BOUND", study("x", 0.8, 0.796, 0.8)],
    ["VALUE_OUTSIDE_INTERVAL", study("x", 0.92, 0.91, 0.918)],
    ["LOPSIDED_INTERVAL", study("x", 0.87, 0.752, 0.894)],
    ["BOUND_AT_LIMIT", study("x", 0.98, 0.95, 1)],
  ] as const)("pools with the remark %s", (remark, odd) => {
    const result = pool({ estimates: [odd, ...three] });
    expect(result.studies[0]?.remarks).toEqual([remark]);
    expect(result.studies[0]).toMatchObject({ value: odd.value, ciLow: odd.ciLow, ciHigh: odd.ciHigh });
    expect(result.remarks.map(({ code }) => code)).toContain("STUDY_REMARKS");
  });

  test("raw values may lie anywhere", () => {
    expect(pool({ estimates: [study("x", -3, -4, -2), study("y", 7, 5, 9)], scale: "RAW" }).k).toBe(2);
  });

  test("shows an interval as given, and recomputes it at another level", () => {
    const [given] = pool({ estimates: three }).studies;
    const [wider] = pool({ estimates: three, level: 0.99 }).studies;
    expect([given?.ciLow, given?.ciHigh]).toEqual([0.88, 0.92]);
    expect(wider?.ciLow).toBeLessThan(0.88);
  });
});

describe("not estimable", () => {
  test.each([
    ["NO_ROWS", { estimates: [] }],
    ["TOO_FEW_STUDIES", { estimates: three.slice(0, 1) }],
    ["TOO_FEW_STUDIES", { estimates: three.slice(0, 1), model: "COMMON", test: "Z" }],
    ["ZERO_VARIANCE", { estimates: [three[0], three[0], three[0]].flatMap((s) => s ?? []) }],
    ["NO_CONVERGENCE", { estimates: three, maxIterations: 0 }],
    ["NO_CONVERGENCE", { estimates: three, model: "PM", maxIterations: 1 }],
    ["NO_CONVERGENCE", { estimates: three, model: "ML", maxIterations: 1 }],
  ] as const)("%s", (reason, input: MetaAnalysisInput) => {
    const result = metaAnalysis(input);
    expect(result).toMatchObject({ status: "NOT_ESTIMABLE", reason, k: input.estimates.length });
    expect(result.studies.length).toBe(input.estimates.length);
  });

  test("equal studies pool under z, with no heterogeneity", () => {
    const result = pool({ estimates: [three[0], three[0]].flatMap((s) => s ?? []), test: "Z" });
    expect(result.estimate).toBeCloseTo(0.9, 14);
    expect(result).toMatchObject({ tau2: 0, i2: 0, h2: 1 });
  });

  test("as many moderator columns as studies are too few studies", () => {
    const estimates = three.map((s, i) => ({ ...s, moderators: { x: i, z: i * i } }));
    const result = metaAnalysis({ estimates, moderators: ["x", "z"] });
    expect(result).toMatchObject({ status: "NOT_ESTIMABLE", reason: "TOO_FEW_STUDIES" });
  });

  test("two studies pool, with a remark about their one degree of freedom, but cannot be left out", () => {
    const result = pool({ estimates: three.slice(0, 2) });
    expect(result.remarks.map(({ code }) => code)).toContain("HARTUNG_KNAPP_FEW_STUDIES");
    expect(result.leaveOneOut).toMatchObject([
      { label: "a", k: 1, status: "NOT_ESTIMABLE", reason: "TOO_FEW_STUDIES" },
      { label: "b", k: 1, status: "NOT_ESTIMABLE", reason: "TOO_FEW_STUDIES" },
    ]);
    expect(result.egger).toEqual({ status: "NOT_ESTIMABLE", reason: "TOO_FEW_STUDIES" });
    expect(result.eggerP).toBeNull();
  });

  test("Egger's test needs standard errors that differ", () => {
    const estimates = [1, 2, 4].map((yi, i) => ({ label: `${i}`, yi, vi: 0.5 }));
    expect(pool({ estimates }).egger).toEqual({ status: "NOT_ESTIMABLE", reason: "ZERO_VARIANCE" });
  });
});

describe("REML", () => {
  test("settles where plain Fisher scoring swings around the maximum for ever", () => {
    const yi = [-883, -1181, 495, -101, 1683, -984, 216, 21, -141, 99, -226, 1721, 1235].map((x) => x * 1e-6);
    const vi = [
      1.3e-7, 1.83, 4.58e-6, 1.68e-6, 2.07e-8, 1.27e-6, 0.106, 6.46e-6, 2.35e-6, 1.69e-6, 24, 0.0211, 3.38e-6,
    ];
    const estimates = yi.map((y, i): StudyInput => ({ label: `${i}`, yi: y, vi: vi[i] ?? null }));
    expect(pool({ estimates, scale: "RAW", maxIterations: 30 }).tau2).toBeGreaterThan(0);
  });
});

describe("a likelihood with two maxima", () => {
  // One study far from precise ones that agree: a climb from the Hedges-Olkin estimate, 0, never leaves 0.
  const vi = [0.001, 0.0014, 0.0018, 0.0015, 3.2, 0.039, 0.38, 0.014];
  const estimates = vi.map((v, i): StudyInput => ({ label: `${i}`, yi: i === 5 ? 1.5 : 0, vi: v }));

  test("is pooled at the one that the climb reaches, as metafor does, with a remark about the higher one", () => {
    const result = pool({ estimates, scale: "RAW" });
    expect(result.tau2).toBe(0);
    expect(result.remarks).toContainEqual({
      code: "LIKELIHOOD_HIGHER_ELSEWHERE",
      message: expect.stringMatching(/tau2 = 0\.2\d/),
    });
  });

  test("is the exception", () => {
    const codes = pool({ estimates: three }).remarks.map(({ code }) => code);
    expect(codes).not.toContain("LIKELIHOOD_HIGHER_ELSEWHERE");
  });
});

describe("Hartung-Knapp", () => {
  // Four studies that agree far better than their standard errors say.
  const agreeing = [0.501, 0.5, 0.502, 0.4995].map((yi, i) => ({ label: `${i}`, yi, vi: 0.04 }));

  test("remarks an interval narrower than z, and offers the ad hoc interval, which is not", () => {
    const z = pool({ estimates: agreeing, scale: "RAW", test: "Z" });
    const hk = pool({ estimates: agreeing, scale: "RAW" });
    expect(hk.ciHigh - hk.ciLow).toBeLessThan(z.ciHigh - z.ciLow);
    const codes = hk.remarks.map(({ code }) => code);
    expect(codes).toContain("HARTUNG_KNAPP_NARROWER_THAN_Z");
    expect(codes).toContain("HARTUNG_KNAPP_FACTOR_BELOW_ONE");
    const adHoc = (hk.hartungKnapp?.adHocCiHigh ?? 0) - (hk.hartungKnapp?.adHocCiLow ?? 0);
    // t with 3 degrees of freedom over z, both at 97.5 %.
    expect(adHoc / (z.ciHigh - z.ciLow)).toBeCloseTo(3.182446305284263 / 1.959963984540054, 9);
  });

  test("keeps quiet and leaves the interval alone when the factor is above one", () => {
    const result = pool({
      estimates: [...agreeing, { label: "far", yi: 9, vi: 0.01 }],
      scale: "RAW",
      model: "COMMON",
    });
    expect(result.remarks.map(({ code }) => code)).not.toContain("HARTUNG_KNAPP_FACTOR_BELOW_ONE");
    expect(result.hartungKnapp?.adHocCiLow).toBeCloseTo(result.ciLow, 12);
  });
});

describe("moderators", () => {
  const sites = ["B", "A", "B", "C", "A", "C"];
  const estimates = [2.1, 2.4, 1.9, 3.0, 2.5, 3.3].map((yi, i): StudyInput => {
    return {
      label: `s${i}`,
      yi,
      vi: 0.01 * (i + 1),
      moderators: { site: sites[i] ?? null, year: 2000 + i, twice: 4000 + 2 * i },
    };
  });

  test("expands a category against its first level", () => {
    const { coefficients, moderatorTest } = pool({ estimates, moderators: ["site"] });
    expect(coefficients.map(({ name }) => name)).toEqual(["intercept", "site=B", "site=C"]);
    expect(moderatorTest).toMatchObject({ distribution: "F", df1: 2, df2: 3 });
  });

  test("drops a redundant moderator with a remark", () => {
    const both = pool({ estimates, moderators: ["year", "twice"] });
    expect(both.coefficients).toEqual(pool({ estimates, moderators: ["year"] }).coefficients);
    expect(both.remarks).toContainEqual(expect.objectContaining({ code: "MODERATOR_REDUNDANT" }));
  });

  test("leaves out a study without the moderator", () => {
    const gap = { label: "gap", yi: 2, vi: 0.1, moderators: { site: null } };
    expect(pool({ estimates: [...estimates, gap], moderators: ["site"] }).leftOut).toEqual([
      { index: 6, label: "gap", reason: "MISSING_MODERATOR" },
    ]);
  });

  test("refuses a moderator that is both number and category", () => {
    const mixed = [...estimates, { label: "m", yi: 2, vi: 0.1, moderators: { site: 4 } }];
    expect(codeOf(() => metaAnalysis({ estimates: mixed, moderators: ["site"] }))).toBe("INVALID_INPUT");
  });

  test("leaves each study out even when its category then disappears", () => {
    const alone = [...estimates, { label: "D", yi: 2, vi: 0.1, moderators: { site: "D" } }];
    const last = pool({ estimates: alone, moderators: ["site"] }).leaveOneOut.at(-1);
    expect(last).toMatchObject({
      status: "OK",
      estimate: pool({ estimates, moderators: ["site"] }).estimate,
    });
  });

  test("a study that is alone in its category has no standardised residual", () => {
    const alone = [...estimates, { label: "D", yi: 2, vi: 0.1, moderators: { site: "D" } }];
    expect(pool({ estimates: alone, moderators: ["site"] }).studies.at(-1)?.standardizedResidual).toBeNull();
  });
});

describe("reporting", () => {
  test("the logit scale comes back as AUCs, with se left in logit units", () => {
    const logit = pool({ estimates: three });
    const raw = pool({
      estimates: logit.studies.map(({ label, yi, vi }) => ({ label, yi, vi })),
      scale: "RAW",
    });
    const back = (y: number | null) => 1 / (1 + Math.exp(-(y ?? Number.NaN)));
    expect(logit.estimate).toBeCloseTo(back(raw.estimate), 14);
    expect(logit.predictionLow).toBeCloseTo(back(raw.predictionLow), 14);
    expect(logit.se).toBeCloseTo(raw.se, 14);
  });

  test("cumulative analysis ends in the whole and starts with one study that is not estimable", () => {
    const steps = cumulativeMetaAnalysis({ estimates: three });
    expect(steps[0]).toMatchObject({ k: 1, status: "NOT_ESTIMABLE" });
    expect(steps[2]).toMatchObject({ k: 3, status: "OK", estimate: pool({ estimates: three }).estimate });
  });

  test("leave-one-out is skipped on request", () => {
    expect(pool({ estimates: three, leaveOneOut: false }).leaveOneOut).toEqual([]);
    expect(pool({ estimates: three }).leaveOneOut.map(({ label }) => label)).toEqual(["a", "b", "c"]);
  });

  test.each([{ level: 0 }, { level: 1 }, { level: Number.NaN }, { intervalLevel: 95 }])(
    "refuses %o",
    (bad) => {
      expect(codeOf(() => metaAnalysis({ estimates: three, ...bad }))).toBe("INVALID_PARAM");
    },
  );

  test("refuses a model that does not exist", () => {
    // A caller without types, such as a program over JSON.
    const input = JSON.parse('{"estimates": [], "model": "BAYES"}') as MetaAnalysisInput;
    expect(codeOf(() => metaAnalysis(input))).toBe("INVALID_PARAM");
  });
});
