import { walkFolder } from "./walk-folder.ts";

/**
 * Finds files by name in any folder below a root; a name with folders must end the file's path. Cost: one walk, and
 * about 200 bytes a file.
 */
export async function searchBelow(
  root: string,
  signal?: AbortSignal,
): Promise<(name: string) => string | "FILE_MISSING" | "FILE_AMBIGUOUS"> {
  const { paths } = await walkFolder(root, { all: true, signal });
  const byName = new Map<string, string | string[]>();
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const known = byName.get(name);
    if (known === undefined) byName.set(name, path);
    else if (typeof known === "string") byName.set(name, [known, path]);
    else known.push(path);
  }
  return (name) => {
    const found = byName.get(name.slice(name.lastIndexOf("/") + 1));
    const fitting = (typeof found === "string" ? [found] : (found ?? [])).filter(
      (path) => path === name || path.endsWith(`/${name}`),
    );
    const [only] = fitting;
    if (only === undefined) return "FILE_MISSING";
    return fitting.length > 1 ? "FILE_AMBIGUOUS" : only;
  };
}
