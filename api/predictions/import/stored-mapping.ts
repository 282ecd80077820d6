import type { Db } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { findMapping } from "./import.queries.ts";

/** The reader's word for a recorded value that a mapping leaves out of the analysis; stored as no category. */
export const LEFT_OUT = "(left out of the analysis)";

/**
 * Replaces `"mapping": "chexpert-race@1"` in an import's attributes or truth by the entries of that stored mapping,
 * so that the recorded value is kept and the category is the mapping's. Without `@version`, the newest one is meant.
 * Values that a mapping leaves out of the analysis become recorded unknowns.
 *
 * @throws {ServiceError} NOT_FOUND when there is no such mapping; BAD_USER_INPUT when it is for another attribute.
 */
export async function resolveStoredMappings(db: Db, mapping: unknown): Promise<unknown> {
  if (!isRecord(mapping)) return mapping;
  const resolved: Record<string, unknown> = { ...mapping };
  if (isRecord(mapping["attributes"])) {
    const entries = await Promise.all(
      Object.entries(mapping["attributes"]).map(
        async ([name, spec]) => [name, await resolveAttribute(db, name, spec)] as const,
      ),
    );
    resolved["attributes"] = Object.fromEntries(entries);
  }
  if (isRecord(mapping["truth"]) && typeof mapping["truth"]["mapping"] === "string") {
    const { mapping: reference, ...rest } = mapping["truth"];
    const { entries } = await requireMapping(db, String(reference), undefined);
    const map = Object.fromEntries(
      entries.flatMap(({ recorded, category }) => (category === null ? [] : [[recorded, category]])),
    );
    const left = entries.flatMap(({ recorded, category }) => (category === null ? [recorded] : []));
    resolved["truth"] = {
      ...rest,
      map: { ...map, ...asRecord(rest["map"]) },
      ignore: [...left, ...asList(rest["ignore"])],
    };
  }
  return resolved;
}

async function resolveAttribute(db: Db, name: string, spec: unknown): Promise<unknown> {
  if (!isRecord(spec) || typeof spec["mapping"] !== "string") return spec;
  const { mapping: reference, ...rest } = spec;
  const found = await requireMapping(db, String(reference), name);
  const map = Object.fromEntries(
    found.entries.map(({ recorded, category }) => [recorded, category ?? LEFT_OUT]),
  );
  const all = { ...map, ...asRecord(rest["map"]) };
  // A value that the mapping does not list is refused: otherwise it would pass as a category of its own.
  return found.unlisted === "refuse"
    ? { vocabulary: [...new Set(Object.values(all))], ...rest, map: all }
    : { ...rest, map: all };
}

async function requireMapping(db: Db, reference: string, attribute: string | undefined) {
  const [, slug, version] = /^([a-z0-9._-]+)(?:@([0-9]+))?$/.exec(reference) ?? [];
  if (slug === undefined) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected a mapping such as "chexpert-race@1", got "${reference.slice(0, 60)}"`,
    );
  }
  const found = await findMapping(db, slug, version === undefined ? undefined : Number(version));
  if (found === undefined) {
    throw new ServiceError(
      "NOT_FOUND",
      `Expected a stored mapping, found none named "${reference}"; list them with categoryMappings`,
    );
  }
  if (attribute !== undefined && found.attribute !== attribute) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected a mapping for the attribute "${attribute}", got "${reference}", which is for "${found.attribute}"`,
    );
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
