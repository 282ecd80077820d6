import { access } from "node:fs/promises";
import { refuse } from "../../predictions/mapping-json.ts";
import { textOfCell } from "../cell-parts.ts";
import {
  filesIn,
  fileTable,
  findTable,
  headerOf,
  type LayoutPlan,
  type LayoutRequest,
  mergeMappings,
} from "./layout.ts";

/** The 14 observations, as the columns are named (Irvin et al. 2019, doi:10.1609/aaai.v33i01.3301590). */
export const chexpertFindings = [
  "No Finding",
  "Enlarged Cardiomediastinum",
  "Cardiomegaly",
  "Lung Opacity",
  "Lung Lesion",
  "Edema",
  "Consolidation",
  "Pneumonia",
  "Atelectasis",
  "Pneumothorax",
  "Pleural Effusion",
  "Pleural Other",
  "Fracture",
  "Support Devices",
] as const;

/** Sex as the warehouse names it. */
export const sexWords = { Male: "M", Female: "F" } as const;

/**
 * CheXpert: `train.csv` with a path such as `CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg` in each row, and
 * its demographics (sold as a spreadsheet: save it as CSV) with self-reported race by patient. An empty label is not
 * mentioned in the report, which the set's own papers take for negative.
 *
 * @throws {ImportError} INVALID_MAPPING without train.csv
 */
export async function planChexpert(request: LayoutRequest): Promise<LayoutPlan> {
  const names = await filesIn(request.root);
  const manifest = request.files["manifest"] ?? findTable(request.root, names, [/^train\.csv(\.gz)?$/i]);
  if (manifest === undefined) return refuse("the root", "train.csv", "none");
  const demographics =
    request.files["demographics"] ?? findTable(request.root, names, [/demo(graphics)?.*\.csv(\.gz)?$/i]);
  const header = await headerOf(manifest);
  const findings = chexpertFindings.filter((name) => header.includes(name));
  const people = demographics === undefined ? undefined : await headerOf(demographics);
  const mapping = {
    path: { column: "Path", drop: await segmentsToDrop(request.root, manifest) },
    id: "Path",
    patient: { column: "Path", parts: [-3, -3] },
    study: { column: "Path", parts: [-3, -2] },
    attributes: {
      sex: { column: "Sex", kind: "category", map: sexWords, missing: ["Unknown"] },
      age: { column: "Age", kind: "age", implausible: "unknown" },
      view: { column: "AP/PA", kind: "category" },
      projection: { column: "Frontal/Lateral", kind: "category" },
      ...(people === undefined ? {} : peopleAttributes(people, request.raceMapping)),
    },
    labels: {
      attribute: "finding",
      columns: Object.fromEntries(findings.map((name) => [name, name])),
      ...(request.uncertain === undefined ? {} : { uncertain: request.uncertain }),
      blank: request.blank ?? "zeros",
    },
    tables:
      demographics === undefined
        ? {}
        : { demographics: { key: keyOf(people ?? []), on: { column: "Path", parts: [-3, -3] } } },
  };
  const files = { manifest, ...(demographics === undefined ? {} : { demographics }) };
  return {
    mapping: mergeMappings(mapping, request.mapping),
    manifest: fileTable(manifest),
    tables: new Map(demographics === undefined ? [] : [["demographics", fileTable(demographics)]]),
    tableFiles: { ...request.files, ...files },
    otherFiles: 0,
  };
}

function keyOf(header: readonly string[]): string {
  return header.find((name) => /^patient/i.test(name)) ?? "PATIENT";
}

function peopleAttributes(header: readonly string[], raceMapping = "chexpert-race-three-class@1") {
  const column = (name: string) =>
    header.includes(name) ? { column: name, table: "demographics" } : undefined;
  const race = column("PRIMARY_RACE");
  const ethnicity = column("ETHNICITY");
  return {
    ...(race === undefined
      ? {}
      : { race: { column: race, ...(raceMapping === "none" ? {} : { mapping: raceMapping }) } }),
    ...(ethnicity === undefined ? {} : { ethnicity: { column: ethnicity } }),
  };
}

/** Paths start with the set's own folder, which may be the root itself: leading segments to leave off. */
async function segmentsToDrop(root: string, manifest: string): Promise<number> {
  const table = await fileTable(manifest)(() => {});
  try {
    table.want([{ index: table.header.indexOf("Path"), need: "text" }]);
    if (!table.header.includes("Path")) return 0;
    const cells = (await table.next())?.columns[0];
    const first = cells === undefined ? "" : textOfCell(cells, 0);
    const segments = first.split("/");
    for (let drop = 0; drop < Math.min(segments.length - 1, 3); drop++) {
      // Existence only: the path is checked like any other before it is opened.
      const folder = segments.slice(drop, drop + 1).join("/");
      if (folder === "" || folder === "." || folder === "..") break;
      if (await exists(`${root}/${folder}`)) return drop;
    }
    return 0;
  } finally {
    await table.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
