import { type ReportOther, type ReportShift, readAnswer } from "../../../compute/index.ts";
import type { MetricRow } from "../../metrics/metric.queries.ts";
import { UNKNOWN_LEVEL } from "../../metrics/strata.ts";
import { DISTANCE_METRIC, SHIFT_METRIC } from "../shift-measures.ts";
import { shownValue } from "./measured-readings.ts";
import { layoutOf, type Material } from "./parts.ts";

/** Simple models of what a model of findings keeps of images: over all of them, or within the levels of labels. */
export function probesOf(material: Material): readonly ReportOther[] {
  return material.protocols
    .filter((protocol) => layoutOf(protocol) === "probes")
    .flatMap((protocol) => {
      const readings = material.readings.filter((reading) => reading.protocol === protocol.id);
      const rows = readings.flatMap((reading, i) =>
        material.classes.flatMap((className) =>
          reading.values
            .filter((row) => row.className === className && isShown(row, reading.by !== null))
            .map((row) => {
              const value = shownValue(row);
              const label = [
                material.datasets[reading.testDataset],
                reading.variant,
                row.stratum[0] === undefined ? null : `level ${row.stratum[0].level}`,
                reading.unit === "image" ? null : `by ${reading.unit}`,
              ];
              return {
                label: label.filter((word) => word != null).join(", "),
                class: className,
                value,
                difference: null,
                reading: readAnswer(protocol.answer, { low: value.ciLow, high: value.ciHigh }).sentence,
                published: i === 0 ? material.published.shown(protocol, className) : [],
              };
            }),
        ),
      );
      const note = `Hypothesis: ${protocol.hypothesis} The network has learnt from none of these patients; the models of its features are validated by patient, each fold scored by a model of the folds before it. ${protocol.cautions.join(" ")}`;
      return rows.length === 0 ? [] : [{ title: protocol.title, note, rows }];
    });
}

/** Within levels: those that are known and have rows. */
function isShown({ stratum, n }: MetricRow, isDivided: boolean): boolean {
  const [level] = stratum;
  return isDivided
    ? level !== undefined && level.level !== UNKNOWN_LEVEL && (n ?? 0) > 0
    : level === undefined;
}

/** Tests of the features between groups. */
export function shiftsOf(material: Material): readonly ReportShift[] {
  return material.protocols
    .filter((protocol) => layoutOf(protocol) === "shifts")
    .flatMap((protocol) =>
      material.readings.flatMap((reading): ReportShift[] => {
        const share = reading.values.find(({ metric }) => metric === SHIFT_METRIC);
        if (reading.protocol !== protocol.id || reading.shift === undefined || share === undefined) return [];
        const { components, correction, alpha } = reading.shift;
        const rejected = shownValue(share);
        // The share is counted, not estimated: it is its own interval.
        const bounds = { low: rejected.value, high: rejected.value };
        return [
          {
            title: `${protocol.title}, ${material.datasets[reading.testDataset] ?? ""}`,
            note: `Hypothesis: ${protocol.hypothesis} At most ${components} principal components of the features, one row a patient; two-sample Kolmogorov-Smirnov tests of each pair of groups, corrected together by ${correction.replaceAll("_", " and ")}, rejected at ${alpha}. ${protocol.cautions.join(" ")}`,
            rejected,
            reading: readAnswer(protocol.answer, bounds).sentence,
            explained: numbersOf(share.params["explained"]),
            tests: reading.differences
              .filter(({ metric }) => metric === DISTANCE_METRIC)
              .map((row) => ({
                component: Number(row.params["component"]),
                first: String(row.params["first"]),
                second: String(row.params["second"]),
                distance: shownValue(row),
                p: Number(row.params["p"]),
                adjusted: Number(row.params["adjusted"]),
              })),
          },
        ];
      }),
    );
}

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "number") : [];
}
