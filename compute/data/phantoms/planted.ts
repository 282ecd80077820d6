import { ComputeError } from "../../errors.ts";

/**
 * Where the signal of an attribute is: in a band of spatial frequencies, in one tile of the 3 x 3 grid, in brightness
 * that follows a confounder which goes with the attribute, in an age that goes with the attribute and does not show in
 * the pixels, or nowhere.
 */
export type Planted =
  | { readonly kind: "low" }
  | { readonly kind: "high" }
  | { readonly kind: "patch"; readonly row: number; readonly col: number }
  | { readonly kind: "confounder"; readonly by: (typeof plantedConfounders)[number] }
  | { readonly kind: "hidden" }
  | { readonly kind: "none" };

/** What can go with the attribute and show in the brightness. */
export const plantedConfounders = ["age", "equipment"] as const;

/**
 * Reads `low`, `high`, `patch:ROW,COL` (0 to 2, from the top left), `confounder`, `confounder:equipment`, `hidden` or `none`.
 *
 * @throws {ComputeError} INVALID_PARAM
 */
export function parsePlanted(text: string): Planted {
  const plain = (["low", "high", "hidden", "none"] as const).find((kind) => kind === text);
  if (plain !== undefined) return { kind: plain };
  const patch = /^patch:([0-2]),([0-2])$/.exec(text);
  if (patch !== null) return { kind: "patch", row: Number(patch[1]), col: Number(patch[2]) };
  const confounder = /^confounder(?::(\w+))?$/.exec(text);
  const by = plantedConfounders.find((name) => name === (confounder?.[1] ?? "age"));
  if (confounder !== null && by !== undefined) return { kind: "confounder", by };
  throw new ComputeError(
    "INVALID_PARAM",
    `Expected low, high, patch:ROW,COL with 0 to 2, confounder, confounder:${plantedConfounders.join(" or confounder:")}, hidden or none, got ${JSON.stringify(text)}; choose one`,
  );
}

/** The text that `parsePlanted` reads. */
export function describePlanted(planted: Planted): string {
  if (planted.kind === "patch") return `patch:${planted.row},${planted.col}`;
  return planted.kind === "confounder" ? `confounder:${planted.by}` : planted.kind;
}
