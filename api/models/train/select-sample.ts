import { RandomStream, shuffled } from "../../../compute/index.ts";
import type { Database } from "../../db/client.ts";
import { badInput, checkQuestion } from "../../metrics/question.ts";
import { RowConditions } from "../../metrics/row-conditions.ts";
import { type LevelColumn, UNKNOWN_LEVEL } from "../../metrics/strata.ts";
import type { SplitPart } from "../../predictions/evaluate/evaluation-params.ts";
import { UnstoredColumns } from "../../predictions/evaluate/unstored-columns.ts";
import type { EvaluationPlan, UnitColumn } from "../../predictions/evaluation-columns.ts";
import { jointStrata } from "./joint-strata.ts";
import type { TrainingParams } from "./training-params.ts";

/** Why an image that was asked for takes no part, beside what is wrong with its file. */
export const leftOutReasons = {
  NO_LABEL: "What is learnt is not known of it.",
  OTHER_CLASS: "It is of a level that none of the classes stands for.",
  NO_PATIENT: "Its patient is not known, so it could lie on both sides of a division by patient.",
  NO_STRATUM: "An attribute that sampling evens out is not known of it; of training images only.",
  NOT_IN_EVERY_CLASS:
    "No training image of some other class is like it in the attributes that sampling matches; of training images only.",
  NO_FILE: "It has no file.",
} as const satisfies Readonly<Record<string, string>>;

/** The images of a training, in ascending order of ordinal; all columns are of one length. */
export interface TrainingSample {
  readonly ordinals: Uint32Array;
  /** 1 of a validation image, 0 of a training image. */
  readonly isValidation: Uint8Array;
  /** Of exclusive classes the class; of many labels n times the classes: 1, 0, or -1 for unknown. */
  readonly targets: Int16Array;
  readonly patients: Uint32Array;
  /** A number for the levels together that sampling evens out; undefined without any. */
  readonly strata: Uint32Array | undefined;
  readonly training: PartCount;
  readonly validation: PartCount;
  /** Images asked for that take no part, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** What one side of a training holds. */
export interface PartCount {
  readonly images: number;
  /** Null: the source names no patients. */
  readonly patients: number | null;
  /** Images of each class. */
  readonly classes: Readonly<Record<string, number>>;
}

const COLUMN_BYTES = 256 * 2 ** 20;
const TRAINING = 0;
const VALIDATION = 1;
const NEITHER = 255;

/**
 * Finds the images that a training learns from and is looked at with, what is true of each, and why others take no part.
 *
 * @param plan - with the task of the training in its evaluation's place
 * @throws {ServiceError} BAD_USER_INPUT: no image, a class without a training image, or a patient on both sides
 */
export async function selectSample(
  database: Database,
  plan: EvaluationPlan,
  params: TrainingParams,
): Promise<TrainingSample> {
  const columns = new UnstoredColumns(database, plan, [], COLUMN_BYTES);
  const conditions = new RowConditions(columns);
  checkQuestion({ by: [], where: params.where, bins: [] });
  const question = { evaluation: 0, by: [], where: params.where, bins: [], unit: "image" } as const;
  const inside = await conditions.inside(plan, question, "training");
  const levels = (name: string) => conditions.levels(plan, name, []);
  const partMask = async ({ name, part }: SplitPart) => maskOf(await levels(`split:${name}`), part);
  const { training, validation, heldOut, strata, recipe, attribute } = params;
  const truths = await columns.truths(
    plan,
    params.classes.map((_, index) => index),
  );
  const label = recipe.task === "multilabel" ? undefined : await levels(attribute);
  const units = await columns.units(plan, "patient");
  const sides = new Uint8Array(plan.evaluation.imageCount);
  const masks = {
    training: training && (await partMask(training)),
    validation:
      validation.kind === "part"
        ? await partMask(validation.part)
        : validation.kind === "fold"
          ? await partMask(validation.split)
          : null,
    // A fold is of all patients: only what would be learnt from without it is for validation.
    within: validation.kind === "fold",
    heldOut: heldOut && (await partMask(heldOut.split)),
  };
  for (let row = 0; row < sides.length; row += 1) sides[row] = sideOf(masks, inside, row);
  const sampler = new Sampler(sides, units);
  if (validation.kind === "share" || validation.kind === "fold" || heldOut !== null)
    sampler.leaveOutStrangers();
  sampler.leaveOutUnlabelled(truths, recipe.task, label);
  if (validation.kind === "share") sampler.drawValidation(validation.share, validation.seed);
  const stratumColumns = await Promise.all((strata ?? []).map(levels));
  const isMatched = recipe.sampling.kind === "matched-strata";
  const stratum = stratumColumns.length === 0 ? undefined : jointStrata(stratumColumns);
  // To be matched, what is not known of an image is a level of its own, alike in all classes.
  if (stratum !== undefined && isMatched) sampler.leaveOutUnmatched(stratum, truths);
  else for (const column of stratumColumns) sampler.leaveOutUnknown(column);
  sampler.requireDisjoint();
  return sampler.sample(
    truths,
    recipe.task,
    params.classes.map(({ name }) => name),
    stratum,
  );
}

/** 1 where a row has this level. */
function maskOf({ levels, codes }: LevelColumn, level: string): Uint8Array {
  const wanted = levels.indexOf(level);
  return Uint8Array.from(codes, (code) => (code === wanted ? 1 : 0));
}

function sideOf(
  masks: { readonly [Name in "training" | "validation" | "heldOut"]: Uint8Array | null } & {
    readonly within: boolean;
  },
  inside: Uint8Array | undefined,
  row: number,
): number {
  if (inside?.[row] === 0 || masks.heldOut?.[row] === 1) return NEITHER;
  const isTraining = (masks.training?.[row] ?? 1) === 1;
  if (masks.validation?.[row] === 1 && (isTraining || !masks.within)) return VALIDATION;
  return isTraining ? TRAINING : NEITHER;
}

/** The images of a version while it is decided which of them take part; every loop is over its rows. */
class Sampler {
  readonly #sides: Uint8Array;
  readonly #units: UnitColumn | undefined;
  readonly #leftOut: Record<string, number> = {};

