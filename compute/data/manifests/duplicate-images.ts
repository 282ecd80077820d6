import { IdIndex } from "../predictions/id-index.ts";
import { UNKNOWN_CODE } from "../predictions/types.ts";

/** Finds files that are the same, byte for byte: 28 bytes a file. */
export class DuplicateImages {
  readonly #files = new IdIndex();
  #patients = new Uint32Array(1_024);
  #parts = new Uint32Array(1_024);
  /** Files that an earlier image has too. */
  duplicates = 0;
  /** Those of another patient than the earlier image, and those in another part of the split. */
  acrossPatients = 0;
  acrossParts = 0;

  /**
   * Notes an image.
   *
   * @param sha256 - 32 bytes
   * @param patient - number of the patient, and of the part; UNKNOWN_CODE for none
   * @returns whether an earlier image of another patient has this file
   */
  note(sha256: Uint8Array, patient: number, part: number): boolean {
    const known = this.#files.size;
    const file = this.#files.add(sha256, 0, sha256.length);
    if (file === known) {
      if (file >= this.#patients.length) {
        this.#patients = doubled(this.#patients);
        this.#parts = doubled(this.#parts);
      }
      this.#patients[file] = patient;
      this.#parts[file] = part;
      return false;
    }
    this.duplicates++;
    // In bounds: the file was noted before.
    if (differ(this.#parts[file] as number, part)) this.acrossParts++;
    if (!differ(this.#patients[file] as number, patient)) return false;
    this.acrossPatients++;
    return true;
  }
}

function differ(one: number, other: number): boolean {
  return one !== UNKNOWN_CODE && other !== UNKNOWN_CODE && one !== other;
}

function doubled(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
