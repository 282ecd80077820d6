import type { DatasetFacts, LevelFacts } from "../../compute/index.ts";
import { type DatasetRecord, findDatasetBySlug } from "../datasets/dataset.queries.ts";
import { type DatasetVersionRecord, frozenVersionsOf } from "../datasets/dataset-version.queries.ts";
import { type MaskSet, maskSetsOf } from "../datasets/masks/mask.queries.ts";
import type { Database, Db } from "../db/client.ts";
import { ServiceError } from "../errors.ts";
import { badInput, listed } from "../metrics/question.ts";
import { RowConditions } from "../metrics/row-conditions.ts";
import { UNKNOWN_LEVEL } from "../metrics/strata.ts";
import { planUnstored, UnstoredColumns } from "../predictions/evaluate/unstored-columns.ts";
import type { SplitInfo } from "../predictions/evaluation.queries.ts";
import type { EvaluationPlan, UnitColumn } from "../predictions/evaluation-columns.ts";
import { sharedPatients } from "./held-out-patients.ts";

/** A dataset version as an audit reads it. */
export interface AuditDataset {
  readonly dataset: DatasetRecord;
  readonly version: DatasetVersionRecord;
  readonly plan: EvaluationPlan;
  readonly columns: UnstoredColumns;
  readonly masks: readonly MaskSet[];
}

/** Which dataset, and which of its versions; without a number the newest with image files. */
export interface DatasetName {
  readonly slug: string;
  readonly version?: number | null | undefined;
}

const COLUMN_BYTES = 256 * 2 ** 20;
const trainingNames: readonly string[] = ["train", "training"];
const validationNames: readonly string[] = ["validate", "validation", "val", "valid", "dev"];
const testNames: readonly string[] = ["test", "testing", "held-out"];

/**
 * Finds a version of a dataset whose image files are known.
 *
 * @throws {ServiceError} NOT_FOUND; BAD_USER_INPUT when there are no files
 */
export async function findAuditDataset(database: Database, name: DatasetName): Promise<AuditDataset> {
  const dataset = await findDatasetBySlug(database.db, name.slug);
  if (dataset === undefined) {
    throw new ServiceError(
      "NOT_FOUND",
      `Expected the slug of a dataset, got "${name.slug.slice(0, 100)}"; stratum list datasets shows them`,
    );
  }
  const versions = await frozenVersionsOf(database.db, [dataset.id]);
  const version = versions.find((one) =>
    name.version == null ? one.files !== null : one.version === name.version,
  );
  if (version === undefined || version.files === null) {
    throw badInput(
      `Expected a dataset with image files, got none for "${name.slug.slice(0, 100)}"; import its images`,
    );
  }
  const modelVersion = {
    id: 0,
    taskKind: "binary" as const,
    taskAttribute: "",
    classes: [],
    classLevels: null,
  };
  const plan = await planUnstored(database, { dataset, version, model: { id: 0 }, modelVersion });
  return {
    dataset,
    version,
    plan,
    columns: new UnstoredColumns(database, plan, [], COLUMN_BYTES),
    masks: await maskSetsOf(database.db, [version.id]),
  };
}

/**
 * What a plan needs to know of a dataset version. O(images * category attributes).
 *
 * @param splitName - the split to be used; null: the only one with a part for training and one for the test, if there is one
 * @throws {ServiceError} BAD_USER_INPUT for a split that is not there or lacks such parts
 */
export async function readFacts(
  { dataset, version, plan, columns, masks }: AuditDataset,
  splitName: string | null,
): Promise<DatasetFacts> {
  const conditions = new RowConditions(columns);
  const units = await columns.units(plan, "patient");
  const attributes: DatasetFacts["attributes"][number][] = [];
  for (const { name, kind } of [...plan.attributes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const levels = kind === "category" ? countLevels(await conditions.levels(plan, name, []), units) : [];
    attributes.push({ name, kind, levels: levels.filter(({ level }) => level !== UNKNOWN_LEVEL) });
  }
  const split = splitOf(plan, splitName);
  const parts = split && countLevels(await conditions.levels(plan, `split:${split.name}`, []), undefined);
  const imagesOf = (part: string) => parts?.find(({ level }) => level === part)?.images ?? 0;
  return {
    slug: dataset.slug,
    version: version.version,
    images: version.imageCount ?? 0,
    patients: version.patientCount,
    longestSide: Math.max(version.files?.rows[1] ?? 1, version.files?.cols[1] ?? 1),
    attributes,
    masks: masks.map(({ name }) => name),
    split: split && { ...split, trainImages: imagesOf(split.train), testImages: imagesOf(split.test) },
  };
}

/**
 * Facts with the patients that the dataset digitised otherwise shares with the first one, which also divides them: a split of
 * its own is not used.
 */
export async function withSharedPatients(
  db: Db,
  digitised: number | undefined,
  datasets: readonly AuditDataset[],
  facts: readonly DatasetFacts[],
): Promise<readonly DatasetFacts[]> {
  const [first, other] = [datasets[0], digitised === undefined ? undefined : datasets[digitised]];
  if (first === undefined || other === undefined) return facts;
  const areNamed = first.version.patientCount !== null && other.version.patientCount !== null;
  const shared = areNamed ? (await sharedPatients(db, first.version.id, other.version.id)).length : null;
  return facts.map((one, i) => (i === digitised ? { ...one, split: null, sharedPatients: shared } : one));
}

/** Images and distinct named patients at each level that has images, in order of level. */
export function countLevels(
  { levels, codes }: { readonly levels: readonly string[]; readonly codes: ArrayLike<number> },
  units: UnitColumn | undefined,
  inside?: Uint8Array,
): readonly LevelFacts[] {
  const images = new Float64Array(levels.length);
  const patients = levels.map(() => new Set<number>());
  // `!`: row < n, and codes name levels.
  for (let row = 0; row < codes.length; row += 1) {
    if (inside?.[row] === 0) continue;
    const level = codes[row]!;
    if (level >= levels.length) continue;
    images[level]! += 1;
    const patient = units?.ordinals[row];
    if (patient !== undefined && patient < (units?.named ?? 0)) patients[level]!.add(patient);
  }
  return levels
    .map((level, i) => ({
      level,
      images: images[i] ?? 0,
      patients: units === undefined ? null : (patients[i]?.size ?? 0),
    }))
    .filter((one) => one.images > 0);
}

function splitOf(plan: EvaluationPlan, wanted: string | null) {
  const fit = [...plan.splits.values()].flatMap((split) => partsFor(split) ?? []);
  if (wanted === null) return fit.length === 1 ? (fit[0] ?? null) : null;
  const found = fit.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const known = listed(fit.map(({ name }) => name)) || "none";
  throw badInput(
    `Expected a split with a part for training and one for the test among ${known}, got "${wanted.slice(0, 100)}"`,
  );
}

function partsFor({ name, parts }: SplitInfo) {
  const find = (names: readonly string[]) => parts.find((part) => names.includes(part));
  const [train, test] = [find(trainingNames), find(testNames)];
  if (train === undefined || test === undefined) return undefined;
  return { name, train, test, validation: find(validationNames) ?? null };
}
