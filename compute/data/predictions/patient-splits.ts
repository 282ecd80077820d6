import { UNKNOWN_CODE } from "./types.ts";

const NONE = 255;
const SEVERAL = 254;

/** Remembers the split of each patient in one byte, and counts the patients that are in two or more. */
export class PatientSplits {
  #splits = new Uint8Array(1_024).fill(NONE);
  /** Patients in more than one split. */
  leaking = 0;

  /** Notes rows `[0, rows)`: patient ordinals and split codes below 250, UNKNOWN_CODE is passed over. */
  note(patients: Uint32Array, splits: Uint32Array, rows: number): void {
    for (let row = 0; row < rows; row++) {
      // In bounds: row < rows, and the array grows to hold the patient.
      const patient = patients[row] as number;
      const split = splits[row] as number;
      if (patient === UNKNOWN_CODE || split === UNKNOWN_CODE) continue;
      if (patient >= this.#splits.length) this.#grow(patient + 1);
      const known = this.#splits[patient] as number;
      if (known === NONE) this.#splits[patient] = split;
      else if (known !== split && known !== SEVERAL) {
        this.#splits[patient] = SEVERAL;
        this.leaking++;
      }
    }
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.#splits.length * 2)).fill(NONE);
    larger.set(this.#splits);
    this.#splits = larger;
  }
}
