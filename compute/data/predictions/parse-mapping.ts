import { ImportError, type ImportFile } from "./import-error.ts";
import {
  type AttributeKind,
  type AttributeMapping,
  type AttributesFileMapping,
  attributeKinds,
  type ColumnRef,
  type PredictionMapping,
  type PredictionTask,
  type ScoreMapping,
  scoreKinds,
  type TruthMapping,
  taskKinds,
  uncertainPolicies,
} from "./types.ts";

/** The most classes of a task: a truth code is one byte, and some codes are taken. */
export const CLASS_CAP = 250;
const TEXT_CAP = 400;
const ENTRY_CAP = 10_000;

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks a mapping given as JSON and fills in its defaults. Its result may be stored and parsed again: it stays equal.
 *
 * Short forms: `truth` may be a column name, `scores` may be `{class: column}`, an attribute may be a column name
 * (its kind is then age for `age`, number for `bmi`, else category), `attributesFile` may be the name of its id column.
 *
 * @throws {ImportError} INVALID_MAPPING, naming the place as in `attributes.sex.kind`.
 */
export function parsePredictionMapping(json: unknown): PredictionMapping {
  const root = object(json, "mapping");
  only(root, "mapping", [
    "id",
    "patient",
    "study",
    "split",
    "form",
    "task",
    "truth",
    "scores",
    "scoreKind",
    "attributes",
    "attributesFile",
  ]);
  const task = parseTask(root["task"]);
  const form = parseForm(root);
  const attributesFile = optional(root["attributesFile"], parseAttributesFile);
  const reference = (value: unknown, at: string) => columnRef(value, at, attributesFile !== undefined);
  const patient = optional(root["patient"], (value) => reference(value, "patient"));
  const study = optional(root["study"], (value) => reference(value, "study"));
  const split = optional(root["split"], (value) => reference(value, "split"));
  const truth = optional(root["truth"], (value) => parseTruth(value, task, form, reference));
  return {
    id: text(root["id"], "id"),
    ...(patient === undefined ? {} : { patient }),
    ...(study === undefined ? {} : { study }),
    ...(split === undefined ? {} : { split }),
    task,
    ...(truth === undefined ? {} : { truth }),
    scores: parseScores(root["scores"], task, form),
    scoreKind: choice(root["scoreKind"] ?? "probability", scoreKinds, "scoreKind"),
    attributes: record(root["attributes"] ?? {}, "attributes", (value, at, name) =>
      parseAttribute(value, at, name, reference),
    ),
    ...(attributesFile === undefined ? {} : { attributesFile }),
  };
}

function parseTask(value: unknown): PredictionTask {
  const json = object(value, "task");
  only(json, "task", ["kind", "attribute", "classes"]);
  const kind = choice(json["kind"], taskKinds, "task.kind");
  const classes = texts(json["classes"], "task.classes");
  const least = kind === "multilabel" ? 1 : 2;
  const most = kind === "binary" ? 2 : CLASS_CAP;
  if (classes.length < least || classes.length > most) {
    const count = least === most ? `${least} classes, [negative, positive],` : `${least} to ${most} classes`;
    refuse("task.classes", `${count} for a ${kind} task`, `${classes.length}`);
  }
  if (new Set(classes).size !== classes.length) refuse("task.classes", "distinct classes", "one twice");
  return { kind, attribute: text(json["attribute"], "task.attribute"), classes };
}

function parseForm(root: Json): "wide" | "long" {
  const scores = root["scores"];
  const inner = isObject(scores) && !isColumns(scores) ? scores["form"] : undefined;
  const implied = isObject(scores) && "classColumn" in scores && "scoreColumn" in scores ? "long" : "wide";
  return choice(root["form"] ?? inner ?? implied, ["wide", "long"] as const, "form");
}

/** Whether scores are the short form `{class: column}`, where every value is text. */
function isColumns(scores: Json): boolean {
  return !("columns" in scores && isObject(scores["columns"]));
}

