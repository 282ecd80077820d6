import type { AuditSettings, DatasetFacts, ReportCohort } from "../../../compute/index.ts";
import { RowConditions } from "../../metrics/row-conditions.ts";
import { foldOf } from "../../models/train/folds.ts";
import type { AuditDataset } from "../dataset-facts.ts";
import { countLevels } from "../dataset-facts.ts";
import { attributeWord } from "./words.ts";

/** Attributes that describe a cohort, after the one that is asked about. */
const described: readonly string[] = ["race", "sex", "view", "site", "equipment"];
/** More levels than this are no description. */
const MOST_LEVELS = 12;

/** A column of the cohort table. O(images * attributes). */
export async function cohortOf(
  found: AuditDataset,
  facts: DatasetFacts,
  settings: AuditSettings,
): Promise<ReportCohort> {
  const { dataset, version } = found;
  const names = [settings.attribute, ...described.filter((name) => name !== settings.attribute)];
  return {
    dataset: dataset.slug,
    title: dataset.title,
    version: version.version,
    images: facts.images,
    patients: facts.patients,
    parts: await partsOf(found, facts, settings),
    age: await ageOf(found),
    attributes: names.flatMap((name) => {
      const recorded = facts.attributes.find((one) => one.name === name && one.kind === "category");
      if (recorded === undefined || recorded.levels.length > MOST_LEVELS) return [];
      const known = recorded.levels.reduce((sum, { images }) => sum + images, 0);
      return [{ name: attributeWord(name), levels: recorded.levels, unknown: facts.images - known }];
    }),
  };
}

async function partsOf(
  { plan, columns }: AuditDataset,
  { split }: DatasetFacts,
  { folds, splitSeed }: AuditSettings,
): Promise<ReportCohort["parts"]> {
  const name = split?.name ?? foldOf({ k: folds, fold: 1 }, splitSeed).split.name;
  const stored = plan.splits.get(name);
  // A dataset that trains nothing is never divided.
  if (stored === undefined) return [];
  const levels = countLevels(await new RowConditions(columns).levels(plan, `split:${name}`, []), undefined);
  if (split === null) {
    const test = levels.find(({ level }) => level === "fold-1")?.images ?? 0;
    const all = levels
      .filter(({ level }) => level.startsWith("fold-"))
      .reduce((sum, { images }) => sum + images, 0);
    return [
      { name: "train and validation", images: all - test },
      { name: "test", images: test },
    ];
  }
  const wanted = [split.train, ...(split.validation === null ? [] : [split.validation]), split.test];
  return wanted.map((part) => ({
    name: part,
    images: levels.find(({ level }) => level === part)?.images ?? 0,
  }));
}

/** Mean and standard deviation over patients, each by the mean of its images; over images where no patients are known. */
async function ageOf({ plan, columns }: AuditDataset): Promise<ReportCohort["age"]> {
  const info = plan.attributes.get("age");
  if (info?.kind !== "number") return null;
  const [values, units] = await Promise.all([columns.values(info), columns.units(plan, "patient")]);
  const sums = new Map<number, { sum: number; count: number }>();
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const unit = units?.ordinals[row] ?? row;
    const one = sums.get(unit) ?? { sum: 0, count: 0 };
    sums.set(unit, { sum: one.sum + value, count: one.count + 1 });
  }
  const ages = [...sums.values()].map(({ sum, count }) => sum / count);
  if (ages.length === 0) return null;
  const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  const squares = ages.reduce((sum, age) => sum + (age - mean) ** 2, 0);
  return { mean, sd: ages.length < 2 ? null : Math.sqrt(squares / (ages.length - 1)), known: ages.length };
}
