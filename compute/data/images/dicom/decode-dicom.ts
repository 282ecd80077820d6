import type { DecodedImage, DecodeOptions, ImageHeader } from "../decoded-image.ts";
import { ImageError } from "../image-error.ts";

export function decodeDicom(_bytes: Uint8Array, _options: DecodeOptions): Promise<DecodedImage> {
  throw new ImageError("IMAGE_SYNTAX_UNSUPPORTED", "DICOM comes next");
}
export function describeDicom(_bytes: Uint8Array): Promise<ImageHeader> {
  throw new ImageError("IMAGE_SYNTAX_UNSUPPORTED", "DICOM comes next");
}