function parseScores(value: unknown, task: PredictionTask, form: "wide" | "long"): ScoreMapping {
  const json = object(value, "scores");
  if (form === "long") {
    only(json, "scores", ["form", "classColumn", "scoreColumn", "classMap"]);
    return {
      form,
      classColumn: text(json["classColumn"], "scores.classColumn"),
      scoreColumn: text(json["scoreColumn"], "scores.scoreColumn"),
      classMap: record(json["classMap"] ?? {}, "scores.classMap", (to, at) => oneOfClasses(to, task, at)),
    };
  }
  const short = isColumns(json);
  if (!short) only(json, "scores", ["form", "columns"]);
  const at = short ? "scores" : "scores.columns";
  const columns = record(short ? json : json["columns"], at, (column, place, name) => {
    oneOfClasses(name, task, place);
    return text(column, place);
  });
  const needed = task.kind === "binary" ? task.classes.slice(1) : task.classes;
  for (const name of needed)
    if (!Object.hasOwn(columns, name)) refuse(at, `a column for class "${name}"`, "none");
  return { form, columns };
}

function parseTruth(
  value: unknown,
  task: PredictionTask,
  form: "wide" | "long",
  reference: (value: unknown, at: string) => ColumnRef,
): TruthMapping {
  const json = typeof value === "string" ? { column: value } : object(value, "truth");
  if (task.kind === "multilabel") {
    only(json, "truth", ["kind", "columns", "column", "uncertain"]);
    const columns = record(json["columns"] ?? {}, "truth.columns", (column, at, name) => {
      oneOfClasses(name, task, at);
      return reference(column, at);
    });
    const column = optional(json["column"], (ref) => reference(ref, "truth.column"));
    const uncertain = optional(json["uncertain"], (policy) =>
      choice(policy, uncertainPolicies, "truth.uncertain"),
    );
    if (column !== undefined && form === "wide") {
      refuse("truth", "columns {class: column} for many labels in wide form", "one column");
    }
    if ((column === undefined) === (Object.keys(columns).length === 0)) {
      refuse(
        "truth",
        "a column per class, or in long form one column",
        column === undefined ? "none" : "both",
      );
    }
    return {
      kind: "labels",
      columns,
      ...(column === undefined ? {} : { column }),
      ...(uncertain === undefined ? {} : { uncertain }),
    };
  }
  only(json, "truth", ["kind", "column", "map", "ignore", "unlisted"]);
  const unlisted = optional(json["unlisted"], (word) => choice(word, ["unknown"] as const, "truth.unlisted"));
  return {
    kind: "class",
    column: reference(json["column"], "truth.column"),
    map: record(json["map"] ?? {}, "truth.map", (to, at) => oneOfClasses(to, task, at)),
    ignore: texts(json["ignore"] ?? [], "truth.ignore", true),
    ...(unlisted === undefined ? {} : { unlisted }),
  };
}

const impliedKinds: ReadonlyMap<string, AttributeKind> = new Map([
  ["age", "age"],
  ["bmi", "number"],
]);

function parseAttribute(
  value: unknown,
  at: string,
  name: string,
  reference: (value: unknown, at: string) => ColumnRef,
): AttributeMapping {
  const json = typeof value === "string" ? { column: value } : object(value, at);
  only(json, at, ["column", "kind", "vocabulary", "map", "unlisted", "missing", "implausible"]);
  const kind = choice(json["kind"] ?? impliedKinds.get(name) ?? "category", attributeKinds, `${at}.kind`);
  const vocabulary = optional(json["vocabulary"], (words) => texts(words, `${at}.vocabulary`));
  const map = record(json["map"] ?? {}, `${at}.map`, (to, place) => (to === null ? null : text(to, place)));
  const unlisted = optional(json["unlisted"], (word) => choice(word, ["unknown"] as const, `${at}.unlisted`));
  if (
    kind !== "category" &&
    (vocabulary !== undefined || unlisted !== undefined || Object.keys(map).length > 0)
  ) {
    refuse(at, `vocabulary, map and unlisted only for a category`, `kind "${kind}"`);
  }
  for (const [from, to] of Object.entries(map)) {
    if (vocabulary !== undefined && to !== null && !vocabulary.includes(to)) {
      refuse(`${at}.map.${from}`, "a word of the vocabulary", "another one");
    }
  }
  return {
    column: reference(json["column"], `${at}.column`),
    kind,
    ...(vocabulary === undefined ? {} : { vocabulary }),
    map,
    ...(unlisted === undefined ? {} : { unlisted }),
    missing: texts(json["missing"] ?? [], `${at}.missing`, true),
    implausible: choice(json["implausible"] ?? "error", ["error", "unknown"] as const, `${at}.implausible`),
  };
}

