import {
  aggregateByUnit,
  countPatients,
  groupRows,
  type PatientCounts,
  type RowGroups,
  type ScoreOrder,
  type StratifiedRows,
  sortScores,
} from "../../compute/index.ts";
import {
  type EvaluationColumns,
  type EvaluationPlan,
  orderBytes,
  type UnitColumn,
} from "../predictions/evaluation-columns.ts";
import { type AttributePredicate, badInput, checkQuestion, type Question } from "./question.ts";
import { RowConditions } from "./row-conditions.ts";
import { combineStrata, type Strata, unitLevels } from "./strata.ts";

/** The scores of one class, sorted, and its truth: one of each a row. */
export interface ClassRows {
  readonly order: ScoreOrder;
  /** 1 positive, 0 negative, 255 unknown. */
  readonly labels: Uint8Array;
  /** Studies or patients left out because their images disagree on the truth; 0 for images. */
  readonly labelConflicts: number;
}

/** Which patient each row comes from, for statistics that must not take a patient's images as independent. */
export interface Clusters {
  readonly ordinals: Uint32Array;
  readonly count: number;
}

/** The rows of a question, an image, study or patient each, and their strata. Everything in it is cached. */
export interface AnalysisRows {
  readonly plan: EvaluationPlan;
  /** Names these rows and their strata for ever: part of every cache key. */
  readonly key: string;
  readonly count: number;
  readonly strata: Strata;
  /** Rows of each patient, for counting them; undefined when the source names no patients. */
  readonly patients: RowGroups | undefined;
  /** Patients, or every row its own cluster when the source names none. */
  readonly clusters: Clusters;
  readonly remarks: readonly string[];
}

/** What compute takes of the rows of one class. */
export function stratifiedRows(
  { strata }: Pick<AnalysisRows, "strata">,
  { order, labels }: ClassRows,
): StratifiedRows {
  return { order, labels, strata: strata.codes, stratumCount: strata.sizes.length };
}

/** Finds the rows of questions and their columns; one for the process. */
export class AnalysisFrames {
  readonly columns: EvaluationColumns;
  readonly conditions: RowConditions;

  constructor(columns: EvaluationColumns) {
    this.columns = columns;
    this.conditions = new RowConditions(columns);
  }

  /**
   * The rows of a question. O(n) an attribute the first time, then a look-up.
   *
   * @throws {ServiceError} NOT_FOUND, BAD_USER_INPUT (attribute, level, bins, unit)
   */
  async rows(question: Question): Promise<AnalysisRows> {
    checkQuestion(question);
    const plan = await this.columns.plan(question.evaluation);
    const { unit, by, bins } = question;
    const version = plan.evaluation.datasetVersionId;
    const scope = scopeOf(plan, question);
    const key = `${scope}/${JSON.stringify([by, binsOf(by, bins)])}`;
    const [units, patients, inside] = await Promise.all([
      this.#units(plan, unit),
      this.columns.units(plan, "patient"),
      this.conditions.inside(plan, question, scope),
    ]);
    const strata = await this.#strata(plan, question, key, units, inside);
    const people = await this.#people(plan, units, patients, `${version}/${unit}`);
    const remarks: string[] = [];
    if (patients === undefined)
      remarks.push("The source names no patients: every row counts as independent.");
    if (units !== undefined && units.count > units.named) {
      remarks.push(`${units.count - units.named} images name no ${unit}: each is one of its own.`);
    }
    const count = units?.count ?? plan.evaluation.imageCount;
    return { plan, key, count, strata, ...people, remarks };
  }

  /** Scores and truth of some classes over the rows of a question; those of a group come in one statement. */
  async classRows(
    rows: AnalysisRows,
    question: Question,
    classIndexes: readonly number[],
  ): Promise<ClassRows[]> {
    const { plan } = rows;
    const [orders, truths] = await Promise.all([
      this.columns.orders(plan, classIndexes),
      this.columns.truths(plan, classIndexes),
    ]);
    return Promise.all(
      classIndexes.map((classIndex, i) => {
        // Safe: one order and one truth per class index.
        const [order, labels] = [orders[i] as ScoreOrder, truths[i] as Uint8Array];
        return question.unit === "image"
          ? { order, labels, labelConflicts: 0 }
          : this.#unitClass(plan, question, classIndex, order, labels);
      }),
    );
  }

  /** Distinct patients behind every stratum of a class, cached; undefined when the source names none. */
  patientCounts(
    rows: AnalysisRows,
    classIndex: number,
    column: ClassRows,
  ): Promise<readonly PatientCounts[] | undefined> {
    const { patients, plan, key } = rows;
    if (patients === undefined) return Promise.resolve(undefined);
    return this.columns.cache.get(
      `counts/${plan.evaluation.id}/${classIndex}/${key}`,
      (counts) => 40 * counts.length,
      async () => countPatients(stratifiedRows(rows, column), patients),
    );
  }

