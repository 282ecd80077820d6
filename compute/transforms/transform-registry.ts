import { ComputeError } from "../errors.ts";
import type { Transform } from "./transform.ts";
import { builtInTransforms } from "./transform-list.ts";

const table = new Map<string, Transform>(builtInTransforms.map((transform) => [transform.id, transform]));

/** Every transform there is in this process: the built-in ones, then those of the configuration. */
export function listTransforms(): readonly Transform[] {
  return [...table.values()];
}

/** @throws {ComputeError} NO_SUCH_PLUGIN, naming those there are. */
export function findTransform(id: string): Transform {
  const found = table.get(id);
  if (found !== undefined) return found;
  const known = [...table.keys()].join(", ");
  throw new ComputeError(
    "NO_SUCH_PLUGIN",
    `Expected a TRANSFORM plugin of ${known}, got ${JSON.stringify(id)}`,
  );
}

/**
 * Adds transforms of others, once, at the start of a process: before the schema is built and before any chain is read.
 *
 * @throws {ComputeError} INVALID_INPUT when an id is taken.
 */
export function addTransforms(others: readonly Transform[]): void {
  for (const transform of others) {
    if (table.has(transform.id)) {
      throw new ComputeError(
        "INVALID_INPUT",
        `Expected a new id for a transform, got ${JSON.stringify(transform.id)}, which is taken; rename it`,
      );
    }
    table.set(transform.id, transform);
  }
}