function parseAttributesFile(value: unknown): AttributesFileMapping {
  const json = typeof value === "string" ? { id: value } : object(value, "attributesFile");
  only(json, "attributesFile", ["id", "unmatched"]);
  return {
    id: text(json["id"], "attributesFile.id"),
    unmatched: choice(
      json["unmatched"] ?? "unknown",
      ["unknown", "error"] as const,
      "attributesFile.unmatched",
    ),
  };
}

function columnRef(value: unknown, at: string, hasSecondFile: boolean): ColumnRef {
  if (!isObject(value)) return text(value, at);
  only(value, at, ["column", "file"]);
  const file: ImportFile = choice(value["file"], ["predictions", "attributes"] as const, `${at}.file`);
  if (file === "attributes" && !hasSecondFile) refuse(`${at}.file`, "attributesFile in the mapping", "none");
  return { column: text(value["column"], `${at}.column`), file };
}

function oneOfClasses(value: unknown, task: PredictionTask, at: string): string {
  const name = text(value, at);
  if (!task.classes.includes(name)) refuse(at, "a class of the task", `"${name.slice(0, 40)}"`);
  return name;
}

function refuse(at: string, expected: string, got: string): never {
  throw new ImportError("INVALID_MAPPING", `Expected ${expected} in ${at}, got ${got}; correct the mapping`);
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "string" ? "other text" : `a ${typeof value}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown, at: string): Json {
  return isObject(value) ? value : refuse(at, "an object", describe(value));
}

function only(json: Json, at: string, allowed: readonly string[]): void {
  for (const key of Object.keys(json)) {
    if (!allowed.includes(key)) refuse(at, `only ${allowed.join(", ")}`, `"${key.slice(0, 40)}"`);
  }
}

function text(value: unknown, at: string): string {
  if (typeof value !== "string" || value === "")
    return refuse(at, "text", value === "" ? "empty text" : describe(value));
  return value.length <= TEXT_CAP ? value : refuse(at, `at most ${TEXT_CAP} characters`, `${value.length}`);
}

function texts(value: unknown, at: string, mayBeEmptyText = false): string[] {
  if (!Array.isArray(value)) return refuse(at, "a list of texts", describe(value));
  if (value.length > ENTRY_CAP) refuse(at, `at most ${ENTRY_CAP} entries`, `${value.length}`);
  return value.map((entry, index) => (mayBeEmptyText && entry === "" ? "" : text(entry, `${at}[${index}]`)));
}

function choice<T extends string>(value: unknown, choices: readonly T[], at: string): T {
  return choices.find((known) => known === value) ?? refuse(at, choices.join(" or "), describe(value));
}

function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}

/** An object read entry by entry. Own properties only: a word such as "constructor" means itself. */
function record<T>(
  value: unknown,
  at: string,
  parse: (value: unknown, at: string, key: string) => T,
): Readonly<Record<string, T>> {
  const entries = Object.entries(object(value, at));
  if (entries.length > ENTRY_CAP) refuse(at, `at most ${ENTRY_CAP} entries`, `${entries.length}`);
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, parse(entry, `${at}.${key.slice(0, 40)}`, key)]),
  );
}
