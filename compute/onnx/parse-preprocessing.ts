import { ModelError } from "./model-error.ts";
import {
  type Intensity,
  intensities,
  type Preprocessing,
  type Resizing,
  resizings,
} from "./preprocessing.ts";

/** The metadata_props key under which a model file may carry its own record, as JSON. */
export const PREPROCESSING_KEY = "stratum.preprocessing";
/** Longest side of a model's input. */
export const MOST_SIDE = 4_096;

const keys = ["rows", "cols", "planes", "intensity", "resize", "antialias", "scale", "mean", "deviation"];

/**
 * A preprocessing record from JSON or flags; what is absent is filled in: brightness of the full range, stretched with
 * antialiasing, scale 1, mean 0, deviation 1. A mean or deviation of one number stands for every plane.
 *
 * @throws {ModelError} MODEL_PREPROCESSING_INVALID
 */
export function parsePreprocessing(given: unknown): Preprocessing {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw invalid("an object", given);
  const value = new Map<string, unknown>(Object.entries(given));
  for (const key of value.keys()) if (!keys.includes(key)) throw invalid(`only ${keys.join(", ")}`, key);
  const planes = value.get("planes") ?? 1;
  if (planes !== 1 && planes !== 3) throw invalid("1 or 3 planes", planes);
  const antialias = value.get("antialias") ?? true;
  if (typeof antialias !== "boolean") throw invalid("antialias true or false", antialias);
  return {
    rows: side("rows", value.get("rows")),
    cols: side("cols", value.get("cols")),
    planes,
    intensity: choice<Intensity>("intensity", intensities, value.get("intensity") ?? "full-range"),
    resize: choice<Resizing>("resize", resizings, value.get("resize") ?? "stretch"),
    antialias,
    scale: positive("scale", value.get("scale") ?? 1),
    mean: perPlane("mean", value.get("mean") ?? 0, planes),
    deviation: perPlane("deviation", value.get("deviation") ?? 1, planes).map((d) =>
      positive("deviation", d),
    ),
  };
}

function side(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST_SIDE) return value;
  throw invalid(`${name} from 1 to ${MOST_SIDE}`, value);
}

function choice<Choice extends string>(name: string, choices: readonly Choice[], value: unknown): Choice {
  const found = choices.find((each) => each === value);
  if (found !== undefined) return found;
  throw invalid(`${name} ${choices.join(", ")}`, value);
}

function perPlane(name: string, value: unknown, planes: number): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const all = list.length === 1 ? Array.from({ length: planes }, () => list[0]) : list;
  if (all.length !== planes) throw invalid(`${name} of ${planes} numbers, one a plane`, `${all.length}`);
  return all.map((each) => finite(name, each));
}

function positive(name: string, value: unknown): number {
  const number = finite(name, value);
  if (number > 0) return number;
  throw invalid(`${name} above 0`, value);
}

function finite(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(Math.fround(value))) return value;
  throw invalid(`${name} of finite numbers`, value);
}

function invalid(expected: string, got: unknown): ModelError {
  const shown = typeof got === "string" ? got.replace(/[^\w. -]/g, "?").slice(0, 60) : typeof got;
  return new ModelError(
    "MODEL_PREPROCESSING_INVALID",
    `Expected ${expected} in the preprocessing record, got ${typeof got === "number" ? got : shown}`,
  );
}
