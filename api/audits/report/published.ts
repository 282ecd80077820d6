import type { Protocol, ReportPublished, ReportSeries } from "../../../compute/index.ts";
import { encodeId } from "../../graphql/node-id.ts";
import type { MetricRow } from "../../metrics/metric.queries.ts";

/** A published record with the slugs of the datasets that it is about. */
export interface PublishedRecord extends MetricRow {
  readonly publication: string;
  readonly test: string | null;
  readonly train: string | null;
}

const MOST_SHOWN = 8;

/** Published AUCs of the same attribute, by protocol. */
export class PublishedNumbers {
  readonly #records: readonly PublishedRecord[];

  constructor(records: readonly PublishedRecord[], attribute: string) {
    this.#records = records.filter(
      ({ params, metric }) => params["target"] === attribute && metric === "auroc",
    );
  }

  /** Records of a protocol's experiments, in the order of their publication's file. */
  of({ published }: Protocol): readonly PublishedRecord[] {
    return this.#records.filter((record) =>
      published.some(
        ({ publication, experiments }) =>
          publication === record.publication && experiments.includes(record.experiment ?? ""),
      ),
    );
  }

  /** What the publication's own tables print of a class; without any, what its text does. */
  shown(protocol: Protocol, className: string | null): readonly ReportPublished[] {
    const found = this.of(protocol).filter(
      (record) =>
        record.printed !== null &&
        record.value !== null &&
        record.stratum.length === 0 &&
        (className === null || record.className === null || record.className.startsWith(className)),
    );
    const tables = found.filter(({ source }) => source?.startsWith("Table 3"));
    const printed =
      tables.length > 0 ? tables : found.filter(({ sourceKind }) => sourceKind?.startsWith("paper"));
    return printed.slice(0, MOST_SHOWN).map(publishedOf);
  }

  /** A curve that the study printed, by the parameter that it varies. */
  curve(protocol: Protocol, className: string, parameter: string): ReportSeries | undefined {
    const points = this.of(protocol).flatMap((record) => {
      const x = record.params[parameter];
      return typeof x === "number" && record.className === className && record.value !== null
        ? [{ x, value: publishedValue(record) }]
        : [];
    });
    const [first] = this.of(protocol).filter(({ params }) => typeof params[parameter] === "number");
    return points.length === 0
      ? undefined
      : { name: `published (${datasetCode(first?.test)}), ${className}`, published: true, points };
  }

  /** A map that the study printed: the value of each part, for the class that it prints. */
  map(protocol: Protocol, images: "patch_kept" | "patch_removed", parts: number) {
    const found = this.of(protocol).filter(
      ({ params }) => params["trainImages"] === images && params["filter"] === "normal",
    );
    const [first] = found;
    if (first === undefined) return undefined;
    const values = Array.from(
      { length: parts },
      (_, part) => found.find(({ params }) => params["patch"] === part)?.value ?? null,
    );
    return { values, about: `${datasetCode(first.test)}, ${first.className ?? ""}; ${first.source ?? ""}` };
  }
}

/** A dataset as publications abbreviate it. */
function datasetCode(slug: string | null | undefined): string {
  return (slug ?? "").toUpperCase();
}

function publishedOf(record: PublishedRecord): ReportPublished {
  const { train, test, className } = record;
  const on =
    train === null || train === test ? datasetCode(test) : `${datasetCode(train)} to ${datasetCode(test)}`;
  return {
    printed: record.printed ?? "",
    value: record.value,
    about: [on, className].filter((word) => word !== null && word !== "").join(", "),
    source: (record.source ?? "").replace(/^(Table [0-9]+).*$/s, "$1"),
    record: encodeId("MetricRecord", record.id),
  };
}

function publishedValue(record: PublishedRecord) {
  const { value, ciLow, ciHigh, n } = record;
  return {
    value,
    ciLow,
    ciHigh,
    reason: null,
    n,
    nPatients: null,
    record: encodeId("MetricRecord", record.id),
  };
}
