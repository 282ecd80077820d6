import { realpath } from "node:fs/promises";
import type {
  DatasetBlock,
  DatasetOptions,
  DatasetReport,
} from "../../../../compute/data/manifests/dataset-reader.ts";
import type { LayoutRequest } from "../../../../compute/data/manifests/layouts/layout.ts";
import { type LayoutName, planLayout } from "../../../../compute/data/manifests/layouts/layouts.ts";
import { parseDatasetMapping } from "../../../../compute/data/manifests/parse-dataset-mapping.ts";
import { readDataset } from "../../../../compute/data/manifests/read-dataset.ts";
import { stringsOf } from "../../../../compute/data/predictions/id-list.ts";

/** One image as a dataset's reader gives it, in plain values. */
export interface ReadImage {
  readonly id: string;
  readonly uri: string;
  readonly sha256: string;
  readonly size: string;
  readonly patient: string | undefined;
  readonly study: string | undefined;
  readonly split: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly labels: Readonly<Record<string, number | "uncertain" | undefined>>;
}

export interface ReadImages {
  readonly images: readonly ReadImage[];
  readonly report: DatasetReport;
  /** Code by line of every problem of a file. */
  readonly bad: Readonly<Record<string, string>>;
}

/** Reads a dataset to its end, in this thread. */
export async function readAllImages(
  layout: LayoutName,
  root: string,
  request: Partial<LayoutRequest> = {},
  options: DatasetOptions = {},
): Promise<ReadImages> {
  const bad: Record<string, string> = {};
  const all: DatasetOptions = {
    threads: 0,
    ...options,
    onBad: ({ line, uri, code }) => {
      bad[uri === "" ? `line ${line}` : uri] = code;
    },
  };
  const real = await realpath(root);
  const plan = await planLayout(layout, { root: real, files: {}, ...request, options: all });
  const mapping = parseDatasetMapping(plan.mapping);
  const reader = readDataset(
    { root: real, mapping, manifest: plan.manifest, tables: plan.tables, known: plan.known },
    all,
  );
  const blocks: DatasetBlock[] = [];
  for await (const block of reader) blocks.push(block);
  const report = reader.report();
  const patients = stringsOf(reader.patientIds());
  const studies = stringsOf(reader.studyIds());
  const names = Object.keys(mapping.attributes);
  const images = blocks.flatMap((block) =>
    block.ids.map((id, row): ReadImage => {
      const word = (codes: Uint32Array | undefined, words: readonly string[]) => words[codes?.[row] ?? -1];
      return {
        id,
        uri: block.uris[row] ?? "",
        sha256: Buffer.from(block.sha256.subarray(32 * row, 32 * row + 32)).toString("hex"),
        size: `${block.rows[row]}x${block.cols[row]}`,
        patient: word(block.patients, patients),
        study: word(block.studies, studies),
        split: word(block.splits, report.splits),
        attributes: Object.fromEntries(
          names.map((name, index) => {
            const values = block.attributes[index];
            if (values instanceof Uint32Array)
              return [name, word(values, report.dictionaries[name]?.raw ?? [])];
            const value = values?.[row] ?? Number.NaN;
            return [name, Number.isNaN(value) ? undefined : value];
          }),
        ),
        labels: Object.fromEntries(
          (mapping.labels?.classes ?? []).map((name, index) => {
            const label = block.labels[index]?.[row] ?? 255;
            return [name, label === 2 ? "uncertain" : label === 255 ? undefined : label];
          }),
        ),
      };
    }),
  );
  return { images, report, bad };
}
