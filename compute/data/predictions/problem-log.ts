import type { ImportError, ImportErrorCode, ImportProblem } from "./import-error.ts";

/** Where a problem is. */
export interface ProblemPlace {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: string | undefined;
}

/** Counts every problem by code and keeps the first ones by file and line, in memory that does not grow. */
export class ProblemLog {
  readonly #listed: number;
  readonly #first: ImportProblem[] = [];
  readonly #totals = new Map<ImportErrorCode, number>();

  /** @param listed - how many problems are kept one by one. */
  constructor(listed: number) {
    this.#listed = listed;
  }

  /** Whether there is no problem so far. */
  get isEmpty(): boolean {
    return this.#totals.size === 0;
  }

  get first(): readonly ImportProblem[] {
    return this.#first;
  }

  get totals(): Readonly<Partial<Record<ImportErrorCode, number>>> {
    return Object.fromEntries(this.#totals);
  }

  /** Adds `count` problems of one kind, listed as one; the message is made only when it will be listed. */
  add(code: ImportErrorCode, place: ProblemPlace, message: () => string, count = 1): void {
    this.#totals.set(code, (this.#totals.get(code) ?? 0) + count);
    this.#list(code, place, message);
  }

  /** Adds what ended the reading of a file. */
  addFatal(error: ImportError, file: string): void {
    this.#totals.set(error.code, (this.#totals.get(error.code) ?? 0) + 1);
    this.#list(
      error.code,
      { file, line: error.line, column: error.column },
      () => error.message,
      error.byteOffset,
    );
  }

  /** Adds to the total what is not listed one by one. */
  count(code: ImportErrorCode, count: number): void {
    if (count > 0) this.#totals.set(code, (this.#totals.get(code) ?? 0) + count);
  }

  #list(code: ImportErrorCode, place: ProblemPlace, message: () => string, byteOffset?: number): void {
    const { file, line, column } = place;
    const rank = rankOf(file, line);
    const last = this.#first.at(-1);
    if (this.#first.length >= this.#listed && (last === undefined || rank >= rankOf(last.file, last.line)))
      return;
    const problem: ImportProblem = {
      code,
      message: message(),
      file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      ...(byteOffset === undefined ? {} : { byteOffset }),
    };
    let at = this.#first.length;
    while (at > 0 && rank < rankOf(this.#first[at - 1]?.file ?? file, this.#first[at - 1]?.line)) at--;
    this.#first.splice(at, 0, problem);
    if (this.#first.length > this.#listed) this.#first.pop();
  }
}

/** Orders problems: the main file first, by line, those without a line before all. */
function rankOf(file: string, line: number | undefined): number {
  return (mainFiles.includes(file) ? 0 : 2 ** 40) + (line ?? 0);
}

const mainFiles: readonly string[] = ["predictions", "manifest"];

/** `text` quoted for a message when it reads like a word of a vocabulary; text that may be an identifier stays out. */
export function quoteWord(text: string): string {
  const mayBeIdentifier = /\d{3}/.test(text) || text.length > 120 || /[@/\\]/.test(text);
  return mayBeIdentifier
    ? "another text"
    : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}

/** The entry of `words` with the fewest edits to `text`, in any case of letters; undefined when none is near. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const wanted = text.slice(0, 60).trim().toLowerCase();
  let best: string | undefined;
  let fewest = Math.max(2, Math.ceil(wanted.length / 2)) + 1;
  for (const word of words) {
    const edits = editDistance(wanted, word.slice(0, 60).toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      best = word;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
