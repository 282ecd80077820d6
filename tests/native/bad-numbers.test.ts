import { describe, expect, test } from "vitest";
import {
  filterBank,
  filterFrequencies,
  imageNetPlanes,
  KernelError,
  type KernelErrorCode,
  pixelFeatures,
  planBootstrap,
  rankAuc,
  rankBootstrap,
  rankPairedAuc,
  rankRocSteps,
  sortScores,
  tileOf,
  transformPixels,
} from "../../native/index.ts";

/** What stands where a number must: never one that will do. */
const noNumbers: readonly unknown[] = [
  ...[Number.NaN, "4", "", null, true, 4n, [], [4], {}, Object.create(null), () => 4, Symbol("four")],
  { valueOf: () => 4 },
];
/** Numbers that are wrong in most places. */
const odd = [
  ...[-1, -0.5, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, -(2 ** 53), 1e300, -1e300, 5e-324],
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE],
];

/** One number of one function's arguments; the others are good. */
interface NumberArgument {
  readonly name: string;
  readonly call: (value: number) => unknown;
  readonly code: KernelErrorCode | ((value: number) => KernelErrorCode);
  /** Which odd numbers will do. */
  readonly takes?: (value: number) => boolean;
  /** Left out, it has a default. */
  readonly optional?: true;
}

const low = { kind: "low", radius: 2 } as const;
const steps = [{ kind: "standardise" }] as const;
const batch = (changed: object = {}) => ({
  pixels: new Float32Array(48),
  count: 1,
  rows: 8,
  cols: 6,
  ...changed,
});
const range = { bins: 4, low: 0, high: 1 };
const imageCalls = {
  filterFrequencies: (changed: object, options = {}) => filterFrequencies(batch(changed), low, options),
  filterBank: (changed: object, options = {}) => filterBank(batch(changed), [low, low], options),
  transformPixels: (changed: object, options = {}) => transformPixels(batch(changed), steps, options),
  pixelFeatures: (changed: object, options = {}) => pixelFeatures(batch(changed), { ...range, ...options }),
};
const rows = { scores: new Float32Array(4), labels: Uint8Array.of(0, 1, 0, 1) };
const order = await sortScores(rows.scores);
const planned = {
  columns: [{ order, labels: rows.labels }],
  patients: Uint32Array.from(rows.labels, (_, row) => row),
  patientCount: rows.labels.length,
};
const plan = await planBootstrap(planned);

const atLeast0 = (value: number) => value >= 0;
const asFloat = (value: number) => Math.abs(value) <= 3e38;
const wholeTo = (most: number) => (value: number) => Number.isInteger(value) && value >= 0 && value <= most;

const filterRadius = (name: string, call: (value: number) => unknown): NumberArgument => ({
  name,
  call,
  code: "BAD_PARAMETER",
  takes: atLeast0,
});
/** A step with one number replaced, found by its path. */
const stepNumber = (
  step: object,
  path: readonly (string | number)[],
  takes: (value: number) => boolean = () => false,
): NumberArgument => ({
  name: `transformPixels ${"kind" in step ? step.kind : ""} ${path.join(".")}`,
  call: (value) => transformPixels(batch(), [replaced(step, path, value) as never]),
  code: "BAD_PARAMETER",
  takes,
});