  constructor(sides: Uint8Array, units: UnitColumn | undefined) {
    this.#sides = sides;
    this.#units = units;
  }

  leaveOutStrangers(): void {
    const { ordinals, named } = this.#units ?? {};
    if (ordinals === undefined || named === undefined) return;
    this.#leaveOut((row) => (ordinals[row]! >= named ? "NO_PATIENT" : undefined)); // safe: a value a row
  }

  leaveOutUnlabelled(
    truths: readonly Uint8Array[],
    task: TrainingParams["recipe"]["task"],
    label: LevelColumn | undefined,
  ): void {
    const unknown = label?.levels.indexOf(UNKNOWN_LEVEL);
    this.#leaveOut((row) => {
      if (task === "multilabel") {
        return truths.every((truth) => truth[row]! > 1) ? "NO_LABEL" : undefined; // safe: a value a row
      }
      if (truths.some((truth) => truth[row] === 1)) return undefined;
      return label?.codes[row] === unknown ? "NO_LABEL" : "OTHER_CLASS";
    });
  }

  leaveOutUnknown({ levels, codes }: LevelColumn): void {
    const unknown = levels.indexOf(UNKNOWN_LEVEL);
    this.#leaveOut((row) =>
      this.#sides[row] === TRAINING && codes[row] === unknown ? "NO_STRATUM" : undefined,
    );
  }

  /** Keeps training images of those strata alone that every class has. */
  leaveOutUnmatched(stratum: Uint32Array, truths: readonly Uint8Array[]): void {
    const classesOf = new Map<number, Set<number>>();
    const classOf = (row: number) => truths.findIndex((truth) => truth[row] === 1);
    for (let row = 0; row < this.#sides.length; row += 1) {
      if (this.#sides[row] !== TRAINING) continue;
      const code = stratum[row]!; // safe: a value a row
      classesOf.set(code, (classesOf.get(code) ?? new Set()).add(classOf(row)));
    }
    this.#leaveOut((row) =>
      this.#sides[row] === TRAINING && classesOf.get(stratum[row]!)?.size !== truths.length // safe: as above
        ? "NOT_IN_EVERY_CLASS"
        : undefined,
    );
  }

  /** Moves the images of a share of the training patients, one at least, to the other side. */
  drawValidation(share: number, seed: number): void {
    const unitOf = (row: number) => this.#units?.ordinals[row] ?? row;
    const present = new Set<number>();
    for (let row = 0; row < this.#sides.length; row += 1) {
      if (this.#sides[row] === TRAINING) present.add(unitOf(row));
    }
    const units = Uint32Array.from(present).sort();
    const order = shuffled(units.length, new RandomStream(seed, 0));
    const count = Math.max(1, Math.round(share * units.length));
    const chosen = new Set(Array.from(order.subarray(0, count), (place) => units[place]));
    for (let row = 0; row < this.#sides.length; row += 1) {
      if (this.#sides[row] === TRAINING && chosen.has(unitOf(row))) this.#sides[row] = VALIDATION;
    }
  }

  requireDisjoint(): void {
    const units = this.#units;
    if (units === undefined) return;
    const seen = new Uint8Array(units.named);
    for (let row = 0; row < this.#sides.length; row += 1) {
      const unit = units.ordinals[row]!; // safe: a value a row
      const side = this.#sides[row]!; // safe: as above
      if (side !== NEITHER && unit < units.named) seen[unit]! |= 1 << side;
    }
    const both = seen.reduce((count, sides) => count + Number(sides === 3), 0);
    if (both === 0) return;
    throw badInput(
      `Expected no patient both among training and validation images, got ${both}; draw validation patients with validationShare`,
    );
  }

  sample(
    truths: readonly Uint8Array[],
    task: TrainingParams["recipe"]["task"],
    classes: readonly string[],
    stratum: Uint32Array | undefined,
  ): TrainingSample {
    const rows = rowsWhere(this.#sides, (side) => side !== NEITHER);
    const isValidation = Uint8Array.from(rows, (row) => this.#sides[row]!); // safe: a value a row; VALIDATION is 1
    const unitOf = (row: number) => this.#units?.ordinals[row] ?? row;
    const sample = {
      ordinals: rows,
      isValidation,
      targets: targetsOf(truths, task, rows),
      patients: Uint32Array.from(rows, unitOf),
      strata: stratum && Uint32Array.from(rows, (row) => stratum[row]!), // safe: a value a row
      training: this.#count(rows, TRAINING, truths, classes),
      validation: this.#count(rows, VALIDATION, truths, classes),
      leftOut: this.#leftOut,
    };
    if (sample.training.images === 0) {
      throw badInput(`Expected images to learn from, got none; left out: ${JSON.stringify(this.#leftOut)}`);
    }
    const empty = Object.entries(sample.training.classes).find(([, images]) => images === 0);
    if (empty !== undefined) {
      throw badInput(`Expected training images of every class, got none of "${empty[0]}"; name the classes`);
    }
    return sample;
  }

  #count(
    rows: Uint32Array,
    side: number,
    truths: readonly Uint8Array[],
    classes: readonly string[],
  ): PartCount {
    const mine = rows.filter((row) => this.#sides[row] === side);
    const units = this.#units;
    return {
      images: mine.length,
      patients: units === undefined ? null : new Set(Array.from(mine, (row) => units.ordinals[row])).size,
      classes: Object.fromEntries(
        classes.map((name, index) => [
          name,
          mine.reduce((count, row) => count + Number(truths[index]?.[row] === 1), 0),
        ]),
      ),
    };
  }

  #leaveOut(reasonOf: (row: number) => keyof typeof leftOutReasons | undefined): void {
    for (let row = 0; row < this.#sides.length; row += 1) {
      if (this.#sides[row] === NEITHER) continue;
      const reason = reasonOf(row);
      if (reason === undefined) continue;
      this.#sides[row] = NEITHER;
      this.#leftOut[reason] = (this.#leftOut[reason] ?? 0) + 1;
    }
  }
}

function targetsOf(
  truths: readonly Uint8Array[],
  task: TrainingParams["recipe"]["task"],
  rows: Uint32Array,
): Int16Array {
  if (task === "exclusive") {
    return Int16Array.from(rows, (row) => truths.findIndex((truth) => truth[row] === 1));
  }
  const targets = new Int16Array(rows.length * truths.length);
  for (const [place, row] of rows.entries()) {
    for (const [index, truth] of truths.entries()) {
      const label = truth[row]!; // safe: a value a row
      targets[place * truths.length + index] = label > 1 ? -1 : label;
    }
  }
  return targets;
}

function rowsWhere(sides: Uint8Array, isWanted: (side: number) => boolean): Uint32Array {
  const found: number[] = [];
  for (let row = 0; row < sides.length; row += 1) if (isWanted(sides[row]!)) found.push(row); // safe: row < length
  return Uint32Array.from(found);
}
