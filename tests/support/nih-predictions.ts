import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The fifteen findings of the model, in its output order. */
export const findings = [
  "Atelectasis",
  "Cardiomegaly",
  "Consolidation",
  "Edema",
  "Effusion",
  "Emphysema",
  "Fibrosis",
  "Hernia",
  "Infiltration",
  "Mass",
  "No Finding",
  "Nodule",
  "Pleural_Thickening",
  "Pneumonia",
  "Pneumothorax",
] as const;

/** How the two files of the NIH predictions are read: scores in one, truth and patients in the other. */
export const nihMapping = {
  id: "path",
  patient: "patient_id",
  task: { kind: "multilabel", attribute: "finding", classes: findings },
  truth: { columns: Object.fromEntries(findings.map((name) => [name, name])) },
  scores: Object.fromEntries(findings.map((name) => [name, `prob_${name}`])),
  attributes: { sex: "sex", age: "age", view: "view" },
  attributesFile: { id: "path" },
} as const;

/** A small CSV file without quotes, as records by column name. */
export async function readRecords(folder: string, name: string): Promise<Record<string, string>[]> {
  const [header = "", ...lines] = (await readFile(join(folder, name), "utf8")).trim().split(/\r?\n/);
  const columns = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
}
