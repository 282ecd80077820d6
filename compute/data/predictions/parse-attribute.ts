import { choice, object, only, optional, record, refuse, text, texts } from "./mapping-json.ts";
import { type AttributeKind, type AttributeMapping, attributeKinds } from "./types.ts";

const impliedKinds: ReadonlyMap<string, AttributeKind> = new Map([
  ["age", "age"],
  ["bmi", "number"],
]);

/**
 * Reads how one attribute is read: a column name, or an object.
 *
 * @param name - its name in the warehouse, which implies the kind of some
 * @param reference - reads the place of its column
 * @throws {ImportError} INVALID_MAPPING
 */
export function parseAttribute<Reference>(
  value: unknown,
  at: string,
  name: string,
  reference: (value: unknown, at: string) => Reference,
): Omit<AttributeMapping, "column"> & { readonly column: Reference } {
  const json = typeof value === "string" ? { column: value } : object(value, at);
  only(json, at, ["column", "kind", "vocabulary", "map", "unlisted", "missing", "implausible"]);
  const kind = choice(json["kind"] ?? impliedKinds.get(name) ?? "category", attributeKinds, `${at}.kind`);
  const vocabulary = optional(json["vocabulary"], (words) => texts(words, `${at}.vocabulary`));
  const map = record(json["map"] ?? {}, `${at}.map`, (to, place) => (to === null ? null : text(to, place)));
  const unlisted = optional(json["unlisted"], (word) => choice(word, ["unknown"] as const, `${at}.unlisted`));
  if (
    kind !== "category" &&
    (vocabulary !== undefined || unlisted !== undefined || Object.keys(map).length > 0)
  ) {
    refuse(at, `vocabulary, map and unlisted only for a category`, `kind "${kind}"`);
  }
  for (const [from, to] of Object.entries(map)) {
    if (vocabulary !== undefined && to !== null && !vocabulary.includes(to)) {
      refuse(`${at}.map.${from}`, "a word of the vocabulary", "another one");
    }
  }
  return {
    column: reference(json["column"], `${at}.column`),
    kind,
    ...(vocabulary === undefined ? {} : { vocabulary }),
    map,
    ...(unlisted === undefined ? {} : { unlisted }),
    missing: texts(json["missing"] ?? [], `${at}.missing`, true),
    implausible: choice(json["implausible"] ?? "error", ["error", "unknown"] as const, `${at}.implausible`),
  };
}
