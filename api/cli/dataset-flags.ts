import { CommandError, exitCodes } from "./exit-code.ts";
import { list } from "./program-options.ts";

/** The options of `stratum import dataset` that say how to read the tables. */
export interface DatasetFlags {
  readonly path?: string;
  readonly search?: boolean;
  readonly id?: string;
  readonly patient?: string;
  readonly study?: string;
  /** A column, or false for --no-split. */
  readonly split?: string | false;
  readonly attribute: readonly string[];
  readonly number: readonly string[];
  readonly categoryMapping: readonly string[];
  readonly label: readonly string[];
  readonly labels?: string;
  readonly labelClasses?: string;
  readonly labelName: string;
  readonly uncertain?: string;
  readonly blankLabels?: string;
  readonly table: readonly string[];
  readonly join: readonly string[];
}

const numberNames: Readonly<Record<string, string>> = { age: "age", bmi: "number" };

/**
 * The mapping that the options describe, as a mapping file would hold it. With a layout, it goes over the layout's.
 *
 * @throws {CommandError} usage, naming the option that is malformed.
 */
export function datasetMappingOf(flags: DatasetFlags): Record<string, unknown> {
  const tables = new Set(pairs("--table", flags.table).map(([name]) => name));
  const cell = (text: string) => cellOf(text, tables);
  const attributes = attributesOf(flags, cell);
  const labels = labelsOf(flags, cell);
  const joins = pairs("--join", flags.join).map(([name, keys]) => {
    const [key = "", on] = keys.split("=");
    return [name, { key, ...(on === undefined ? {} : { on: cell(on) }) }] as const;
  });
  return {
    ...(flags.path === undefined ? {} : { path: pathOf(flags.path, flags.search === true) }),
    ...(flags.id === undefined ? {} : { id: cell(flags.id) }),
    ...(flags.patient === undefined ? {} : { patient: cell(flags.patient) }),
    ...(flags.study === undefined ? {} : { study: cell(flags.study) }),
    ...(typeof flags.split === "string" ? { split: cell(flags.split) } : {}),
    ...(flags.split === false ? { split: null } : {}),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(labels === undefined ? {} : { labels }),
    ...(joins.length === 0 ? {} : { tables: Object.fromEntries(joins) }),
  };
}

/** The files of --table, by name. */
export function tableFilesOf(flags: Pick<DatasetFlags, "table">): Record<string, string> {
  return Object.fromEntries(pairs("--table", flags.table));
}

function pathOf(text: string, search: boolean): Record<string, unknown> {
  return { ...(text.includes("{") ? { template: text } : { column: text }), ...(search ? { search } : {}) };
}

/** `column`, `column[1]`, `column[0:1]` (segments of a path), or `table.column` of a table of --table. */
function cellOf(text: string, tables: ReadonlySet<string>): unknown {
  const dot = text.indexOf(".");
  const table = text.slice(0, Math.max(dot, 0));
  if (tables.has(table)) return { column: text.slice(dot + 1), table };
  const [, column, from, to] = /^(.+)\[(-?\d+)(?::(-?\d+))?\]$/.exec(text) ?? [];
  if (column === undefined) return text;
  return { column, parts: [Number(from), Number(to ?? from)] };
}

function attributesOf(flags: DatasetFlags, cell: (text: string) => unknown): Record<string, unknown> {
  const mappings = new Map(pairs("--category-mapping", flags.categoryMapping));
  const categories = pairs("--attribute", flags.attribute).map(([name, column]) => {
    const mapping = mappings.get(name);
    return [
      name,
      {
        column: cell(column),
        kind: numberNames[name] ?? "category",
        ...(mapping === undefined ? {} : { mapping }),
      },
    ] as const;
  });
  const numbers = pairs("--number", flags.number).map(
    ([name, column]) => [name, { column: cell(column), kind: "number" }] as const,
  );
  return Object.fromEntries([...categories, ...numbers]);
}

function labelsOf(flags: DatasetFlags, cell: (text: string) => unknown): Record<string, unknown> | undefined {
  const columns = pairs("--label", flags.label).map(([name, column]) => [name, cell(column)] as const);
  if (columns.length === 0 && flags.labels === undefined) return undefined;
  if (columns.length > 0 && flags.labels !== undefined) throw usage("Expected --label or --labels, got both");
  const policies = {
    ...(flags.uncertain === undefined ? {} : { uncertain: flags.uncertain }),
    ...(flags.blankLabels === undefined ? {} : { blank: flags.blankLabels }),
  };
  if (flags.labels === undefined) {
    return { attribute: flags.labelName, columns: Object.fromEntries(columns), ...policies };
  }
  if (flags.labelClasses === undefined) throw usage("Expected --label-classes with --labels, got none");
  return {
    attribute: flags.labelName,
    classes: list(flags.labelClasses),
    list: { column: cell(flags.labels) },
    ...policies,
  };
}

function pairs(option: string, given: readonly string[]): (readonly [string, string])[] {
  return given.map((text) => {
    const at = text.indexOf("=");
    if (at < 1 || at === text.length - 1) throw usage(`Expected ${option} NAME=VALUE, got "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
}

function usage(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}
