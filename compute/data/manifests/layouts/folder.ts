import { ListTable } from "../list-table.ts";
import { walkFolder } from "../walk-folder.ts";
import { type LayoutPlan, type LayoutRequest, mergeMappings } from "./layout.ts";

/**
 * A plain folder of images, whatever lies in whatever folder. Columns: path, folder (empty for files in the root itself)
 * and file, of which a mapping may take parts: the patient may be the second folder. Images come in byte order of path.
 */
export async function planFolder(request: LayoutRequest): Promise<LayoutPlan> {
  const { paths, otherFiles } = await walkFolder(request.root, { signal: request.options.signal });
  const rows = paths.map((path) => {
    const cut = path.lastIndexOf("/");
    return [path, cut < 0 ? "" : path.slice(0, cut), path.slice(cut + 1)];
  });
  const { classFromFolder } = request;
  const mapping = {
    path: "path",
    attributes:
      classFromFolder === undefined ? {} : { [classFromFolder]: { column: "folder", parts: [0, 0] } },
  };
  return {
    mapping: mergeMappings(mapping, request.mapping),
    manifest: async () => new ListTable(["path", "folder", "file"], rows),
    tables: new Map(),
    tableFiles: {},
    otherFiles,
  };
}
