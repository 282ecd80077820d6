import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import * as face from "../../native/index.ts";
import { type ArrayArgument, arrayArguments, type KindName } from "./every-function.ts";

type View = ArrayBufferView & ArrayLike<number> & { readonly BYTES_PER_ELEMENT: number };
type Maker = new (...args: unknown[]) => View & { set(from: ArrayLike<number>): void };

const makers: Readonly<Record<string, Maker>> = Object.fromEntries(
  [
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ].map((Kind) => [Kind.name, Kind as unknown as Maker]),
);
// TypeScript's es2023 does not know memory that changes its length; Node 20 does.
const Resizable = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };
const Growable = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => SharedArrayBuffer;

/** The argument's good numbers in an array over memory of this kind. */
function over(argument: ArrayArgument, buffer: (bytes: number) => ArrayBufferLike, offset = 0): View {
  const Kind = makerOf(argument.kinds[0]);
  const good = argument.good();
  const bytes = offset + good.byteLength;
  const array = new Kind(buffer(bytes), offset, good.length);
  array.set(good);
  return array;
}

function makerOf(name: KindName | undefined): Maker {
  const Kind = makers[String(name)];
  if (Kind === undefined) throw new Error(`no such kind: ${String(name)}`);
  return Kind;
}

const itself = (argument: ArrayArgument) => over(argument, (bytes) => new ArrayBuffer(bytes));
const detach = (array: View) => {
  structuredClone(array.buffer as ArrayBuffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};
const shrunk = (argument: ArrayArgument) => {
  const array = over(argument, (bytes) => new Resizable(bytes, { maxByteLength: bytes }));
  (array.buffer as InstanceType<typeof Resizable>).resize(1);
  return array;
};
const tracking = (argument: ArrayArgument) => {
  const array = over(argument, (bytes) => new Resizable(bytes, { maxByteLength: 2 * bytes }));
  return new (makerOf(argument.kinds[0]))(array.buffer);
};
const ofLength = (argument: ArrayArgument, by: number) => {
  const good = argument.good();
  return new (makerOf(argument.kinds[0]))(Math.max(0, good.length + by));
};

/** Arrays that are as good as any, and hold the good numbers. */
const fine: Readonly<Record<string, (argument: ArrayArgument) => unknown>> = {
  "at another place in its memory": (argument) =>
    over(argument, (bytes) => new ArrayBuffer(bytes + 8), itself(argument).BYTES_PER_ELEMENT),
  "of a subclass": (argument) => new (class extends makerOf(argument.kinds[0]) {})(argument.good()),
  "of another realm": (argument) =>
    runInNewContext(`new ${argument.kinds[0]}(numbers)`, { numbers: Array.from(argument.good()) }),
};

/** Memory that cannot be taken, only copied. */
const copied: Readonly<Record<string, (argument: ArrayArgument) => unknown>> = {
  "over shared memory": (argument) => over(argument, (bytes) => new SharedArrayBuffer(bytes)),
  "over shared memory that may grow": (argument) =>
    over(argument, (bytes) => new Growable(bytes, { maxByteLength: 2 * bytes })),
  "over resizable memory": (argument) =>
    over(argument, (bytes) => new Resizable(bytes, { maxByteLength: 2 * bytes })),
  "that tracks the length of its memory": tracking,
};

const gone: Readonly<Record<string, (argument: ArrayArgument) => unknown>> = {
  "given away": (argument) => detach(itself(argument)),
  "shrunk from under it": shrunk,
};

const strangers: Readonly<Record<string, (argument: ArrayArgument) => unknown>> = {
  null: () => null,
  "a number": () => 7,
  "a symbol": () => Symbol("x"),
  text: () => "0,1,2",
  "a list": (argument) => Array.from(argument.good()),
  "an ArrayBuffer": (argument) => itself(argument).buffer,
  "a SharedArrayBuffer": (argument) => new SharedArrayBuffer(argument.good().byteLength),
  "a DataView": (argument) => new DataView(itself(argument).buffer, 0),
  "a DataView at an odd byte": (argument) => new DataView(new ArrayBuffer(argument.good().byteLength + 1), 1),
  "a proxy of the array": (argument) => new Proxy(itself(argument), {}),
  "an object that calls itself one": (argument) =>
    Object.create(makerOf(argument.kinds[0]).prototype as object),
  "an object without a prototype": () => Object.create(null),
};

describe.each(arrayArguments)("$name", (argument) => {
  const { call, kinds, good } = argument;
  const expectRefusal = (array: unknown, code: face.KernelErrorCode) =>
    expect(call(array)).rejects.toMatchObject({
      name: "KernelError",
      code,
      message: expect.stringMatching(/^Expected .+, got .+; .+/),
    });

  test.each(Object.entries(fine))("takes an array %s", async (_name, make) => {
    expect(await call(make(argument))).toEqual(await call(good()));
  });

  test.each(Object.entries(copied))("an array %s is copied, never taken", async (_name, make) => {
    if (argument.taken) await expectRefusal(make(argument), "BUFFER_NOT_TRANSFERABLE");
    else expect(await call(make(argument))).toEqual(await call(good()));
  });

  test.each(Object.entries(gone))("refuses memory %s with BUFFER_DETACHED", async (_name, make) => {
    await expectRefusal(make(argument), "BUFFER_DETACHED");
  });

  test.each(Object.entries(strangers))("refuses %s with BAD_BUFFER", async (_name, make) => {
    await expectRefusal(make(argument), "BAD_BUFFER");
  });

  test("refuses every other kind of array, and nothing where an array must be", async () => {
    for (const name of Object.keys(makers)) {
      const array = new (makers[name] as Maker)(good().length); // a name of the table
      if (kinds.some((kind) => kind === name)) continue;
      await expectRefusal(array, "BAD_BUFFER");
    }
    if (argument.optional) await call(undefined);
    else await expectRefusal(undefined, "BAD_BUFFER");
  });

  test.skipIf(argument.anyLength).each([-1, 1, -1e9])("refuses a length that differs by %i", async (by) => {
    await expectRefusal(ofLength(argument, by), "BAD_BUFFER_LENGTH");
  });

  test("may be given away or overwritten while the call runs", async () => {
    const expected = await call(good());
    const [leaving, changing] = [itself(argument), itself(argument)];
    const [first, second] = [call(leaving), call(changing)];
    if (!argument.taken) {
      detach(leaving);
      new Uint8Array(changing.buffer).fill(255);
    }
    expect(await first).toEqual(expected);
    expect(await second).toEqual(expected);
  });
});

test("every exported function that takes arrays is in the table", () => {
  const named = new Set(arrayArguments.map(({ name }) => name.split(" ")[0]));
  const functions = Object.entries(face).filter(([, value]) => typeof value === "function");
  const withoutArrays = [
    "KernelError",
    "instructionSets",
    "rankBootstrap",
    "readOrder",
    "requireAddon",
    "tileOf",
  ];
  expect(functions.map(([name]) => name).filter((name) => !withoutArrays.includes(name))).toEqual(
    expect.arrayContaining([...named]),
  );
  expect(functions).toHaveLength(named.size + withoutArrays.length);
});

describe("a call that is refused leaves the caller's arrays as they were", () => {
  const batch = () => ({ pixels: new Float32Array(48), count: 1, rows: 8, cols: 6 });
  const low = { kind: "low", radius: 2 } as const;
  const range = { bins: 4, low: 0, high: 1 };
  const take = { ownership: "take" } as const;
  const shared = new Float32Array(new SharedArrayBuffer(192));
  const cases: readonly (readonly [string, (images: ReturnType<typeof batch>) => Promise<unknown>])[] = [
    ["filterBank into shared memory", (images) => face.filterBank(images, [low], { ...take, into: shared })],
    [
      "filterFrequencies on no threads",
      (images) => face.filterFrequencies(images, low, { ...take, threads: 0 }),
    ],
    [
      "pixelFeatures on no threads",
      (images) => face.pixelFeatures(images, { ...range, ...take, threads: 0 }),
    ],
    [
      "transformPixels with numbers of another length",
      (images) => face.transformPixels(images, [], { ...take, imageNumbers: new Uint32Array(2) }),
    ],
    [
      "transformPixels into shared memory",
      (images) =>
        face.transformPixels(images, [{ kind: "resize", rows: 6, cols: 8 }], { ...take, into: shared }),
    ],
    [
      "transformPixels of another ownership",
      (images) => face.transformPixels(images, [], { ownership: "steal" as "take" }),
    ],
  ];
  test.each(cases)("%s", async (_name, call) => {
    const images = batch();
    await expect(call(images)).rejects.toBeInstanceOf(face.KernelError);
    expect(images.pixels).toHaveLength(48);
  });
});
