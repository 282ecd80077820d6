import { types } from "node:util";
import { requireBinding } from "./binding.ts";
import { KernelError, shown } from "./errors.ts";

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
 * @throws {KernelError} BAD_BUFFER when it is of another kind; BUFFER_DETACHED when its memory was transferred away or
 * shrunk from under it; BUFFER_NOT_TRANSFERABLE when it is to be taken and is shared or resizable; OUT_OF_MEMORY.
 */
export function own<Name extends KindName>(
  array: ArrayOf<Name>,
  names: readonly Name[],
  ownership: Ownership = "copy",
  into?: ArrayOf<Name>,
): ArrayOf<Name> {
  const name = requireArray(array, names, ownership);
  const given: { readonly buffer: ArrayBufferLike; readonly length: number; readonly byteOffset: number } =
    array;
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
    if (array.byteLength >= FRESH_BYTES) {
      const copy = allocate(name, given.length);
      (copy as { set(from: unknown): void }).set(array); // the same kind
      return copy;
    }
    try {
      return new Kind(array);
    } catch (cause) {
      const message = "Expected memory for a copy of the array, got none; send smaller batches";
      throw new KernelError("OUT_OF_MEMORY", message, { cause });
    }
  }
  const { byteOffset, length } = given;
  const buffer = given.buffer as ArrayBuffer; // shared memory was refused above
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

/**
 * The kind of the array, and that it can be used as asked: everything that can be known before anything is touched, so
 * that a call that is refused leaves the caller's arrays as they were.
 *
 * @throws {KernelError} BAD_PARAMETER, BAD_BUFFER, BUFFER_DETACHED, BUFFER_NOT_TRANSFERABLE as `own`.
 */
export function requireArray<Name extends KindName>(
  array: unknown,
  names: readonly Name[],
  ownership: Ownership = "copy",
): Name {
  if (ownership !== "copy" && ownership !== "take") {
    const message = `Expected an ownership of copy or take, got ${shown(ownership)}; leave it out to copy`;
    throw new KernelError("BAD_PARAMETER", message);
  }
  const name = names.find((candidate) => kinds[candidate].is(array));
  if (name === undefined) {
    const message = `Expected a ${names.join(" or ")}, got ${shown(array)}; copy the numbers into one`;
    throw new KernelError("BAD_BUFFER", message);
  }
  const view = array as ArrayOf<Name>; // the kind was just found
  if (!holdsMemory(view)) {
    throw new KernelError(
      "BUFFER_DETACHED",
      "Expected an array that holds its memory, got one whose memory was given away or shrunk; use the array that was returned",
    );
  }
  if (ownership === "take" && mayChange(view)) {
    throw new KernelError(
      "BUFFER_NOT_TRANSFERABLE",
      "Expected an array over memory of its own, got shared or resizable memory; let it be copied",
    );
  }
  return name;
}

/** Whether other threads may write to the array's memory, or its length may change: shared or resizable memory. */
export function mayChange({ buffer }: ArrayBufferView): boolean {
  return types.isSharedArrayBuffer(buffer) || ("resizable" in buffer && buffer.resizable === true);
}

/** What every method of a typed array checks first: that its memory is there, all of it. */
const { at } = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array; // the prototype of all typed arrays

function holdsMemory(array: ArrayBufferView): boolean {
  try {
    Reflect.apply(at, array, [0]);
    return true;
  } catch {
    return false;
  }
}

/** From here on a new array is memory that the system has yet to give: the runtime's own is not as large. */
const FRESH_BYTES = 4 * 2 ** 20;

/** A new array for results. @throws {KernelError} OUT_OF_MEMORY */
export function allocate<Name extends KindName>(name: Name, length: number): ArrayOf<Name> {
  try {
    const array = new kinds[name].Array(length) as unknown as ArrayOf<Name>; // the table pairs each name with its constructor
    if (array.byteLength >= FRESH_BYTES) requireBinding().adviseLargePages(array);
    return array;
  } catch (cause) {
    if (cause instanceof KernelError) throw cause;
    const message = `Expected memory for ${length} numbers, got none; split the call`;
    throw new KernelError("OUT_OF_MEMORY", message, { cause });
  }
}
