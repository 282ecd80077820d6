/**
 * What the networks of controls learn: no attribute of the dataset, but one that follows from a seed and the dataset's
 * columns, so that the same name is the same truth wherever it is asked for: in training, in evaluation, in statistics.
 */
export type ControlAttribute =
  /** An attribute of the dataset, dealt out again among its patients. */
  | { readonly kind: "shuffled"; readonly seed: number; readonly attribute: string }
  /** Whether the mark that the transform `mark` draws with this seed is of the brighter or the darker kind. */
  | { readonly kind: "marked"; readonly seed: number };

/** The levels of a marked attribute, by code. */
export const markLevels = ["darker mark", "brighter mark"] as const;

/** The name of a control's attribute: `shuffled:SEED:NAME` or `marked:SEED`. */
export function controlAttributeName(control: ControlAttribute): string {
  return control.kind === "shuffled"
    ? `shuffled:${control.seed}:${control.attribute}`
    : `marked:${control.seed}`;
}

/** Reads the name of a control's attribute; undefined: the name of any other attribute. */
export function parseControlAttribute(name: string): ControlAttribute | undefined {
  const [, kind, digits, , attribute] = /^(shuffled|marked):(\d{1,16})(:(.+))?$/s.exec(name) ?? [];
  const seed = Number(digits);
  if (!Number.isSafeInteger(seed)) return undefined;
  if (kind === "shuffled") return attribute === undefined ? undefined : { kind, seed, attribute };
  return kind === "marked" && attribute === undefined ? { kind, seed } : undefined;
}
