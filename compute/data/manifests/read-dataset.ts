import { IdListBuilder } from "../predictions/id-list.ts";
import { ImportError, type ImportErrorCode } from "../predictions/import-error.ts";
import type { KeyRegistry } from "../predictions/key-decoder.ts";
import { ProblemLog } from "../predictions/problem-log.ts";
import { type Dictionary, type IdList, UNKNOWN_CODE, UNKNOWN_TRUTH } from "../predictions/types.ts";
import type { TableReader } from "../tabular.ts";
import { BlockStore } from "./block-store.ts";
import type {
  DatasetBlock,
  DatasetInput,
  DatasetOptions,
  DatasetReader,
  DatasetReport,
  OpenTable,
} from "./dataset-reader.ts";
import { DuplicateImages } from "./duplicate-images.ts";
import { type FilePass, openFilePass } from "./file-pass.ts";
import { fileProblemWords, IMAGES } from "./file-problem.ts";
import { FileSummary } from "./file-summary.ts";
import { FILE_CAP, type FileFacts, type FileResult } from "./image-file.ts";
import { MANIFEST, type ManifestPlan, planManifest } from "./manifest-plan.ts";
import { type ManifestBlock, type ManifestCounts, readManifest } from "./read-manifest.ts";
import { Renumber } from "./renumber.ts";
import { searchBelow } from "./search-below.ts";

const LISTED = 20;

/**
 * Reads a dataset: first its tables, then every image file once, on threads. Memory does not grow with the number of
 * images beyond 60 bytes each: what is read waits in a temporary file.
 *
 * @throws {Error} from the iteration when a source cannot be read or `signal` aborts; SpoolError.
 */
export function readDataset(input: DatasetInput, options: DatasetOptions = {}): DatasetReader {
  return new DatasetImport(input, options);
}

class DatasetImport implements DatasetReader {
  readonly #input: DatasetInput;
  readonly #options: DatasetOptions;
  readonly #problems: ProblemLog;
  readonly #remarks: ProblemLog;
  readonly #summary = new FileSummary();
  readonly #duplicates = new DuplicateImages();
  readonly #patients = new Renumber();
  readonly #studies = new Renumber();
  readonly #splits = new Renumber();
  #words: readonly Renumber[] = [];
  readonly #unknown = new Map<string, number>();
  readonly #leftOut = new Map<string, number>();
  #plan: ManifestPlan | undefined;
  #counts: ManifestCounts | undefined;
  #images = 0;
  #filesDone = 0;
  #bytesDone = 0;
  #state: "new" | "reading" | "done" = "new";

