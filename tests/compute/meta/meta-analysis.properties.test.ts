import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetaAnalysis, MetaAnalysisInput } from "../../../compute/meta/meta-analysis.ts";
import { metaAnalysis } from "../../../compute/meta/meta-analysis.ts";
import type { MetaTest } from "../../../compute/meta/mixed-model.ts";
import { metaTests } from "../../../compute/meta/mixed-model.ts";
import type { MetaModel } from "../../../compute/meta/tau-squared.ts";
import { metaModels } from "../../../compute/meta/tau-squared.ts";

interface Row {
  readonly label: string;
  readonly yi: number;
  readonly vi: number;
  readonly moderators: { readonly x: number };
}

// Effects in thousandths: differences of the size of rounding are a scatter or none as the order of adding up has it.
const row = fc.record({
  yi: fc.integer({ min: -5000, max: 5000 }).map((thousandths) => thousandths / 1000),
  vi: fc.double({ min: 1e-3, max: 4, noNaN: true }),
  moderators: fc.record({ x: fc.integer({ min: -50, max: 50 }) }),
});
const rows = fc
  .array(row, { minLength: 4, maxLength: 20 })
  .map((all): Row[] => all.map((one, i) => ({ label: `s${i}`, ...one })));
const settings = fc.record({
  model: fc.constantFrom<MetaModel>(...metaModels),
  test: fc.constantFrom<MetaTest>(...metaTests),
  moderators: fc.constantFrom<string[]>([], ["x"]),
});

function pool(input: Omit<MetaAnalysisInput, "scale">): MetaAnalysis | undefined {
  const result = metaAnalysis({ leaveOneOut: false, ...input, scale: "RAW" });
  return result.status === "OK" ? result : undefined;
}

/** Equal to seven digits, or to 1e-7 of `unit` near zero. */
function expectNear(got: number | null | undefined, wanted: number | null | undefined, unit: number) {
  if (typeof wanted !== "number" || typeof got !== "number") expect(got ?? null).toBe(wanted ?? null);
  else expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-7 * Math.max(Math.abs(wanted), unit));
}

const pooledFields = ["estimate", "ciLow", "ciHigh", "predictionLow", "predictionHigh"] as const;

