import { readdir } from "node:fs/promises";
import { openTable } from "../../open-table.ts";
import type { Json } from "../../predictions/mapping-json.ts";
import type { TableFormat } from "../../tabular-source.ts";
import type { DatasetOptions, OpenTable } from "../dataset-reader.ts";
import { tableSource } from "../gzip-source.ts";
import type { FileResult } from "../image-file.ts";

/** What an operator says of a dataset that lies in a known way. */
export interface LayoutRequest {
  /** Absolute path of the root, its links resolved. */
  readonly root: string;
  /** Tables by name, where they are not where the layout looks: absolute paths. */
  readonly files: Readonly<Record<string, string>>;
  /** Mapping of the manifest's own; what it says replaces what the layout says, key by key. null takes away. */
  readonly mapping?: unknown;
  readonly format?: TableFormat | undefined;
  readonly uncertain?: string | undefined;
  readonly blank?: string | undefined;
  /** Stored mapping for self-reported race instead of the layout's; "none": as recorded. */
  readonly raceMapping?: string | undefined;
  /** Plain folder: the name of the attribute that the first folder of a path is. */
  readonly classFromFolder?: string | undefined;
  /** DICOM: whether the images of a study are those of a series or of the whole study; default by modality. */
  readonly studyIs?: "series" | "study" | undefined;
  /** How files are read, where the layout needs what is in them. */
  readonly options: DatasetOptions;
}

/** How to read a dataset: tables, and a mapping that may still name stored mappings. */
export interface LayoutPlan {
  readonly mapping: Json;
  readonly manifest: OpenTable;
  readonly tables: ReadonlyMap<string, OpenTable>;
  /** Files behind the tables, by name: their digests tell one import from another. */
  readonly tableFiles: Readonly<Record<string, string>>;
  readonly known?: ReadonlyMap<string, FileResult>;
  /** Files below the root that are no images by their names. */
  readonly otherFiles: number;
}

/** Opens a file as a table; gzip is unpacked. */
export function fileTable(path: string, format?: TableFormat): OpenTable {
  return async (onRow) =>
    openTable({ bytes: await tableSource(path), ...(format === undefined ? {} : { format }) }, onRow);
}

/** The header of a file's table. @throws {ImportError} as `openTable` */
export async function headerOf(path: string): Promise<readonly string[]> {
  const table = await fileTable(path)(() => {});
  await table.close();
  return table.header;
}

/** What a mapping says where another one is silent; null in `own` takes an entry away. */
export function mergeMappings(layout: Json, own: unknown): Json {
  if (typeof own !== "object" || own === null || Array.isArray(own)) return layout;
  const given = Object.entries(own);
  const merged: Record<string, unknown> = { ...layout };
  for (const [key, value] of given) {
    const earlier = merged[key];
    const isGroup =
      (key === "attributes" || key === "tables") && typeof earlier === "object" && earlier !== null;
    merged[key] = isGroup ? { ...earlier, ...(value as object) } : value; // safe: spread of no object adds nothing
  }
  for (const group of ["attributes", "tables"]) {
    const entries = merged[group];
    if (typeof entries !== "object" || entries === null) continue;
    merged[group] = Object.fromEntries(Object.entries(entries).filter(([, entry]) => entry !== null));
  }
  return merged;
}

/** The ordinary files of a root itself; links are none, so that no table is read from elsewhere unasked. */
export async function filesIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** The first of these names that a folder's listing has, as a path; undefined when it has none. */
export function findTable(
  root: string,
  names: readonly string[],
  candidates: readonly RegExp[],
): string | undefined {
  for (const wanted of candidates) {
    const found = names.find((name) => wanted.test(name));
    if (found !== undefined) return `${root}/${found}`;
  }
  return undefined;
}
