import { formatFixed } from "../plots/axis.ts";
import type { AuditReport, ReportResult, ReportValue } from "./audit-report.ts";
import { featureWords } from "./feature-words.ts";
import { estimateText } from "./numbers.ts";
import { extremes, intervalsOverlap, type Reading, readInterval, readings } from "./reading.ts";

/** One question of the audit and what the numbers say to it. */
export interface Answer {
  readonly question: string;
  readonly text: string;
}

/** The audit's questions, in the order in which the study asks them, each with what the numbers say; those without numbers are left out. */
export function answersOf(report: AuditReport): readonly Answer[] {
  return [
    recovery(report, "internal"),
    recovery(report, "external"),
    recovery(report, "digitised"),
    explained(report, "attributes"),
    explained(report, "grey levels"),
    bands(report),
    places(report),
    controlled(report),
  ].flatMap((answer) => answer ?? []);
}

const recoveryQuestions = {
  internal: (attribute: string) =>
    `Does a model recover ${attribute} from the pixels of patients it has not seen?`,
  external: () => "Does it hold on another site's images?",
  digitised: () => "Does it hold on the same patients' images, digitised otherwise?",
} as const satisfies Record<ReportResult["experiment"], (attribute: string) => string>;

function recovery(report: AuditReport, experiment: ReportResult["experiment"]): Answer | undefined {
  const { attribute } = report;
  const all = report.results.filter((one) => one.experiment === experiment);
  // One unit of analysis, the finest: the others are the same scores again.
  const results = all.filter(({ unit }) => unit === all[0]?.unit);
  const range = extremes(results);
  if (range === undefined) return undefined;
  return {
    question: recoveryQuestions[experiment](attribute),
    text: `${spanText(results, range)} ${readingText(results, report.margin)}`,
  };
}

function spanText(
  rows: readonly { readonly class: string; readonly value: ReportValue; readonly test: string }[],
  { least, most }: { readonly least: ReportResult; readonly most: ReportResult },
): string {
  const name = (row: ReportResult) => `${row.class} on ${row.test}`;
  if (rows.length === 1 || least === most) return `AUC ${estimateText(least.value)} for ${name(least)}.`;
  return `AUC from ${estimateText(least.value)} for ${name(least)} to ${estimateText(most.value)} for ${name(most)}, over ${rows.length} results.`;
}

const told: Readonly<Record<Reading, (n: string, margin: number) => string>> = {
  above: (n) => `${n} above 0.5`,
  below: (n) => `${n} below 0.5`,
  equivalent: (n, margin) => `${n} within ${margin} of 0.5, which counts as equivalent to chance`,
  open: (n) => `${n} across 0.5, and so not distinguished from chance`,
  none: (n) => `${n} without an estimate`,
};

function readingText(rows: readonly { readonly value: ReportValue }[], margin: number): string {
  const counts = new Map<Reading, number>();
  for (const { value } of rows) {
    const reading = readInterval(value, margin);
    counts.set(reading, (counts.get(reading) ?? 0) + 1);
  }
  if (counts.size === 1 && rows.length > 1) {
    const [[reading] = ["none" as const]] = counts;
    return `${told[reading]("All intervals lie", margin)}.`.replace("lie without", "are without");
  }
  const parts = [...counts].map(([reading, n]) =>
    told[reading](`${n} ${n === 1 ? "interval lies" : "intervals lie"}`, margin),
  );
  return `${parts.join("; ")}.`
    .replaceAll("lies without", "is without")
    .replaceAll("lie without", "are without");
}

const explanations = {
  attributes: {
    question: "Do recorded attributes explain it?",
    models: "the best model without pixels",
    overlap: "these attributes may account for what the image model recovers",
    less: "what the recorded attributes tell is less than what the image model recovers",
    more: "the recorded attributes tell more than the image model",
  },
  "grey levels": {
    question: "Do grey levels alone, wherever they lie, tell as much?",
    models: "the best model of grey levels",
    overlap: "grey levels, and what goes along with them, may account for what the image model recovers",
    less: "grey levels tell less than what the image model recovers",
    more: "grey levels tell more than the image model",
  },
} as const;

