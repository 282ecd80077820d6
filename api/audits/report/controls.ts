import { idealMarkAuc, type Protocol, type ReportControl, readAnswer } from "../../../compute/index.ts";
import { wholeOf } from "./measured-readings.ts";
import type { Material } from "./parts.ts";

/** Results whose answer was known before: of two classes the first, by each unit of analysis. */
export function controlsOf({ protocols, readings, datasets }: Material): readonly ReportControl[] {
  return protocols.flatMap((protocol) => {
    const known = knownAnswer(protocol);
    if (known === undefined) return [];
    return readings
      .filter((reading) => reading.protocol === protocol.id)
      .flatMap((reading) => {
        const whole = reading.values.filter(({ stratum }) => stratum.length === 0);
        const names = whole.flatMap(({ className }) => className ?? []);
        return (names.length === 2 ? names.slice(0, 1) : names).map((className): ReportControl => {
          const value = wholeOf(reading, className);
          return {
            ...known,
            title: protocol.title,
            dataset: datasets[reading.testDataset] ?? "",
            unit: reading.unit,
            class: className,
            value,
            answer: readAnswer(protocol.answer, { low: value.ciLow, high: value.ciHigh }).sentence,
          };
        });
      });
  });
}

/** What must come out; undefined: the protocol is no control. */
function knownAnswer({ procedure }: Protocol): Pick<ReportControl, "kind" | "expected"> | undefined {
  if (procedure.kind === "shuffled_labels") return { kind: "negative", expected: "0.5: nothing to find" };
  if (procedure.kind !== "planted_mark") return undefined;
  const { strength } = procedure;
  const ideal = idealMarkAuc(strength).toFixed(3);
  return { kind: "positive", expected: `above 0.5; at most ${ideal}, that of an ideal observer` };
}
