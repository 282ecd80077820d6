import { readFile } from "node:fs/promises";
import { refuse } from "../../predictions/mapping-json.ts";
import type { OpenTable } from "../dataset-reader.ts";
import { ListTable } from "../list-table.ts";
import {
  filesIn,
  fileTable,
  findTable,
  headerOf,
  type LayoutPlan,
  type LayoutRequest,
  mergeMappings,
} from "./layout.ts";

/** The 14 findings and their absence, as the column names them (Wang et al. 2017, doi:10.1109/CVPR.2017.369). */
export const nihFindings = [
  "No Finding",
  "Atelectasis",
  "Cardiomegaly",
  "Effusion",
  "Infiltration",
  "Mass",
  "Nodule",
  "Pneumonia",
  "Pneumothorax",
  "Consolidation",
  "Edema",
  "Emphysema",
  "Fibrosis",
  "Pleural_Thickening",
  "Hernia",
] as const;

/**
 * NIH ChestX-ray14: `Data_Entry_2017*.csv`, images in any folder below the root (as released, `images_001/images` and
 * on), and the official split where its two lists are there. Ages such as 414, of which the set has some, are unknown
 * and counted.
 *
 * @throws {ImportError} INVALID_MAPPING without the table
 */
export async function planNihChestXray14(request: LayoutRequest): Promise<LayoutPlan> {
  const names = await filesIn(request.root);
  const manifest =
    request.files["manifest"] ?? findTable(request.root, names, [/^Data_Entry_2017.*\.csv(\.gz)?$/i]);
  if (manifest === undefined) return refuse("the root", "Data_Entry_2017*.csv", "none");
  const header = await headerOf(manifest);
  const first = (...candidates: string[]) =>
    candidates.find((name) => header.includes(name)) ?? candidates[0];
  const split = await splitOf(request.root, names);
  const mapping = {
    path: { column: "Image Index", search: true },
    id: "Image Index",
    patient: "Patient ID",
    ...(split === undefined ? {} : { split: { column: "part", table: "split" } }),
    attributes: {
      sex: { column: first("Patient Gender", "Patient Sex"), kind: "category" },
      age: { column: "Patient Age", kind: "age", implausible: "unknown" },
      view: { column: "View Position", kind: "category" },
    },
    labels: {
      attribute: "finding",
      classes: nihFindings,
      list: { column: "Finding Labels", separator: "|", alone: ["No Finding"] },
    },
    tables: split === undefined ? {} : { split: { key: "file", on: "Image Index", several: "refuse" } },
  };
  return {
    mapping: mergeMappings(mapping, request.mapping),
    manifest: fileTable(manifest),
    tables: new Map(split === undefined ? [] : [["split", split.open]]),
    tableFiles: { ...request.files, manifest, ...split?.files },
    otherFiles: 0,
  };
}

/** The official split: two lists of file names. Both or none. */
async function splitOf(
  root: string,
  names: readonly string[],
): Promise<{ readonly open: OpenTable; readonly files: Readonly<Record<string, string>> } | undefined> {
  const lists = { train: "train_val_list.txt", test: "test_list.txt" };
  if (!Object.values(lists).every((name) => names.includes(name))) return undefined;
  const files = { train_list: `${root}/${lists.train}`, test_list: `${root}/${lists.test}` };
  const open: OpenTable = async () => {
    const rows: string[][] = [];
    for (const [part, path] of [
      ["train", files.train_list],
      ["test", files.test_list],
    ] as const) {
      const text = await readFile(path, "utf8");
      for (const line of text.split("\n")) if (line.trim() !== "") rows.push([line.trim(), part]);
    }
    return new ListTable(["file", "part"], rows);
  };
  return { open, files };
}
