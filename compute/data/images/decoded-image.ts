/** File formats that are read, told by their first bytes and never by their names. */
export const imageFormats = ["png", "jpeg", "dicom"] as const;
export type ImageFormat = (typeof imageFormats)[number];

/** One grey image as recorded. */
export interface DecodedImage {
  /**
   * Length rows * cols, row by row; larger is brighter. Colour becomes grey by luma (ITU-R BT.601), alpha is dropped, a
   * MONOCHROME1 image is inverted, DICOM values are rescaled (slope, intercept).
   */
  readonly pixels: Uint8Array | Uint16Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
  /**
   * Recorded values that stand for black and white, black < white: 0 and 255, 0 and 65535, or of a DICOM the window
   * that was asked for, else what the bits stored can hold after rescale. Brightness is (pixel - black) / (white -
   * black); pixels may lie outside.
   */
  readonly black: number;
  readonly white: number;
  readonly format: ImageFormat;
}

/** The window that a DICOM image is shown through, in rescaled values (PS3.3 C.11.2.1.2.1). */
export interface ImageWindow {
  readonly center: number;
  readonly width: number;
}

/** How an image is decoded. */
export interface DecodeOptions {
  /** Most pixels of a frame; 4096 * 4096 * 4 when absent. Decoding takes at most about 16 bytes of memory a pixel. */
  readonly maxPixels?: number;
  /** Which frame of a DICOM, from 0; the first when absent. */
  readonly frame?: number;
  /** What a DICOM's black and white are: its own first window where it has one, one given, or (default) none. */
  readonly window?: "file" | "none" | ImageWindow;
}

/** What the header says of an image; nothing is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat;
  readonly rows: number;
  readonly cols: number;
  /** 1 but for DICOM. */
  readonly frames: number;
  /** Bits that a sample really holds: 8 or 16; of a DICOM its bits stored. */
  readonly bits: number;
  /** Samples a pixel in the file: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha. */
  readonly channels: number;
  /** Of a DICOM, the UID of its transfer syntax. */
  readonly transferSyntax?: string;
}
