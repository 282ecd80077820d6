import { operatingRates, type Protocol, type ReportGaps, readAnswer } from "../../../compute/index.ts";
import type { MetricRow } from "../../metrics/metric.queries.ts";
import { gapMetric } from "../rate-measures.ts";
import { type Reading, shownValue } from "./measured-readings.ts";
import { layoutOf, type Material } from "./parts.ts";
import { attributeWord } from "./words.ts";

const rateWords = {
  fpr: "False positive rate",
  fnr: "False negative rate",
  tpr: "True positive rate",
  tnr: "True negative rate",
} as const satisfies Partial<Record<keyof typeof operatingRates, string>>;

/** Error rates of models of findings by group, one table a threshold and division. */
export function gapsOf(material: Material): readonly ReportGaps[] {
  return material.protocols
    .filter((protocol) => layoutOf(protocol) === "gaps")
    .flatMap((protocol) =>
      material.readings
        .filter(({ protocol: id, unit }) => id === protocol.id && unit === "image")
        .flatMap((reading, i) => gapOf(material, protocol, reading, i === 0) ?? []),
    );
}

function gapOf(
  material: Material,
  protocol: Protocol,
  reading: Reading,
  isFirst: boolean,
): ReportGaps | undefined {
  const { rates, values, differences } = reading;
  const [rate, ...others] = rates?.rates ?? [];
  if (rates === undefined || rate === undefined) return undefined;
  const ofRate = (name: string) => values.filter(({ metric }) => metric === name);
  const overall = ofRate(rate).find(({ stratum }) => stratum.length === 0);
  const at = (rows: readonly MetricRow[], { stratum }: MetricRow) =>
    rows.find((row) => groupOf(row) === groupOf({ stratum }));
  const threshold = overall?.params["threshold"];
  return {
    title: `${protocol.title}, ${material.datasets[reading.testDataset] ?? ""}`,
    finding: rates.finding,
    groupName: rates.by.map(({ attribute }) => attributeWord(attribute)).join(" and "),
    rateName: rateWords[rate],
    rule: ruleWords(rates),
    threshold: typeof threshold === "number" ? threshold : null,
    overall: shownValue(overall),
    otherNames: others.map((name) => rateWords[name]),
    rows: ofRate(rate)
      .filter(({ stratum }) => stratum.length > 0)
      .map((row) => {
        const difference = shownValue(
          at(
            differences.filter(({ metric }) => metric === gapMetric(rate)),
            row,
          ),
        );
        const { nPositive, nNegative } = row;
        const known = (nPositive ?? 0) + (nNegative ?? 0);
        return {
          group: groupOf(row),
          value: shownValue(row),
          others: others.map((name) => shownValue(at(ofRate(name), row))),
          difference,
          reading: readAnswer(protocol.answer, { low: difference.ciLow, high: difference.ciHigh }).sentence,
          prevalence: known === 0 ? null : (nPositive ?? 0) / known,
        };
      }),
    published: isFirst ? material.published.shown(protocol, rates.finding) : [],
  };
}

function groupOf({ stratum }: Pick<MetricRow, "stratum">): string {
  return stratum.map(({ level }) => level).join(", ");
}

function ruleWords({ threshold, targetFpr }: NonNullable<Reading["rates"]>): string {
  const words = {
    target_fpr: `false positive rate of ${targetFpr ?? 0} on the validation part`,
    sensitivity_equals_specificity: "sensitivity equal to specificity on the validation part",
    f1: "largest F1 on the validation part",
  } as const satisfies Record<typeof threshold, string>;
  return words[threshold];
}
