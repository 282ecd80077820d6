import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, env, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { KernelError } from "./errors.ts";

/** The functions of the compiled addon, as src/addon/exports.h describes them. */
export interface Binding {
  readonly abi: number;
  /** Names of the instruction sets this machine runs, slowest first. */
  readonly instructionSets: readonly string[];
  filterFrequencies(
    images: Float32Array,
    count: number,
    rows: number,
    cols: number,
    filters: Float64Array,
    output: Float32Array,
    threads: number,
    instructionSet: number,
  ): Promise<Float32Array>;
  runPixelChain(
    source: Uint8Array | Uint16Array | Float32Array,
    count: number,
    rows: number,
    cols: number,
    steps: Float64Array,
    bitmaps: readonly Uint8Array[],
    imageNumbers: Uint32Array,
    output: Float32Array,
    threads: number,
    instructionSet: number,
    now: boolean,
  ): Promise<Float32Array> | Float32Array;
  adviseLargePages(array: ArrayBufferView): void;
  pixelFeatures(
    images: Float32Array,
    count: number,
    rows: number,
    cols: number,
    bins: number,
    low: number,
    high: number,
    output: Float32Array,
    threads: number,
  ): Promise<Float32Array>;
  sortScores(scores: Float32Array | Float64Array): Promise<OrderHandle>;
  readOrder(order: OrderHandle, rows: Uint32Array, tiedWithNext: Uint8Array): void;
  missingRows(order: OrderHandle): Uint32Array;
  stratifiedAuc(
    scores: Float32Array | Float64Array | OrderHandle,
    labels: Uint8Array,
    strata: Uint16Array | Uint32Array,
    stratumCount: number,
    output: Float64Array,
  ): Promise<Float64Array>;
  pairedAuc(
    first: Float32Array | Float64Array | OrderHandle,
    second: Float32Array | Float64Array | OrderHandle,
    labels: Uint8Array,
    strata: Uint16Array | Uint32Array,
    stratumCount: number,
    output: Float64Array,
  ): Promise<Float64Array>;
  rocSteps(
    scores: Float32Array | Float64Array | OrderHandle,
    labels: Uint8Array,
    strata: Uint16Array | Uint32Array,
    stratumCount: number,
    stratum: number,
    output: Uint32Array,
  ): Promise<Uint32Array>;
  planBootstrap(
    orders: readonly OrderHandle[],
    labels: readonly Uint8Array[],
    strata: Uint16Array | Uint32Array,
    stratumCount: number,
    patients: Uint32Array,
    patientCount: number,
  ): Promise<PlanHandle>;
  readPlan(plan: PlanHandle): {
    readonly patientCount: number;
    readonly starts: Uint32Array;
    readonly positivePatients: Uint32Array;
    readonly negativePatients: Uint32Array;
  };
  bootstrapAuc(
    plan: PlanHandle,
    seed: number,
    from: number,
    to: number,
    output: Float64Array,
    threads: number,
  ): Promise<Float64Array>;
}

declare const opaque: unique symbol;
/** What `sortScores` gave: memory of the addon that JavaScript cannot look into, freed with the last use of it. */
export interface OrderHandle {
  readonly [opaque]: "order";
}
/** What `planBootstrap` gave, likewise. */
export interface PlanHandle {
  readonly [opaque]: "plan";
}

/** The version of `Binding` that this code calls. */
const ABI = 3;

let loaded: Binding | undefined;

/**
 * The compiled addon, loaded once per process: `native/build/Release`, then `native/prebuilds`.
 *
 * @throws {KernelError} ADDON_UNAVAILABLE when it was not built or does not load; ADDON_STALE when it was built from
 * other sources.
 */
export function requireBinding(): Binding {
  loaded ??= checked(load(candidates()));
  return loaded;
}

/** What was loaded, for reports. */
export interface AddonReport {
  readonly abi: number;
  /** The fastest instruction set that this machine runs. */
  readonly instructionSet: string;
  readonly file: string;
}

/**
 * Loads the addon where it is not loaded yet, and says what it is.
 *
 * @throws {KernelError} ADDON_UNAVAILABLE, ADDON_STALE: what to do is in the message.
 */
export function requireAddon(): AddonReport {
  const { abi, instructionSets } = requireBinding();
  return { abi, instructionSet: instructionSets.at(-1) ?? "none", file: built(candidates()) ?? "" };
}

/** Where the addon may be, whether this file runs from native/ or from dist/native/; or the build that is being tested. */
function candidates(): string[] {
  const tested = env["STRATUM_NATIVE_ADDON"];
  if (tested !== undefined) return [tested];
  return ["./", "../../native/"].flatMap((folder) =>
    ["build/Release/stratum_native.node", `prebuilds/${platform}-${arch}.node`].map((file) =>
      fileURLToPath(new URL(folder + file, import.meta.url)),
    ),
  );
}

function built(files: readonly string[]): string | undefined {
  return files.find((candidate) => existsSync(candidate));
}

/** @throws {KernelError} ADDON_UNAVAILABLE */
export function load(files: readonly string[]): unknown {
  const file = built(files);
  if (file === undefined) {
    throw new KernelError(
      "ADDON_UNAVAILABLE",
      "Expected the compiled addon, found none; run npm run build:native (needs CMake 3.22 and a C++20 compiler)",
    );
  }
  try {
    return createRequire(import.meta.url)(file);
  } catch (cause) {
    throw new KernelError(
      "ADDON_UNAVAILABLE",
      `Expected an addon for ${platform}-${arch}, got one that does not load; run npm run build:native`,
      { cause },
    );
  }
}

/** @throws {KernelError} ADDON_STALE */
export function checked(addon: unknown): Binding {
  const abi = typeof addon === "object" && addon !== null && "abi" in addon ? addon.abi : undefined;
  if (abi !== ABI) {
    throw new KernelError(
      "ADDON_STALE",
      `Expected an addon of version ${ABI}, got ${String(abi)}; run npm run build:native`,
    );
  }
  return addon as Binding; // the version number stands for the signatures
}
