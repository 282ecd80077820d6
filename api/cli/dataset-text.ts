import type { DatasetReport, ImportProblem } from "../../compute/index.ts";
import type { ImportDatasetOutcome } from "../datasets/import/dataset-import-request.ts";
import { counted, textTable, whole } from "./text-table.ts";

/** What came of a dataset's import, for people. */
export function datasetText(dataset: string, outcome: ImportDatasetOutcome, seconds: number): string {
  if (outcome.status === "rejected") return rejectionText(outcome.problems, outcome.totals);
  const { report, version, created, newSplit, otherFiles } = outcome;
  const { images, patients, files } = report;
  const people = patients > 0 ? `, ${counted(patients, "patient")}` : "";
  const rate = `${seconds.toFixed(1)} s (${whole(Math.round(images / seconds))} images/s)`;
  const first = created
    ? `Stored version ${version} of ${dataset}: ${counted(images, "image")}${people} in ${rate}.`
    : `Version ${version} of ${dataset} holds the same ${counted(images, "image")}${people} already${newSplit ? "; the split is recorded with it" : ""}; read again in ${rate}.`;
  const formats = Object.entries(files.formats).map(([format, count]) => `${whole(count)} ${format}`);
  const size = `${range(files.rows)} x ${range(files.cols)} pixels, ${(files.bytes / 1e6).toFixed(1)} MB`;
  return [
    first,
    `  ${formats.join(", ")}; ${size}; ${files.verified === "full" ? "every image decoded" : "headers read"}`,
    ...countedLines(report, otherFiles),
    ...(report.remarks.length > 0 ? ["", "The first remarks:", problemTable(report.remarks)] : []),
    `Next: stratum evaluate --dataset ${dataset} --model MODEL`,
  ].join("\n");
}

function countedLines(report: DatasetReport, otherFiles: number): string[] {
  const { files, patientsInTwoSplits, implausibleAges, unmatched, conflicts, unknown } = report;
  const counted: (readonly [number, string])[] = [
    ...Object.entries(files.leftOut).map(([code, count]) => [count, `files are left out: ${code}`] as const),
    [otherFiles, "files below the root are no images by their names"],
    [files.duplicates, "images have the same file as an earlier one"],
    [files.duplicatesAcrossPatients, "of them are of another patient: one of the two is mistaken"],
    [files.duplicatesAcrossParts, "of them are in another part of the split"],
    [patientsInTwoSplits, "patients stand on two sides of the split (recorded by override)"],
    [implausibleAges, "implausible ages are recorded as unknown"],
    ...Object.entries(unmatched).map(([name, count]) => [count, `images have no row in ${name}`] as const),
    ...conflicts.map(
      ({ table, column, count }) =>
        [count, `rows of ${table} disagree with an earlier one in ${column}: unknown`] as const,
    ),
    ...Object.entries(unknown).map(([name, count]) => [count, `images have no known ${name}`] as const),
  ];
  return counted.flatMap(([count, what]) => (count > 0 ? [`  ${whole(count)} ${what}`] : []));
}

function rejectionText(problems: readonly ImportProblem[], totals: Readonly<Record<string, number>>): string {
  const all = Object.entries(totals).map(([code, count]) => `${code}: ${whole(count)}`);
  return [
    "Rejected; nothing was stored. The first problems:",
    "",
    problemTable(problems),
    "",
    `In all: ${all.join(", ")}`,
    ...(problems.some(({ file }) => file === "images")
      ? ["Bad files: --problems FILE lists them by path, --on-bad-file skip leaves them out"]
      : []),
  ].join("\n");
}

function problemTable(problems: readonly ImportProblem[]): string {
  const rows = problems.map(({ file, line, column, code, message }) => [
    file,
    line === undefined ? "" : String(line),
    column ?? "",
    code,
    message,
  ]);
  const titles = ["Table", "Line", "Column", "Code", "Problem"];
  return textTable(
    titles.map((title) => ({ title, right: title === "Line" })),
    rows,
  );
}

function range([least, most]: readonly [number, number]): string {
  return least === most ? String(least) : `${least}-${most}`;
}
