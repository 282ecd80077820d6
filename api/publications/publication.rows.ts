import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type {
  DiscrepancyPlace,
  PublicationData,
  PublicationEntry,
  PublishedDataset,
  PublishedDiscrepancy,
  PublishedMetric,
  PublishedModel,
  PublishedOrigin,
  Recomputation,
} from "../../compute/index.ts";
import type { datasets } from "../datasets/dataset.table.ts";
import type { metricRecords } from "../metrics/metric.table.ts";
import type { models } from "../models/model.table.ts";
import type { DiscrepancyInstance, discrepancies, publications } from "./publication.table.ts";

/** Why a published record has no value: its cell points to several results elsewhere. */
export const MULTIPLE_RESULTS = "MULTIPLE_RESULTS";

/** What one publication of a study contributes; its digest decides whether it is a new version. */
export interface PublicationContent {
  readonly entry: PublicationEntry;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly metrics: readonly PublishedMetric[];
  readonly discrepancies: readonly PublishedDiscrepancy[];
  /** SHA-256 over all of the above and the study's datasets, models and mappings it rests on. */
  readonly contentSha256: string;
}

/** The study and the later works beside it, each with its own numbers, in file order. */
export function publicationContents(data: PublicationData): readonly PublicationContent[] {
  return data.publications.map((entry) => {
    const isStudy = entry.relation === "study";
    const metrics = data.metrics.filter(({ publication }) => publication === entry.slug);
    const models = data.models.filter(({ publication }) => publication === entry.slug);
    const discrepancies = isStudy ? data.discrepancies : [];
    const facts = {
      relation: entry.relation,
      ...data.about,
      models,
      ...(isStudy
        ? {
            table1: Object.fromEntries(data.datasets.map(({ code, table1 }) => [code, table1])),
            counts: data.counts,
            cohorts: data.cohorts,
            confusionMatrices: data.confusionMatrices,
            frequencyMasks: data.frequencyMasks,
            raceVocabularies: data.raceMappings.vocabularies,
            classOrders: data.raceMappings.classOrders,
          }
        : {}),
    };
    const rest = isStudy ? { datasets: data.datasets, mappings: data.raceMappings.mappings } : {};
    return {
      entry,
      facts,
      metrics,
      discrepancies,
      contentSha256: digest({ entry, facts, metrics, discrepancies, ...rest }),
    };
  });
}

/** The row of a publication's version. */
export function publicationRow(
  { entry, facts, contentSha256 }: PublicationContent,
  version: number,
): typeof publications.$inferInsert {
  const { slug, title, citation, doi, year } = entry;
  return { slug, version, title, citation, doi, year, facts, contentSha256 };
}

/** A dataset known from the publication only, with what Table 1 prints of it. */
export function datasetRow({
  slug,
  title,
  modality,
  bodyPart,
  access,
  code,
  table1,
  remarks,
}: PublishedDataset): typeof datasets.$inferInsert {
  const description = remarks.join(" ") || null;
  const printedFacts = table1 === null ? { code } : { code, table1 };
  return { slug, title, description, modality, bodyPart, access, origin: "published", printedFacts };
}

/** A model known from its publication only; the order of its classes is stated where the sources state it. */
export function modelRow({
  slug,
  title,
  architecture,
  input,
  trainedOn,
  classes,
  note,
}: PublishedModel): typeof models.$inferInsert {
  const description = [
    `Trained on ${trainedOn.join(" and ") || "datasets that are not named"}, from ${input === "image" ? "images" : "features"}.`,
    ...(classes ? [`Classes in output order: ${classes.join(", ")}.`] : []),
    ...(note ? [note] : []),
  ].join(" ");
  return { slug, title, description, architecture, origin: "published" };
}

/** What a metric row refers to, by the names of the data files. */
export interface PublishedReferences {
  readonly publicationId: number;
  readonly contentSha256: string;
  readonly datasetIds: ReadonlyMap<string, number>;
  readonly modelIds: ReadonlyMap<string, number>;
}

