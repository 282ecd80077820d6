import { type AuditSettings, type DatasetFacts, requireProtocol } from "../../compute/index.ts";

/** Settings of an audit of these protocols, on small images. */
export function settingsOf(
  protocols: readonly string[],
  changes: Partial<AuditSettings> = {},
): AuditSettings {
  return {
    attribute: "race",
    classes: ["Black", "White"],
    protocols: protocols.map((id) => requireProtocol(id)),
    mode: "corrected",
    reciprocal: false,
    folds: 5,
    splitSeed: 2021,
    training: { side: 64, epochs: 3, seed: 0 },
    architectures: [],
    mostGridValues: null,
    level: 0.95,
    replicates: 200,
    seed: 0,
    ...changes,
  };
}

/** What is known of a small dataset with race, sex, age, two devices and a split. */
export function factsOf(slug: string, changes: Partial<DatasetFacts> = {}): DatasetFacts {
  const level = (name: string, patients: number) => ({ level: name, images: 2 * patients, patients });
  return {
    slug,
    version: 1,
    images: 400,
    patients: 200,
    longestSide: 64,
    attributes: [
      { name: "race", kind: "category", levels: [level("Black", 100), level("White", 100)] },
      { name: "sex", kind: "category", levels: [level("F", 90), level("M", 110)] },
      { name: "age", kind: "number", levels: [] },
      { name: "equipment", kind: "category", levels: [level("A", 120), level("B", 70), level("C", 10)] },
      { name: "patient", kind: "patient", levels: [] },
    ],
    masks: [],
    split: {
      name: "main",
      train: "train",
      validation: "validate",
      test: "test",
      trainImages: 240,
      testImages: 120,
    },
    ...changes,
  };
}
