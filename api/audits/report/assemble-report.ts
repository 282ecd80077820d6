import {
  type AuditReport,
  type DatasetFacts,
  type FitStep,
  groupGaps,
  type ReportStep,
} from "../../../compute/index.ts";
import { encodeId } from "../../graphql/node-id.ts";
import type { MetricRow } from "../../metrics/metric.queries.ts";
import type { RunRecord } from "../../runs/run.queries.ts";
import type { AuditSummary } from "../audit.service.ts";
import type { AuditParams } from "../audit-params.ts";
import { neededBy } from "../audit-steps.ts";
import type { AuditDataset } from "../dataset-facts.ts";
import { cohortOf } from "./cohorts.ts";
import { controlsOf } from "./controls.ts";
import { probesOf, shiftsOf } from "./features.ts";
import { gapsOf } from "./gaps.ts";
import { mapsOf } from "./maps.ts";
import { readingsOf } from "./measured-readings.ts";
import { othersOf } from "./others.ts";
import {
  confoundersOf,
  type Material,
  patchesOf,
  pooledOf,
  resultsOf,
  strataOf,
  sweepsOf,
  varianceOf,
} from "./parts.ts";
import { PublishedNumbers, type PublishedRecord } from "./published.ts";
import { withSeedSpread } from "./seed-spread.ts";
import { attributeWord, capital } from "./words.ts";

