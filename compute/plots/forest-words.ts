import { leftOutReasons } from "../meta/effect-size.ts";
import type { MetaAnalysisResult } from "../meta/meta-analysis.ts";
import type { MetaTest } from "../meta/mixed-model.ts";
import type { MetaModel } from "../meta/tau-squared.ts";
import { formatFixed, formatP } from "./axis.ts";

/** The words of a forest plot. */
export interface ForestWords {
  readonly title: string;
  readonly description: string;
  readonly valueName: string;
  readonly valueHeading: string;
  readonly pooledLabel: string;
  readonly predictionLabel: string;
  /** Stands in the pooled row when there is no estimate; empty otherwise. */
  readonly notEstimable: string;
  readonly footnotes: readonly string[];
  readonly format: (value: number) => string;
  /** "0.962 [0.957, 0.966]". */
  readonly intervalOf: (value: number, bounds: Bounds) => string;
}

interface Bounds {
  readonly ciLow: number;
  readonly ciHigh: number;
}

const modelWords = {
  COMMON: "Common effect",
  DL: "DerSimonian-Laird",
  PM: "Paule-Mandel",
  REML: "REML",
  ML: "ML",
  SJ: "Sidik-Jonkman",
  HE: "Hedges-Olkin",
} as const satisfies Record<MetaModel, string>;

const testWords = { Z: "z", HARTUNG_KNAPP: "Hartung-Knapp" } as const satisfies Record<MetaTest, string>;

/** Everything a forest plot of `result` says, in plain text. O(k). */
export function forestWords(
  result: MetaAnalysisResult,
  options: { readonly title?: string; readonly valueName?: string; readonly decimals?: number },
): ForestWords {
  const valueName = options.valueName ?? (result.scale === "LOGIT" ? "AUC" : "Effect");
  const decimals = options.decimals ?? (result.scale === "LOGIT" ? 3 : 2);
  const percent = `${Number((100 * result.level).toFixed(2))}%`;
  const format = (value: number) => formatFixed(value, decimals);
  const intervalOf = (value: number, { ciLow, ciHigh }: Bounds) =>
    `${format(value)} [${format(ciLow)}, ${format(ciHigh)}]`;
  const regression = result.status === "OK" && result.moderatorTest !== null;
  const pooled =
    result.status === "OK"
      ? `Pooled ${valueName} ${format(result.estimate)} (${percent} confidence interval ${format(result.ciLow)} to ${format(result.ciHigh)}) from ${countOf(result.k)}.`
      : `Not pooled: ${result.reason}.`;
  const rows = result.studies.map((study) => `${study.label}: ${intervalOf(study.value, study)}.`);
  const leftOut = result.leftOut.map(
    ({ label, reason }) => `Left out: ${label} (${leftOutReasons[reason]}).`,
  );
  return {
    title: options.title ?? `Forest plot of ${countOf(result.k)}`,
    description: [pooled, ...rows, ...leftOut].join(" "),
    valueName,
    valueHeading: `${valueName} [${percent} CI]`,
    pooledLabel: regression ? "At mean moderators" : `Pooled, ${modelWords[result.model]}`,
    predictionLabel: `${percent} prediction interval`,
    notEstimable: result.status === "OK" ? "" : "Not estimable",
    footnotes: footnotesOf(result),
    format,
    intervalOf,
  };
}

function footnotesOf(result: MetaAnalysisResult): string[] {
  const model = `${modelWords[result.model]} model, ${testWords[result.test]} test, ${countOf(result.k)}.`;
  const remarks = result.remarks.map(({ message }) => message);
  if (result.status !== "OK") return [`Not estimable: ${result.reason}. ${model}`, ...remarks];
  const { q, qDf, qP, i2, tau2, scale, moderatorTest } = result;
  const unit = scale === "LOGIT" ? " (logit scale)" : "";
  const tau = result.model === "COMMON" ? "" : `; τ² = ${threeFigures(tau2)}${unit}`;
  const name = moderatorTest === null ? "Heterogeneity" : "Residual heterogeneity";
  const notes = [
    `${name}: Q = ${formatFixed(q, 2)}, df = ${qDf}, ${formatP(qP)}; I² = ${formatFixed(i2, 1)}%${tau}.`,
  ];
  if (moderatorTest !== null) {
    const { statistic, distribution, df1, df2, p, r2 } = moderatorTest;
    const symbol = distribution === "F" ? `F(${df1}, ${df2})` : `χ²(${df1})`;
    const share = r2 === null ? "" : `; R² = ${formatFixed(r2, 1)}%`;
    notes.push(
      `Moderators: ${symbol} = ${formatFixed(statistic, 2)}, ${formatP(p)}${share}. Open diamonds show the model.`,
    );
  }
  return [...notes, model, ...remarks];
}

function countOf(k: number): string {
  return k === 1 ? "1 study" : `${k} studies`;
}

function threeFigures(value: number): string {
  if (value === 0) return "0";
  return value >= 0.001 && value < 1000 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}
