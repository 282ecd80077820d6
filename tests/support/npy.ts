import { readFileSync } from "node:fs";

/** Reads a file of NumPy's format that holds little-endian float32 or uint32. */
export function readNpy(path: string): {
  readonly shape: readonly number[];
  readonly values: readonly number[];
} {
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 8).toString("latin1") !== "\x93NUMPY\x01\x00")
    throw new Error("Expected NumPy's magic");
  const end = 10 + bytes.readUInt16LE(8);
  const header = bytes.subarray(10, end).toString("latin1");
  const [, type = "", shape = ""] =
    /^\{'descr': '(<[fu]4)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(header) ?? [];
  const data = Uint8Array.from(bytes.subarray(end)).buffer;
  if (type === "") throw new Error(`Expected a header, got ${header}`);
  return {
    shape: shape.split(",").flatMap((side) => (side.trim() === "" ? [] : [Number(side)])),
    values: [...(type === "<f4" ? new Float32Array(data) : new Uint32Array(data))],
  };
}
