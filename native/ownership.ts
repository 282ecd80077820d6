import { types } from "node:util";
import { KernelError } from "./errors.ts";

/**
 * What happens to an array that is given to a kernel. `copy` (the default) leaves it as it is. `take` costs nothing:
 * its memory becomes the result's, and the array given is empty afterwards; memory that the runtime does not give away
 * (the pool of Node's Buffers, WebAssembly) is copied all the same.
 */
export type Ownership = "copy" | "take";

/** The arrays that kernels read, by name: how to tell one (across realms, too), and how to make one. */
const kinds = {
  Float32Array: { is: types.isFloat32Array, Array: Float32Array },
  Float64Array: { is: types.isFloat64Array, Array: Float64Array },
  Uint8Array: { is: types.isUint8Array, Array: Uint8Array },
  Uint16Array: { is: types.isUint16Array, Array: Uint16Array },
  Uint32Array: { is: types.isUint32Array, Array: Uint32Array },
} as const;
type KindName = keyof typeof kinds;
interface Arrays extends Record<KindName, ArrayBufferView> {
  Float32Array: Float32Array;
  Float64Array: Float64Array;
  Uint8Array: Uint8Array;
  Uint16Array: Uint16Array;
  Uint32Array: Uint32Array;
}
type ArrayOf<Name extends KindName> = Arrays[Name];

/**
 * The same numbers in memory that only the caller of this function can reach, so that nothing can detach or change it
 * while threads work on it. (Node-API cannot pin an ArrayBuffer.)
 *
 * @param names - the kinds of array that will do.
 * @param into - memory to copy into, as long as `array` and apart from it: taken, so that a caller who hands results
 * back never pays for fresh memory.
 * @throws {KernelError} BAD_BUFFER when it is of another kind; BUFFER_DETACHED when its memory was transferred away;
 * BUFFER_NOT_TRANSFERABLE when it is to be taken and is shared or resizable.
 */
export function own<Name extends KindName>(
  array: ArrayOf<Name>,
  names: readonly Name[],
  ownership: Ownership = "copy",
  into?: ArrayOf<Name>,
): ArrayOf<Name> {
  const name = requireKind(array, names);
  const given: { readonly buffer: ArrayBufferLike; readonly length: number; readonly byteOffset: number } =
    array;
  const buffer = requireAttached(given.buffer, given.length);
  // `as`: the table pairs each name with the constructor of its own kind.
  const Kind = kinds[name].Array as unknown as new (
    ...args: [unknown] | [ArrayBuffer, number, number]
  ) => ArrayOf<Name>;
  if (ownership === "copy") {
    if (into !== undefined) {
      const room = own(into, [name], "take");
      (room as { set(from: unknown): void }).set(array); // the same kind, hence the same numbers
      return room;
    }
    try {
      return new Kind(array);
    } catch (cause) {
      const message = "Expected memory for a copy of the array, got none; send smaller batches";
      throw new KernelError("OUT_OF_MEMORY", message, { cause });
    }
  }
  if (types.isSharedArrayBuffer(buffer) || ("resizable" in buffer && buffer.resizable === true)) {
    throw new KernelError(
      "BUFFER_NOT_TRANSFERABLE",
      "Expected an array over memory of its own, got shared or resizable memory; let it be copied",
    );
  }
  const { byteOffset, length } = given;
  try {
    return new Kind(structuredClone(buffer, { transfer: [buffer] }), byteOffset, length);
  } catch (cause) {
    throw new KernelError(
      "BUFFER_NOT_TRANSFERABLE",
      "Expected an array over memory of its own, got memory that the runtime keeps; let it be copied",
      { cause },
    );
  }
}

function requireKind<Name extends KindName>(array: unknown, names: readonly Name[]): Name {
  const name = names.find((candidate) => kinds[candidate].is(array));
  if (name !== undefined) return name;
  const got = Object.prototype.toString.call(array).slice(8, -1);
  throw new KernelError(
    "BAD_BUFFER",
    `Expected a ${names.join(" or ")}, got ${got}; copy the numbers into one`,
  );
}

function requireAttached(buffer: ArrayBufferLike, length: number): ArrayBufferLike {
  // A detached array has no length; a real empty one has a buffer that can still be looked into.
  if (length === 0 && isDetached(buffer)) {
    throw new KernelError(
      "BUFFER_DETACHED",
      "Expected an array that holds its memory, got one whose memory was given away; use the array that was returned",
    );
  }
  return buffer;
}

function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A new array for results. @throws {KernelError} OUT_OF_MEMORY */
export function allocate<Name extends KindName>(name: Name, length: number): ArrayOf<Name> {
  try {
    return new kinds[name].Array(length) as unknown as ArrayOf<Name>; // the table pairs each name with its constructor
  } catch (cause) {
    const message = `Expected memory for ${length} numbers, got none; split the call`;
    throw new KernelError("OUT_OF_MEMORY", message, { cause });
  }
}
