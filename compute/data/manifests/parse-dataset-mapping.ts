import {
  choice,
  isObject,
  type Json,
  object,
  only,
  optional,
  record,
  refuse,
  text,
  texts,
} from "../predictions/mapping-json.ts";
import { parseAttribute } from "../predictions/parse-attribute.ts";
import { CLASS_CAP } from "../predictions/parse-mapping.ts";
import {
  type CellRef,
  type DatasetAttribute,
  type DatasetMapping,
  type LabelsMapping,
  labelBlankPolicies,
  labelUncertainPolicies,
  type PathMapping,
  severalPolicies,
  type TableMapping,
} from "./dataset-mapping.ts";
import { parseTemplate } from "./path-template.ts";

/** The most tables that a manifest is joined to. */
const TABLE_CAP = 16;
const ATTRIBUTE_CAP = 500;
/** Names that the warehouse gives columns of its own. */
const reserved: readonly string[] = ["patient", "study", "split"];

type CellReader = (value: unknown, at: string) => CellRef;

/**
 * Checks a mapping given as JSON and fills in its defaults. Its result may be stored and parsed again: it stays equal.
 *
 * Short forms: a cell may be a column name; `path` too; an attribute may be a cell (its kind is then age for `age`,
 * number for `bmi`, else category); a table may be the name of its key column where the manifest's has the same name.
 *
 * @throws {ImportError} INVALID_MAPPING, naming the place as in `attributes.sex.kind`.
 */
export function parseDatasetMapping(json: unknown): DatasetMapping {
  const root = object(json, "mapping");
  only(root, "mapping", ["path", "id", "patient", "study", "split", "attributes", "labels", "tables"]);
  const tables = record(root["tables"] ?? {}, "tables", parseTable);
  if (Object.keys(tables).length > TABLE_CAP) refuse("tables", `at most ${TABLE_CAP} tables`, "more");
  const cell: CellReader = (value, at) => cellRef(value, at, tables);
  const id = optional(root["id"], (value) => cell(value, "id"));
  const patient = optional(root["patient"], (value) => cell(value, "patient"));
  const study = optional(root["study"], (value) => cell(value, "study"));
  const split = optional(root["split"], (value) => cell(value, "split"));
  if (id?.table !== undefined) refuse("id", "a column of the manifest", "one of a joined table");
  const labels = optional(root["labels"], (value) => parseLabels(value, cell));
  const attributes = record(root["attributes"] ?? {}, "attributes", (value, at, name) => {
    if (reserved.includes(name))
      refuse(at, `no attribute named ${reserved.join(", ")}`, "one; name it otherwise");
    return parseDatasetAttribute(value, at, name, cell);
  });
  if (Object.keys(attributes).length > ATTRIBUTE_CAP) {
    refuse("attributes", `at most ${ATTRIBUTE_CAP} attributes`, "more");
  }
  for (const name of labels?.classes ?? []) {
    const full = `${labels?.attribute}:${name}`;
    if (Object.hasOwn(attributes, full))
      refuse("labels", "labels that are no attributes too", `"${full}" twice`);
  }
  return {
    path: parsePath(root["path"]),
    ...(id === undefined ? {} : { id }),
    ...(patient === undefined ? {} : { patient }),
    ...(study === undefined ? {} : { study }),
    ...(split === undefined ? {} : { split }),
    attributes,
    ...(labels === undefined ? {} : { labels }),
    tables,
  };
}

function parsePath(value: unknown): PathMapping {
  const json: Json = typeof value === "string" ? { column: value } : object(value, "path");
  only(json, "path", ["column", "template", "search", "drop"]);
  const column = optional(json["column"], (name) => text(name, "path.column"));
  if ((column === undefined) === (json["template"] == null)) {
    refuse("path", "a column or a template", column === undefined ? "neither" : "both");
  }
  const template = column === undefined ? text(json["template"], "path.template") : `{${column}}`;
  parseTemplate(template);
  const drop = json["drop"] ?? 0;
  if (typeof drop !== "number" || !Number.isInteger(drop) || drop < 0 || drop > 32) {
    return refuse("path.drop", "a whole number from 0 to 32", "another");
  }
  return { template, search: flag(json["search"], "path.search"), drop };
}

function parseTable(value: unknown, at: string): TableMapping {
  const json: Json = typeof value === "string" ? { key: value } : object(value, at);
  only(json, at, ["key", "on", "several", "unmatched"]);
  const key = text(json["key"], `${at}.key`);
  return {
    key,
    on: cellRef(json["on"] ?? key, `${at}.on`, {}),
    several: choice(json["several"] ?? "agree", severalPolicies, `${at}.several`),
    unmatched: choice(json["unmatched"] ?? "unknown", ["unknown", "error"] as const, `${at}.unmatched`),
  };
}

