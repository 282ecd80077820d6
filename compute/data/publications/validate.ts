import { ComputeError } from "../../errors.ts";
import type { PublicationData } from "./parse.ts";
import { type PrintedResult, parsePrintedCount, parsePrintedResult, parsePrintedSplit } from "./printed.ts";
import { countColumns, type PublishedDataset, type PublishedMetric } from "./schema.ts";

/**
 * Checks what no single record can know: references between files, both directions of the links to discrepancies,
 * and that every value is what its printed text says. O(records).
 *
 * @throws {ComputeError} INVALID_INPUT naming the file and the record.
 */
export function checkPublication(data: PublicationData): void {
  const { publications, datasets, models, metrics, discrepancies, raceMappings, confusionMatrices } = data;
  const slugs = distinct(
    "publication.json",
    "slug",
    publications.map(({ slug }) => slug),
  );
  const codes = distinct(
    "datasets.json",
    "code",
    datasets.map(({ code }) => code),
  );
  distinct(
    "datasets.json",
    "slug",
    datasets.map(({ slug }) => slug),
  );
  const modelSlugs = distinct(
    "models.json",
    "slug",
    models.map(({ slug }) => slug),
  );
  const keys = distinct(
    "metrics.jsonl",
    "key",
    metrics.map(({ key }) => key),
  );
  const numbers = new Set(discrepancies.map(({ number }) => number));
  discrepancies.forEach(({ number }, index) => {
    demand(number === index + 1, "discrepancies.json", `number ${index + 1} in its place`, number);
  });

  for (const dataset of datasets) {
    checkTable1(dataset);
    for (const number of dataset.discrepancies)
      demand(numbers.has(number), "datasets.json", `a known discrepancy for ${dataset.code}`, number);
  }
  for (const { slug, publication, trainedOn } of models) {
    demand(slugs.has(publication), "models.json", `a known publication for ${slug}`, publication);
    for (const code of trainedOn)
      demand(codes.has(code), "models.json", `a known dataset code for ${slug}`, code);
  }

  const linked = new Map<string, Set<number>>();
  for (const { number, instances } of discrepancies) {
    for (const { records, recomputed, notRecomputed } of instances) {
      demand(
        (recomputed === null) === (notRecomputed !== undefined),
        "discrepancies.json",
        `either recomputed values or a reason in number ${number}`,
        recomputed === null ? "neither" : "both",
      );
      for (const key of records) {
        demand(keys.has(key), "discrepancies.json", `a known record in number ${number}`, key);
        linked.set(key, (linked.get(key) ?? new Set()).add(number));
      }
    }
  }
  for (const metric of metrics) {
    const where = `metrics.jsonl, record ${metric.key}`;
    demand(slugs.has(metric.publication), where, "a known publication", metric.publication);
    for (const code of [...metric.train, ...metric.test])
      demand(codes.has(code), where, "a known dataset code", code);
    demand(metric.model === null || modelSlugs.has(metric.model), where, "a known model", metric.model);
    const here = metric.discrepancies.join(", ");
    const there = [...(linked.get(metric.key) ?? [])].sort((a, b) => a - b).join(", ");
    demand(here === there, where, `the discrepancies that name it (${there || "none"})`, here || "none");
    checkPrinted(metric, where);
  }

  for (const { id, order, n, matrix } of confusionMatrices) {
    const where = `confusion-matrices.jsonl, matrix ${id}`;
    demand(matrix.length === order.length, where, `${order.length} rows`, matrix.length);
    for (const row of matrix)
      demand(row.length === order.length, where, `${order.length} columns`, row.length);
    const total = matrix.flat().reduce((sum, cell) => sum + cell, 0);
    demand(total === n, where, `a total of ${n}`, total);
  }

  distinct(
    "race-mappings.json",
    "slug and version",
    raceMappings.mappings.map(({ slug, version }) => `${slug} ${version}`),
  );
  for (const { slug, vocabulary, entries } of raceMappings.mappings) {
    const where = `race-mappings.json, mapping ${slug}`;
    const values = raceMappings.vocabularies.find(({ id }) => id === vocabulary)?.values;
    demand(values !== undefined, where, "a known vocabulary", vocabulary);
    const recorded = distinct(
      where,
      "recorded value",
      entries.map((entry) => entry.recorded),
    );
    for (const value of values ?? [])
      demand(recorded.has(value.recorded), where, `an entry for "${value.recorded}"`, "none");
    demand(recorded.size === values?.length, where, `${values?.length} entries`, recorded.size);
  }
}

