import { planChexpert } from "./chexpert.ts";
import { planDicomTree } from "./dicom-tree.ts";
import { planFolder } from "./folder.ts";
import type { LayoutPlan, LayoutRequest } from "./layout.ts";
import { planManifestTable } from "./manifest.ts";
import { planMimicCxrJpg } from "./mimic-cxr-jpg.ts";
import { planNihChestXray14 } from "./nih-chest-xray14.ts";

/** Every layout there is, with what it is for. Adding one means: one file here, one line in this table. */
const layouts = {
  manifest: {
    plan: planManifestTable,
    doc: "A table of the operator's own (CSV, TSV, Parquet) with a mapping.",
  },
  folder: { plan: planFolder, doc: "A plain folder of images; folders may be classes." },
  chexpert: { plan: planChexpert, doc: "CheXpert: train.csv and its demographics." },
  "mimic-cxr-jpg": { plan: planMimicCxrJpg, doc: "MIMIC-CXR-JPG with MIMIC-IV's patients and admissions." },
  "nih-chest-xray14": { plan: planNihChestXray14, doc: "NIH ChestX-ray14: Data_Entry_2017." },
  dicom: { plan: planDicomTree, doc: "A tree of DICOM files; attributes come from their headers." },
} as const satisfies Record<
  string,
  { readonly plan: (request: LayoutRequest) => Promise<LayoutPlan>; readonly doc: string }
>;

export type LayoutName = keyof typeof layouts;

/** The names of the layouts. */
export const layoutNames = Object.keys(layouts) as readonly LayoutName[]; // safe: the keys of the table above

/** What a layout is for, in one sentence. */
export function layoutDoc(name: LayoutName): string {
  return layouts[name].doc;
}

/**
 * Looks at a folder in the way that a layout knows, and says how to read it.
 *
 * @throws {ImportError} INVALID_MAPPING where the folder is not laid out so, and as `openTable` and `openFilePass`
 */
export function planLayout(name: LayoutName, request: LayoutRequest): Promise<LayoutPlan> {
  return layouts[name].plan(request);
}
