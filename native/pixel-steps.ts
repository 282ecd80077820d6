import { KernelError, requireObject, shown } from "./errors.ts";
import { own, requireArray } from "./ownership.ts";

/** What replaces pixels: a value (0 is black), the image's mean, or normal noise of the image's mean and deviation. */
export type Fill =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "mean" }
  | { readonly kind: "noise"; readonly seed: number };

/** A rectangle of pixels inside an image. */
export interface Rectangle {
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
}

/** Whether the marked pixels are kept and all others filled, or they are filled themselves. */
export type Keep = "keep" | "remove";

/** One step of a chain; numbers are in the units of the pixels at that point. */
export type PixelStep =
  /** pixel * slope + intercept: brings integers to a scale, or normalises by (1 / sd, -mean / sd). */
  | { readonly kind: "rescale"; readonly slope: number; readonly intercept: number }
  /** Into [low, high]; either may be infinite. */
  | { readonly kind: "clip"; readonly low: number; readonly high: number }
  /** Adds normal noise; an image's noise depends on the seed and the image's number alone. */
  | { readonly kind: "noise"; readonly deviation: number; readonly seed: number }
  /** Gaussian blur within the image, deviation in pixels, as scipy.ndimage.gaussian_filter. */
  | { readonly kind: "blur"; readonly deviation: number }
  /** Bilinear; antialiased like Pillow unless told otherwise. */
  | { readonly kind: "resize"; readonly rows: number; readonly cols: number; readonly antialias?: boolean }
  /** Down to side x side (antialiased) and back to the size it had. */
  | { readonly kind: "reduce"; readonly side: number }
  /** Mean 0 and standard deviation 1 per image; a constant image becomes 0. */
  | { readonly kind: "standardise" }
  | { readonly kind: "crop"; readonly rectangle: Rectangle }
  | { readonly kind: "patch"; readonly mode: Keep; readonly rectangle: Rectangle; readonly fill: Fill }
  /** Any of these rectangles, at most 256; they may overlap. */
  | {
      readonly kind: "patches";
      readonly mode: Keep;
      readonly rectangles: readonly Rectangle[];
      readonly fill: Fill;
    }
  /** Tile `index` (row by row) of a grid x grid; the tiles cover the image, or with `legacy` are floor(side / grid). */
  | {
      readonly kind: "tile";
      readonly mode: Keep;
      readonly grid: number;
      readonly index: number;
      readonly fill: Fill;
      readonly legacy?: boolean;
    }
  /** A rectangle of this size at a place drawn per image. */
  | {
      readonly kind: "random-patch";
      readonly mode: Keep;
      readonly rows: number;
      readonly cols: number;
      readonly fill: Fill;
      readonly seed: number;
    }
  /** Pixels where the bitmap is not 0: one bitmap for all images, or one for each. */
  | { readonly kind: "bitmap"; readonly mode: Keep; readonly bitmap: Uint8Array; readonly fill: Fill }
  /** Copies of the grey image, each (pixel - mean) / deviation; the last step. */
  | {
      readonly kind: "planes";
      readonly planes: readonly { readonly mean: number; readonly deviation: number }[];
    };

/** ImageNet's means and deviations of pixels in [0, 1], for the `planes` step. */
export const imageNetPlanes = [
  { mean: 0.485, deviation: 0.229 },
  { mean: 0.456, deviation: 0.224 },
  { mean: 0.406, deviation: 0.225 },
] as const;

/** A chain as the addon reads it, and the shape of what it leaves. */
export interface EncodedSteps {
  readonly numbers: Float64Array;
  readonly bitmaps: readonly Uint8Array[];
  readonly planes: number;
  readonly rows: number;
  readonly cols: number;
  /** No step changes the size of an image or copies it into planes. */
  readonly keepsPlace: boolean;
  /** Every step only puts a value in place of pixels. */
  readonly onlyValues: boolean;
}

const MAX_SIDE = 32_768;
const MAX_PLANES = 16;
const MAX_RECTANGLES = 256;

/**
 * Checks every step against the size of the images it gets.
 *
 * @throws {KernelError} BAD_PARAMETER for a step that cannot be done; BAD_BUFFER, BAD_BUFFER_LENGTH for a bitmap.
 */