describe("meta-analysis", () => {
  test("does not depend on the order of the studies", () => {
    fc.assert(
      fc.property(rows, settings, fc.infiniteStream(fc.nat()), (estimates, options, keys) => {
        const order = estimates.map((one) => [keys.next().value, one] as const).sort((a, b) => a[0] - b[0]);
        const before = pool({ estimates, ...options });
        const after = pool({ estimates: order.map(([, one]) => one), ...options });
        expect(after === undefined).toBe(before === undefined);
        if (before === undefined) return;
        for (const field of [...pooledFields, "se"] as const) expectNear(after?.[field], before[field], 1e-2);
        expectNear(after?.tau2, before.tau2, 1e-3);
        expectNear(after?.q, before.q, 1);
      }),
    );
  });

  test("moves with a constant added to every effect", () => {
    fc.assert(
      fc.property(rows, settings, fc.double({ min: -10, max: 10, noNaN: true }), (estimates, options, by) => {
        const before = pool({ estimates, ...options });
        const after = pool({ estimates: estimates.map((one) => ({ ...one, yi: one.yi + by })), ...options });
        if (before === undefined) return;
        for (const field of pooledFields) {
          const wanted = before[field];
          expectNear(after?.[field], wanted === null ? null : wanted + by, 1);
        }
        expectNear(after?.tau2, before.tau2, 1e-3);
        expectNear(after?.se, before.se, 1e-2);
      }),
    );
  });

  test("scales with the unit of the effects", () => {
    fc.assert(
      fc.property(
        rows,
        settings,
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (estimates, options, by) => {
          const scaled = estimates.map((one) => ({ ...one, yi: one.yi * by, vi: one.vi * by * by }));
          const before = pool({ estimates, ...options });
          const after = pool({ estimates: scaled, ...options });
          if (before === undefined) return;
          for (const field of pooledFields) {
            const wanted = before[field];
            expectNear(after?.[field], wanted === null ? null : wanted * by, by);
          }
          expectNear(after?.tau2, before.tau2 * by * by, 1e-3 * by * by);
          expectNear(after?.i2, before.i2, 1);
          expectNear(after?.q, before.q, 1);
        },
      ),
    );
  });

  test("keeps every quantity in its range", () => {
    fc.assert(
      fc.property(rows, settings, (estimates, options) => {
        const result = pool({ estimates, ...options });
        if (result === undefined) return;
        expect(result.tau2).toBeGreaterThanOrEqual(0);
        expect(result.i2).toBeGreaterThanOrEqual(0);
        expect(result.i2).toBeLessThanOrEqual(100);
        expect(result.q).toBeGreaterThanOrEqual(0);
        expect(result.qP).toBeGreaterThanOrEqual(0);
        expect(result.qP).toBeLessThanOrEqual(1);
        expect(result.ciLow).toBeLessThanOrEqual(result.estimate);
        expect(result.ciHigh).toBeGreaterThanOrEqual(result.estimate);
        expect(result.predictionLow ?? result.ciLow).toBeLessThanOrEqual(result.ciLow);
        expect(result.studies.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(100, 9);
        for (const value of Object.values(result)) if (typeof value === "number") expect(value).not.toBeNaN();
      }),
    );
  });

  test("pools a common effect with the weights 1 / v", () => {
    fc.assert(
      fc.property(rows, (estimates) => {
        const result = pool({ estimates, model: "COMMON", test: "Z" });
        const total = estimates.reduce((sum, { vi }) => sum + 1 / vi, 0);
        const mean = estimates.reduce((sum, { yi, vi }) => sum + yi / vi, 0) / total;
        expectNear(result?.estimate, mean, 1);
        expectNear(result?.se, 1 / Math.sqrt(total), 1e-3);
        estimates.forEach(({ vi }, i) => {
          expectNear(result?.studies[i]?.weight, 100 / vi / total, 1);
        });
      }),
    );
  });

  test("finds a REML and an ML tau2 that no other tau2 beats without a remark", () => {
    /** The (restricted) log-likelihood of an intercept-only model, by its textbook formula. */
    const likelihood = (all: readonly Row[], tau2: number, restricted: boolean) => {
      const w = all.map(({ vi }) => 1 / (vi + tau2));
      const total = w.reduce((sum, x) => sum + x, 0);
      const mean = all.reduce((sum, { yi }, i) => sum + yi * (w[i] ?? 0), 0) / total;
      const q = all.reduce((sum, { yi }, i) => sum + (yi - mean) ** 2 * (w[i] ?? 0), 0);
      const logs = w.reduce((sum, x) => sum + Math.log(x), 0);
      return (logs - q - (restricted ? Math.log(total) : 0)) / 2;
    };
    fc.assert(
      fc.property(rows, fc.constantFrom("REML" as const, "ML" as const), (estimates, model) => {
        const result = pool({ estimates, model });
        if (result === undefined) return;
        const at = (tau2: number) => likelihood(estimates, tau2, model === "REML");
        for (const factor of [0.9, 0.99, 1.01, 1.1]) {
          expect(at(result.tau2)).toBeGreaterThanOrEqual(at(result.tau2 * factor) - 1e-9);
        }
        // Far away the likelihood may rise again, but never without a remark.
        if (result.remarks.some(({ code }) => code === "LIKELIHOOD_HIGHER_ELSEWHERE")) return;
        for (const tau2 of [0, 1e-4, 1e-3, 0.01, 0.1, 1, 10]) {
          expect(at(result.tau2)).toBeGreaterThanOrEqual(at(tau2) - 1e-3);
        }
      }),
    );
  });

  test("solves the Paule-Mandel equation", () => {
    fc.assert(
      fc.property(rows, (estimates) => {
        const result = pool({ estimates, model: "PM" });
        if (result === undefined || result.tau2 === 0) return;
        const inflated = estimates.map((one) => ({ ...one, vi: one.vi + result.tau2 }));
        expectNear(pool({ estimates: inflated, model: "COMMON" })?.q, estimates.length - 1, 1);
      }),
    );
  });
});
