import type { Protocol } from "../protocols/schema.ts";
import type { AuditSettings, DatasetFacts } from "./audit-settings.ts";
import { learnableFindings } from "./finding-model.ts";

const materials: Readonly<Record<Protocol["requires"]["materials"][number], string>> = {
  external_dataset: "no external dataset is given",
  digitised_again: "no images of the same patients digitised otherwise are given",
  region_masks: "the dataset has no masks of regions; import them",
  several_architectures: "fewer than two architectures are given",
  several_images_a_study: "the dataset does not say which images are of one study",
  finding_model:
    "the dataset records no finding in patients enough to train a model on, and no model of findings is given",
};

/**
 * Why a protocol cannot run on a dataset; undefined when it can.
 *
 * @param external - how many other datasets there are to test on
 */
export function missingOf(
  { requires, procedure }: Protocol,
  facts: DatasetFacts,
  settings: AuditSettings,
  external: number,
): string | undefined {
  const has: Readonly<Record<keyof typeof materials, boolean>> = {
    external_dataset: external > 0,
    digitised_again: settings.digitised !== undefined,
    region_masks: facts.masks.length > 0,
    several_architectures: settings.architectures.length > 1,
    several_images_a_study: facts.attributes.some(({ kind }) => kind === "study"),
    finding_model: settings.findingModel !== undefined || learnableFindings(facts, settings).length > 0,
  };
  const material = requires.materials.find((one) => !has[one]);
  if (material !== undefined) return materials[material];
  const attribute = requires.attributes.find((name) => resolveAttributes([name], facts).length === 0);
  if (attribute !== undefined) return `the dataset does not record ${attribute.replace(":*", "s")}`;
  const region = procedure.kind === "classifier" ? procedure.mask?.region : undefined;
  if (region !== undefined && masksOf(region, facts) === undefined) {
    return `the dataset has no masks named ${region}, but ${facts.masks.join(", ") || "none"}; import them`;
  }
  const drawsMaps = procedure.kind === "saliency" || procedure.kind === "occlusion";
  if (drawsMaps && settings.training.architecture === "linear_probe") {
    return "a linear probe has no layer of features to make maps of";
  }
  return undefined;
}

/** The name of a dataset's masks of a region: its own, or that of one of a pair, `lung` for `lungs`. */
export function masksOf(region: string, { masks }: Pick<DatasetFacts, "masks">): string | undefined {
  return [region, region.replace(/s$/, ""), `${region}s`].find((name) => masks.includes(name));
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
