import type { RaceMapping, RaceMappings } from "./schema.ts";
import type { RaceCategory } from "./vocabularies.ts";

/**
 * The category of a self-reported race as recorded, by one version of a mapping; undefined where the mapping does not
 * list the value. The comparison is exact: spelling, case and spaces are the source's own.
 */
export function mapRecordedRace(mapping: RaceMapping, recorded: string): RaceCategory | undefined {
  return mapping.entries.find((entry) => entry.recorded === recorded)?.category;
}

/** One version of a mapping by its slug; the highest version when none is named; undefined when there is none. */
export function findRaceMapping(
  mappings: RaceMappings,
  slug: string,
  version?: number,
): RaceMapping | undefined {
  return mappings.mappings
    .filter((mapping) => mapping.slug === slug && (version === undefined || mapping.version === version))
    .reduce<RaceMapping | undefined>(
      (best, mapping) => (best === undefined || mapping.version > best.version ? mapping : best),
      undefined,
    );
}
