import type { CellNeed, WantedColumn } from "../tabular.ts";
import type { ColumnDecoder, DecodedColumn } from "./column-decoder.ts";
import type { FrameLayout } from "./frame.ts";
import type { ImportFile } from "./import-error.ts";
import type { FieldRef, FilePlan, ImportPlan } from "./import-plan.ts";
import { KeyDecoder, KeyRegistry } from "./key-decoder.ts";
import { LabelDecoder } from "./label-decoder.ts";
import { NumberDecoder } from "./number-decoder.ts";
import { nearestWord, type ProblemLog } from "./problem-log.ts";
import { ScoreDecoder } from "./score-decoder.ts";
import type { ColumnRef, PredictionMapping } from "./types.ts";
import { WordDecoder } from "./word-decoder.ts";
import { judgeAttribute, judgeClass, judgeLabel } from "./word-judges.ts";

/** The most distinct names of splits. */
export const SPLIT_CAP = 250;

/** Headers of the files at hand. */
export interface Headers {
  readonly predictions: readonly string[];
  readonly attributes?: readonly string[];
}

/**
 * Settles what is read from where. Columns that are missing or ambiguous go to `problems`, all of them; the plan is
 * then undefined.
 */
export function planImport(
  mapping: PredictionMapping,
  headers: Headers,
  problems: ProblemLog,
): ImportPlan | undefined {
  const builder = new PlanBuilder(headers, problems);
  const plan = builder.build(mapping);
  return problems.isEmpty ? plan : undefined;
}

class FileSide {
  readonly file: ImportFile;
  readonly header: readonly string[];
  readonly wanted: WantedColumn[] = [];
  readonly decoders: ColumnDecoder[] = [];
  readonly layout = { f64: 0, u32: 0, f32: 0, u8: 0 };
  readonly fieldColumns: Record<keyof FrameLayout, string[]> = { f64: [], u32: [], f32: [], u8: [] };

  /** Names the columns of the frame that were added last. */
  name(column: string): void {
    for (const type of ["f64", "u32", "f32", "u8"] as const) {
      while (this.fieldColumns[type].length < this.layout[type]) this.fieldColumns[type].push(column);
    }
  }

  constructor(file: ImportFile, header: readonly string[]) {
    this.file = file;
    this.header = header;
  }

  plan(idColumn: string): FilePlan {
    return { ...this, idColumn };
  }
}

interface Place {
  readonly side: FileSide;
  readonly index: number;
  readonly column: string;
}

class PlanBuilder {
  readonly #problems: ProblemLog;
  readonly #predictions: FileSide;
  readonly #attributes: FileSide | undefined;

  constructor(headers: Headers, problems: ProblemLog) {
    this.#problems = problems;
    this.#predictions = new FileSide("predictions", headers.predictions);
    this.#attributes = headers.attributes && new FileSide("attributes", headers.attributes);
  }