/** What the printed text gives for this record: the number, the named end of the range, the place in the list. */
export function valueFromPrinted(
  printed: PrintedResult,
  { metric, bound, position }: Pick<PublishedMetric, "metric" | "bound" | "position">,
): number | null {
  switch (printed.kind) {
    case "pointer":
      return null;
    case "range":
      return bound === "min" ? printed.low : bound === "max" ? printed.high : null;
    case "list":
      return printed.values[(position ?? 0) - 1] ?? null;
    case "fraction":
      return printed.numerator / printed.denominator;
    case "number":
      return scaled(printed.value, printed.percent, metric);
  }
}

function checkPrinted(metric: PublishedMetric, where: string): void {
  const printed = parsePrintedResult(metric.printed);
  const value = valueFromPrinted(printed, metric);
  demand(metric.value === value, where, `the value ${value} that "${metric.printed}" prints`, metric.value);
  const relation = printed.kind === "number" ? printed.relation : "=";
  demand(metric.relation === relation, where, `the relation ${relation}`, metric.relation);
  const isBound = metric.bound !== undefined;
  demand(
    metric.flags.includes("range_bound") === isBound,
    where,
    "the flag range_bound on every end of a range and nowhere else",
    metric.flags.join(", "),
  );
  const interval = printed.kind === "number" ? printed.interval : null;
  demand(
    (interval === null) === (metric.interval === null),
    where,
    "an interval exactly where one is printed",
    metric.printed,
  );
  if (printed.kind !== "number" || interval === null || metric.interval === null) return;
  for (const end of ["low", "high"] as const) {
    const expected = scaled(interval[end], printed.percent, metric.metric);
    demand(metric.interval[end] === expected, where, `the ${end} bound ${expected}`, metric.interval[end]);
  }
  demand(interval.low <= interval.high, where, "a lower bound below the upper one", metric.printed);
  if (printed.unit !== null)
    demand(metric.unit === printed.unit, where, `the unit ${printed.unit}`, metric.unit);
}

// A share printed in percent is stored as a share; a metric whose own unit is percent stays as printed.
function scaled(value: number, percent: boolean, metric: PublishedMetric["metric"]): number {
  return percent && metric !== "disparity_change_percent" ? Number(`${value}e-2`) : value;
}

function checkTable1({ code, table1 }: PublishedDataset): void {
  if (table1 === null) return;
  const where = `datasets.json, Table 1 of ${code}`;
  for (const column of countColumns) {
    const cell = table1[column];
    const parsed = parsePrintedCount(cell.printed);
    demand(cell.count === parsed.count, where, `${parsed.count} in ${column}`, cell.count);
    demand(
      (cell.percent ?? null) === parsed.percent,
      where,
      `${parsed.percent} percent in ${column}`,
      cell.percent,
    );
    demand(
      (cell.warnings ?? []).join() === parsed.warnings.join(),
      where,
      `the warnings [${parsed.warnings.join()}] in ${column}`,
      (cell.warnings ?? []).join(),
    );
  }
  const parts = parsePrintedSplit(table1.split.printed);
  demand(
    parts.join() === table1.split.parts.join(),
    where,
    `the split ${parts.join()}`,
    table1.split.parts.join(),
  );
}

function distinct(where: string, what: string, values: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const value of values) {
    demand(!seen.has(value), where, `each ${what} once`, `${value} twice`);
    seen.add(value);
  }
  return seen;
}

function demand(holds: boolean, where: string, expected: string, got: unknown): void {
  if (holds) return;
  throw new ComputeError("INVALID_INPUT", `Expected ${expected} in ${where}, got ${got}; correct the file`);
}
