import { z } from "zod";
import {
  againstOriginal,
  type Protocol,
  type ProtocolAnswer,
  type ReportOther,
  readAnswer,
  readInterval,
  readings as readingWords,
} from "../../../compute/index.ts";
import type { ResamplingRecord } from "../resampled-measures.ts";
import { differenceOf, type Reading, wholeOf } from "./measured-readings.ts";
import { type Material, nameOf, readingsOfProtocol, withLayout } from "./parts.ts";

/** Protocols without a figure of their own, as tables. */
export function othersOf(material: Material): readonly ReportOther[] {
  return withLayout(material, "others").flatMap((protocol) => {
    const readings = readingsOfProtocol(material, protocol);
    if (readings.length === 0) return [];
    return [
      {
        title: protocol.title,
        note: `Hypothesis: ${protocol.hypothesis} ${protocol.cautions.join(" ")}`,
        rows: readings.flatMap((reading) => rowsOf(material, protocol, reading)),
      },
    ];
  });
}

function rowsOf(material: Material, protocol: Protocol, reading: Reading): ReportOther["rows"] {
  const answer = answerOf(protocol, reading);
  const about = aboutOf(material, reading);
  return material.classes.map((className) => {
    const value = wholeOf(reading, className);
    const difference = differenceOf(reading, className) ?? null;
    const of = answer.quantity === "value" ? value : difference;
    const label = [
      nameOf(material, reading.testDataset),
      reading.variant,
      reading.condition === "all" ? null : reading.condition,
      reading.unit === "image" ? null : `by ${reading.unit}`,
    ];
    return {
      label: label.filter((word) => word !== null).join(", "),
      class: className,
      value,
      difference,
      reading:
        of === null
          ? readingWords[readInterval(value, material.margin)]
          : readAnswer(answer, { low: of.ciLow, high: of.ciHigh }).sentence,
      ...(about === undefined ? {} : { about }),
      published:
        reading.unit === "image" && reading.control === undefined
          ? material.published.shown(protocol, className)
          : [],
    };
  });
}

/** The protocol's own; of a control with the words of what was done in its place. */
function answerOf({ answer }: Protocol, { control }: Reading): ProtocolAnswer {
  if (control === undefined) return answer;
  const { quantity, reference, margin, level } = answer;
  return { ...againstOriginal(control), quantity, reference, margin, level };
}

const occluding = z.object({ occluded: z.object({ share: z.number(), untouched: z.number() }) });

function aboutOf({ summaries }: Material, { evaluation, resampling }: Reading): string | undefined {
  if (resampling !== undefined) return resamplingWords(resampling);
  const found = occluding.safeParse(summaries.get(evaluation));
  if (!found.success) return undefined;
  const { share, untouched } = found.data.occluded;
  const left = untouched === 0 ? "" : `; ${untouched} images whose map marks nothing stayed whole`;
  return `${percent(share)} of the pixels on average${left}`;
}

function resamplingWords({ cells, size, effectiveSize, leftOut, ...draws }: ResamplingRecord): string {
  const rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
  const empty = cells.filter((cell) => cell.rows === 0).length;
  return [
    `${cells.length} combinations of levels, each of the same weight${empty === 0 ? "" : `, ${empty} of them without rows`}`,
    effectiveSize === null
      ? undefined
      : `${rows} rows as precise as ${Math.round(effectiveSize)} of one weight`,
    leftOut === 0 ? undefined : `${leftOut} rows left out, whose levels are not all known`,
    `${draws.replicates} draws of ${size} rows, seed ${draws.seed}`,
    draws.undefinedReplicates === 0
      ? undefined
      : `${draws.undefinedReplicates} of them without a row in some combination`,
  ]
    .filter((words) => words !== undefined)
    .join("; ");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
