import { logit, type MetaScale, normalQuantile, type StudyInput } from "../../compute/index.ts";
import type { MetricView } from "../metrics/metric-disclosure.ts";
import type { RecordNames } from "./meta-analysis.queries.ts";

/** Level of a printed interval whose publication does not state one. */
export const USUAL_LEVEL = 0.95;

/** A record as a study: its label, its number and its moderators. */
export function studyOf(record: MetricView, names: RecordNames | undefined, scale: MetaScale): StudyInput {
  return {
    label: labelOf(record, names),
    ...effectOf(record, scale),
    moderators: moderatorsOf(record, names),
  };
}

/** Studies whose labels stand more than once, such as "Results", with model, dataset and stratum added to them. */
export function tellApart(
  studies: readonly StudyInput[],
  records: readonly MetricView[],
  names: ReadonlyMap<number, RecordNames>,
): StudyInput[] {
  const counts = new Map<string, number>();
  for (const { label } of studies) counts.set(label, (counts.get(label) ?? 0) + 1);
  return studies.map((study, index) => {
    const record = records[index];
    if (record === undefined || counts.get(study.label) === 1) return study;
    const more = wordsOf(record, names.get(record.id));
    return more === study.label ? study : { ...study, label: `${study.label}: ${more}` };
  });
}

/** What sets the record apart for a reader: its place in the publication, or model, dataset and stratum. */
function labelOf(record: MetricView, names: RecordNames | undefined): string {
  return record.source ?? wordsOf(record, names);
}

function wordsOf({ className, stratum, id }: MetricView, names: RecordNames | undefined): string {
  const levels = stratum.map(({ attribute, level }) => `${attribute} ${level}`);
  const where =
    names?.trainDataset == null ? names?.dataset : `${names.trainDataset} to ${names.dataset ?? "?"}`;
  const words = [names?.model, where, className, ...levels].filter((word) => word != null);
  return words.length === 0 ? `record ${id}` : words.join(", ");
}

/** Intervals are at the usual level, as they come in; one at another level goes in as its effect and variance. */
function effectOf({ value, ciLow, ciHigh, ciLevel, se }: MetricView, scale: MetaScale): Partial<StudyInput> {
  const level = ciLevel ?? USUAL_LEVEL;
  const whole = value !== null && ciLow !== null && ciHigh !== null;
  if (!whole || level === USUAL_LEVEL) return { value, ciLow, ciHigh, ...(whole ? {} : { se }) };
  const onScale = scale === "LOGIT" ? logit : (x: number) => x;
  const inside = scale === "RAW" || [value, ciLow, ciHigh].every((x) => x > 0 && x < 1);
  if (!inside) return { value, ciLow: null, ciHigh: null, se };
  const standardError = (onScale(ciHigh) - onScale(ciLow)) / (2 * normalQuantile((1 + level) / 2));
  return { yi: onScale(value), vi: standardError ** 2 };
}

/** Whatever a record says that may explain differences between studies: by name, a number or a word. */
function moderatorsOf(
  record: MetricView,
  names: RecordNames | undefined,
): Readonly<Record<string, number | string | null>> {
  const {
    className,
    unit,
    metric,
    origin,
    experiment,
    experimentGroup,
    sourceKind,
    n,
    nPositive,
    nPatients,
  } = record;
  const params = Object.entries(record.params).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === "string" || typeof entry[1] === "number",
  );
  return {
    ...Object.fromEntries(params),
    ...Object.fromEntries(record.stratum.map(({ attribute, level }) => [attribute, level])),
    ...{
      class: className,
      unit,
      metric,
      origin,
      experiment,
      experimentGroup,
      sourceKind,
      n,
      nPositive,
      nPatients,
    },
    ...{
      dataset: names?.dataset ?? null,
      trainDataset: names?.trainDataset ?? null,
      model: names?.model ?? null,
    },
  };
}
