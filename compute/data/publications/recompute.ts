import { ComputeError } from "../../errors.ts";
import { parsePrintedResult } from "./printed.ts";
import type {
  MetricSelector,
  PublishedConfusionMatrix,
  PublishedCounts,
  PublishedDataset,
  PublishedMetric,
  Recomputation,
} from "./schema.ts";

/** The printed data that a recomputation may refer to. */
export interface PrintedData {
  readonly datasets: readonly PublishedDataset[];
  readonly counts: PublishedCounts;
  readonly metrics: readonly PublishedMetric[];
}

/** Rounds half up on the decimal digits people see: 0.945 to two decimals is 0.95. */
export function roundHalfUp(value: number, decimals: number): number {
  // Shifting the exponent in text keeps the decimal digits; multiplying by 100 would not.
  const digits = Math.abs(value).toPrecision(15);
  if (digits.includes("e")) return Number(value.toFixed(decimals));
  const shifted = Math.round(Number(`${digits}e${decimals}`));
  const rounded = Number(`${shifted}e-${decimals}`);
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/**
 * Computes the values of a recomputation from printed data alone; its stored `values` are not looked at.
 *
 * @throws {ComputeError} INVALID_INPUT when a reference names nothing or the function lacks operands.
 */
export function recompute(
  recomputation: Pick<Recomputation, "function" | "of" | "decimals">,
  data: PrintedData,
): readonly number[] {
  // A pointer ("multiple results") counts as a record but has no number to compute with.
  const noNumber = recomputation.function === "count" ? [Number.NaN] : [];
  const operands = recomputation.of.flatMap((reference) =>
    typeof reference === "string"
      ? [resolve(reference, data)]
      : selectMetrics(data.metrics, reference.metrics).flatMap(({ value }) => value ?? noNumber),
  );
  const { decimals } = recomputation;
  const round = (value: number) => (decimals === undefined ? value : roundHalfUp(value, decimals));
  const first = operands[0];
  const last = operands.at(-1);
  if (first === undefined || last === undefined) throw invalid("at least one operand", "none");
  switch (recomputation.function) {
    case "sum":
      return [round(sum(operands))];
    case "difference":
      return [round(operands.slice(1).reduce((rest, value) => rest - value, first))];
    case "percent":
      return operands.slice(0, -1).map((part) => round((100 * part) / last));
    case "share_of_sum":
      return [round((100 * first) / sum(operands))];
    case "shares":
      return operands.map((part) => round((100 * part) / sum(operands)));
    case "round":
    case "list":
      return operands.map(round);
    case "min":
      return [round(Math.min(...operands))];
    case "max":
      return [round(Math.max(...operands))];
    case "range":
      return [round(Math.min(...operands)), round(Math.max(...operands))];
    case "count":
      return [operands.length];
    case "count_unequal":
      return [countUnequal(operands, decimals ?? 0)];
    case "arm_ratio": {
      const [value, low, high] = operands;
      if (value === undefined || low === undefined || high === undefined)
        throw invalid("a value and two bounds", `${operands.length} operands`);
      return [round((value - low) / (high - value))];
    }
  }
}

/** The metric records that a selector names, in file order. */
export function selectMetrics(
  metrics: readonly PublishedMetric[],
  selector: MetricSelector,
): readonly PublishedMetric[] {
  const among = (wanted: string | readonly string[] | undefined, got: string | null) =>
    wanted === undefined ||
    (got !== null && (typeof wanted === "string" ? wanted === got : wanted.includes(got)));
  return metrics.filter(({ origin, ...metric }) => {
    const cell = origin.kind === "table" ? origin : undefined;
    return (
      among(selector.table, cell?.table ?? null) &&
      among(selector.column, cell?.column ?? null) &&
      among(selector.appendixPage, cell?.appendixPage ?? null) &&
      among(selector.experiment, metric.experiment) &&
      among(selector.class, metric.class) &&
      among(selector.unit, metric.unit) &&
      among(selector.test, metric.test.length === 1 ? (metric.test[0] ?? null) : null) &&
      among(selector.run, typeof metric.parameters["run"] === "string" ? metric.parameters["run"] : null) &&
      (selector.hasInterval === undefined || (metric.interval !== null) === selector.hasInterval)
    );
  });
}

/** The share of a confusion matrix on its diagonal, in [0, 1]. */
export function matrixAccuracy({ matrix }: Pick<PublishedConfusionMatrix, "matrix">): number {
  const right = sum(matrix.map((row, index) => row[index] ?? 0));
  return right / sum(matrix.flat());
}

/** How many units of each true class a confusion matrix holds, in its class order. */
export function matrixClassTotals({ matrix }: Pick<PublishedConfusionMatrix, "matrix">): readonly number[] {
  return matrix.map(sum);
}

/** Pairs (printed, other): how many differ once the other is rounded to the decimals of the printed one. */
function countUnequal(operands: readonly number[], decimals: number): number {
  let unequal = 0;
  for (let index = 0; index + 1 < operands.length; index += 2) {
    const [printed = 0, other = 0] = operands.slice(index, index + 2);
    if (printed !== roundHalfUp(other, decimals)) unequal += 1;
  }
  return unequal;
}

function resolve(reference: string, { datasets, counts, metrics }: PrintedData): number {
  const [root = "", name = "", column = "", field = ""] = reference.split("/");
  const value =
    root === "table1"
      ? tableCell(
          datasets.find(({ code }) => code === name),
          column,
          field,
        )
      : root === "counts"
        ? counts[name]?.[column]?.value
        : root === "metrics"
          ? metricField(
              metrics.find(({ key }) => key === name),
              column,
            )
          : undefined;
  if (value === undefined) throw invalid("a reference to a printed number", `"${reference}"`);
  return value;
}

function tableCell(dataset: PublishedDataset | undefined, column: string, field: string): number | undefined {
  const cell = Object.entries(dataset?.table1 ?? {}).find(([name]) => name === column)?.[1];
  if (cell === undefined || !("count" in cell)) return undefined;
  return field === "count" ? cell.count : field === "percent" ? cell.percent : undefined;
}

function metricField(metric: PublishedMetric | undefined, field: string): number | undefined {
  if (metric === undefined) return undefined;
  if (field === "value") return metric.value ?? undefined;
  if (field === "low" || field === "high") return metric.interval?.[field];
  const printed = parsePrintedResult(metric.printed);
  if (printed.kind !== "number" || (field !== "lowDecimals" && field !== "highDecimals")) return undefined;
  return printed.interval?.[field];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function invalid(expected: string, got: string): ComputeError {
  return new ComputeError(
    "INVALID_INPUT",
    `Expected ${expected}, got ${got}; correct the "of" list of the recomputation`,
  );
}
