import type { ImportFile } from "./import-error.ts";
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
} from "./mapping-json.ts";
import { parseAttribute } from "./parse-attribute.ts";
import {
  type AttributesFileMapping,
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
