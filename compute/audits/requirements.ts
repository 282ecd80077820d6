import type { Protocol } from "../protocols/schema.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";
import { learnableFindings } from "./finding-model.ts";

const materials: Readonly<Record<Protocol["requires"]["materials"][number], string>> = {
  external_dataset: "no external dataset is given",
  digitised_again: "no images of the same patients digitised otherwise are given",
  region_masks: "no masks of regions are given",
  several_architectures: "fewer than two architectures are given",
  several_images_a_study: "the dataset does not say which images are of one study",
  finding_model:
    "the dataset records no finding in patients enough to train a model on, and no model of findings is given",
};

/** Why a protocol cannot run on a dataset; undefined when it can. */
export function missingOf(
  { requires, procedure }: Protocol,
  facts: DatasetFacts,
  settings: AuditSettings,
  datasets: number,
): string | undefined {
  const has: Readonly<Record<keyof typeof materials, boolean>> = {
    external_dataset: datasets > 1,
    digitised_again: false,
    region_masks: false,
    several_architectures: settings.architectures.length > 1,
    several_images_a_study: facts.attributes.some(({ kind }) => kind === "study"),
    finding_model: settings.findingModel !== undefined || learnableFindings(facts, settings).length > 0,
  };
  const material = requires.materials.find((one) => !has[one]);
  if (material !== undefined) return materials[material];
  const attribute = requires.attributes.find((name) => resolveAttributes([name], facts).length === 0);
  if (attribute !== undefined) return `the dataset does not record ${attribute.replace(":*", "s")}`;
  if (procedure.kind === "classifier" && procedure.mask !== undefined) return materials.region_masks;
  return undefined;
}

/** The attributes of a dataset that names stand for: `finding:*` for all findings. */
export function resolveAttributes(names: readonly string[], { attributes }: DatasetFacts): readonly string[] {
  const known = attributes.map(({ name }) => name);
  const found = names.flatMap((name) =>
    name.endsWith(":*")
      ? known.filter((one) => one.startsWith(name.slice(0, -1)))
      : known.filter((one) => one === name),
  );
  return [...new Set(found)];
}
