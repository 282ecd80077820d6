import type { EpochReport } from "../../compute/index.ts";
import type { TrainingParams } from "../models/train/training-params.ts";

/** A line about an epoch: losses, AUCs with their intervals, learning rate, time. */
export function epochLine(report: EpochReport): string {
  const { epoch, epochs, trainingLoss, validationLoss, learningRate, seconds, best } = report;
  const parts = [
    `Epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `loss ${trainingLoss.toFixed(4)}`,
    ...(validationLoss === undefined ? [] : [`validation ${validationLoss.toFixed(4)}`]),
    ...(report.validationAuc === undefined ? [] : [`AUC ${aucWords(report.validationAuc)}`]),
    `rate ${Number(learningRate.toPrecision(3))}`,
    seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds),
  ];
  return `${parts.join("  ")}${best ? "  best" : ""}`;
}

/** Most classes of which a line shows the AUC: of more it shows their mean. */
const MOST_SHOWN = 4;

/** The AUCs of an epoch; of two exclusive classes, which are alike, the second. */
export function aucWords(aucs: NonNullable<EpochReport["validationAuc"]>): string {
  const known = aucs.flatMap(({ auc }) => auc ?? []);
  if (aucs.length > MOST_SHOWN) {
    if (known.length === 0) return "not estimable";
    const mean = known.reduce((sum, auc) => sum + auc, 0) / known.length;
    return `${mean.toFixed(3)} on average of ${known.length} classes`;
  }
  const [, second] = aucs;
  const shown = aucs.length === 2 && second !== undefined && sameAucs(aucs) ? [second] : aucs;
  return shown
    .map(({ class: name, auc, ciLow, ciHigh }) => {
      if (auc === null) return `${name} not estimable`;
      const interval =
        ciLow === null || ciHigh === null ? "" : ` (${ciLow.toFixed(3)} to ${ciHigh.toFixed(3)})`;
      return `${name} ${auc.toFixed(3)}${interval}`;
    })
    .join(", ");
}

function sameAucs([first, second]: NonNullable<EpochReport["validationAuc"]>): boolean {
  if (first?.auc == null || second?.auc == null) return first?.auc === second?.auc;
  return Math.abs(first.auc - second.auc) < 1e-9;
}

/** Seconds in words: `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** A split of the dataset that was learnt from. */
export interface NamedSplit {
  readonly name: string;
  readonly parts: readonly string[];
}

const testNames: readonly string[] = ["test", "testing"];

/** What to type to evaluate a trained model on patients that it has not seen, as far as there are any. */
export function nextCommand(
  params: Pick<TrainingParams, "dataset" | "heldOut" | "training">,
  model: { readonly slug: string; readonly version: number },
  splits: readonly NamedSplit[],
): string {
  const { dataset, heldOut, training } = params;
  const own = splits.find(({ name }) => name === training?.name);
  const test = own?.parts.find((part) => testNames.includes(part));
  const part =
    heldOut !== null
      ? ` --split ${heldOut.split.name}:${heldOut.split.part}`
      : own !== undefined && test !== undefined
        ? ` --split ${own.name}:${test}`
        : "";
  return `stratum evaluate --model ${model.slug} --model-version ${model.version} --dataset ${dataset}${part}`;
}
