import { type FrequencyFilter, filterBank, transformPixels } from "../../native/index.ts";
import { brightnessSteps } from "../data/images/brightness.ts";
import type { DecodedImage } from "../data/images/decoded-image.ts";
import { ComputeError } from "../errors.ts";

/** What is drawn of an image. */
export interface FilterSheetOptions {
  /** In frequency bins (pixels of the spectrum), as `low_pass` and `high_pass` take them. */
  readonly radii: readonly number[];
  /** Rings, inner radius below outer. */
  readonly bands?: readonly { readonly inner: number; readonly outer: number }[];
  /** Longer side of the filtered picture; 224 when absent, the study's. */
  readonly size?: number;
  /** Into a square, as models see it (default), or in its own proportions. */
  readonly resize?: SheetResize;
  /** Corrected (default) filters brightness; legacy what the study's code makes of it first. */
  readonly mode?: SheetMode;
}

/** How an image comes to the size. */
export const sheetResizes = ["stretch", "keep"] as const;
export type SheetResize = (typeof sheetResizes)[number];
/** Which of the two definitions of the study's filters. */
export const sheetModes = ["corrected", "legacy"] as const;
export type SheetMode = (typeof sheetModes)[number];

/** One picture of the sheet. */
export interface FilterPanel {
  readonly kind: "original" | FrequencyFilter["kind"];
  /** Radius, or inner and outer; none of the original. */
  readonly radii: readonly number[];
  /** rows * cols bytes as shown. */
  readonly shown: Uint8Array;
  /** What values were multiplied by about grey; undefined where brightness is shown as it is. */
  readonly gain: number | undefined;
}

/** The pictures of a sheet, all of one size. */
export interface FilterPanels {
  readonly rows: number;
  readonly cols: number;
  readonly panels: readonly FilterPanel[];
}

/** ImageNet's first channel, which the study's code filters (after normalisation) and copies into the others. */
const LEGACY = { mean: 0.485, deviation: 0.229 };
const MAX_FLOATS = 64 * 1024 * 1024;
/** Below this share of the brightness range a picture is rounding and not an image. */
const BLANK = 1e-5;
/** The share of the pixels that a gain leaves inside black and white. */
const INSIDE = 0.98;

/**
 * Filters one image with all radii in one call of the addon.
 *
 * @throws {ComputeError} INVALID_PARAM. @throws {KernelError} as `filterBank`.
 */
export async function filterPanels(image: DecodedImage, options: FilterSheetOptions): Promise<FilterPanels> {
  const { radii, bands = [], mode = "corrected" } = options;
  const { rows, cols } = sizeOf(image, options);
  const filters: FrequencyFilter[] = [
    ...(["low", "high"] as const).flatMap((kind) => radii.map((radius) => ({ kind, radius }))),
    ...(["band", "notch"] as const).flatMap((kind) => bands.map((ring) => ({ kind, ...ring }))),
  ];
  requireFilters(filters, rows * cols);
  const { pixels: brightness } = await transformPixels(
    { pixels: image.pixels, count: 1, rows: image.rows, cols: image.cols },
    [...brightnessSteps(image), { kind: "resize", rows, cols }],
  );
  const legacy = mode === "legacy";
  const input = legacy ? brightness.map((value) => (value - LEGACY.mean) / LEGACY.deviation) : brightness;
  const batch = { pixels: input, count: 1, rows, cols };
  const output = filters.length === 0 ? new Float32Array(0) : await filterBank(batch, filters);
  const size = rows * cols;
  const original: FilterPanel = {
    kind: "original",
    radii: [],
    shown: toBytes(brightness, 1, 0),
    gain: undefined,
  };
  const panels = filters.map((filter, index): FilterPanel => {
    const values = output.subarray(index * size, (index + 1) * size);
    // Back in brightness.
    const scale = legacy ? LEGACY.deviation : 1;
    const own = "radius" in filter ? [filter.radius] : [filter.inner, filter.outer];
    if (passesMean(filter, rows, cols)) {
      const shown = toBytes(values, scale, legacy ? LEGACY.mean : 0);
      return { kind: filter.kind, radii: own, shown, gain: undefined };
    }
    const gain = gainOf(values, scale);
    return {
      kind: filter.kind,
      radii: own,
      shown: toBytes(values, scale * gain, legacy ? LEGACY.mean : 0.5),
      gain,
    };
  });
  return { rows, cols, panels: [original, ...panels] };
}

function sizeOf(image: DecodedImage, { size = 224, resize = "stretch" }: FilterSheetOptions) {
  if (!Number.isInteger(size) || size < 8 || size > 4096) {
    throw new ComputeError("INVALID_PARAM", `Expected a size from 8 to 4096 pixels, got ${size}`);
  }
  if (resize === "stretch") return { rows: size, cols: size };
  const scale = size / Math.max(image.rows, image.cols);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { rows: side(image.rows), cols: side(image.cols) };
}

function requireFilters(filters: readonly FrequencyFilter[], pixels: number): void {
  for (const filter of filters) {
    const [inner, outer] = "radius" in filter ? [0, filter.radius] : [filter.inner, filter.outer];
    if (!(inner >= 0 && outer > inner) || !Number.isFinite(outer)) {
      throw new ComputeError(
        "INVALID_PARAM",
        `Expected radii above 0 and bands whose inner radius is below the outer, got ${inner} to ${outer}`,
      );
    }
  }
  if (filters.length * pixels > MAX_FLOATS) {
    throw new ComputeError(
      "INVALID_PARAM",
      `Expected at most ${MAX_FLOATS} filtered pixels, got ${filters.length} pictures of ${pixels}; take fewer radii or a smaller size`,
    );
  }
}

/** Whether the bin of the mean is let through; at odd sizes it lies half a bin beside the centre. */
function passesMean(filter: FrequencyFilter, rows: number, cols: number): boolean {
  const distance = Math.hypot((rows % 2) / 2, (cols % 2) / 2);
  if ("radius" in filter) return distance < filter.radius === (filter.kind === "low");
  const inside = filter.inner <= distance && distance < filter.outer;
  return inside === (filter.kind === "band");
}

/** What brings all but one in 50 pixels (borders ring far beyond the rest) into black and white about grey; 1 for a picture of nothing. */
function gainOf(values: Float32Array, scale: number): number {
  const sizes = values.map((value) => Math.abs(value * scale)).sort();
  const most = sizes[Math.floor(INSIDE * (sizes.length - 1))] ?? 0;
  return most < BLANK ? 1 : 0.5 / most;
}

/** value * factor + offset as a byte, 0 black to 1 white. */
function toBytes(values: Float32Array, factor: number, offset: number): Uint8Array {
  return Uint8Array.from(values, (value) => {
    const brightness = value * factor + offset;
    return Math.round(255 * Math.min(1, Math.max(0, brightness)));
  });
}
