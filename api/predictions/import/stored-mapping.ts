import type { Db } from "../../db/client.ts";
import { ServiceError } from "../../errors.ts";
import { findMapping, type StoredMapping } from "./import.queries.ts";

/** A mapping whose references are resolved. */
export interface ResolvedMapping {
  readonly mapping: unknown;
  /** Row ids of the stored mappings that an attribute is read through unchanged, by attribute. */
  readonly stored: ReadonlyMap<string, number>;
}

/**
 * Replaces `"mapping": "chexpert-race-three-class@1"` in an import's attributes or truth by the entries of that stored
 * mapping, so that the recorded value is kept and the category is the mapping's. Without `@version`, the newest one is
 * meant. Values that a mapping leaves out of the analysis, and where it says so those it does not list, are kept as
 * recorded, without a category.
 *
 * @throws {ServiceError} NOT_FOUND when there is no such mapping; BAD_USER_INPUT when it is for another attribute.
 */
export async function resolveStoredMappings(db: Db, mapping: unknown): Promise<ResolvedMapping> {
  const stored = new Map<string, number>();
  if (!isRecord(mapping)) return { mapping, stored };
  const resolved: Record<string, unknown> = { ...mapping };
  if (isRecord(mapping["attributes"])) {
    const entries: (readonly [string, unknown])[] = [];
    for (const [name, spec] of Object.entries(mapping["attributes"])) {
      entries.push([name, await resolveAttribute(db, name, spec, stored)]);
    }
    resolved["attributes"] = Object.fromEntries(entries);
  }
  if (isRecord(mapping["truth"])) {
    const attribute = isRecord(mapping["task"]) ? String(mapping["task"]["attribute"]) : "";
    resolved["truth"] = await resolveTruth(db, attribute, mapping["truth"], stored);
  }
  return { mapping: resolved, stored };
}

async function resolveAttribute(
  db: Db,
  name: string,
  spec: unknown,
  stored: Map<string, number>,
): Promise<unknown> {
  if (!isRecord(spec) || typeof spec["mapping"] !== "string") return spec;
  const { mapping: reference, ...rest } = spec;
  const { id, unlisted, entries } = await requireMapping(db, String(reference), name);
  const own = asRecord(rest["map"]);
  const map = Object.fromEntries(entries.map(({ recorded, category }) => [recorded, category]));
  const all: Record<string, unknown> = { ...map, ...own };
  if (Object.keys(own).length === 0) stored.set(name, id);
  if (unlisted === "unknown") return { unlisted, ...rest, map: all };
  // A value that the mapping does not list is refused: otherwise it would pass as a category of its own.
  const vocabulary = new Set(Object.values(all).filter((category) => category !== null));
  return { vocabulary: [...vocabulary], ...rest, map: all };
}

async function resolveTruth(
  db: Db,
  attribute: string,
  truth: Record<string, unknown>,
  stored: Map<string, number>,
): Promise<unknown> {
  if (typeof truth["mapping"] !== "string") return truth;
  const { mapping: reference, ...rest } = truth;
  const { id, unlisted, entries } = await requireMapping(db, String(reference), attribute);
  const own = asRecord(rest["map"]);
  const ignored = asList(rest["ignore"]);
  if (Object.keys(own).length === 0 && ignored.length === 0) stored.set(attribute, id);
  const listed = entries.filter(({ recorded }) => !Object.hasOwn(own, recorded));
  return {
    ...(unlisted === "unknown" ? { unlisted } : {}),
    ...rest,
    map: {
      ...Object.fromEntries(
        listed.flatMap(({ recorded, category }) => (category === null ? [] : [[recorded, category]])),
      ),
      ...own,
    },
    ignore: [
      ...listed.flatMap(({ recorded, category }) => (category === null ? [recorded] : [])),
      ...ignored,
    ],
  };
}

async function requireMapping(db: Db, reference: string, attribute: string): Promise<StoredMapping> {
  const [, slug, version] = /^([a-z0-9._-]+)(?:@([0-9]+))?$/.exec(reference) ?? [];
  if (slug === undefined) {
    throw new ServiceError(
      "BAD_USER_INPUT",
      `Expected a mapping such as "chexpert-race-three-class@1", got "${reference.slice(0, 60)}"`,
    );
  }
  const found = await findMapping(db, slug, version === undefined ? undefined : Number(version));
  if (found === undefined) {
    throw new ServiceError(
      "NOT_FOUND",
      `Expected a stored mapping, found none named "${reference.slice(0, 60)}"; those of the published studies are listed in publications/*/race-mappings.json`,
    );
  }
  if (found.attribute !== attribute) {
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
