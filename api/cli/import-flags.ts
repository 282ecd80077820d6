import { CommandError, exitCodes } from "./exit-code.ts";
import { list } from "./program-options.ts";

/** The options of `stratum import predictions` that say how to read the columns. */
export interface ImportFlags {
  readonly id?: string;
  readonly patient?: string;
  readonly study?: string;
  readonly split?: string;
  readonly kind?: string;
  readonly task?: string;
  readonly truth?: string;
  readonly label: readonly string[];
  readonly score: readonly string[];
  readonly classColumn?: string;
  readonly scoreColumn?: string;
  readonly classes?: string;
  readonly scoreKind: string;
  readonly attribute: readonly string[];
  readonly number: readonly string[];
  readonly categoryMapping: readonly string[];
  readonly attributesFile?: string;
  readonly attributesId?: string;
}

/** Attributes that are numbers wherever they stand. */
const numberNames: Readonly<Record<string, string>> = { age: "age", bmi: "number" };

/**
 * The mapping that the options describe, as a mapping file would hold it.
 *
 * @throws {CommandError} usage, naming the option that is missing or malformed.
 */
export function mappingOfFlags(flags: ImportFlags): Record<string, unknown> {
  if (flags.id === undefined) throw usage("Expected --id COLUMN (or --mapping FILE), got neither");
  const { scores, classes } = scoresOf(flags);
  const labels = pairs("--label", flags.label);
  const kind =
    flags.kind ?? (labels.length > 0 ? "multilabel" : classes.length === 1 ? "binary" : "multiclass");
  const task = flags.task ?? (kind === "multilabel" ? "finding" : flags.truth);
  if (task === undefined) throw usage("Expected --truth COLUMN or --task NAME, got neither");
  return {
    id: flags.id,
    ...(flags.patient === undefined ? {} : { patient: flags.patient }),
    ...(flags.study === undefined ? {} : { study: flags.study }),
    ...(flags.split === undefined ? {} : { split: flags.split }),
    task: { kind, attribute: task, classes: kind === "binary" ? binaryClasses(classes) : classes },
    ...truthOf(kind, flags, labels),
    scores,
    scoreKind: flags.scoreKind,
    attributes: attributesOf(flags),
    ...(flags.attributesFile === undefined ? {} : { attributesFile: { id: flags.attributesId ?? flags.id } }),
  };
}

function scoresOf(flags: ImportFlags): { scores: Record<string, unknown>; classes: readonly string[] } {
  if (flags.classColumn !== undefined || flags.scoreColumn !== undefined) {
    if (flags.classColumn === undefined || flags.scoreColumn === undefined || flags.classes === undefined) {
      throw usage(
        "Expected --class-column, --score-column and --classes together for the long form, got some of them",
      );
    }
    const { classColumn, scoreColumn } = flags;
    return { scores: { form: "long", classColumn, scoreColumn }, classes: list(flags.classes) };
  }
  const columns = pairs("--score", flags.score);
  if (columns.length === 0) throw usage("Expected at least one --score CLASS=COLUMN, got none");
  return {
    scores: { form: "wide", columns: Object.fromEntries(columns) },
    classes: columns.map(([name]) => name),
  };
}

function binaryClasses(classes: readonly string[]): readonly string[] {
  const [only, other] = classes;
  if (only === undefined) throw usage("Expected one or two classes for a binary task, got none");
  return other === undefined ? [`not ${only}`, only] : [only, other];
}

function truthOf(
  kind: string,
  flags: ImportFlags,
  labels: readonly (readonly [string, string])[],
): Record<string, unknown> {
  if (kind === "multilabel") {
    if (labels.length > 0) return { truth: { columns: Object.fromEntries(labels) } };
    return flags.truth === undefined ? {} : { truth: { column: flags.truth } };
  }
  return flags.truth === undefined ? {} : { truth: { column: flags.truth } };
}

function attributesOf(flags: ImportFlags): Record<string, unknown> {
  const mappings = new Map(pairs("--category-mapping", flags.categoryMapping));
  const categories = pairs("--attribute", flags.attribute).map(([name, column]) => {
    const mapping = mappings.get(name);
    return [
      name,
      { column, kind: numberNames[name] ?? "category", ...(mapping === undefined ? {} : { mapping }) },
    ] as const;
  });
  const numbers = pairs("--number", flags.number).map(
    ([name, column]) => [name, { column, kind: "number" }] as const,
  );
  return Object.fromEntries([...categories, ...numbers]);
}

function pairs(option: string, given: readonly string[]): (readonly [string, string])[] {
  return given.map((text) => {
    const at = text.indexOf("=");
    if (at < 1 || at === text.length - 1) throw usage(`Expected ${option} NAME=COLUMN, got "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
}

function usage(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}
