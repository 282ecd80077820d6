import { refuse } from "../../predictions/mapping-json.ts";
import { fileTable, type LayoutPlan, type LayoutRequest, mergeMappings } from "./layout.ts";

/**
 * A table of the operator's own (CSV, TSV or Parquet) with a mapping that says what its columns are.
 *
 * @throws {ImportError} INVALID_MAPPING without a table
 */
export async function planManifestTable(request: LayoutRequest): Promise<LayoutPlan> {
  const { manifest, ...others } = request.files;
  if (manifest === undefined) return refuse("the request", "a manifest: a table of the images", "none");
  return {
    mapping: mergeMappings({}, request.mapping),
    manifest: fileTable(manifest, request.format),
    tables: new Map(Object.entries(others).map(([name, path]) => [name, fileTable(path)])),
    tableFiles: request.files,
    otherFiles: 0,
  };
}