function replaced(node: unknown, path: readonly (string | number)[], value: number): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy = (Array.isArray(node) ? [...node] : { ...(node as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

const value = { kind: "value", value: 0 } as const;
const noise = { kind: "noise", seed: 1 } as const;
const rectangle = { row: 0, col: 0, rows: 8, cols: 6 };
const seed = wholeTo(Number.MAX_SAFE_INTEGER);

const numberArguments: readonly NumberArgument[] = [
  ...Object.entries(imageCalls).flatMap(([name, call]): NumberArgument[] => [
    {
      name: `${name} count`,
      call: (count) => call({ count }),
      // A whole count is compared with the pixels.
      code: (count) =>
        Number.isSafeInteger(count) && count >= 0 && Number.isSafeInteger(count * 48)
          ? "BAD_BUFFER_LENGTH"
          : "BAD_IMAGE_SHAPE",
    },
    { name: `${name} rows`, call: (side) => call({ rows: side }), code: "BAD_IMAGE_SHAPE" },
    { name: `${name} cols`, call: (side) => call({ cols: side }), code: "BAD_IMAGE_SHAPE" },
    {
      name: `${name} threads`,
      call: (threads) => call({}, { threads }),
      code: "BAD_PARAMETER",
      optional: true,
    },
  ]),
  filterRadius("filterFrequencies radius", (radius) => filterFrequencies(batch(), { kind: "high", radius })),
  filterRadius("filterBank outer", (outer) => filterBank(batch(), [{ kind: "band", inner: 0, outer }])),
  {
    ...filterRadius("filterBank inner", (inner) => filterBank(batch(), [{ kind: "notch", inner, outer: 3 }])),
    takes: (inner) => inner >= 0 && inner <= 3,
  },
  {
    name: "pixelFeatures bins",
    call: (bins) => imageCalls.pixelFeatures({}, { bins }),
    code: "BAD_PARAMETER",
  },
  {
    name: "pixelFeatures low",
    call: (from) => imageCalls.pixelFeatures({}, { low: from }),
    code: "BAD_PARAMETER",
    takes: (from) => from < 1 && asFloat(from),
  },
  {
    name: "pixelFeatures high",
    call: (to) => imageCalls.pixelFeatures({}, { high: to }),
    code: "BAD_PARAMETER",
    takes: (to) => Math.fround(to) > 0 && asFloat(to),
  },
  stepNumber({ kind: "rescale", slope: 1, intercept: 0 }, ["slope"], asFloat),
  stepNumber({ kind: "rescale", slope: 1, intercept: 0 }, ["intercept"], asFloat),
  stepNumber(
    { kind: "clip", low: 0, high: 1 },
    ["low"],
    (bound) => bound <= 1 && (asFloat(bound) || !Number.isFinite(bound)),
  ),
  stepNumber(
    { kind: "clip", low: 0, high: 1 },
    ["high"],
    (bound) => bound >= 0 && (asFloat(bound) || !Number.isFinite(bound)),
  ),
  stepNumber({ kind: "noise", deviation: 1, seed: 1 }, ["deviation"], (d) => d >= 0 && asFloat(d)),
  stepNumber({ kind: "noise", deviation: 1, seed: 1 }, ["seed"], seed),
  stepNumber({ kind: "blur", deviation: 1 }, ["deviation"], (d) => d >= 0 && d <= 1000),
  stepNumber({ kind: "resize", rows: 4, cols: 4 }, ["rows"]),
  stepNumber({ kind: "resize", rows: 4, cols: 4 }, ["cols"]),
  stepNumber({ kind: "reduce", side: 4 }, ["side"]),
  ...(["row", "col", "rows", "cols"] as const).flatMap((side) => [
    stepNumber({ kind: "crop", rectangle }, ["rectangle", side]),
    stepNumber({ kind: "patch", mode: "keep", rectangle, fill: value }, ["rectangle", side]),
    stepNumber({ kind: "patches", mode: "keep", rectangles: [rectangle, rectangle], fill: value }, [
      "rectangles",
      1,
      side,
    ]),
    stepNumber({ kind: "patches", mode: "keep", rectangles: [rectangle, rectangle], fill: value }, [
      "rectangles",
      1,
      side,
    ]),
  ]),
  stepNumber({ kind: "patch", mode: "keep", rectangle, fill: value }, ["fill", "value"], asFloat),
  stepNumber({ kind: "patch", mode: "keep", rectangle, fill: noise }, ["fill", "seed"], seed),
  stepNumber({ kind: "tile", mode: "keep", grid: 3, index: 0, fill: value }, ["grid"]),
  stepNumber({ kind: "tile", mode: "keep", grid: 3, index: 0, fill: value }, ["index"]),
  ...(["rows", "cols"] as const).map((side) =>
    stepNumber({ kind: "random-patch", mode: "keep", rows: 2, cols: 2, fill: value, seed: 1 }, [side]),
  ),
  stepNumber({ kind: "random-patch", mode: "keep", rows: 2, cols: 2, fill: value, seed: 1 }, ["seed"], seed),
  stepNumber({ kind: "planes", planes: imageNetPlanes }, ["planes", 1, "mean"], (mean) =>
    asFloat(mean / 0.224),
  ),
  stepNumber(
    { kind: "planes", planes: imageNetPlanes },
    ["planes", 1, "deviation"],
    (d) => asFloat(d) && asFloat(1 / d),
  ),
  { name: "tileOf grid", call: (grid) => tileOf({ grid, index: 0 }, 8, 6), code: "BAD_PARAMETER" },
  { name: "tileOf index", call: (index) => tileOf({ grid: 3, index }, 8, 6), code: "BAD_PARAMETER" },
  { name: "tileOf rows", call: (side) => tileOf({ grid: 1, index: 0 }, side, 6), code: "BAD_PARAMETER" },
  { name: "tileOf cols", call: (side) => tileOf({ grid: 1, index: 0 }, 8, side), code: "BAD_PARAMETER" },
  ...Object.entries({
    rankAuc: (stratumCount: number) => rankAuc({ ...rows, stratumCount }),
    rankPairedAuc: (stratumCount: number) => rankPairedAuc({ ...rows, stratumCount }, rows.scores),
    rankRocSteps: (stratumCount: number) => rankRocSteps({ ...rows, stratumCount }),
    planBootstrap: (stratumCount: number) => planBootstrap({ ...planned, stratumCount }),
  }).map(
    ([name, call]): NumberArgument => ({
      name: `${name} stratumCount`,
      call,
      code: "BAD_PARAMETER",
      optional: true,
    }),
  ),
  {
    name: "rankRocSteps stratum",
    call: (stratum) => rankRocSteps(rows, stratum),
    code: "BAD_PARAMETER",
    optional: true,
  },
  {
    name: "rankBootstrap seed",
    call: (start) => rankBootstrap(plan, start, 0, 2),
    code: "BAD_PARAMETER",
    takes: Number.isSafeInteger,
  },
  { name: "rankBootstrap from", call: (from) => rankBootstrap(plan, 1, from, 2), code: "BAD_PARAMETER" },
  { name: "rankBootstrap to", call: (to) => rankBootstrap(plan, 1, 2 ** 53 - 2, to), code: "BAD_PARAMETER" },
  {
    name: "planBootstrap patientCount",
    call: (patientCount) => planBootstrap({ ...planned, patientCount }),
    code: "BAD_PARAMETER",
    takes: (count) => Number.isInteger(count) && count >= planned.patientCount && count <= 1e8,
  },
  {
    name: "rankBootstrap threads",
    call: (threads) => rankBootstrap(plan, 1, 0, 2, { threads }),
    code: "BAD_PARAMETER",
    optional: true,
  },
];

/** What a call ends with: a code, "done", or what is no KernelError. */
async function endOf(argument: NumberArgument, number: unknown): Promise<unknown> {
  try {
    await argument.call(number as number); // what JavaScript may pass although the types forbid it
    return "done";
  } catch (error) {
    return error instanceof KernelError ? error.code : error;
  }
}

const shown = (number: unknown) =>
  typeof number === "object" || typeof number === "function" ? "an object" : String(number);

describe.each(numberArguments)("$name", (argument) => {
  const { code, optional, takes = () => false } = argument;
  const codeOf = (number: number) => (typeof code === "string" ? code : code(number));

  test("refuses what is not a number, and nothing where there is no default", async () => {
    for (const number of [...noNumbers, undefined]) {
      const expected = number === undefined && optional ? "done" : codeOf(Number.NaN);
      expect([shown(number), await endOf(argument, number)]).toEqual([shown(number), expected]);
    }
  });

  test("takes the numbers it says it takes, and no other", async () => {
    for (const number of odd) {
      const expected = takes(number) ? "done" : codeOf(number);
      expect([number, await endOf(argument, number)]).toEqual([number, expected]);
    }
  });
});

describe("what is not an object where one must be", () => {
  const bad = undefined as never;
  const cases: readonly (readonly [string, (value: never) => unknown])[] = [
    ["batch", (it) => filterFrequencies(it, low)],
    ["batch of a chain", (it) => transformPixels(it, steps)],
    ["batch of features", (it) => pixelFeatures(it, range)],
    ["filter", (it) => filterFrequencies(batch(), it)],
    ["filters", (it) => filterBank(batch(), it)],
    ["filter of a bank", (it) => filterBank(batch(), [low, it])],
    ["steps", (it) => transformPixels(batch(), it)],
    ["step", (it) => transformPixels(batch(), [it])],
    ["rectangle", (it) => transformPixels(batch(), [{ kind: "crop", rectangle: it }])],
    [
      "rectangles",
      (it) => transformPixels(batch(), [{ kind: "patches", mode: "keep", rectangles: it, fill: value }]),
    ],
    [
      "rectangle of several",
      (it) => transformPixels(batch(), [{ kind: "patches", mode: "keep", rectangles: [it], fill: value }]),
    ],
    ["fill", (it) => transformPixels(batch(), [{ kind: "patch", mode: "keep", rectangle, fill: it }])],
    [
      "rectangles",
      (it) => transformPixels(batch(), [{ kind: "patches", mode: "keep", rectangles: it, fill: value }]),
    ],
    ["planes", (it) => transformPixels(batch(), [{ kind: "planes", planes: it }])],
    ["plane", (it) => transformPixels(batch(), [{ kind: "planes", planes: [it] }])],
    ["range", (it) => pixelFeatures(batch(), it)],
    ["rows", (it) => rankAuc(it)],
    ["plan", (it) => rankBootstrap(it, 1, 0, 2)],
    ["input of a plan", (it) => planBootstrap(it)],
    ["columns of a plan", (it) => planBootstrap({ ...planned, columns: it })],
    ["column of a plan", (it) => planBootstrap({ ...planned, columns: [it] })],
  ];
  test.each(cases)("is refused as %s", async (_name, call) => {
    for (const it of [bad, null, 7, "text", Symbol("x")]) {
      await expect((async () => call(it as never))()).rejects.toMatchObject({ code: "BAD_PARAMETER" });
    }
  });

  test("is more than a step can hold", async () => {
    const rectangles = Array.from({ length: 257 }, () => rectangle);
    const planes = Array.from({ length: 17 }, () => ({ mean: 0, deviation: 1 }));
    for (const step of [
      { kind: "patches", mode: "keep", rectangles, fill: value },
      { kind: "planes", planes },
      { kind: "planes", planes: [] },
    ] as const) {
      await expect(transformPixels(batch(), [step])).rejects.toMatchObject({ code: "BAD_PARAMETER" });
    }
  });

  test("is refused as options", async () => {
    for (const it of [null, 7, "text"] as never[]) {
      for (const call of [
        () => filterFrequencies(batch(), low, it),
        () => filterBank(batch(), [low], it),
        () => transformPixels(batch(), steps, it),
        () => rankBootstrap(plan, 1, 0, 2, it),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: "BAD_PARAMETER" });
      }
    }
  });
});
