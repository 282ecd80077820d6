import type { DicomAttributes } from "../../images/dicom/dicom-attributes.ts";
import { orderDicomFiles } from "../dicom-order.ts";
import { openFilePass } from "../file-pass.ts";
import { FILE_CAP, type FileResult } from "../image-file.ts";
import { ListTable } from "../list-table.ts";
import { walkFolder } from "../walk-folder.ts";
import { type LayoutPlan, type LayoutRequest, mergeMappings } from "./layout.ts";

/** Modalities whose series are volumes: a series is then what a study's score is the mean of. */
const volumes: readonly string[] = ["CT", "MR", "PT", "NM"];

/** Columns of the table that the headers make: attribute keywords of PS3.6, and a few of our own in lower case. */
const columns: Readonly<Record<string, (tags: DicomAttributes) => string | number | undefined>> = {
  PatientID: ({ patientId }) => patientId,
  StudyInstanceUID: ({ studyUid }) => studyUid,
  SeriesInstanceUID: ({ seriesUid }) => seriesUid,
  SOPInstanceUID: ({ sopUid }) => sopUid,
  PatientSex: ({ sex }) => sex,
  PatientAge: ({ age }) => age,
  EthnicGroup: ({ ethnicGroup }) => ethnicGroup,
  Modality: ({ modality }) => modality,
  ViewPosition: ({ view }) => view,
  ImageLaterality: ({ laterality }) => laterality,
  BodyPartExamined: ({ bodyPart }) => bodyPart,
  InstitutionName: ({ institution }) => institution,
  StationName: ({ station }) => station,
  InstanceNumber: ({ instanceNumber }) => instanceNumber,
  equipment: ({ manufacturer, model }) => [manufacturer, model].filter(Boolean).join(" "),
  slice: ({ slice }) => slice,
};

/** Attributes that are taken where any file fills them. What a registry calls an ethnic group is not self-reported race. */
const attributes: Readonly<Record<string, { readonly column: string; readonly kind: string }>> = {
  sex: { column: "PatientSex", kind: "category" },
  age: { column: "PatientAge", kind: "age" },
  ethnic_group: { column: "EthnicGroup", kind: "category" },
  modality: { column: "Modality", kind: "category" },
  view: { column: "ViewPosition", kind: "category" },
  laterality: { column: "ImageLaterality", kind: "category" },
  body_part: { column: "BodyPartExamined", kind: "category" },
  site: { column: "InstitutionName", kind: "category" },
  equipment: { column: "equipment", kind: "category" },
  slice_position: { column: "slice", kind: "number" },
};

/**
 * A tree of DICOM files: every header is read, with the file's digest, once. Images are ordered by patient, study,
 * series and position; the study of the warehouse is the series for volumes (CT, MR, PT, NM), else the DICOM study.
 */
export async function planDicomTree(request: LayoutRequest): Promise<LayoutPlan> {
  const { root, options } = request;
  const { signal, onProgress, verify = "header", maxFileBytes = FILE_CAP, allowHardLinks = false } = options;
  const { paths, otherFiles } = await walkFolder(root, { signal });
  const check = { root, verify, maxBytes: maxFileBytes, allowHardLinks, wantsAttributes: true };
  await using pass = openFilePass(check, options.threads);
  let done = 0;
  let bytes = 0;
  const found = await pass.check(paths, {
    signal,
    onFiles(files, more) {
      done += files;
      bytes += more;
      onProgress?.({ phase: "files", done, total: paths.length, bytes });
    },
  });
  const known = new Map<string, FileResult>();
  paths.forEach((uri, index) => {
    const result = found[index];
    if (result !== undefined) known.set(uri, result.ok ? dicomOnly(result) : result);
  });
  const rows = rowsOf(known, request.studyIs);
  const filled = (column: string) => rows.cells.some((row) => row[rows.header.indexOf(column)] !== "");
  const mapping = {
    path: "path",
    id: "id",
    ...(filled("PatientID") ? { patient: "PatientID" } : {}),
    ...(filled("study") ? { study: "study" } : {}),
    attributes: Object.fromEntries(
      Object.entries(attributes)
        .filter(([, { column }]) => filled(column))
        .map(([name, spec]) => [
          name,
          { ...spec, ...(spec.kind === "age" ? { implausible: "unknown" } : {}) },
        ]),
    ),
  };
  return {
    mapping: mergeMappings(mapping, request.mapping),
    manifest: async () => new ListTable(rows.header, rows.cells),
    tables: new Map(),
    tableFiles: {},
    known,
    otherFiles,
  };
}

/** A picture of another kind has no place in a tree of DICOM files. */
function dicomOnly(result: FileResult & { readonly ok: true }): FileResult {
  return result.format === "dicom" ? result : { ok: false, code: "IMAGE_FORMAT_UNKNOWN" };
}

function rowsOf(
  known: ReadonlyMap<string, FileResult>,
  studyIs: LayoutRequest["studyIs"],
): { readonly header: readonly string[]; readonly cells: readonly (readonly string[])[] } {
  const header = ["path", "id", "study", ...Object.keys(columns)];
  const files = [...known].flatMap(([uri, result]) =>
    result.ok && result.attributes !== undefined ? [{ uri, attributes: result.attributes }] : [],
  );
  const cells = orderDicomFiles(files).map(({ uri, attributes: tags }) => {
    const bySeries = studyIs === undefined ? volumes.includes(tags.modality ?? "") : studyIs === "series";
    const study = bySeries ? (tags.seriesUid ?? tags.studyUid) : tags.studyUid;
    return [
      uri,
      tags.sopUid ?? uri,
      study ?? "",
      ...Object.values(columns).map((read) => String(read(tags) ?? "")),
    ];
  });
  // Files at fault come last, in order of path, with nothing but that.
  const bad = [...known].flatMap(([uri, result]) => (result.ok ? [] : [[uri]]));
  return { header, cells: [...cells, ...bad.map((row) => header.map((_name, index) => row[index] ?? ""))] };
}
