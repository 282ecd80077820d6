import {
  filterBank,
  filterFrequencies,
  pixelFeatures,
  planBootstrap,
  rankAuc,
  rankBootstrap,
  rankPairedAuc,
  rankRocSteps,
  readOrder,
  sortScores,
  transformPixels,
} from "../../native/index.ts";
import { randomPixels } from "./reference-filter.ts";

export type KindName = "Float32Array" | "Float64Array" | "Uint8Array" | "Uint16Array" | "Uint32Array";

/** One array argument of one exported function; every other argument is good. */
export interface ArrayArgument {
  readonly name: string;
  /** Kinds of array that will do; the first is the one `good` makes. */
  readonly kinds: readonly KindName[];
  readonly good: () => ArrayBufferView & ArrayLike<number>;
  /** Calls the function with this in the argument's place. */
  readonly call: (array: unknown) => Promise<unknown>;
  /** The argument may be left out. */
  readonly optional?: true;
  /** Its memory becomes the result's. */
  readonly taken?: true;
  /** Its length is its own affair. */
  readonly anyLength?: true;
}

const [count, rows, cols] = [3, 8, 6];
const size = rows * cols;
const low = { kind: "low", radius: 2 } as const;
const band = { kind: "band", inner: 1, outer: 3 } as const;
const pixels = () => randomPixels(count * size, 5);
const shape = { count, rows, cols };
// What JavaScript may pass although the types forbid it.
const asFloats = (array: unknown) => array as Float32Array;
const asBytes = (array: unknown) => array as Uint8Array;
const asWords = (array: unknown) => array as Uint32Array;

const n = 40;
const scores = () => randomPixels(n, 1);
const labels = () => Uint8Array.from({ length: n }, (_, k) => k % 2);
const strata = () => Uint32Array.from({ length: n }, (_, k) => k % 3);
const ranked = { scores: scores(), labels: labels(), strata: strata(), stratumCount: 3 };
const patients = () => Uint32Array.from({ length: n }, (_, k) => k % 7);
const order = await sortScores(scores());
const column = { order, labels: labels() };
const planned = {
  columns: [column],
  strata: strata(),
  stratumCount: 3,
  patients: patients(),
  patientCount: 7,
};
const plan = async (changed: object) =>
  rankBootstrap(await planBootstrap({ ...planned, ...changed }), 4, 0, 20, { threads: 2 });

const FLOATS = ["Float32Array"] as const;
const SCORES = ["Float32Array", "Float64Array"] as const;
const BYTES = ["Uint8Array"] as const;
const CODES = ["Uint32Array", "Uint16Array"] as const;
const WORDS = ["Uint32Array"] as const;

const images: readonly (readonly [
  string,
  readonly KindName[],
  (batch: object, options?: object) => Promise<unknown>,
])[] = [
  ["filterFrequencies", FLOATS, (batch, options) => filterFrequencies(batch as never, low, options)],
  ["filterBank", FLOATS, (batch, options) => filterBank(batch as never, [low, band], options)],
  [
    "transformPixels",
    ["Float32Array", "Uint16Array", "Uint8Array"],
    (batch, options) => transformPixels(batch as never, [{ kind: "blur", deviation: 1 }], options),
  ],
  [
    "pixelFeatures",
    FLOATS,
    (batch, options) => pixelFeatures(batch as never, { ...options, bins: 4, low: 0, high: 1 }),
  ],
];

const written: readonly (readonly [string, number, (into: Float32Array) => Promise<unknown>])[] = [
  ["filterFrequencies", 1, (into) => filterFrequencies({ ...shape, pixels: pixels() }, low, { into })],
  ["filterBank", 2, (into) => filterBank({ ...shape, pixels: pixels() }, [low, band], { into })],
  [
    "transformPixels in place",
    1,
    (into) => transformPixels({ ...shape, pixels: pixels() }, [{ kind: "standardise" }], { into }),
  ],
  [
    "transformPixels",
    4,
    (into) =>
      transformPixels({ ...shape, pixels: pixels() }, [{ kind: "resize", rows: 2 * rows, cols: 2 * cols }], {
        into,
      }),
  ],
];

const rankings: readonly (readonly [string, (changed: object) => Promise<unknown>])[] = [
  ["rankAuc", (changed) => rankAuc({ ...ranked, ...changed })],
  ["rankPairedAuc", (changed) => rankPairedAuc({ ...ranked, ...changed }, scores().reverse())],
  ["rankRocSteps", (changed) => rankRocSteps({ ...ranked, ...changed }, 1)],
];

/** Every array argument of every exported function. */
export const arrayArguments: readonly ArrayArgument[] = [
  ...images.flatMap(([name, kinds, call]): ArrayArgument[] => [
    { name: `${name} pixels`, kinds, good: pixels, call: (array) => call({ ...shape, pixels: array }) },
    {
      name: `${name} pixels to take`,
      kinds,
      good: pixels,
      call: (array) => call({ ...shape, pixels: array }, { ownership: "take" }),
      taken: true,
    },
  ]),
  ...written.map(
    ([name, outputs, call]): ArrayArgument => ({
      name: `${name} into`,
      kinds: FLOATS,
      good: () => new Float32Array(outputs * count * size),
      call: (array) => call(asFloats(array)),
      optional: true,
      taken: true,
    }),
  ),
  {
    name: "transformPixels bitmap",
    kinds: BYTES,
    good: () => Uint8Array.from({ length: count * size }, (_, k) => k % 2),
    call: (array) =>
      transformPixels({ ...shape, pixels: pixels() }, [
        { kind: "bitmap", mode: "keep", bitmap: asBytes(array), fill: { kind: "mean" } },
      ]),
  },
  {
    name: "transformPixels imageNumbers",
    kinds: WORDS,
    good: () => Uint32Array.of(0, 1, 2),
    call: (array) =>
      transformPixels({ ...shape, pixels: pixels() }, [{ kind: "noise", deviation: 1, seed: 1 }], {
        imageNumbers: asWords(array),
      }),
    optional: true,
  },
  ...rankings.flatMap(([name, call]): ArrayArgument[] => [
    { name: `${name} scores`, kinds: SCORES, good: scores, call: (array) => call({ scores: array }) },
    { name: `${name} labels`, kinds: BYTES, good: labels, call: (array) => call({ labels: array }) },
    {
      name: `${name} strata`,
      kinds: CODES,
      good: strata,
      call: (array) => call({ strata: array }),
      optional: true,
    },
  ]),
  {
    name: "rankPairedAuc second",
    kinds: SCORES,
    good: () => scores().reverse(),
    call: (array) => rankPairedAuc(ranked, asFloats(array)),
  },
  {
    name: "sortScores scores",
    kinds: SCORES,
    good: scores,
    call: async (array) => {
      const { missing, ...sorted } = await sortScores(asFloats(array));
      return { missing, ...readOrder({ missing, ...sorted }) };
    },
    anyLength: true,
  },
  {
    name: "planBootstrap labels",
    kinds: BYTES,
    good: labels,
    call: (array) => plan({ columns: [{ order, labels: array }] }),
  },
  {
    name: "planBootstrap strata",
    kinds: CODES,
    good: strata,
    call: (array) => plan({ strata: array }),
    optional: true,
  },
  {
    name: "planBootstrap patients",
    kinds: CODES,
    good: patients,
    call: (array) => plan({ patients: array }),
  },
];
