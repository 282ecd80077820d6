import { stringsOf } from "../../../../compute/data/predictions/id-list.ts";
import { parsePredictionMapping } from "../../../../compute/data/predictions/parse-mapping.ts";
import { readPredictions } from "../../../../compute/data/predictions/read-predictions.ts";
import {
  type ExistingImages,
  type PredictionBlock,
  type ReadOptions,
  type ReadReport,
  UNKNOWN_CODE,
} from "../../../../compute/data/predictions/types.ts";
import { type ByteSource, bytesSource } from "../../../../compute/data/tabular-source.ts";

/** Everything that came out of an import, copied into plain values. */
export interface ReadAll {
  readonly ids: string[];
  /** By class. */
  readonly scores: Record<string, number[]>;
  /** By class for labels; under "class" and "raw" for exclusive classes. */
  readonly truth: Record<string, number[]>;
  /** Patient and study ids by image, undefined when unknown. */
  readonly patients: (string | undefined)[];
  readonly studies: (string | undefined)[];
  readonly splits: (string | undefined)[];
  /** Recorded words, or numbers. */
  readonly attributes: Record<string, (string | number | undefined)[]>;
  readonly blocks: number;
  readonly report: ReadReport;
}

export interface Input {
  readonly predictions: string | Uint8Array | ByteSource;
  readonly attributes?: string | Uint8Array | ByteSource;
  readonly mapping: unknown;
  readonly existing?: ExistingImages;
  readonly options?: ReadOptions;
}

function sourceOf(content: string | Uint8Array | ByteSource): ByteSource {
  if (typeof content === "string") return bytesSource(new TextEncoder().encode(content));
  return content instanceof Uint8Array ? bytesSource(content) : content;
}

/** Runs an import to its end and gathers what it gives. */
export async function readAll({
  predictions,
  attributes,
  mapping,
  existing,
  options,
}: Input): Promise<ReadAll> {
  const parsed = parsePredictionMapping(mapping);
  const reader = readPredictions(
    {
      predictions: { bytes: sourceOf(predictions) },
      ...(attributes === undefined ? {} : { attributes: { bytes: sourceOf(attributes) } }),
      mapping: parsed,
      ...(existing === undefined ? {} : { existing }),
    },
    options,
  );
  const ids: string[] = [];
  const known = { patients: [] as string[], studies: [] as string[] };
  const scores: Record<string, number[]> = {};
  const truth: Record<string, number[]> = {};
  const ordinals = { patients: [] as number[], studies: [] as number[], splits: [] as number[] };
  const columns: Record<string, number[]> = {};
  const kinds = new Map<string, string>();
  const push = (
    into: Record<string, number[]>,
    name: string,
    block: PredictionBlock,
    values: ArrayLike<number>,
  ) => {
    const list = (Object.hasOwn(into, name) ? into[name] : undefined) ?? [];
    for (let row = 0; row < block.rowCount; row++) list.push(values[row] ?? Number.NaN);
    into[name] = list;
  };
  let blocks = 0;
  let images = 0;
  for await (const event of reader) {
    if (event.kind !== "block") {
      if (event.first !== known[event.kind].length) throw new Error("Expected new ids without gaps");
      known[event.kind].push(...stringsOf(event.ids));
      continue;
    }
    if (event.firstOrdinal !== images) throw new Error("Expected blocks without gaps");
    images += event.rowCount;
    blocks++;
    if (event.ids !== undefined) ids.push(...stringsOf(event.ids));
    event.scores.forEach((column, at) => {
      push(scores, reader.scoredClasses[at] ?? "?", event, column);
    });
    if (event.truth?.kind === "class") {
      push(truth, "class", event, event.truth.codes);
      push(truth, "raw", event, event.truth.raw);
    } else if (event.truth !== undefined) {
      event.truth.columns.forEach((column, at) => {
        push(truth, parsed.task.classes[at] ?? "?", event, column);
      });
    }
    for (const key of ["patients", "studies", "splits"] as const) {
      const column = event[key];
      if (column !== undefined) push(ordinals, key, event, column);
    }
    for (const attribute of event.attributes) {
      kinds.set(attribute.name, attribute.kind);
      push(
        columns,
        attribute.name,
        event,
        attribute.kind === "category" ? attribute.codes : attribute.values,
      );
    }
  }
  const report = reader.report();
  const named = (codes: readonly number[], names: readonly string[]) =>
    codes.map((code) => (code === UNKNOWN_CODE ? undefined : (names[code] ?? "no such code")));
  return {
    ids,
    scores,
    truth,
    patients: named(ordinals.patients, known.patients),
    studies: named(ordinals.studies, known.studies),
    splits: named(ordinals.splits, report.splits),
    attributes: Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [
        name,
        kinds.get(name) === "category" ? named(values, report.dictionaries[name]?.raw ?? []) : values,
      ]),
    ),
    blocks,
    report,
  };
}

/** Code, line, column and file of each listed problem. */
export function placesOf(report: ReadReport): (readonly [string, number | undefined, string | undefined])[] {
  return report.errors.map(({ code, line, column }) => [code, line, column] as const);
}