export function encodeSteps(
  steps: readonly PixelStep[],
  shape: { count: number; rows: number; cols: number },
): EncodedSteps {
  requireObject("steps", steps, "array");
  const chain = new ChainEncoder(shape.count, shape.rows, shape.cols);
  for (const step of steps) chain.add(step);
  const onlyValues = steps.every((step) => "fill" in step && step.fill.kind === "value");
  return { ...chain.finish(), onlyValues };
}

class ChainEncoder {
  readonly #count: number;
  #rows: number;
  #cols: number;
  #planes = 0;
  #keepsPlace = true;
  readonly #numbers: number[] = [];
  readonly #bitmaps: Uint8Array[] = [];

  constructor(count: number, rows: number, cols: number) {
    this.#count = count;
    this.#rows = rows;
    this.#cols = cols;
  }

  finish(): Omit<EncodedSteps, "onlyValues"> {
    return {
      numbers: Float64Array.from(this.#numbers),
      bitmaps: this.#bitmaps,
      planes: Math.max(1, this.#planes),
      rows: this.#rows,
      cols: this.#cols,
      keepsPlace: this.#keepsPlace,
    };
  }

  add(step: PixelStep): this {
    requireObject("a step", step);
    if (this.#planes > 0) refuse("planes as the last step", shown(step.kind), "move it to the end");
    switch (step.kind) {
      case "rescale":
        return this.#write(0, finite("slope", step.slope), finite("intercept", step.intercept));
      case "clip":
        return this.#clip(step.low, step.high);
      case "noise":
        return this.#write(2, atLeast0("deviation", step.deviation), seedOf(step.seed));
      case "blur":
        return this.#write(3, within("deviation", step.deviation, 0, 1000));
      case "resize":
        return this.#resize(step.rows, step.cols, step.antialias ?? true);
      case "reduce": {
        const [rows, cols] = [this.#rows, this.#cols];
        this.#resize(step.side, step.side, true);
        return this.#resize(rows, cols, true);
      }
      case "standardise":
        return this.#write(5);
      case "crop":
        this.#write(6, ...this.#rectangle(step.rectangle));
        return this.#setSize(step.rectangle.rows, step.rectangle.cols);
      case "patch":
        return this.#write(7, ...this.#rectangle(step.rectangle), modeOf(step.mode), ...fillOf(step.fill));
      case "patches":
        return this.#patches(step.rectangles).#write(modeOf(step.mode), ...fillOf(step.fill));
      case "tile":
        return this.#write(
          7,
          ...this.#rectangle(tileOf(step, this.#rows, this.#cols)),
          modeOf(step.mode),
          ...fillOf(step.fill),
        );
      case "random-patch": {
        const { rows, cols } = step;
        this.#rectangle({ row: 0, col: 0, rows, cols });
        return this.#write(8, rows, cols, modeOf(step.mode), ...fillOf(step.fill), seedOf(step.seed));
      }
      case "bitmap":
        return this.#write(9, this.#bitmap(step.bitmap), modeOf(step.mode), ...fillOf(step.fill));
      case "planes":
        return this.#addPlanes(step.planes);
      default:
        // Only JavaScript gets here.
        refuse("a known kind of step", shown((step as { kind?: unknown }).kind), "see PixelStep");
    }
  }

  #write(...numbers: number[]): this {
    this.#numbers.push(...numbers);
    return this;
  }

  #clip(low: number, high: number): this {
    const bounds = [bound("low", low), bound("high", high)];
    if (low > high) refuse("low not above high", `${low} and ${high}`, "swap them");
    return this.#write(1, ...bounds);
  }

  #setSize(rows: number, cols: number): this {
    this.#rows = rows;
    this.#cols = cols;
    this.#keepsPlace = false;
    return this;
  }

