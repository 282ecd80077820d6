/** Every code an ImageError may carry. */
export const imageErrorCodes = [
  "IMAGE_FORMAT_UNKNOWN",
  "IMAGE_TRUNCATED",
  "IMAGE_CORRUPT",
  "IMAGE_TOO_LARGE",
  "IMAGE_NO_PIXELS",
  "IMAGE_FRAME_MISSING",
  "IMAGE_SYNTAX_UNSUPPORTED",
  "IMAGE_KIND_UNSUPPORTED",
  "IMAGE_UNREADABLE",
  "IMAGE_MASK_MISSING",
] as const;
export type ImageErrorCode = (typeof imageErrorCodes)[number];

/** Why a file gives no image. Messages name tags, sizes and codes of the format, never a value about a patient. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The same failure as an ImageError; what is foreign becomes `code`, its own words kept only as the cause. */
export function toImageError(cause: unknown, code: ImageErrorCode, message: string): ImageError {
  if (cause instanceof ImageError) return cause;
  return new ImageError(code, message, { cause });
}