function parseDatasetAttribute(value: unknown, at: string, name: string, cell: CellReader): DatasetAttribute {
  const isCell = typeof value === "string" || (isObject(value) && ("table" in value || "parts" in value));
  const json: Json = isCell ? { column: value } : object(value, at);
  const { anchor: given, ...rest } = json;
  const attribute = parseAttribute(rest, at, name, cell);
  const anchor = optional(given, (found) => {
    const place = object(found, `${at}.anchor`);
    only(place, `${at}.anchor`, ["year", "date"]);
    if (attribute.kind !== "age")
      refuse(`${at}.anchor`, "no anchor but for an age", `kind "${attribute.kind}"`);
    return { year: cell(place["year"], `${at}.anchor.year`), date: cell(place["date"], `${at}.anchor.date`) };
  });
  return { ...attribute, ...(anchor === undefined ? {} : { anchor }) };
}

function parseLabels(value: unknown, cell: CellReader): LabelsMapping {
  const json = object(value, "labels");
  only(json, "labels", ["attribute", "classes", "columns", "list", "uncertain", "blank"]);
  const columns = optional(json["columns"], (given) => record(given, "labels.columns", cell));
  const classes =
    json["classes"] == null && columns !== undefined
      ? Object.keys(columns)
      : texts(json["classes"], "labels.classes");
  if (classes.length < 1 || classes.length > CLASS_CAP) {
    refuse("labels.classes", `1 to ${CLASS_CAP} classes`, `${classes.length}`);
  }
  if (new Set(classes).size !== classes.length) refuse("labels.classes", "distinct classes", "one twice");
  const known = (name: unknown, at: string) => {
    const word = text(name, at);
    return classes.includes(word) ? word : refuse(at, "a class of the labels", `"${word.slice(0, 40)}"`);
  };
  for (const name of classes) {
    if (columns !== undefined && !Object.hasOwn(columns, name)) {
      refuse("labels.columns", `a column for class "${name}"`, "none");
    }
  }
  for (const name of Object.keys(columns ?? {})) known(name, "labels.columns");
  const list = optional(json["list"], (given) => {
    const listed: Json = typeof given === "string" ? { column: given } : object(given, "labels.list");
    only(listed, "labels.list", ["column", "separator", "map", "alone"]);
    return {
      column: cell(listed["column"], "labels.list.column"),
      separator: text(listed["separator"] ?? "|", "labels.list.separator"),
      map: record(listed["map"] ?? {}, "labels.list.map", known),
      alone: texts(listed["alone"] ?? [], "labels.list.alone").map((name) =>
        known(name, "labels.list.alone"),
      ),
    };
  });
  if ((columns === undefined) === (list === undefined)) {
    refuse("labels", "columns or a list", columns === undefined ? "neither" : "both");
  }
  const uncertain = optional(json["uncertain"], (policy) =>
    choice(policy, labelUncertainPolicies, "labels.uncertain"),
  );
  return {
    attribute: text(json["attribute"] ?? "finding", "labels.attribute"),
    classes,
    ...(columns === undefined ? {} : { columns }),
    ...(list === undefined ? {} : { list }),
    ...(uncertain === undefined ? {} : { uncertain }),
    blank: choice(json["blank"] ?? "unknown", labelBlankPolicies, "labels.blank"),
  };
}

function cellRef(value: unknown, at: string, tables: Readonly<Record<string, TableMapping>>): CellRef {
  const json: Json = typeof value === "string" ? { column: value } : object(value, at);
  only(json, at, ["column", "table", "parts"]);
  const table = optional(json["table"], (name) => text(name, `${at}.table`));
  if (table !== undefined && !Object.hasOwn(tables, table)) {
    refuse(`${at}.table`, "a table of the mapping", `"${table.slice(0, 40)}"`);
  }
  const parts = optional(json["parts"], (range) => partsOf(range, `${at}.parts`));
  if (table !== undefined && parts !== undefined)
    refuse(at, "parts of a cell of the manifest", "of another table");
  return {
    column: text(json["column"], `${at}.column`),
    ...(table === undefined ? {} : { table }),
    ...(parts === undefined ? {} : { parts }),
  };
}

function partsOf(value: unknown, at: string): readonly [number, number] {
  const range: unknown[] = Array.isArray(value) ? value : [value, value];
  const [from, to] = range;
  const isPlace = (part: unknown): part is number =>
    typeof part === "number" && Number.isInteger(part) && Math.abs(part) <= 64;
  if (range.length !== 2 || !isPlace(from) || !isPlace(to)) {
    return refuse(at, "a segment, or the first and last of several", "something else");
  }
  return [from, to];
}

function flag(value: unknown, at: string): boolean {
  if (value === undefined || value === null) return false;
  return typeof value === "boolean" ? value : refuse(at, "true or false", "something else");
}