  #resize(rows: number, cols: number, antialias: boolean): this {
    this.#write(4, whole("rows", rows, 1, MAX_SIDE), whole("cols", cols, 1, MAX_SIDE), antialias ? 1 : 0);
    return this.#setSize(rows, cols);
  }

  #rectangle(rectangle: Rectangle): number[] {
    requireObject("a rectangle", rectangle);
    const { row, col, rows, cols } = rectangle;
    whole("row", row, 0, this.#rows - 1);
    whole("col", col, 0, this.#cols - 1);
    whole("rows", rows, 1, this.#rows - row);
    whole("cols", cols, 1, this.#cols - col);
    return [row, col, rows, cols];
  }

  #bitmap(bitmap: Uint8Array): number {
    requireArray(bitmap, ["Uint8Array"]);
    const size = this.#rows * this.#cols;
    if (bitmap.length !== size && bitmap.length !== size * this.#count) {
      throw new KernelError(
        "BAD_BUFFER_LENGTH",
        `Expected a bitmap of ${size} entries (${this.#rows} x ${this.#cols}), or one for each image, got ${bitmap.length}; make it for the size at that step`,
      );
    }
    return this.#bitmaps.push(own(bitmap, ["Uint8Array"])) - 1;
  }

  #patches(rectangles: readonly Rectangle[]): this {
    requireObject("rectangles", rectangles, "array");
    whole("number of rectangles", rectangles.length, 0, MAX_RECTANGLES);
    return this.#write(11, rectangles.length, ...rectangles.flatMap((each) => this.#rectangle(each)));
  }

  #addPlanes(planes: readonly { readonly mean: number; readonly deviation: number }[]): this {
    requireObject("planes", planes, "array");
    whole("number of planes", planes.length, 1, MAX_PLANES);
    this.#write(10, planes.length);
    for (const plane of planes) {
      requireObject("a plane", plane);
      const { mean, deviation } = plane;
      if (deviation === 0) refuse("a deviation other than 0", "0", "leave it at 1");
      const slope = finite("1 / deviation", 1 / finite("deviation", deviation));
      this.#write(slope, finite("mean / deviation", -finite("mean", mean) / deviation));
    }
    this.#planes = planes.length;
    this.#keepsPlace = false;
    return this;
  }
}

/**
 * Where a tile lies; with `legacy` all are floor(side / grid) and the last rows and columns belong to none.
 *
 * @throws {KernelError} BAD_PARAMETER for a tile that is not in the grid, or a grid finer than the pixels.
 */
export function tileOf(
  { grid, index, legacy }: { grid: number; index: number; legacy?: boolean },
  rows: number,
  cols: number,
): Rectangle {
  whole("rows", rows, 1, MAX_SIDE);
  whole("cols", cols, 1, MAX_SIDE);
  whole("grid", grid, 1, Math.min(rows, cols));
  whole("index", index, 0, grid * grid - 1);
  const [down, across] = [Math.floor(index / grid), index % grid];
  const edge = (k: number, side: number) =>
    legacy ? k * Math.floor(side / grid) : Math.floor((k * side) / grid);
  const [row, col] = [edge(down, rows), edge(across, cols)];
  return { row, col, rows: edge(down + 1, rows) - row, cols: edge(across + 1, cols) - col };
}

function fillOf(fill: Fill): number[] {
  requireObject("a fill", fill);
  if (fill.kind === "value") return [0, finite("value", fill.value), 0];
  if (fill.kind === "mean") return [1, 0, 0];
  if (fill.kind === "noise") return [2, 0, seedOf(fill.seed)];
  return refuse(
    "a fill of kind value, mean or noise",
    shown((fill as { kind?: unknown }).kind),
    "choose one",
  );
}

function modeOf(mode: Keep): number {
  if (mode !== "keep" && mode !== "remove") refuse("keep or remove", shown(mode), "choose one");
  return mode === "keep" ? 1 : 0;
}

function seedOf(seed: number): number {
  return whole("seed", seed, 0, Number.MAX_SAFE_INTEGER);
}

function finite(name: string, value: number): number {
  return within(name, value, -3e38, 3e38);
}

/** A bound of a range, which may be open. */
function bound(name: string, value: number): number {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY
    ? value
    : finite(name, value);
}

function atLeast0(name: string, value: number): number {
  return within(name, value, 0, 3e38);
}

function within(name: string, value: number, low: number, high: number): number {
  if (typeof value === "number" && value >= low && value <= high) return value;
  return refuse(`${name} to be a number from ${low} to ${high}`, shown(value), "change it");
}

function whole(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  return refuse(`${name} to be a whole number from ${low} to ${high}`, shown(value), "change it");
}

function refuse(expected: string, got: string, advice: string): never {
  throw new KernelError("BAD_PARAMETER", `Expected ${expected}, got ${got}; ${advice}`);
}
