import { type CountedCell, discloseCells, discloseCount, discloseLevel } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import type { Loaders } from "../loaders.ts";
import { bandsFor } from "../metrics/bands.ts";
import { compareNaturally, UNKNOWN_LEVEL } from "../metrics/strata.ts";
import { countLevels, type LevelCount } from "./attribute-levels.ts";
import type { AttributeRecord, CategoryMappingEntryRecord } from "./dataset-version.queries.ts";

/** A level of an attribute as it leaves; counts are null where they are suppressed. */
export interface LevelView {
  readonly level: string;
  /** Values of the source that are this level. */
  readonly recorded: readonly string[];
  readonly imageCount: number | null;
  readonly patientCount: number | null;
  readonly suppressed: boolean;
}

interface CountedLevel {
  readonly level: string;
  readonly recorded: readonly string[];
  readonly images: number;
  readonly patients: number | null;
}

/** Numbers for which the study has bands. */
const BANDED: readonly string[] = ["age", "bmi"];
// Versions never change, so neither do their counts.
const REMEMBERED = 2_000;

/** Counts the levels of attributes, each once. */
export class AttributeLevels {
  readonly #known = new Map<number, Promise<readonly CountedLevel[]>>();

  /**
   * Levels of an attribute with what each holds, subject to disclosure: categories through their mapping, numbers in
   * the study's bands (none where it has none), then "unknown". None for patient and study.
   */
  async levels(
    attribute: AttributeRecord,
    load: Loaders,
    principal: Principal,
  ): Promise<readonly LevelView[]> {
    const counted = await this.#counted(attribute, load);
    const cells = counted.map((level) => ({ ...cellOf(level, attribute.name), ...level }));
    const { datasetId, patientCount } = await load.datasetVersion.load(attribute.datasetVersionId);
    const role = principal.role(datasetId);
    const images = cells.reduce((sum, cell) => sum + cell.images, 0);
    const whole: CountedCell = {
      class: "",
      stratum: [],
      nPositive: images,
      nNegative: images,
      nPatients: patientCount,
    };
    const { cells: shown } = discloseCells(cells, role, {
      margins: [whole],
      exclusiveClasses: false,
      decimals: {},
    });
    return shown.flatMap(({ cell, stratum }, index) => {
      const level = stratum[0]?.level ?? UNKNOWN_LEVEL;
      return {
        level,
        recorded: counted[index]?.recorded ?? [],
        imageCount: cell === undefined ? null : discloseCount(cell.images, role),
        patientCount: cell?.nPatients ?? null,
        suppressed: cell === undefined,
      };
    });
  }

  #counted(attribute: AttributeRecord, load: Loaders): Promise<readonly CountedLevel[]> {
    const known = this.#known.get(attribute.id);
    if (known) return known;
    const counting = countAttribute(attribute, load);
    counting.catch(() => this.#known.delete(attribute.id));
    this.#known.set(attribute.id, counting);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return counting;
  }
}

async function countAttribute(attribute: AttributeRecord, load: Loaders): Promise<readonly CountedLevel[]> {
  const { kind, name, categoryMappingId } = attribute;
  if (kind !== "category" && !(kind === "number" && BANDED.includes(name))) return [];
  // Asked for all at once, so that those of a whole request come together.
  const siblings = await load.attributesOfVersion.load(attribute.datasetVersionId);
  const patient = siblings.find((sibling) => sibling.kind === "patient");
  const [column, patients, entries] = await Promise.all([
    load.attributeValues.load(attribute.id),
    patient && load.attributeValues.load(patient.id),
    categoryMappingId === null ? [] : load.entriesOfMapping.load(categoryMappingId),
  ]);
  const { names, recorded, levelOf } = kind === "category" ? categories(attribute, entries) : bands(name);
  const counts = countLevels(column.values, attribute.encoding, levelOf, names.length, patients?.values);
  return counts.map((count) => nameLevel(count, names, recorded)).filter(isWorthShowing);
}

interface Levels {
  readonly names: readonly string[];
  readonly recorded: (level: string) => readonly string[];
  readonly levelOf: (value: number) => number | undefined;
}

function categories(attribute: AttributeRecord, entries: readonly CategoryMappingEntryRecord[]): Levels {
  const mapping = new Map(entries.map(({ recorded, category }) => [recorded, category]));
  const isMapped = attribute.categoryMappingId !== null;
  const dictionary = (attribute.dictionary ?? []).map((recorded) => {
    const category = isMapped ? (mapping.get(recorded) ?? UNKNOWN_LEVEL) : recorded;
    return { recorded, level: discloseLevel({ attribute: attribute.name, level: category }) };
  });
  const names = [...new Set(dictionary.map(({ level }) => level))]
    .filter((level) => level !== UNKNOWN_LEVEL)
    .sort(compareNaturally);
  const levelOfCode = dictionary.map(({ level }) =>
    level === UNKNOWN_LEVEL ? undefined : names.indexOf(level),
  );
  return {
    names,
    // An age over 89 is not told by the value recorded either.
    recorded: (level) => [
      ...new Set(
        dictionary
          .filter((value) => value.level === level)
          .map(({ recorded }) => discloseLevel({ attribute: attribute.name, level: recorded })),
      ),
    ],
    levelOf: (code) => levelOfCode[code],
  };
}

function bands(attribute: string): Levels {
  const { edges, labels, below } = bandsFor(attribute, []);
  return {
    names: [below, ...labels],
    recorded: () => [],
    levelOf: (value) => {
      if (Number.isNaN(value)) return undefined;
      const above = edges.findIndex((edge) => value < edge);
      return above === -1 ? edges.length : above;
    },
  };
}

function nameLevel(
  { level, images, patients }: LevelCount,
  names: readonly string[],
  recorded: Levels["recorded"],
): CountedLevel {
  const name = names[level] ?? UNKNOWN_LEVEL;
  return { level: name, recorded: recorded(name), images, patients };
}

/** Empty bands below the first edge and nobody unknown need no row. */
function isWorthShowing({ level, images }: CountedLevel): boolean {
  return images > 0 || !(level === UNKNOWN_LEVEL || level.startsWith("<"));
}

function cellOf({ level, images, patients }: CountedLevel, attribute: string): CountedCell {
  // Not divided by class: only the number of patients decides.
  return {
    class: "",
    stratum: [{ attribute, level }],
    nPositive: images,
    nNegative: images,
    nPatients: patients,
  };
}
