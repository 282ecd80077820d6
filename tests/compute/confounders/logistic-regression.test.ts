import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { fitLogistic, predictLogistic } from "../../../compute/confounders/logistic-regression.ts";
import { RandomStream } from "../../../compute/random.ts";

// The referee: scikit-learn, where there is a Python with it (STRATUM_PYTHON names another).
const python = [process.env["STRATUM_PYTHON"] ?? "", "/usr/bin/python3", "python3"].find(
  (candidate) => candidate !== "" && spawnSync(candidate, ["-c", "import sklearn"]).status === 0,
);

interface Problem {
  readonly matrix: Float64Array;
  readonly labels: Uint8Array;
  readonly width: number;
}

function problem(seed: number, rows: number, width: number): Problem {
  const stream = new RandomStream(seed);
  const matrix = Float64Array.from({ length: rows * width }, () => stream.normal());
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const odds = (matrix[row * width] ?? 0) - 0.5 * (matrix[row * width + 1] ?? 0) + 0.3;
    return stream.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  });
  return { matrix, labels, width };
}

/** Gradient of the penalised loss at a fit, by the definition: zero at the minimum and nowhere else. */
function gradientAt({ matrix, labels, width }: Problem, ridge: number): readonly number[] {
  const fit = fitLogistic(matrix, labels, width, ridge);
  const chances = predictLogistic(fit, matrix);
  const residuals = Array.from(labels, (label, row) => (chances[row] ?? 0) - label);
  const slopes = Array.from(fit.weights, (weight, column) =>
    residuals.reduce(
      (sum, residual, row) => sum + residual * (matrix[row * width + column] ?? 0),
      ridge * weight,
    ),
  );
  return [...slopes, residuals.reduce((sum, residual) => sum + residual, 0)];
}

describe("logistic regression", () => {
  test.each([
    [1, 200, 3, 1],
    [2, 50, 12, 0.1],
    [3, 1000, 2, 1e-6],
    [4, 300, 30, 25],
  ])("seed %i: %i rows, %i columns, ridge %d end where the gradient vanishes", (seed, rows, width, ridge) => {
    const worst = Math.max(...gradientAt(problem(seed, rows, width), ridge).map(Math.abs));
    expect(worst).toBeLessThan(1e-6 * rows);
  });

  test("has an answer where one column separates the classes", () => {
    const matrix = Float64Array.of(-2, -1, 1, 2);
    const fit = fitLogistic(matrix, Uint8Array.of(0, 0, 1, 1), 1, 1);
    expect(fit.converged).toBe(true);
    expect(fit.intercept).toBeCloseTo(0, 8);
    const chances = predictLogistic(fit, matrix);
    expect([...chances]).toEqual([...chances].sort((a, b) => a - b));
  });

  test("of a column twice shares the weight between both", () => {
    const { matrix, labels } = problem(5, 200, 2);
    const first = Float64Array.from({ length: 200 }, (_, row) => matrix[2 * row] ?? 0);
    const twice = Float64Array.from({ length: 400 }, (_, i) => first[Math.floor(i / 2)] ?? 0);
    const { weights } = fitLogistic(twice, labels, 2, 1);
    expect(weights[0]).toBeCloseTo(weights[1] ?? Number.NaN, 8);
  });

  test.skipIf(python === undefined)(
    "agrees with scikit-learn to 6 digits (SKIPPED where no Python has scikit-learn)",
    () => {
      const problems = [
        { ...problem(11, 200, 3), ridge: 1 },
        { ...problem(12, 80, 10), ridge: 4 },
        { ...problem(13, 500, 5), ridge: 0.01 },
      ];
      const script = `
import sys, json, numpy as np
from sklearn.linear_model import LogisticRegression
answers = []
for q in json.load(sys.stdin):
    x = np.array(q["x"]).reshape(-1, q["width"])
    m = LogisticRegression(C=1 / q["ridge"], solver="newton-cg", tol=1e-10, max_iter=200).fit(x, q["y"])
    answers.append([*m.coef_[0], m.intercept_[0]])
print(json.dumps(answers))`;
      const asked = problems.map(({ matrix, labels, width, ridge }) => ({
        x: [...matrix],
        y: [...labels],
        width,
        ridge,
      }));
      const answer = execFileSync(python ?? "", ["-W", "ignore", "-c", script], {
        input: JSON.stringify(asked),
        encoding: "utf8",
      });
      // Safe: the script prints a list of numbers for each problem.
      const expected = JSON.parse(answer) as number[][];
      for (const [index, { matrix, labels, width, ridge }] of problems.entries()) {
        const fit = fitLogistic(matrix, labels, width, ridge);
        for (const [place, value] of [...fit.weights, fit.intercept].entries()) {
          expect(value).toBeCloseTo(expected[index]?.[place] ?? Number.NaN, 6);
        }
      }
    },
    180_000,
  );
});
