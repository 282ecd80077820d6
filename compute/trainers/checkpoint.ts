import { createHash } from "node:crypto";
import type { EpochReport } from "../child/protocol.ts";
import type { BestEpoch } from "./best-epoch.ts";
import type { RateState } from "./schedules.ts";

/** Where a training stands; plain values. Chance is a function of seed, epoch and place, so it has no state of its own. */
export interface TrainingProgress {
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Steps done of it, and over all epochs. */
  readonly stepInEpoch: number;
  readonly step: number;
  /** Sum of the losses of its steps so far. */
  readonly lossSum: number;
  readonly rate: RateState;
  readonly best: BestEpoch;
  readonly history: readonly EpochReport[];
  /** Why there is nothing more to do. */
  readonly ended?: "epochs" | "patience";
}

/** Numbers by name. */
export type NamedNumbers = ReadonlyMap<string, Float32Array>;

/** Everything a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Of `trainingFingerprint`. */
  readonly fingerprint: string;
  readonly progress: TrainingProgress;
  /** Weights, statistics and the optimiser's memory. */
  readonly state: NamedNumbers;
  /** Weights and statistics of the best epoch; absent before there is one. */
  readonly best?: NamedNumbers;
  /** Whether its steps were rewritten for the processor's blocked layout; absent before that is decided. */
  readonly lowered?: boolean;
}

const MAGIC = Buffer.from("stratum checkpoint 1\n", "latin1");
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 8;

interface Header {
  readonly fingerprint: string;
  readonly progress: TrainingProgress;
  readonly state: readonly (readonly [string, number])[];
  readonly best?: readonly (readonly [string, number])[];
  readonly lowered?: boolean;
}

/**
 * The file of a checkpoint in parts that are written one after the other: magic, length of the header, header as JSON,
 * numbers (float32, little-endian), SHA-256 of all before it.
 */
export function checkpointParts(checkpoint: Checkpoint): readonly Uint8Array[] {
  const { fingerprint, progress, state, best, lowered } = checkpoint;
  const listed = (numbers: NamedNumbers) => [...numbers].map(([name, { length }]) => [name, length] as const);
  const header: Header = {
    fingerprint,
    progress,
    state: listed(state),
    ...(best === undefined ? {} : { best: listed(best) }),
    ...(lowered === undefined ? {} : { lowered }),
  };
  const words = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(words.length));
  const numbers = [...state.values(), ...(best?.values() ?? [])];
  const parts = [MAGIC, length, words, ...numbers.map((array) => bytesOf(array))];
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return [...parts, hash.digest()];
}

/** Reads a checkpoint; undefined for bytes that are not one, or not all of one, or were changed. */
export function readCheckpoint(file: Uint8Array): Checkpoint | undefined {
  const from = MAGIC.length + LENGTH_BYTES;
  const to = file.length - DIGEST_BYTES;
  if (to < from) return undefined;
  const digest = createHash("sha256").update(file.subarray(0, to)).digest();
  if (!digest.equals(file.subarray(to)) || !MAGIC.equals(file.subarray(0, MAGIC.length))) return undefined;
  // The digest is right: what follows is as it was written.
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(MAGIC.length, true));
  const words = new TextDecoder().decode(file.subarray(from, from + length));
  const header = JSON.parse(words) as Header; // safe: its digest is ours
  let at = from + length;
  const take = (list: Header["state"]): NamedNumbers =>
    new Map(
      list.map(([name, count]) => {
        // A copy: within the file the numbers are seldom aligned.
        const numbers = new Float32Array(Uint8Array.from(file.subarray(at, at + 4 * count)).buffer);
        at += 4 * count;
        return [name, numbers];
      }),
    );
  const { fingerprint, progress, lowered } = header;
  return {
    fingerprint,
    progress,
    state: take(header.state),
    ...(header.best === undefined ? {} : { best: take(header.best) }),
    ...(lowered === undefined ? {} : { lowered }),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** SHA-256 over all numbers in the order of their names, as 64 hexadecimal digits. */
export function numbersSha256(numbers: NamedNumbers): string {
  const hash = createHash("sha256");
  const names = [...numbers.keys()].sort();
  // Safe: names are the map's own.
  for (const name of names) hash.update(bytesOf(numbers.get(name) as Float32Array));
  return hash.digest("hex");
}
