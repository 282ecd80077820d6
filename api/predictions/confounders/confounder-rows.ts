import type { ConfounderRows, FeatureColumn } from "../../../compute/index.ts";
import type { Database } from "../../db/client.ts";
import { badInput, listed } from "../../metrics/question.ts";
import { RowConditions } from "../../metrics/row-conditions.ts";
import { UNKNOWN_LEVEL } from "../../metrics/strata.ts";
import { UnstoredColumns } from "../evaluate/unstored-columns.ts";
import type { AttributeInfo } from "../evaluation.queries.ts";
import type { EvaluationPlan } from "../evaluation-columns.ts";

const COLUMN_BYTES = 256 * 2 ** 20;

/**
 * The attributes that names of features stand for, each once: `finding:*` is every finding. What is recovered cannot be
 * a feature.
 *
 * @throws {ServiceError} BAD_USER_INPUT where a name stands for nothing
 */
export function featuresOf(
  attributes: ReadonlyMap<string, AttributeInfo>,
  attribute: string,
  asked: readonly string[],
): readonly string[] {
  const known = [...attributes.values()]
    .filter(({ kind, name }) => (kind === "category" || kind === "number") && name !== attribute)
    .map(({ name }) => name)
    .sort();
  const found = asked.flatMap((name) => {
    const meant = name.endsWith(":*")
      ? known.filter((one) => one.startsWith(name.slice(0, -1)))
      : known.filter((one) => one === name);
    if (meant.length > 0) return meant;
    const why = name === attribute ? ", which is what is to be recovered" : "";
    throw badInput(`Expected features among ${listed(known)}, got "${name}"${why}`);
  });
  return [...new Set(found)];
}

/**
 * What is recorded of every image, for a model to learn from.
 *
 * @param plan - with the task in its evaluation's place
 * @throws {ServiceError} BAD_USER_INPUT where the dataset does not name patients
 */
export async function readConfounderRows(
  database: Database,
  plan: EvaluationPlan,
  features: readonly string[],
): Promise<ConfounderRows> {
  const columns = new UnstoredColumns(database, plan, [], COLUMN_BYTES);
  const conditions = new RowConditions(columns);
  const patients = await columns.units(plan, "patient");
  if (patients === undefined) {
    throw badInput("Expected a dataset that names its patients, got one that does not: folds are by patient");
  }
  const { classes, imageCount } = plan.evaluation;
  const truths = await columns.truths(
    plan,
    classes.map((_, index) => index),
  );
  const truth = Int32Array.from({ length: imageCount }, (_, row) =>
    truths.findIndex((labels) => labels[row] === 1),
  );
  const read: FeatureColumn[] = [];
  for (const name of features) {
    const info = plan.attributes.get(name);
    if (info?.kind === "number") {
      read.push({ name, kind: "number", values: Float64Array.from(await columns.values(info)) });
      continue;
    }
    const { levels, codes } = await conditions.levels(plan, name, []);
    const unknown = levels.indexOf(UNKNOWN_LEVEL);
    read.push({
      name,
      kind: "category",
      levels: levels.filter((level) => level !== UNKNOWN_LEVEL),
      // The unknown level comes last, so the others keep their places.
      codes: Int32Array.from(codes, (code) => (code === unknown ? -1 : code)),
    });
  }
  return { columns: read, classes: [...classes], truth, patients: patients.ordinals };
}
