import { types } from "node:util";
import { KernelError } from "./errors.ts";

/**
 * What happens to an array that is given to a kernel. `copy` (the default) leaves it as it is. `take` costs nothing:
 * its memory becomes the result's, and the array given is empty afterwards; memory that the
 * runtime does not give away (the pool of Node's Buffers, WebAssembly) is copied all the same.
 */
export type Ownership = "copy" | "take";

/**
 * The same numbers in memory that only the caller of this function can reach, so that nothing can detach or change it
 * while threads work on it. (Node-API cannot pin an ArrayBuffer.)
 *
 * @param into - memory to copy into, as long as `pixels` and apart from it: taken, so that a caller who hands results
 * back never pays for fresh memory.
 * @throws {KernelError} BAD_BUFFER when it is no Float32Array; BUFFER_DETACHED when its memory was transferred away;
 * BUFFER_NOT_TRANSFERABLE when it is to be taken and is shared, resizable or held by the runtime.
 */
export function own(
  pixels: Float32Array,
  ownership: Ownership,
  into?: Float32Array,
): Float32Array<ArrayBuffer> {
  const buffer = bufferOf(pixels);
  if (into !== undefined && ownership === "copy") {
    const room = own(into, "take");
    room.set(pixels);
    return room;
  }
  if (ownership === "copy") {
    try {
      return new Float32Array(pixels);
    } catch (cause) {
      throw new KernelError(
        cause instanceof RangeError ? "OUT_OF_MEMORY" : "BUFFER_DETACHED",
        "Expected memory for a copy of the array, got none; send smaller batches",
        { cause },
      );
    }
  }
  if (types.isSharedArrayBuffer(buffer) || ("resizable" in buffer && buffer.resizable === true)) {
    throw new KernelError(
      "BUFFER_NOT_TRANSFERABLE",
      "Expected an array over memory of its own, got shared or resizable memory; let it be copied",
    );
  }
  const { byteOffset, length } = pixels;
  try {
    return new Float32Array(structuredClone(buffer, { transfer: [buffer] }), byteOffset, length);
  } catch (cause) {
    throw new KernelError(
      "BUFFER_NOT_TRANSFERABLE",
      "Expected an array over memory of its own, got memory that the runtime keeps; let it be copied",
      { cause },
    );
  }
}

function bufferOf(pixels: Float32Array): ArrayBuffer | SharedArrayBuffer {
  if (!types.isFloat32Array(pixels)) {
    throw new KernelError(
      "BAD_BUFFER",
      `Expected a Float32Array, got ${kindOf(pixels)}; copy the numbers into one`,
    );
  }
  const { buffer } = pixels;
  // A detached array has no length; a real empty one has a buffer that can still be sliced.
  if (pixels.length === 0 && isDetached(buffer)) {
    throw new KernelError(
      "BUFFER_DETACHED",
      "Expected an array that holds its memory, got one whose memory was given away; use the array that was returned",
    );
  }
  return buffer;
}

function isDetached(buffer: ArrayBuffer | SharedArrayBuffer): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