function explained({ confounders }: AuditReport, seen: keyof typeof explanations): Answer | undefined {
  const [part, ...more] = confounders.filter(({ sees = "attributes" }) => sees === seen);
  if (part === undefined) return undefined;
  // Attributes are answered by the first protocol; of grey levels every model of the class counts, as they see the same.
  const alike = seen === "attributes" ? [] : more.filter((one) => one.class === part.class);
  const best = extremes([part, ...alike].flatMap(({ models }) => models))?.most;
  if (best === undefined) return undefined;
  const words = explanations[seen];
  const overlap = intervalsOverlap(part.image, best.value);
  const relation =
    overlap === undefined
      ? "One of the two has no interval."
      : overlap
        ? `The two intervals overlap: ${words.overlap}.`
        : (best.value.value ?? 0) < (part.image.value ?? 0)
          ? `The intervals do not overlap: ${words.less}.`
          : `The intervals do not overlap, and ${words.more}.`;
  return {
    question: words.question,
    text: `For ${part.class}, ${words.models} (${best.name}; ${featureWords(best.features)}) has AUC ${estimateText(best.value)}, the image model ${estimateText(part.image)}. ${relation}`,
  };
}

function bands({ sweeps, margin }: AuditReport): Answer | undefined {
  const parts = sweeps.flatMap(({ panels, xName }) =>
    panels.flatMap(({ title, series }) => {
      const [first] = series;
      const range = first === undefined ? undefined : extremes(first.points);
      if (first === undefined || range === undefined) return [];
      const gone = first.points.filter(({ value }) => {
        const reading = readInterval(value, margin);
        return reading === "open" || reading === "equivalent";
      });
      const nothing =
        gone.length === 0
          ? ""
          : `; not distinguished from chance, or equivalent to it, at ${gone.map(({ x }) => x).join(", ")}`;
      return [
        `${title} by ${xName}, ${first.name}: AUC from ${estimateText(range.least.value)} at ${range.least.x} to ${estimateText(range.most.value)} at ${range.most.x}${nothing}.`,
      ];
    }),
  );
  return parts.length === 0
    ? undefined
    : { question: "Which frequencies and resolutions carry it?", text: parts.join(" ") };
}

function places({ patches }: AuditReport): Answer | undefined {
  const parts = patches.flatMap((map) => {
    const cells = map.values.map((value, i) => ({ value, place: placeOf(i, map.rows, map.cols) }));
    const range = extremes(cells);
    if (range === undefined) return [];
    const verb = map.mode === "keep" ? "only one part kept" : "one part removed";
    const whole = map.whole.value === null ? "" : ` (whole image ${formatFixed(map.whole.value, 3)})`;
    return [
      `${map.title}, ${map.class}, ${verb}: AUC from ${estimateText(range.least.value)} (${range.least.place}) to ${estimateText(range.most.value)} (${range.most.place})${whole}.`,
    ];
  });
  return parts.length === 0
    ? undefined
    : { question: "Where in the image does it sit?", text: parts.join(" ") };
}

function controlled({ controls, margin }: AuditReport): Answer | undefined {
  // One unit of analysis of each, the finest: the others are the same scores again.
  const first = controls.filter(
    (one, i) =>
      controls.findIndex(({ title, dataset }) => title === one.title && dataset === one.dataset) === i,
  );
  if (first.length === 0) return undefined;
  const said = first.map(({ kind, dataset, value }) => {
    const reading = readInterval(value, margin);
    const isFound = reading === "above";
    const expected = kind === "positive" ? isFound : reading === "open" || reading === "equivalent";
    const what = kind === "positive" ? "the planted mark" : "the shuffled attribute";
    return `For ${what} in ${dataset} the AUC is ${estimateText(value)}, ${expected ? "as it must be" : "not as it must be"}: ${readings[reading]}.`;
  });
  return { question: "Do the controls come out as they must?", text: said.join(" ") };
}

function placeOf(i: number, rows: number, cols: number): string {
  if (rows === 3 && cols === 3) {
    const across = ["left", "centre", "right"][i % 3] ?? "";
    const down = ["top", "middle", "bottom"][Math.floor(i / 3)] ?? "";
    return `${down} ${across}`;
  }
  return `row ${Math.floor(i / cols) + 1}, column ${(i % cols) + 1}`;
}
