import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { ComputeError } from "../errors.ts";
import { parseParams } from "../params.ts";
import type { Transform } from "./transform.ts";
import { addTransforms, listTransforms } from "./transform-registry.ts";

const loaded = new Set<string>();

/**
 * Loads transforms of others: each file is an ES module that exports `transforms`, an array of descriptors as
 * `defineTransform` makes them. They run with all the rights of this process, so only the configuration names them.
 * A file that is loaded already is passed over.
 *
 * @param paths - absolute paths, in the order in which the transforms are to be listed.
 * @throws {ComputeError} INVALID_INPUT naming the file and what is wrong with it.
 */
export async function loadTransforms(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (loaded.has(path)) continue;
    addTransforms(await readTransforms(path));
    loaded.add(path);
  }
}

async function readTransforms(path: string): Promise<readonly Transform[]> {
  if (!isAbsolute(path)) refuse(path, "an absolute path", "a relative one");
  await stat(path).catch(() => refuse(path, "a file", "nothing there"));
  const module: unknown = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new ComputeError("INVALID_INPUT", `Expected ${path} to load as an ES module, got an error`, {
      cause,
    });
  });
  const { transforms } = module as { readonly transforms?: unknown }; // safe: a module is an object
  if (!Array.isArray(transforms)) refuse(path, "an export `transforms`, an array", typeof transforms);
  for (const transform of transforms) requireTransform(path, transform);
  return transforms.map((transform: Transform) => Object.freeze(transform));
}

/** Everything a descriptor must be for GraphQL, docs and chains to be made of it. */
function requireTransform(path: string, given: unknown): asserts given is Transform {
  if (typeof given !== "object" || given === null) refuse(path, "descriptors of transforms", typeof given);
  const { id, kind, version, doc, source, params, example, laws, space, plan } = given as Partial<Transform>;
  if (kind !== "TRANSFORM") refuse(path, 'the kind "TRANSFORM"', JSON.stringify(kind));
  if (typeof id !== "string" || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(id)) {
    refuse(path, "an id in snake_case", JSON.stringify(id));
  }
  if (listTransforms().some((transform) => transform.id === id))
    refuse(path, "an id of its own", `"${id}", taken`);
  if (!Number.isInteger(version) || Number(version) < 1) {
    refuse(path, `a version of ${id} from 1`, JSON.stringify(version));
  }
  if (!isText(doc) || !isText(source)) refuse(path, `a doc and a source of ${id}`, "none");
  if (typeof space !== "function" || typeof plan !== "function") {
    refuse(path, `functions space and plan of ${id}`, `${typeof space} and ${typeof plan}`);
  }
  if (!Array.isArray(laws) || typeof params !== "object" || typeof example !== "object") {
    refuse(path, `laws, params and an example of ${id}`, "something else");
  }
  parseParams(params, example);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0;
}

function refuse(path: string, expected: string, got: string): never {
  throw new ComputeError("INVALID_INPUT", `Expected ${expected} in ${path}, got ${got}; correct the plugin`);
}