  async #units(plan: EvaluationPlan, unit: Question["unit"]): Promise<UnitColumn | undefined> {
    if (unit === "image") return undefined;
    const units = await this.columns.units(plan, unit);
    if (units !== undefined) return units;
    throw badInput(
      `Expected a dataset version that names every ${unit}, got one that does not; ask for the unit IMAGE`,
    );
  }

  async #strata(
    plan: EvaluationPlan,
    { by, bins }: Question,
    key: string,
    units: UnitColumn | undefined,
    inside: Uint8Array | undefined,
  ): Promise<Strata> {
    return this.columns.cache.get(`strata/${key}`, strataBytes, async () => {
      const infos = by.flatMap((name) => plan.attributes.get(name) ?? []);
      // All at once, so that the levels below find them in memory.
      await this.columns.allValues(infos.filter(({ kind }) => kind === "category" || kind === "number"));
      const columns = await Promise.all(by.map((name) => this.conditions.levels(plan, name, bins)));
      if (units === undefined) return combineStrata(plan.evaluation.imageCount, columns, inside);
      const ofUnits = columns.map((column) => unitLevels(column, units, inside));
      return combineStrata(units.count, ofUnits, inside && unitsInside(units, inside));
    });
  }

  async #people(
    plan: EvaluationPlan,
    units: UnitColumn | undefined,
    patients: UnitColumn | undefined,
    key: string,
  ): Promise<Pick<AnalysisRows, "patients" | "clusters">> {
    return this.columns.cache.get(
      `people/${key}`,
      ({ clusters, patients: groups }) =>
        clusters.ordinals.byteLength + (groups ? groups.rows.byteLength + groups.starts.byteLength : 0),
      async () => {
        if (patients === undefined) {
          const count = units?.count ?? plan.evaluation.imageCount;
          return {
            patients: undefined,
            clusters: { ordinals: Uint32Array.from({ length: count }, (_, row) => row), count },
          };
        }
        const ordinals = units === undefined ? patients.ordinals : patientOfUnits(units, patients);
        // Rows of unknown patients count as one patient together: a count may understate, never overstate.
        const counted = ordinals.map((patient) => Math.min(patient, patients.named));
        return {
          patients: groupRows(counted, patients.named + 1),
          clusters: { ordinals, count: patients.count },
        };
      },
    );
  }

  #unitClass(
    plan: EvaluationPlan,
    question: Question,
    classIndex: number,
    order: ScoreOrder,
    labels: Uint8Array,
  ): Promise<ClassRows> {
    const { unit } = question;
    const scope = scopeOf(plan, question);
    const key = `means/${plan.evaluation.id}/${classIndex}/${scope}`;
    return this.columns.cache.get(
      key,
      (rows) => orderBytes(rows.order) + rows.labels.byteLength,
      async () => {
        const units = await this.#units(plan, unit);
        const inside = await this.conditions.inside(plan, question, scope);
        const { ordinals, count } = units ?? { ordinals: new Uint32Array(0), count: 0 };
        const means = aggregateByUnit({
          scores: order.scores,
          labels,
          units: ordinals,
          unitCount: count,
          strata: inside && Uint16Array.from(inside, (bit) => 1 - bit),
          stratumCount: 1,
        });
        return {
          order: await sortScores(means.scores),
          labels: means.labels,
          labelConflicts: means.labelConflicts,
        };
      },
    );
  }
}

function unitsInside(units: UnitColumn, inside: Uint8Array): Uint8Array {
  const mask = new Uint8Array(units.count);
  // `!`: one ordinal a row.
  for (let row = 0; row < inside.length; row += 1) if (inside[row] === 1) mask[units.ordinals[row]!] = 1;
  return mask;
}

/** The patient of each unit's first image. */
function patientOfUnits(units: UnitColumn, patients: UnitColumn): Uint32Array {
  const found = new Uint32Array(units.count);
  // Backwards, so that the first image has the last word. `!`: one ordinal a row.
  for (let row = units.ordinals.length - 1; row >= 0; row -= 1)
    found[units.ordinals[row]!] = patients.ordinals[row]!;
  return found;
}

/** Names the rows of a question, whatever they are divided by. */
function scopeOf({ evaluation }: EvaluationPlan, { unit, where, bins }: Question): string {
  const attributes = where.map(({ attribute }) => attribute);
  return `${evaluation.datasetVersionId}/${unit}/${JSON.stringify([where.map(normalPredicate), binsOf(attributes, bins)])}`;
}

function normalPredicate({ attribute, in: levels, gte, lt }: AttributePredicate) {
  return [attribute, levels ?? null, gte ?? null, lt ?? null];
}

/** The bins that a list of attributes makes use of, in one order. */
function binsOf(names: readonly string[], bins: Question["bins"]) {
  return bins
    .filter(({ attribute }) => names.includes(attribute))
    .map(({ attribute, edges }) => [attribute, edges] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function strataBytes({ codes, levels }: Strata): number {
  return (codes?.byteLength ?? 0) + 100 * levels.length;
}
