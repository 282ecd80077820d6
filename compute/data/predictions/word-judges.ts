import { nearestWord, quoteWord } from "./problem-log.ts";
import { type AttributeMapping, type ClassTruth, type PredictionTask, UNKNOWN_TRUTH } from "./types.ts";
import type { Verdict } from "./word-decoder.ts";

const NEGATIVE = new Set(["0", "0.0", "false"]);
const POSITIVE = new Set(["1", "1.0", "true"]);

/** What a recorded truth of exclusive classes becomes: a class, unknown, or UNKNOWN_LABEL with the nearest class. */
export function judgeLabel(task: PredictionTask, truth: ClassTruth): (word: string) => Verdict {
  const map = new Map(Object.entries(truth.map));
  const ignored = new Set(truth.ignore);
  return (word) => {
    // No class, but the word is kept as recorded: a later mapping may read it otherwise.
    if (ignored.has(word)) return { kind: "value", meaning: word, code: UNKNOWN_TRUTH };
    const index = task.classes.indexOf(map.get(word) ?? word);
    if (index >= 0) return { kind: "value", meaning: task.classes[index] ?? word, code: index };
    if (task.kind === "binary") {
      const spelled = word.trim().toLowerCase();
      const code = NEGATIVE.has(spelled) ? 0 : POSITIVE.has(spelled) ? 1 : -1;
      if (code >= 0) return { kind: "value", meaning: task.classes[code] ?? word, code };
    }
    if (truth.unlisted === "unknown") return { kind: "value", meaning: word, code: UNKNOWN_TRUTH };
    return refusal("UNKNOWN_LABEL", word, task.classes, "map it or list it under truth.ignore");
  };
}

/** What a recorded class of the long form becomes: a class of the task, or UNKNOWN_CLASS with the nearest one. */
export function judgeClass(
  task: PredictionTask,
  classMap: Readonly<Record<string, string>>,
): (word: string) => Verdict {
  const map = new Map(Object.entries(classMap));
  return (word) => {
    const index = task.classes.indexOf(map.get(word) ?? word);
    if (index >= 0) return { kind: "value", meaning: task.classes[index] ?? word, code: index };
    return refusal("UNKNOWN_CLASS", word, task.classes, "map it under scores.classMap");
  };
}

/** What a recorded attribute value becomes: itself or its canonical word, unknown, or UNKNOWN_ATTRIBUTE_VALUE. */
export function judgeAttribute(attribute: Omit<AttributeMapping, "column">): (word: string) => Verdict {
  const map = new Map(Object.entries(attribute.map));
  const missing = new Set(attribute.missing);
  const vocabulary = attribute.vocabulary && new Set(attribute.vocabulary);
  return (word) => {
    if (missing.has(word)) return { kind: "unknown" };
    const mapped = map.get(word);
    if (mapped === null || (mapped === undefined && attribute.unlisted === "unknown")) {
      return { kind: "value", meaning: null };
    }
    const meaning = mapped ?? word;
    if (vocabulary === undefined || vocabulary.has(meaning)) return { kind: "value", meaning };
    const known = [...vocabulary].slice(0, 10).map((entry) => JSON.stringify(entry.slice(0, 40)));
    const more = vocabulary.size > known.length ? ", ..." : "";
    // The value itself stays out: it is a patient's.
    const message = `Expected ${known.join(", ")}${more}, got another value; add it to vocabulary, map or missing`;
    return { kind: "refused", code: "UNKNOWN_ATTRIBUTE_VALUE", message };
  };
}

function refusal(
  code: "UNKNOWN_LABEL" | "UNKNOWN_CLASS",
  word: string,
  classes: readonly string[],
  remedy: string,
): Verdict {
  const nearest = nearestWord(word, classes);
  const hint = nearest === undefined ? "" : ` (nearest: ${JSON.stringify(nearest.slice(0, 40))})`;
  const message = `Expected one of ${classes.length} classes, got ${quoteWord(word)}${hint}; ${remedy}`;
  return { kind: "refused", code, message };
}
