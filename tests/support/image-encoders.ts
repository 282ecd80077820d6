import { createRequire } from "node:module";

/** What the encoders of the Cornerstone packages have in common. */
interface WasmEncoder {
  getDecodedBuffer(frame: FrameInfo): Uint8Array;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
  setDecompositions?(levels: number): void;
  setQuality?(...values: readonly unknown[]): void;
  setNearLossless?(difference: number): void;
  setInterleaveMode?(mode: number): void;
}

interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

const load = createRequire(import.meta.url);
const packages = {
  jpegLs: { path: "@cornerstonejs/codec-charls/wasmjs", encoder: "JpegLSEncoder" },
  jpeg2000: { path: "@cornerstonejs/codec-openjpeg/wasmjs", encoder: "J2KEncoder" },
} as const;

/**
 * A lossless stream of one frame, made by the encoder that comes with a codec.
 *
 * @param bytes - samples, low byte first.
 */
export async function encodeFrame(
  format: keyof typeof packages,
  bytes: Uint8Array,
  shape: {
    rows: number;
    cols: number;
    bits: number;
    channels?: number;
    signed?: boolean;
    nearLossless?: number;
  },
): Promise<Uint8Array> {
  const { path, encoder: name } = packages[format];
  const factory = load(path) as (options: object) => Promise<Record<string, new () => WasmEncoder>>;
  const module = await factory({ print: () => undefined, printErr: () => undefined });
  const Encoder = module[name];
  if (Encoder === undefined) throw new Error(`Expected an encoder ${name}, got none`);
  const encoder = new Encoder();
  const frame = {
    width: shape.cols,
    height: shape.rows,
    bitsPerSample: shape.bits,
    componentCount: shape.channels ?? 1,
    isSigned: shape.signed ?? false,
  };
  encoder.getDecodedBuffer(frame).set(bytes);
  // The images of tests are too small for the usual five.
  encoder.setDecompositions?.(1);
  encoder.setQuality?.(true, 0);
  encoder.setNearLossless?.(shape.nearLossless ?? 0);
  if ((shape.channels ?? 1) > 1) encoder.setInterleaveMode?.(2);
  encoder.encode();
  const stream = Buffer.from(encoder.getEncodedBuffer());
  encoder.delete();
  return stream;
}
