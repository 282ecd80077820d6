import {
  type ControlAttribute,
  markLevels,
  markLevelsOf,
  parseControlAttribute,
  shuffleLabels,
} from "../../compute/index.ts";
import type { ColumnNumbers } from "../datasets/column-numbers.ts";
import type { AttributeInfo } from "./evaluation.queries.ts";
import type { UnitColumn } from "./evaluation-columns.ts";

/** Where the values of a control's attribute come from. */
export interface ControlSource {
  readonly control: ControlAttribute;
  readonly imageCount: number;
  /** What is dealt out again, and among whom; no patients: among images. */
  readonly shuffled: AttributeInfo | undefined;
  readonly patients: AttributeInfo | undefined;
}

/**
 * The attributes of a version by name, and beside them the control's attribute that a task is about, if it is about one.
 * No other question finds a control's attribute: cells of labels dealt out by many seeds would tell what small cells hide.
 */
export function attributesByName(
  stored: readonly AttributeInfo[],
  version: { readonly id: number; readonly imageCount: number },
  taskAttribute: string,
): ReadonlyMap<string, AttributeInfo> {
  const byName = new Map(stored.map((info) => [info.name, info]));
  const control = parseControlAttribute(taskAttribute);
  if (control === undefined) return byName;
  const patients = stored.find(({ kind }) => kind === "patient");
  const source = { control, imageCount: version.imageCount, patients };
  if (control.kind === "marked") {
    byName.set(taskAttribute, {
      // No attribute's id: together with the name it tells this column from all others of all versions.
      id: -version.id,
      name: taskAttribute,
      kind: "category",
      encoding: "u8",
      dictionary: markLevels,
      mapping: null,
      unit: null,
      unknownCount: 0,
      control: { ...source, shuffled: undefined },
    });
    return byName;
  }
  const shuffled = byName.get(control.attribute);
  if (shuffled?.kind === "category") {
    byName.set(taskAttribute, { ...shuffled, name: taskAttribute, control: { ...source, shuffled } });
  }
  return byName;
}

/** The values of a control's attribute: a function of its name and the version's columns. */
export async function controlValues(
  { control, imageCount, shuffled, patients }: ControlSource,
  read: (infos: readonly AttributeInfo[]) => Promise<readonly ColumnNumbers[]>,
  unitsOf: (values: ColumnNumbers) => UnitColumn,
): Promise<ColumnNumbers> {
  if (control.kind === "marked") return markLevelsOf(imageCount, control.seed);
  const wanted = [shuffled, patients].flatMap((info) => info ?? []);
  const [codes, owners] = await read(wanted);
  if (codes === undefined || codes instanceof Float32Array || codes instanceof Float64Array) {
    throw new TypeError("Expected codes of a category to deal out, got another column");
  }
  const units =
    owners === undefined
      ? { ordinals: Uint32Array.from(codes, (_, row) => row), count: codes.length }
      : unitsOf(owners);
  return shuffleLabels(codes, units.ordinals, units.count, control.seed);
}
