import type { ProtocolSource } from "./schema.ts";

/** What most protocols have in common; each says what it does otherwise. */
export const usual = {
  formatVersion: 1,
  version: 1,
  transforms: null,
  units: ["image", "patient"],
  metrics: ["auroc"],
  interval: "patient_bootstrap",
  requires: { attributes: [], materials: [] },
  cautions: [],
} as const satisfies Partial<ProtocolSource>;

/** The slug of the study's publication. */
export const STUDY = "gichoya-2022";

/** A classifier trained and tested on the images as they are. */
export const plainClassifier = {
  kind: "classifier",
  testSet: "internal",
  trainOn: "original",
  testOn: "original",
} as const;

/** A classifier trained anew on transformed images and tested on images transformed alike. */
export const trainedOnTransformed = {
  ...plainClassifier,
  trainOn: "transformed",
  testOn: "transformed",
} as const;

/** The classifier of whole images, tested on transformed ones. */
export const testedOnTransformed = { ...plainClassifier, testOn: "transformed" } as const;

/** The same links in both modes but for the mode itself. */
export function inBothModes(
  id: string,
  params: Readonly<Record<string, number | string>>,
): NonNullable<ProtocolSource["transforms"]> {
  return {
    corrected: [{ id, params: { ...params, mode: "corrected" } }],
    legacy: [{ id, params: { ...params, mode: "legacy" } }],
  };
}