/** A published number as a metric record; its discrepancies are among its flags as `discrepancy:<number>`. */
export function metricRow(
  metric: PublishedMetric,
  { publicationId, contentSha256, datasetIds, modelIds }: PublishedReferences,
): typeof metricRecords.$inferInsert {
  const { key, value, interval, n, parameters, class: className } = metric;
  const nClass = parameters["nClass"];
  const nPositive = typeof nClass === "number" && n !== null ? nClass : null;
  return {
    origin: "published",
    metric: metric.metric,
    // No plugin of ours computed it.
    metricVersion: 0,
    experiment: metric.experiment,
    experimentGroup: metric.group,
    datasetId: onlyOne(metric.test, datasetIds),
    trainDatasetId: onlyOne(metric.train, datasetIds),
    modelId: metric.model === null ? null : (modelIds.get(metric.model) ?? null),
    className,
    stratum: metric.stratum,
    params: conditionsOf(metric),
    unit: metric.unit,
    value,
    ciLow: interval?.low ?? null,
    ciHigh: interval?.high ?? null,
    ciLevel: interval?.level ?? null,
    ciMethod: interval?.method ?? null,
    n,
    nPositive,
    nNegative: nPositive === null || n === null ? null : n - nPositive,
    reason: value === null ? MULTIPLE_RESULTS : null,
    publicationId,
    publicationKey: key,
    printed: metric.printed,
    source: describeOrigin(metric.origin),
    sourceKind: metric.sourceKind,
    flags: [...metric.flags, ...metric.discrepancies.map((number) => `discrepancy:${number}`)],
    remark: metric.note,
    fingerprint: digest({ origin: "published", contentSha256, record: metric }),
  };
}

/** A discrepancy as a row; nothing of it is computed here. */
export function discrepancyRow(
  { number, kind, status, title, sources, explanation, instances }: PublishedDiscrepancy,
  publicationId: number,
): typeof discrepancies.$inferInsert {
  return {
    publicationId,
    number,
    kind,
    place: [...new Set(instances.map(({ where }) => describePlace(where)))].join("; "),
    summary: `${title}. ${explanation}`,
    instances: instances.map(
      ({ where, printed, parsed, recomputed, notRecomputed, records, note }): DiscrepancyInstance => ({
        where: describePlace(where),
        printed,
        parsed: typeof parsed === "object" ? (parsed?.join(", ") ?? null) : parsed,
        recomputed: recomputed === null ? null : single(recomputed.values),
        how: [recomputed === null ? (notRecomputed ?? "") : describeRecomputation(recomputed), note ?? ""]
          .filter((part) => part !== "")
          .join(" "),
        records,
      }),
    ),
    sources: [...sources],
    status,
  };
}

/** SHA-256 of the canonical JSON of a value, in lower-case hexadecimal digits. */
function digest(value: unknown): string {
  return createHash("sha256")
    .update(canonicalize(value) ?? "null")
    .digest("hex");
}

function conditionsOf(metric: PublishedMetric): Readonly<Record<string, unknown>> {
  const { train, test, combination, trainImages, testImages, target, relation, bound, position } = metric;
  return {
    ...metric.parameters,
    trainImages,
    testImages,
    target,
    ...(train.length > 1 ? { trainDatasets: train } : {}),
    ...(test.length > 1 ? { testDatasets: test } : {}),
    ...(combination === null ? {} : { combination }),
    ...(relation === "=" ? {} : { relation }),
    ...(bound === undefined ? {} : { bound }),
    ...(position === undefined ? {} : { position }),
  };
}

/** The one dataset of a record; none when it names several, which its parameters then hold. */
function onlyOne(codes: readonly string[], ids: ReadonlyMap<string, number>): number | null {
  const [code] = codes;
  return codes.length === 1 && code !== undefined ? (ids.get(code) ?? null) : null;
}

function single(values: readonly number[]): number | string | null {
  return values.length === 1 ? (values[0] ?? null) : values.join(", ");
}

function describePlace(where: DiscrepancyPlace): string {
  return "table" in where ? `Table ${where.table}, ${where.row}, ${where.column}` : where.section;
}

function describeRecomputation({ function: name, of, decimals, unit }: Recomputation): string {
  const operands = of.map((reference) =>
    typeof reference === "string" ? reference : `metrics ${JSON.stringify(reference.metrics)}`,
  );
  const rounding = decimals === undefined ? "" : `, rounded to ${decimals} decimals`;
  return `${name}(${operands.join(", ")}) in ${unit}${rounding}.`;
}

/** The place of a number in words, for people. */
export function describeOrigin(origin: PublishedOrigin): string {
  switch (origin.kind) {
    case "table": {
      const pointer = origin.appendixPage === undefined ? "" : ` (to appendix p ${origin.appendixPage})`;
      return `Table ${origin.table}, ${origin.row}, ${origin.column}${pointer}`;
    }
    case "text":
      return origin.reference === undefined
        ? origin.section
        : `${origin.section}, reference ${origin.reference}`;
    case "notebook": {
      const cell = origin.cell === null ? "" : `, cell ${origin.cell}`;
      const blob = origin.blob === null ? "" : ` (earlier state ${origin.blob})`;
      return `Notebook ${origin.notebook}${cell}${blob}`;
    }
    case "figure":
      return `Figure ${origin.figure}, read from the image of notebook ${origin.notebook}, cell ${origin.cell}`;
    case "recomputation":
      return `Recomputed from ${origin.file}`;
    case "work":
      return origin.place;
  }
}