/** What a report is assembled from. */
export interface ReportSources {
  readonly run: RunRecord;
  readonly params: AuditParams;
  readonly summary: AuditSummary;
  readonly records: readonly MetricRow[];
  readonly published: readonly PublishedRecord[];
  readonly datasets: readonly AuditDataset[];
  readonly facts: readonly DatasetFacts[];
  /** What the runs of steps tell of themselves, by step. */
  readonly summaries: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** AUCs within this distance of 0.5 are called equivalent to chance: the protocols' own convention. */
const MARGIN = 0.05;
/** Fewer patients than this make intervals too wide to say much. */
const FEW_PATIENTS = 100;

/** Everything that the report of a succeeded audit says. O(records + images). */
export async function assembleReport(sources: ReportSources): Promise<AuditReport> {
  const { run, params, summary, records, published, datasets, facts, summaries } = sources;
  const { settings } = params;
  const byFingerprint = new Map(records.map((record) => [record.fingerprint, record]));
  const material: Material = {
    protocols: settings.protocols,
    readings: withSeedSpread(
      readingsOf(summary.plan, summary.measured, byFingerprint),
      summary.plan,
      settings.protocols,
    ),
    datasets: params.datasets.map(({ slug }) => slug),
    classes: settings.classes.length === 2 ? settings.classes.slice(0, 1) : settings.classes,
    published: new PublishedNumbers(published, settings.attribute),
    margin: MARGIN,
    features: new Map(
      summary.plan.steps.flatMap((step) => (step.kind === "fit" ? [[step.id, seenBy(step)] as const] : [])),
    ),
    summaries,
    network: settings.training.architecture ?? "network",
  };
  const attribute = attributeWord(settings.attribute);
  const cohorts = await Promise.all(
    datasets.map((dataset, i) => cohortOf(dataset, facts[i] ?? noFacts(dataset), settings)),
  );
  const results = resultsOf(material);
  const variance = varianceOf(material);
  return {
    title: `${capital(attribute)} in ${cohorts.map(({ title }) => title).join(" and ")}`,
    audit: encodeId("Audit", run.id),
    fingerprint: run.fingerprint,
    attribute,
    classes: settings.classes,
    level: settings.level,
    margin: MARGIN,
    facts: factsOf(sources),
    cohorts,
    results,
    sweeps: sweepsOf(material),
    sheets: [],
    patches: patchesOf(material),
    maps: mapsOf(material, summary.plan),
    confounders: confoundersOf(material),
    strata: strataOf(material),
    gaps: gapsOf(material),
    shifts: shiftsOf(material),
    others: [...probesOf(material), ...othersOf(material)],
    pooled: pooledOf(material, settings.level),
    variance,
    controls: controlsOf(material),
    steps: stepsOf(sources),
    cautions: cautionsOf(sources, results, variance),
    software: run.software,
  };
}

/** What a model of attributes or of grey levels saw, in words. */
function seenBy({ features, pixels }: FitStep): readonly string[] {
  if (pixels === null) return features;
  const words =
    pixels.kind === "histogram"
      ? `shares of ${pixels.bins} grey levels`
      : `mean brightness of the pixels above ${pixels.thresholds.join(", ")}`;
  return [...features, words];
}

function noFacts({ dataset }: AuditDataset): never {
  throw new TypeError(`Expected facts of ${dataset.slug}, got none`);
}

function factsOf({ params: { settings, datasets }, facts }: ReportSources): AuditReport["facts"] {
  const { training, mode, level, replicates, seed, folds, splitSeed, mostGridValues, findingModel } =
    settings;
  const side = training.side ?? Math.min(224, facts[0]?.longestSide ?? 224);
  const split = facts[0]?.split;
  return [
    { name: "Datasets", value: datasets.map(({ slug, version }) => `${slug} version ${version}`).join(", ") },
    { name: "Network", value: `${training.architecture ?? "by the size of the images"}, ${side} x ${side}` },
    {
      name: "Training",
      value: `at most ${training.epochs ?? 100} epochs, seed ${training.seed}${training.batch === undefined ? "" : `, batches of ${training.batch}`}${training.augment === false ? ", images as they are" : ""}`,
    },
    {
      name: "Patients",
      value:
        split == null
          ? `divided by chance into ${folds} parts (seed ${splitSeed}), tested on the first`
          : `split ${split.name}, tested on ${split.test}`,
    },
    {
      name: "Transforms",
      value: mode === "legacy" ? "as the study's code does them" : "as the study's words say",
    },
    { name: "Intervals", value: `patient bootstrap, ${replicates} replicates, seed ${seed}, level ${level}` },
    ...(findingModel === undefined
      ? []
      : [{ name: "Model of findings", value: `${findingModel.slug} version ${findingModel.version}` }]),
    ...(mostGridValues === null ? [] : [{ name: "Sweeps", value: `at most ${mostGridValues} values each` }]),
  ];
}

function stepsOf({ params, summary: { plan, steps } }: ReportSources): readonly ReportStep[] {
  const stateOf = new Map(steps.map((step) => [step.id, step]));
  const modelOf = new Map(
    plan.steps.flatMap((step) => {
      const needed = neededBy(step);
      return needed === undefined ? [] : [[step.id, needed] as const];
    }),
  );
  return params.settings.protocols.map(({ id, title }) => {
    const evaluations = [
      ...new Set(
        plan.readings
          .filter(({ protocol }) => protocol === id)
          .flatMap(({ evaluation, rates }) => [evaluation, ...(rates === undefined ? [] : [rates.chosenOn])]),
      ),
    ];
    const used = evaluations.flatMap((step) => [modelOf.get(step) ?? step, step]);
    const lost = evaluations.flatMap((step) => {
      const { state, reason } = stateOf.get(step) ?? {};
      return state === "succeeded"
        ? []
        : (reason ?? stateOf.get(modelOf.get(step) ?? "")?.reason ?? "not done");
    });
    const gaps = plan.leftOut.filter(({ protocol }) => protocol === id);
    const reasons = [
      ...groupGaps(gaps).map(({ parts, reason }) =>
        parts.length === 0 ? reason : `${parts.join(", ")}: ${reason}`,
      ),
      ...lost,
    ];
    const done = evaluations.length - lost.length;
    return {
      protocol: id,
      title,
      outcome: done === 0 ? "left out" : reasons.length === 0 ? "done" : "partly",
      reason: reasons.length === 0 ? null : [...new Set(reasons)].join("; "),
      runs: [...new Set(used)].flatMap((step) => {
        const run = stateOf.get(step)?.run;
        return run == null ? [] : encodeId("Run", run);
      }),
    };
  });
}

function cautionsOf(
  { params: { settings }, facts }: ReportSources,
  results: AuditReport["results"],
  variance: AuditReport["variance"],
): readonly string[] {
  const cautions: string[] = [];
  if (variance.length === 0) {
    cautions.push(
      "Networks were trained from one seed: no interval says how far another training would come out (protocol run_to_run_variance).",
    );
  }
  if (settings.mostGridValues !== null) {
    cautions.push("Sweeps were thinned to a few values: what lies between them was not looked at.");
  }
  if ((settings.training.epochs ?? 100) < 20) {
    cautions.push(
      `Networks were trained for at most ${settings.training.epochs} epochs: longer trainings may recover more, so an AUC near 0.5 is weak evidence that nothing is there.`,
    );
  }
  const few = new Set(
    results.flatMap(({ test, value }) => ((value.nPatients ?? FEW_PATIENTS) < FEW_PATIENTS ? [test] : [])),
  );
  if (few.size > 0) {
    cautions.push(
      `Fewer than ${FEW_PATIENTS} patients were tested of ${[...few].join(", ")}: intervals are wide.`,
    );
  }
  const { findingModel } = settings;
  if (findingModel?.isTrainedHere === false) {
    cautions.push(
      `The model of findings ${findingModel.slug} was trained elsewhere: whether it has learnt from patients that it is tested on here is not known.`,
    );
  }
  for (const { slug, patients } of facts) {
    if (patients === null) {
      cautions.push(
        `${slug} names no patients: its images count as independent, and its intervals are too narrow where they are not.`,
      );
    }
  }
  if (settings.classes.length === 2) {
    cautions.push(
      `With two classes the AUC of one against the other is the same for both; it is shown for ${settings.classes[0]}.`,
    );
  }
  return cautions;
}
