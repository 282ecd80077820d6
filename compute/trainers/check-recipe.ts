import { ComputeError } from "../errors.ts";
import { architectures } from "../onnx/networks/architectures.ts";
import { requireOptimiser } from "../onnx/training/optimisers.ts";
import type { Schedule, TrainingRecipe } from "./recipe.ts";

/** A number that a recipe holds, and where it must lie. */
interface Bound {
  readonly name: string;
  readonly value: number | undefined;
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
  /** Whether `low` or `high` themselves are out. */
  readonly open?: "low" | "high";
}

const MOST = 1e9;

/**
 * Holds a recipe to what a training can do, before anything is read.
 *
 * @throws {ComputeError} INVALID_PARAM
 */
export function requireRecipe(recipe: TrainingRecipe): void {
  const { classes, classWeights, start, task, schedule } = recipe;
  if (classes.length < (task === "exclusive" ? 2 : 1) || new Set(classes).size !== classes.length) {
    throw invalid("classes of different names, two at least of exclusive ones", `${classes.length}`);
  }
  if (classWeights !== undefined && classWeights.length !== classes.length) {
    throw invalid(`a weight for each of ${classes.length} classes`, `${classWeights.length}`);
  }
  if (start.kind === "architecture" && !Object.hasOwn(architectures, start.name)) {
    throw invalid(`one of the architectures ${Object.keys(architectures).join(", ")}`, "another");
  }
  for (const bound of boundsOf(recipe)) requireWithin(bound);
  if (schedule.kind === "cosine" && (schedule.floor ?? 0) > recipe.learningRate) {
    throw invalid("a floor of at most the learning rate", String(schedule.floor));
  }
  requireOptimiser(recipe.optimiser);
}

function boundsOf(recipe: TrainingRecipe): readonly Bound[] {
  const { augmentation, classWeights = [] } = recipe;
  const count = (name: string, value: number | undefined, high = MOST): Bound => {
    return { name, value, low: 1, high, whole: true };
  };
  return [
    count("batch", recipe.batch, 4_096),
    count("epochs", recipe.epochs, 100_000),
    count("patience", recipe.patience),
    count("checkpointSteps", recipe.checkpointSteps),
    count("stepsPerCall", recipe.stepsPerCall, 1_000),
    { name: "seed", value: recipe.seed, low: 0, high: Number.MAX_SAFE_INTEGER, whole: true },
    { name: "learningRate", value: recipe.learningRate, low: 0, high: 1_000, open: "low" },
    { name: "labelSmoothing", value: recipe.labelSmoothing, low: 0, high: 1, open: "high" },
    { name: "clipNorm", value: recipe.clipNorm, low: 0, high: MOST, open: "low" },
    ...classWeights.map((value): Bound => ({ name: "classWeights", value, low: 0, high: MOST, open: "low" })),
    { name: "flip", value: augmentation.flip, low: 0, high: 1 },
    { name: "rotation", value: augmentation.rotation, low: 0, high: 180 },
    { name: "zoom", value: augmentation.zoom, low: 0, high: 1, open: "high" },
    { name: "crop.leastArea", value: augmentation.crop?.leastArea, low: 0, high: 1, open: "low" },
    { name: "crop.leastRatio", value: augmentation.crop?.leastRatio, low: 0, high: 1, open: "low" },
    ...scheduleBounds(recipe.schedule),
  ];
}

function scheduleBounds(schedule: Schedule): readonly Bound[] {
  const floor = "floor" in schedule ? schedule.floor : undefined;
  const factor = "factor" in schedule ? schedule.factor : undefined;
  const epochs =
    schedule.kind === "step" ? schedule.epochs : schedule.kind === "plateau" ? schedule.patience : undefined;
  return [
    { name: "schedule.floor", value: floor, low: 0, high: 1_000 },
    { name: "schedule.factor", value: factor, low: 0, high: 1, open: "low" },
    { name: "schedule's epochs", value: epochs, low: 1, high: MOST, whole: true },
  ];
}

function requireWithin({ name, value, low, high, whole = false, open }: Bound): void {
  if (value === undefined) return;
  const isWithin = value >= low && value <= high && !(open === "low" && value === low);
  if (isWithin && !(open === "high" && value === high) && (!whole || Number.isInteger(value))) return;
  const kind = whole ? "a whole number" : "a number";
  const ends = open === "low" ? `above ${low}, to ${high}` : `from ${low} to ${open ? "below " : ""}${high}`;
  throw invalid(`${kind} ${ends} as ${name}`, String(value));
}

function invalid(expected: string, got: string): ComputeError {
  return new ComputeError("INVALID_PARAM", `Expected ${expected} in the recipe, got ${got}; change it`);
}