  build(mapping: PredictionMapping): ImportPlan {
    const { task, scores, truth } = mapping;
    const predictions = this.#predictions;
    const attributes = this.#attributes;
    this.#add(this.#inFile(predictions, mapping.id), "key");
    if (attributes !== undefined && mapping.attributesFile !== undefined) {
      this.#add(this.#inFile(attributes, mapping.attributesFile.id), "key");
    }
    const isLong = scores.form === "long";
    const scoredClasses = isLong
      ? task.classes
      : task.classes.filter((name) => Object.hasOwn(scores.columns, name));
    if (isLong) {
      const judge = judgeClass(task, scores.classMap);
      this.#decode(this.#inFile(predictions, scores.classColumn), "text", (at) => {
        return new WordDecoder(at, undefined, judge, { meaningSlot: predictions.layout.u8++ });
      });
      this.#score(scores.scoreColumn, mapping);
    } else for (const name of scoredClasses) this.#score(scores.columns[name] ?? "", mapping);
    let label: number | undefined;
    if (isLong && truth?.kind === "labels" && truth.column !== undefined) {
      label = predictions.layout.u8++;
      const slot = label;
      this.#decode(
        this.#resolveIn(predictions, truth.column),
        "any",
        (at) => new LabelDecoder(at, slot, { uncertain: truth.uncertain }),
      );
    }
    const firstShared = predictions.layout.u8;
    const truthPlan = this.#truth(mapping);
    const patients = new KeyRegistry();
    const studies = new KeyRegistry();
    const patientPlace = this.#resolve(mapping.patient);
    const patient = this.#key(patientPlace, patients);
    const patientAgain = this.#key(this.#otherPatient(mapping.patient, patientPlace), patients);
    const study = this.#key(this.#resolve(mapping.study), studies);
    let splitWords: WordDecoder | undefined;
    const split = this.#decode(this.#resolve(mapping.split), "text", (at, layout) => {
      splitWords = new WordDecoder(at, layout.u32, (word) => ({ kind: "value", meaning: word }), {
        cap: SPLIT_CAP,
      });
      return { decoder: splitWords, index: layout.u32++ };
    });
    const categoryWords = new Map<string, WordDecoder>();
    const ages: NumberDecoder[] = [];
    const fields = Object.entries(mapping.attributes).map(([name, attribute]) => {
      const { kind } = attribute;
      const need = kind === "category" ? "text" : kind === "number" ? "number" : "any";
      const field = this.#decode(this.#resolve(attribute.column), need, (at, layout) => {
        if (kind === "category") {
          const decoder = new WordDecoder(at, layout.u32, judgeAttribute(attribute));
          categoryWords.set(name, decoder);
          return { decoder, index: layout.u32++ };
        }
        const decoder = new NumberDecoder(at, layout.f64, attribute);
        ages.push(decoder);
        return { decoder, index: layout.f64++ };
      });
      return { name, kind, field: field ?? nowhere };
    });
    const labels = label === undefined ? 0 : task.classes.length;
    const sharedBytes = Array.from({ length: predictions.layout.u8 - firstShared }, (_, at) => ({
      row: firstShared + at,
      block: labels + at,
    }));
    const inBlock = (field: FieldRef | undefined): FieldRef | undefined =>
      isLong && field?.file === "predictions"
        ? { ...field, index: field.index - firstShared + labels }
        : field;
    return {
      predictions: predictions.plan(mapping.id),
      attributesFile: attributes?.plan(mapping.attributesFile?.id ?? ""),
      long: isLong ? { classIndex: 0, label, sharedBytes } : undefined,
      blockLayout: isLong
        ? { ...predictions.layout, f32: scoredClasses.length, u8: labels + sharedBytes.length }
        : predictions.layout,
      scoredClasses,
      truth:
        label !== undefined
          ? { kind: "labels", columns: task.classes.map((_, index) => ({ file: "predictions", index })) }
          : truthPlan?.kind === "class"
            ? { ...truthPlan, code: inBlock(truthPlan.code) ?? nowhere }
            : truthPlan && { kind: "labels", columns: truthPlan.columns.map(inBlock) },
      patient,
      patientAgain,
      study,
      split,
      attributes: fields,
      patients,
      studies,
      splitWords,
      categoryWords,
      ages,
    };
  }

  #score(column: string, mapping: PredictionMapping): void {
    const slot = this.#predictions.layout.f32++;
    const place = this.#inFile(this.#predictions, column);
    this.#decode(place, "number", (at) => new ScoreDecoder(at, slot, mapping.scoreKind));
  }

  #truth({ task, truth }: PredictionMapping): ImportPlan["truth"] {
    if (truth === undefined) return undefined;
    if (truth.kind === "class") {
      let words: WordDecoder | undefined;
      let raw = 0;
      const code = this.#decode(this.#resolve(truth.column), "text", (at, layout) => {
        raw = layout.u32++;
        words = new WordDecoder(at, raw, judgeLabel(task, truth), { meaningSlot: layout.u8 });
        return { decoder: words, index: layout.u8++ };
      });
      return code && words && { kind: "class", code, raw: { file: code.file, index: raw }, words };
    }
    const columns = task.classes.map((name) => {
      const column = Object.hasOwn(truth.columns, name) ? truth.columns[name] : undefined;
      return this.#decode(this.#resolve(column), "any", (at, layout) => ({
        decoder: new LabelDecoder(at, layout.u8, { uncertain: truth.uncertain }),
        index: layout.u8++,
      }));
    });
    return { kind: "labels", columns };
  }

  #key(place: Place | undefined, registry: KeyRegistry): FieldRef | undefined {
    return this.#decode(place, "key", (at, layout) => ({
      decoder: new KeyDecoder(at, layout.u32, registry),
      index: layout.u32++,
    }));
  }

  /** The patient column of the attributes file, where a plain name is found in both. */
  #otherPatient(ref: ColumnRef | undefined, found: Place | undefined): Place | undefined {
    if (typeof ref !== "string" || found?.side !== this.#predictions) return undefined;
    const other = this.#attributes;
    return other?.header.includes(ref) ? this.#inFile(other, ref) : undefined;
  }

  #decode(
    place: Place | undefined,
    need: CellNeed,
    make: (
      at: DecodedColumn,
      layout: FileSide["layout"],
    ) => ColumnDecoder | { decoder: ColumnDecoder; index: number },
  ): FieldRef | undefined {
    if (place === undefined) return undefined;
    const { side, column } = place;
    const made = make({ file: side.file, column, problems: this.#problems }, side.layout);
    const { decoder, index } = "decoder" in made ? made : { decoder: made, index: 0 };
    side.name(column);
    this.#add(place, need);
    side.decoders.push(decoder);
    return { file: side.file, index };
  }

  #add(place: Place | undefined, need: CellNeed): void {
    if (place !== undefined) place.side.wanted.push({ index: place.index, need });
  }

  #resolve(ref: ColumnRef | undefined): Place | undefined {
    if (ref === undefined) return undefined;
    if (typeof ref !== "string") {
      const side = ref.file === "attributes" ? this.#attributes : this.#predictions;
      return side && this.#inFile(side, ref.column);
    }
    const other = this.#attributes;
    const inOther = !this.#predictions.header.includes(ref) && other?.header.includes(ref);
    return this.#inFile(inOther && other ? other : this.#predictions, ref);
  }

  #resolveIn(side: FileSide, ref: ColumnRef): Place | undefined {
    return this.#inFile(side, typeof ref === "string" ? ref : ref.column);
  }

  #inFile(side: FileSide, column: string): Place | undefined {
    const { file, header } = side;
    const index = header.indexOf(column);
    if (index < 0) {
      const where = this.#attributes === undefined ? "the file" : `the ${file} file`;
      const nearest = nearestWord(column, header);
      const hint = nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest.slice(0, 60))}?`;
      this.#problems.add(
        "MISSING_COLUMN",
        { file, line: 1, column },
        () => `Expected a column ${JSON.stringify(column)} in ${where}, got ${header.length} others${hint}`,
      );
      return undefined;
    }
    if (header.indexOf(column, index + 1) >= 0) {
      this.#problems.add(
        "DUPLICATE_COLUMN",
        { file, line: 1, column },
        () => `Expected one column ${JSON.stringify(column)}, got it more than once; rename one`,
      );
      return undefined;
    }
    return { side, index, column };
  }
}

/** Stands for a column that was not found; the plan is then refused. */
const nowhere: FieldRef = { file: "predictions", index: 0 };
