import { access } from "node:fs/promises";
import type { Role } from "../access/access.table.ts";
import { type CountedCell, discloseCells, hasRowRights } from "../access/disclosure.ts";
import type { Principal } from "../access/principal.ts";
import type { Db } from "../db/client.ts";
import type { Loaders } from "../loaders.ts";
import { UNKNOWN_LEVEL } from "../metrics/strata.ts";
import type { ServiceDeps } from "../services.ts";
import { AttributeLevels, type LevelView } from "./attribute-disclosure.ts";
import {
  type AttributeRecord,
  attributesOf,
  attributeValues,
  type CategoryMappingEntryRecord,
  type CategoryMappingRecord,
  type DatasetVersionRecord,
  entriesOf,
  frozenVersionsOf,
  mappingsByIds,
  patientsOfParts,
  type SplitPartCount,
  type SplitRecord,
  splitsOf,
  versionsByIds,
} from "./dataset-version.queries.ts";
import type { VersionFiles, VersionLocation } from "./dataset-version.type.ts";
import { findRoot } from "./image-files.queries.ts";
import { folderOf, type ImageRoots } from "./image-roots.ts";

/** Reads what versions of datasets hold; every count passes the disclosure rules. */
export class DatasetVersionService {
  readonly #db: Db;
  readonly #roots: ImageRoots;
  readonly #attributes = new AttributeLevels();

  constructor({ database, config }: Pick<ServiceDeps, "database" | "config">) {
    this.#db = database.db;
    this.#roots = config.imageRoots;
  }

  /** The versions with these row ids, for the loader. */
  byIds(ids: readonly number[]): Promise<readonly DatasetVersionRecord[]> {
    return versionsByIds(this.#db, ids);
  }

  /** Frozen versions of these datasets, the newest first, for the loader. */
  ofDatasets(datasetIds: readonly number[]): Promise<readonly DatasetVersionRecord[]> {
    return frozenVersionsOf(this.#db, datasetIds);
  }

  /** Attributes of these versions, for the loader. */
  attributesOf(versionIds: readonly number[]): Promise<readonly AttributeRecord[]> {
    return attributesOf(this.#db, versionIds);
  }

  /** Splits of these versions, for the loader. */
  splitsOf(versionIds: readonly number[]): Promise<readonly SplitRecord[]> {
    return splitsOf(this.#db, versionIds);
  }

  /** Patients in the parts of these splits, for the loader. */
  patientsOfParts(splitIds: readonly number[]): Promise<readonly SplitPartCount[]> {
    return patientsOfParts(this.#db, splitIds);
  }

  /** The mappings with these row ids, for the loader. */
  mappingsByIds(ids: readonly number[]): Promise<readonly CategoryMappingRecord[]> {
    return mappingsByIds(this.#db, ids);
  }

  /** Entries of these mappings, for the loader. */
  entriesOf(mappingIds: readonly number[]): Promise<readonly CategoryMappingEntryRecord[]> {
    return entriesOf(this.#db, mappingIds);
  }

  /** Columns of these attributes, for the loader. */
  attributeValues(attributeIds: readonly number[]): ReturnType<typeof attributeValues> {
    return attributeValues(this.#db, attributeIds);
  }

  /** Levels of an attribute, as this caller may see them. */
  levels(attribute: AttributeRecord, load: Loaders, principal: Principal): Promise<readonly LevelView[]> {
    return this.#attributes.levels(attribute, load, principal);
  }

  /** Images without a value: with row-level rights as stored, else what the level "unknown" may show. */
  async unknownCount(
    attribute: AttributeRecord,
    load: Loaders,
    principal: Principal,
  ): Promise<number | null> {
    if (hasRowRights(await roleOn(attribute.datasetVersionId, load, principal)))
      return attribute.unknownCount;
    const levels = await this.levels(attribute, load, principal);
    return levels.find(({ level }) => level === UNKNOWN_LEVEL)?.imageCount ?? null;
  }

  /** What the files of a version are; for row-level rights only: formats count the images exactly. */
  files({ files, datasetId }: DatasetVersionRecord, principal: Principal): VersionFiles | null {
    if (files === null || !hasRowRights(principal.role(datasetId))) return null;
    const { formats, bytes, sizes, duplicates, duplicatesAcrossPatients, leftOut, verified } = files;
    return {
      formats: Object.entries(formats).map(([format, count]) => ({ format, count })),
      bytes,
      minRows: files.rows[0],
      maxRows: files.rows[1],
      minCols: files.cols[0],
      maxCols: files.cols[1],
      sizes,
      duplicates,
      duplicatesAcrossPatients,
      leftOut: Object.entries(leftOut).map(([code, count]) => ({ code, count })),
      decoded: verified === "full",
    };
  }

  /** Where the files of a version lie, and whether that folder is there; never its path on this machine. */
  async location(
    { id, datasetId }: DatasetVersionRecord,
    principal: Principal,
  ): Promise<VersionLocation | null> {
    if (!hasRowRights(principal.role(datasetId))) return null;
    const found = await findRoot(this.#db, id);
    if (found === undefined) return null;
    const isThere = await access(folderOf(found, this.#roots)).then(
      () => true,
      () => false,
    );
    const { rootName, folder, recordedAt } = found;
    return { root: rootName, folder, status: isThere ? "present" : "absent", recordedAt };
  }

  /** Parts of a split with the patients in each, as this caller may see them. */
  async parts(
    split: SplitRecord,
    load: Loaders,
    principal: Principal,
  ): Promise<readonly { readonly name: string; readonly patientCount: number | null }[]> {
    const counts = split.byImage ? [] : await load.patientsOfParts.load(split.id);
    const role = await roleOn(split.datasetVersionId, load, principal);
    const cells = split.parts.map((name, part) => {
      const members = counts.find((count) => count.part === part)?.members ?? 0;
      return partCell(split.name, name, members);
    });
    const whole = cells.reduce((sum, { nPatients }) => sum + nPatients, 0);
    const { cells: shown } = discloseCells<CountedCell>(cells, role, {
      margins: [{ class: "", stratum: [], nPositive: whole, nNegative: whole, nPatients: whole }],
      exclusiveClasses: false,
      decimals: {},
    });
    return split.parts.map((name, part) => ({
      name,
      patientCount: split.byImage ? null : (shown[part]?.cell?.nPatients ?? null),
    }));
  }

  /** Patients on more than one side of a split. */
  async leakingPatients(split: SplitRecord, load: Loaders, principal: Principal): Promise<number | null> {
    const role = await roleOn(split.datasetVersionId, load, principal);
    return hasRowRights(role) || split.leakingPatients === 0 ? split.leakingPatients : null;
  }
}

async function roleOn(versionId: number, load: Loaders, principal: Principal): Promise<Role> {
  return principal.role((await load.datasetVersion.load(versionId)).datasetId);
}

function partCell(
  split: string,
  part: string,
  members: number,
): CountedCell & { readonly nPatients: number } {
  return {
    class: "",
    stratum: [{ attribute: `split:${split}`, level: part }],
    nPositive: members,
    nNegative: members,
    nPatients: members,
  };
}
