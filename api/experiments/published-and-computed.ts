import { isPublishedCondition, type Protocol, type TransformChain } from "../../compute/index.ts";
import type { MetricRow } from "../metrics/metric.queries.ts";
import type { ComputedRecord } from "./experiment.queries.ts";

/** The study's names for a class that a task here calls by its category. */
const classNames: Readonly<Record<string, string>> = {
  "Black (per caption)": "Black",
  "Black vs White": "Black",
  "African-American": "Black",
  Caucasian: "White",
};

/** A slice is an image of its own. */
const unitNames: Readonly<Record<string, string>> = { slice: "image" };

/**
 * Whether a computed number is of the same thing as a published one: the same model and dataset by their slugs here,
 * metric, class, stratum, unit where the publication says one, and the same transform of the test images.
 */
export function isOfTheSame(protocol: Protocol, published: MetricRow, computed: ComputedRecord): boolean {
  const { record, transforms } = computed;
  const className = published.className === null ? null : nameOf(classNames, published.className);
  return (
    published.modelId !== null &&
    published.datasetId !== null &&
    record.modelId === published.modelId &&
    record.datasetId === published.datasetId &&
    record.metric === published.metric &&
    record.className === className &&
    (published.unit === null || record.unit === nameOf(unitNames, published.unit)) &&
    stratumKey(record) === stratumKey(published) &&
    isPublishedCondition(
      protocol,
      { images: String(published.params["testImages"]), parameters: published.params },
      // Safe: what is stored was parsed by parseChain before it was stored.
      transforms as TransformChain,
    )
  );
}

function nameOf(names: Readonly<Record<string, string>>, name: string): string {
  return names[name] ?? name;
}

function stratumKey({ stratum }: MetricRow): string {
  return JSON.stringify(stratum.map(({ attribute, level }) => `${attribute}=${level}`).sort());
}
