import { GIVEN_FINDING_MODEL } from "./audit-plan.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";
import type { AuditPlanner } from "./planner.ts";

/** What findings are called, before their name. */
export const FINDING = "finding:";

/** With fewer patients on a side nothing is learnt of a finding, and a division by chance may leave it none. */
const LEAST_PATIENTS = 10;

/** A model of findings as a plan uses it. */
export interface FindingModel {
  /** What the steps that evaluate it name. */
  readonly model: string;
  readonly title: string;
  readonly findings: readonly string[];
}

/** Names of the findings that a network can learn of a dataset, but for the one that is asked about. */
export function learnableFindings(
  { attributes }: DatasetFacts,
  { attribute }: Pick<AuditSettings, "attribute">,
): readonly string[] {
  return attributes.flatMap(({ name, kind, levels }) => {
    if (kind !== "category" || !name.startsWith(FINDING) || name === attribute) return [];
    const has = (wanted: string) =>
      levels.some(
        ({ level, images, patients }) => level === wanted && (patients ?? images) >= LEAST_PATIENTS,
      );
    return has("0") && has("1") ? [name.slice(FINDING.length)] : [];
  });
}

/** The model of findings of an audit on a dataset: the one that it was given, else one that is trained there. */
export function findingModelOf(planner: AuditPlanner, site: number): FindingModel {
  const { settings } = planner;
  const { findingModel: given } = settings;
  if (given !== undefined) {
    const title = `${given.slug} version ${given.version} on ${planner.nameOf(site)}`;
    return { model: GIVEN_FINDING_MODEL, title, findings: given.findings };
  }
  const findings = learnableFindings(planner.facts(site), settings);
  const step = planner.steps.train({
    dataset: site,
    transforms: [],
    where: [],
    seed: settings.training.seed,
    architecture: null,
    evenOut: [],
    findings,
    title: `${planner.nameOf(site)}: findings`,
  });
  return { model: step.id, title: step.title, findings };
}

/**
 * Id of the step that evaluates a model of findings on a part of a dataset.
 *
 * @param layer - of a protocol that reads what the network keeps of images; without one, what another protocol of the audit reads
 *   is kept all the same, so that the test part is evaluated once
 */
export function testFindings(
  planner: AuditPlanner,
  { model, title }: FindingModel,
  site: number,
  part: "test" | "validation",
  layer?: string,
): string {
  const embedding = part === "test" ? (layer ?? layerOf(planner.settings)) : undefined;
  return planner.steps.evaluate({
    title: part === "test" ? title : `${title}, to choose thresholds`,
    model,
    dataset: site,
    part,
    transforms: [],
    where: [],
    ...(embedding === undefined ? {} : { embedding }),
  }).id;
}

/** The layer that the first protocol reads which reads one. */
function layerOf({ protocols }: AuditSettings): string | undefined {
  for (const { procedure } of protocols) {
    if (procedure.kind === "probe" || procedure.kind === "feature_shift") return procedure.layer;
  }
  return undefined;
}
