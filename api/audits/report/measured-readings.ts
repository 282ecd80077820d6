import type { AuditPlan, PlannedReading, ReportValue } from "../../../compute/index.ts";
import { encodeId } from "../../graphql/node-id.ts";
import type { MetricRow } from "../../metrics/metric.queries.ts";
import type { AuditSummary } from "../audit.service.ts";
import type { ResamplingRecord } from "../resampled-measures.ts";

/** A reading of the plan for one unit of analysis, with its records. */
export interface Reading extends PlannedReading {
  readonly unit: "image" | "study" | "patient";
  readonly values: readonly MetricRow[];
  readonly differences: readonly MetricRow[];
  /** Standard deviation over trainings from other seeds, by class; absent where none were made. */
  readonly spread?: ReadonlyMap<string, number>;
  /** How rows were weighed, where the test set was drawn again. */
  readonly resampling?: ResamplingRecord;
}

/** The readings of an audit that were measured, in the plan's order. */
export function readingsOf(
  plan: AuditPlan,
  measured: AuditSummary["measured"],
  records: ReadonlyMap<string, MetricRow>,
): readonly Reading[] {
  return measured.flatMap(({ reading, unit, values, differences, resampling }) => {
    const planned = plan.readings[reading];
    const rows = (fingerprints: readonly string[]) => fingerprints.flatMap((one) => records.get(one) ?? []);
    return planned === undefined
      ? []
      : [
          {
            ...planned,
            unit,
            values: rows(values),
            differences: rows(differences),
            ...(resampling === undefined ? {} : { resampling }),
          },
        ];
  });
}

/** A record as a report shows it. */
export function shownValue(record: MetricRow | undefined): ReportValue {
  if (record === undefined) {
    return {
      value: null,
      ciLow: null,
      ciHigh: null,
      reason: "not measured",
      n: null,
      nPatients: null,
      record: null,
    };
  }
  const { value, ciLow, ciHigh, reason, n, nPatients } = record;
  return { value, ciLow, ciHigh, reason, n, nPatients, record: encodeId("MetricRecord", record.id) };
}

/** The value of a class over the whole set. */
export function wholeOf(reading: Reading | undefined, className: string): ReportValue {
  const row = reading?.values.find((one) => one.className === className && one.stratum.length === 0);
  const seedSpread = reading?.spread?.get(className);
  return { ...shownValue(row), ...(seedSpread === undefined ? {} : { seedSpread }) };
}

/** The difference of a class from what its protocol compares with; undefined where there is none. */
export function differenceOf(reading: Reading, className: string): ReportValue | undefined {
  const found = reading.differences.find((row) => row.className === className);
  return found && shownValue(found);
}
