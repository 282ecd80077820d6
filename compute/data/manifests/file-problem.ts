import type { ImportErrorCode } from "../predictions/import-error.ts";
import { FILE_CAP } from "./image-file.ts";

/** Name of the files as a whole, where a problem names its file. */
export const IMAGES = "images";

/** Whether other code than that of files gave the reason is of no matter: the words say what to do. */
const words: Partial<Readonly<Record<ImportErrorCode, string>>> = {
  PATH_INVALID:
    "Expected a path below the root, got one that is empty, absolute, or holds .., backslashes or control characters; correct the column",
  PATH_OUTSIDE_ROOT:
    "Expected a file below the root, got one that a link leads out of it; make its folder the root",
  FILE_MISSING:
    "Expected a file at this path below the root, found none; check the root and the path's column",
  FILE_AMBIGUOUS: "Expected one file of this name below the root, found several; give the path",
  FILE_UNREADABLE: "Expected an ordinary file that can be read, got another; check its rights",
  FILE_LINKED: "Expected a file of its own, got a link; copy the file, or allow hard links",
  FILE_TOO_LARGE: `Expected at most ${FILE_CAP} bytes or the limit that was set, got more; is it an image?`,
  EXTENSION_MISMATCH:
    "Expected the format that the file's name says, got another; rename or convert the file",
  IMAGE_FORMAT_UNKNOWN: "Expected a PNG, JPEG or DICOM, got another file; convert it or leave it out",
  IMAGE_TRUNCATED: "Expected a whole image, got one that ends early; copy the file again",
  IMAGE_CORRUPT: "Expected an image in order, got one that contradicts its format; copy the file again",
  IMAGE_TOO_LARGE: "Expected an image of a size that can be decoded, got a larger one; scale it down",
  IMAGE_NO_PIXELS: "Expected an image, got a DICOM without pixels; leave it out",
  IMAGE_SYNTAX_UNSUPPORTED: "Expected a transfer syntax that is read, got another; convert the file",
  IMAGE_KIND_UNSUPPORTED: "Expected a single image of a kind that is read, got another; convert the file",
};

/** What to say of a file that is left out or refused; never its name. */
export function fileProblemWords(code: ImportErrorCode): string {
  return words[code] ?? "Expected an image that can be read, got another file; convert it or leave it out";
}