  constructor(input: DatasetInput, options: DatasetOptions) {
    this.#input = input;
    this.#options = options;
    this.#problems = new ProblemLog(options.listed ?? LISTED);
    this.#remarks = new ProblemLog(options.listed ?? LISTED);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<DatasetBlock> {
    if (this.#state !== "new")
      throw new Error("Expected one pass over a dataset, got a second; start a new one");
    this.#state = "reading";
    await using blocks = new BlockStore<ManifestBlock>();
    try {
      await this.#readTables(blocks);
      if (!this.#problems.isEmpty || this.#plan === undefined) return;
      this.#words = this.#plan.attributes.map(() => new Renumber());
      await using pass = this.#openPass();
      for await (const block of blocks) {
        const kept = await this.#takeBlock(block, pass);
        if (kept.count > 0 && this.#problems.isEmpty) yield kept;
      }
      if (this.#images === 0 && this.#problems.isEmpty) {
        const message = () => "Expected at least one image that can be used, got none";
        this.#problems.add("EMPTY_FILE", { file: IMAGES }, message);
      }
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#problems.addFatal(error, error.file ?? MANIFEST);
    } finally {
      this.#state = "done";
    }
  }

  report(): DatasetReport {
    this.#requireDone();
    const counts = this.#counts;
    const { formats, bytes, rows, cols, sizes } = this.#summary;
    const { duplicates, acrossPatients, acrossParts } = this.#duplicates;
    return {
      rows: counts?.rows ?? 0,
      images: this.#images,
      patients: this.#patients.order.length,
      studies: this.#studies.order.length,
      files: {
        formats,
        bytes,
        rows,
        cols,
        sizes,
        duplicates,
        duplicatesAcrossPatients: acrossPatients,
        duplicatesAcrossParts: acrossParts,
        leftOut: Object.fromEntries(this.#leftOut),
        verified: this.#options.verify ?? "header",
      },
      remarks: [...this.#remarks.first],
      patientsInTwoSplits: counts?.patientsInTwoSplits ?? 0,
      implausibleAges: counts?.implausibleAges ?? 0,
      unmatched: counts?.unmatched ?? {},
      conflicts: counts?.conflicts ?? [],
      unknown: Object.fromEntries(this.#unknown),
      dictionaries: this.#dictionaries(),
      splits: this.#splits.order.map((code) => this.#plan?.splitWords?.raw[code] ?? ""),
      errors: [...this.#problems.first],
      errorTotals: this.#problems.totals,
    };
  }

  patientIds(): IdList {
    return this.#idsOf(this.#patients, this.#plan?.patients);
  }

  studyIds(): IdList {
    return this.#idsOf(this.#studies, this.#plan?.studies);
  }

  async #readTables(blocks: BlockStore<ManifestBlock>): Promise<void> {
    const { input, opened } = { input: this.#input, opened: new Map<string, TableReader>() };
    try {
      await this.#open(MANIFEST, input.manifest, opened);
      for (const [name, open] of input.tables) {
        if (Object.hasOwn(input.mapping.tables, name)) await this.#open(name, open, opened);
      }
      for (const name of Object.keys(input.mapping.tables)) {
        if (input.tables.has(name)) continue;
        const words = () => `Expected a file for the table "${name}" of the mapping, got none`;
        this.#problems.add("INVALID_MAPPING", { file: name }, words);
      }
      const manifest = opened.get(MANIFEST);
      if (manifest === undefined || !this.#problems.isEmpty) return;
      opened.delete(MANIFEST);
      const tables = new Map([...opened].map(([name, table]) => [name, table.header]));
      opened.set(MANIFEST, manifest);
      const plan = planManifest(input.mapping, { manifest: manifest.header, tables }, this.#problems);
      if (plan === undefined) return;
      this.#want(plan.manifest.name, manifest, plan.manifest.wanted);
      for (const { name, side } of plan.tables) this.#want(name, opened.get(name), side.wanted);
      if (!this.#problems.isEmpty) return;
      this.#plan = plan;
      const { signal, onProgress } = this.#options;
      this.#counts = await readManifest(
        {
          mapping: input.mapping,
          plan,
          manifest,
          tables: opened,
          known: input.known,
          search: input.mapping.path.search ? await searchBelow(input.root, signal) : undefined,
          onRows: (done) => onProgress?.({ phase: "tables", done, total: undefined, bytes: 0 }),
          signal,
        },
        blocks,
      );
      this.#checkManifest(this.#counts);
    } finally {
      for (const table of opened.values()) await table.close();
    }
  }

  async #open(name: string, open: OpenTable, opened: Map<string, TableReader>): Promise<void> {
    try {
      opened.set(
        name,
        await open((code, message, line) => this.#problems.add(code, { file: name, line }, () => message)),
      );
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#problems.addFatal(error, name);
    }
  }

  #want(name: string, table: TableReader | undefined, wanted: Parameters<TableReader["want"]>[0]): void {
    for (const { column, message } of table?.want(wanted) ?? []) {
      this.#problems.add("COLUMN_TYPE", { file: name, column }, () => message);
    }
  }

  #checkManifest({ rows, patientsInTwoSplits }: ManifestCounts): void {
    if (rows === 0) {
      this.#problems.add(
        "EMPTY_FILE",
        { file: MANIFEST, line: 1 },
        () => "Expected at least one image, got none",
      );
    }
    if (patientsInTwoSplits === 0 || this.#options.allowPatientsInTwoSplits === true) return;
    const column = this.#input.mapping.split?.column;
    const words = () =>
      `Expected each patient in one split, got ${patientsInTwoSplits} patients in two or more; split by patient, leave the split out, or record it with a reason`;
    this.#problems.add("PATIENT_IN_TWO_SPLITS", { file: MANIFEST, column }, words, patientsInTwoSplits);
  }

  #openPass(): FilePass {
    const { verify = "header", maxFileBytes = FILE_CAP, allowHardLinks = false, threads } = this.#options;
    const { root, known } = this.#input;
    const check = { root, verify, maxBytes: maxFileBytes, allowHardLinks, wantsAttributes: false };
    // Nothing is left to read where a layout has looked at every file.
    return openFilePass(check, known === undefined ? threads : 0);
  }

  async #lookAt(block: ManifestBlock, pass: FilePass): Promise<readonly FileResult[]> {
    const { known } = this.#input;
    const { signal, onProgress } = this.#options;
    const total = this.#counts?.rows;
    const results: FileResult[] = [];
    const asked: number[] = [];
    block.uris.forEach((uri, row) => {
      const fault = block.faults.get(row);
      const seen = fault === undefined ? known?.get(uri) : { ok: false as const, code: fault };
      if (seen === undefined) asked.push(row);
      else {
        results[row] = seen;
        this.#filesDone++;
        this.#bytesDone += seen.ok ? seen.bytes : 0;
      }
    });
    const onFiles = (files: number, bytes: number) => {
      this.#filesDone += files;
      this.#bytesDone += bytes;
      onProgress?.({ phase: "files", done: this.#filesDone, total, bytes: this.#bytesDone });
    };
    const uris = asked.map((row) => block.uris[row] ?? "");
    const found = await pass.check(uris, { onFiles, signal });
    found.forEach((result, index) => {
      results[asked[index] ?? 0] = result;
    });
    return results;
  }

  async #takeBlock(block: ManifestBlock, pass: FilePass): Promise<DatasetBlock> {
    const results = await this.#lookAt(block, pass);
    const kept: number[] = [];
    const facts: FileFacts[] = [];
    results.forEach((result, row) => {
      if (!result.ok) this.#leave(block, row, result.code);
      else {
        kept.push(row);
        facts.push(result);
      }
    });
    const sha256 = new Uint8Array(32 * kept.length);
    const patients = pick(block.patients, kept, this.#patients);
    const splits = pick(block.splits, kept, this.#splits);
    facts.forEach((fact, index) => {
      sha256.set(fact.sha256, 32 * index);
      this.#summary.note(fact);
      const another = this.#duplicates.note(
        fact.sha256,
        patients?.[index] ?? UNKNOWN_CODE,
        splits?.[index] ?? UNKNOWN_CODE,
      );
      if (another) this.#remarkDuplicate(block.lines[kept[index] ?? 0]);
    });
    this.#images += kept.length;
    return {
      count: kept.length,
      ids: kept.map((row) => block.ids[row] ?? ""),
      uris: kept.map((row) => block.uris[row] ?? ""),
      sha256,
      rows: Uint32Array.from(facts, ({ rows }) => rows),
      cols: Uint32Array.from(facts, ({ cols }) => cols),
      patients,
      studies: pick(block.studies, kept, this.#studies),
      splits,
      attributes: this.#attributes(block, kept),
      labels: this.#labels(block, kept),
    };
  }

  #attributes(block: ManifestBlock, kept: readonly number[]): (Uint32Array | Float64Array)[] {
    return block.attributes.map((values, index) => {
      const name = this.#plan?.attributes[index]?.name ?? "";
      if (values instanceof Uint32Array) {
        const codes = pick(values, kept, this.#words[index] ?? new Renumber()) ?? new Uint32Array(0);
        this.#countUnknown(name, codes, (code) => code === UNKNOWN_CODE);
        return codes;
      }
      const numbers = Float64Array.from(kept, (row) => values[row] ?? Number.NaN);
      this.#countUnknown(name, numbers, Number.isNaN);
      return numbers;
    });
  }

  #labels(block: ManifestBlock, kept: readonly number[]): Uint8Array[] {
    const { labels } = this.#input.mapping;
    return block.labels.map((values, index) => {
      const found = Uint8Array.from(kept, (row) => values[row] ?? UNKNOWN_TRUTH);
      const name = `${labels?.attribute}:${labels?.classes[index]}`;
      this.#countUnknown(name, found, (label) => label === UNKNOWN_TRUTH);
      return found;
    });
  }

  #countUnknown(name: string, values: ArrayLike<number>, isUnknown: (value: number) => boolean): void {
    let count = this.#unknown.get(name) ?? 0;
    // Safe: row < length.
    for (let row = 0; row < values.length; row++) if (isUnknown(values[row]!)) count++;
    if (count > 0) this.#unknown.set(name, count);
  }

  #leave(block: ManifestBlock, row: number, code: ImportErrorCode): void {
    const line = block.lines[row] ?? 0;
    const log = this.#options.onBadFile === "skip" ? this.#remarks : this.#problems;
    log.add(code, { file: IMAGES, line }, () => fileProblemWords(code));
    if (this.#options.onBadFile === "skip") this.#leftOut.set(code, (this.#leftOut.get(code) ?? 0) + 1);
    this.#options.onBad?.({ line, uri: block.uris[row] ?? "", code });
  }

  #remarkDuplicate(line: number | undefined): void {
    const words = () =>
      "Expected the images of two patients to differ, got the same file; one of the two patients is mistaken";
    this.#remarks.add("DUPLICATE_IMAGE", { file: IMAGES, line }, words);
  }

  #dictionaries(): Record<string, Dictionary> {
    const entries = (this.#plan?.attributes ?? []).flatMap(({ name, words }, index) => {
      const order = this.#words[index]?.order ?? [];
      if (words === undefined) return [];
      const dictionary: Dictionary = {
        raw: order.map((code) => words.raw[code] ?? ""),
        canonical: order.map((code) => words.meaning[code] ?? null),
      };
      return [[name, dictionary] as const];
    });
    return Object.fromEntries(entries);
  }

  #idsOf({ order }: Renumber, registry: KeyRegistry | undefined): IdList {
    this.#requireDone();
    const list = new IdListBuilder();
    const { bytes, offsets } = registry?.fresh ?? new IdListBuilder();
    // In bounds: the registry has handed no id on, so its list holds all of them.
    for (const code of order) list.append(bytes, offsets[code] as number, offsets[code + 1] as number);
    return list;
  }

  #requireDone(): void {
    if (this.#state !== "done")
      throw new Error("Expected the iteration to have ended, got a question before");
  }
}

function pick(
  codes: Uint32Array | undefined,
  kept: readonly number[],
  numbers: Renumber,
): Uint32Array | undefined {
  return codes && Uint32Array.from(kept, (row) => numbers.of(codes[row] ?? UNKNOWN_CODE));
}
