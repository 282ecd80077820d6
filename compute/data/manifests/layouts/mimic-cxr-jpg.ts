import { refuse } from "../../predictions/mapping-json.ts";
import { chexpertFindings } from "./chexpert.ts";
import {
  filesIn,
  fileTable,
  findTable,
  headerOf,
  type LayoutPlan,
  type LayoutRequest,
  mergeMappings,
} from "./layout.ts";

const tableNames = {
  manifest: [/^mimic-cxr-.*metadata\.csv(\.gz)?$/],
  split: [/^mimic-cxr-.*split\.csv(\.gz)?$/],
  chexpert: [/^mimic-cxr-.*chexpert\.csv(\.gz)?$/],
  patients: [/^patients\.csv(\.gz)?$/],
  admissions: [/^admissions\.csv(\.gz)?$/],
} as const;

/**
 * MIMIC-CXR-JPG: metadata, split and CheXpert labels as released, and MIMIC-IV's `patients` and `admissions` for sex,
 * age and self-reported race. Age is that at the image: the anchor age and the years since the anchor year. A patient
 * whose admissions record different races has an unknown one, counted.
 *
 * @throws {ImportError} INVALID_MAPPING without the metadata
 */
export async function planMimicCxrJpg(request: LayoutRequest): Promise<LayoutPlan> {
  const found = await findTables(request);
  const { manifest, ...others } = found;
  if (manifest === undefined) return refuse("the root", "mimic-cxr-*-metadata.csv(.gz)", "none");
  const headers = new Map<string, readonly string[]>();
  for (const [name, path] of Object.entries(found)) headers.set(name, await headerOf(path));
  const mapping = {
    path: { template: "files/p{subject_id:2}/p{subject_id}/s{study_id}/{dicom_id}.jpg" },
    id: "dicom_id",
    patient: "subject_id",
    study: "study_id",
    ...(headers.has("split") ? { split: { column: "split", table: "split" } } : {}),
    attributes: {
      view: { column: "ViewPosition", kind: "category" },
      ...(headers.has("patients") ? personAttributes(headers.get("manifest") ?? []) : {}),
      ...raceAttribute(headers.get("admissions"), request.raceMapping),
    },
    ...labelsOf(headers.get("chexpert"), request),
    tables: {
      ...(headers.has("split") ? { split: { key: "dicom_id", several: "refuse" } } : {}),
      ...(headers.has("chexpert") ? { chexpert: { key: "study_id" } } : {}),
      ...(headers.has("patients") ? { patients: { key: "subject_id" } } : {}),
      ...(headers.has("admissions") ? { admissions: { key: "subject_id", several: "agree" } } : {}),
    },
  };
  return {
    mapping: mergeMappings(mapping, request.mapping),
    manifest: fileTable(manifest),
    tables: new Map(Object.entries(others).map(([name, path]) => [name, fileTable(path)])),
    tableFiles: found,
    otherFiles: 0,
  };
}

async function findTables({ root, files }: LayoutRequest): Promise<Readonly<Record<string, string>>> {
  const names = await filesIn(root);
  const found: Record<string, string> = { ...files };
  for (const [name, candidates] of Object.entries(tableNames)) {
    const path = files[name] ?? findTable(root, names, candidates);
    if (path !== undefined) found[name] = path;
  }
  return found;
}

function personAttributes(metadata: readonly string[]) {
  const year = { column: "anchor_year", table: "patients" };
  return {
    sex: { column: { column: "gender", table: "patients" }, kind: "category" },
    age: {
      column: { column: "anchor_age", table: "patients" },
      kind: "age",
      implausible: "unknown",
      ...(metadata.includes("StudyDate") ? { anchor: { year, date: "StudyDate" } } : {}),
    },
  };
}

function raceAttribute(header: readonly string[] | undefined, mapping = "mimic-race-three-class@1") {
  // Called ethnicity up to MIMIC-IV 1.0, race from 2.0 on.
  const column = ["race", "ethnicity"].find((name) => header?.includes(name));
  if (column === undefined) return {};
  return {
    race: { column: { column, table: "admissions" }, ...(mapping === "none" ? {} : { mapping }) },
  };
}

function labelsOf(header: readonly string[] | undefined, { uncertain, blank }: LayoutRequest) {
  const findings = chexpertFindings.filter((name) => header?.includes(name));
  if (findings.length === 0) return {};
  return {
    labels: {
      attribute: "finding",
      columns: Object.fromEntries(findings.map((name) => [name, { column: name, table: "chexpert" }])),
      ...(uncertain === undefined ? {} : { uncertain }),
      blank: blank ?? "zeros",
    },
  };
}
