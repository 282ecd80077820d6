import type { TrainingRecipe } from "../../../compute/index.ts";
import { badInput, listed } from "../../metrics/question.ts";
import { compareNaturally, levelOf, UNKNOWN_LEVEL } from "../../metrics/strata.ts";
import type { AttributeInfo } from "../../predictions/evaluation.queries.ts";
import type { TrainingClass } from "./training-params.ts";

/** A class as requests word it; without levels it is the level of its name. */
export interface ClassRequest {
  readonly name: string;
  readonly levels?: readonly string[] | null | undefined;
}

const MOST_CLASSES = 1_000;

/**
 * What is learnt: the levels of an attribute, each image of one of them, or of `finding` every `finding:…` that the dataset
 * has, each its own yes or no.
 *
 * @throws {ServiceError} BAD_USER_INPUT (an attribute or level that is not there; classes that overlap; fewer than two)
 */
export function classesOf(
  attributes: ReadonlyMap<string, AttributeInfo>,
  attribute: string,
  asked: readonly ClassRequest[] | null | undefined,
): { readonly task: TrainingRecipe["task"]; readonly classes: readonly TrainingClass[] } {
  const info = attributes.get(attribute);
  const findings = [...attributes.values()].filter(
    ({ name, kind }) => kind === "category" && name.startsWith(`${attribute}:`),
  );
  if (info === undefined && findings.length > 0) {
    const names = findings.map(({ name }) => name.slice(attribute.length + 1));
    return { task: "multilabel", classes: chosenFindings(attribute, names, asked) };
  }
  if (info?.kind !== "category") {
    const known = [...attributes.values()].filter(({ kind }) => kind === "category");
    const families = known.flatMap(({ name }) => (name.includes(":") ? [name.replace(/:.*/s, "")] : []));
    const names = [...new Set([...known.map(({ name }) => name), ...families])];
    throw badInput(`Expected an attribute of categories among ${listed(names)}, got "${attribute}"`);
  }
  return { task: "exclusive", classes: chosenLevels(attribute, levelsOf(info), asked) };
}

function levelsOf(info: AttributeInfo): readonly string[] {
  const levels = (info.dictionary ?? []).flatMap((recorded) => levelOf(info, recorded) ?? []);
  return [...new Set(levels)].filter((level) => level !== UNKNOWN_LEVEL).sort(compareNaturally);
}

function chosenFindings(
  attribute: string,
  names: readonly string[],
  asked: readonly ClassRequest[] | null | undefined,
): readonly TrainingClass[] {
  const wanted: readonly ClassRequest[] = asked ?? names.map((name) => ({ name }));
  for (const { name, levels } of wanted) {
    if (!names.includes(name)) {
      throw badInput(`Expected classes of "${attribute}" among ${listed(names)}, got "${name}"`);
    }
    if (levels != null && (levels.length !== 1 || levels[0] !== name)) {
      throw badInput(`Expected no levels for "${name}": each finding is its own yes or no; leave them out`);
    }
  }
  requireDistinct(wanted.map(({ name }) => name));
  if (wanted.length === 0) throw badInput("Expected at least one class, got none");
  return wanted.map(({ name }) => ({ name, levels: [name] }));
}

function chosenLevels(
  attribute: string,
  known: readonly string[],
  asked: readonly ClassRequest[] | null | undefined,
): readonly TrainingClass[] {
  const wanted: readonly ClassRequest[] = asked ?? known.map((name) => ({ name }));
  const classes = wanted.map(({ name, levels }) => ({ name, levels: levels == null ? [name] : [...levels] }));
  for (const { name, levels } of classes) {
    if (name === "" || name.length > 200 || /\p{Cc}/u.test(name)) {
      throw badInput("Expected class names of 1 to 200 characters, got another");
    }
    const strange = levels.find((level) => !known.includes(level));
    if (strange !== undefined || levels.length === 0) {
      throw badInput(
        `Expected levels of "${attribute}" among ${listed(known)} for the class "${name}", got ${strange === undefined ? "none" : `"${strange}"`}`,
      );
    }
  }
  requireDistinct(classes.map(({ name }) => name));
  requireDistinct(classes.flatMap(({ levels }) => levels));
  if (classes.length < 2 || classes.length > MOST_CLASSES) {
    throw badInput(`Expected 2 to ${MOST_CLASSES} classes of "${attribute}", got ${classes.length}`);
  }
  return classes;
}

function requireDistinct(words: readonly string[]): void {
  const twice = words.find((word, place) => words.indexOf(word) !== place);
  if (twice !== undefined) throw badInput(`Expected each class and level once, got "${twice}" twice`);
}
