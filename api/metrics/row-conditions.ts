import { type AttributeInfo, columnKey } from "../predictions/evaluation.queries.ts";
import type { EvaluationColumns, EvaluationPlan } from "../predictions/evaluation-columns.ts";
import { bandsFor, OLDEST_BAND } from "./bands.ts";
import type { StratumLevel } from "./metric.table.ts";
import { type AttributePredicate, badInput, listed, type Question } from "./question.ts";
import { bandLevels, categoryLevels, type LevelColumn, MIXED_LEVEL, UNKNOWN_LEVEL } from "./strata.ts";

/** What attributes say of images: their levels, and which images meet conditions. Everything in it is cached. */
export class RowConditions {
  readonly #columns: EvaluationColumns;

  constructor(columns: EvaluationColumns) {
    this.#columns = columns;
  }

  /** The levels of one attribute over images, cached: a category, a number in bands, or a split by its parts. */
  async levels(plan: EvaluationPlan, name: string, bins: Question["bins"]): Promise<LevelColumn> {
    const { cache } = this.#columns;
    const split = name.startsWith("split:") ? plan.splits.get(name.slice("split:".length)) : undefined;
    if (split !== undefined) {
      return cache.get(`levels/split/${split.id}`, levelBytes, async () =>
        partLevels(name, split.parts, await this.#columns.splitParts(plan, split)),
      );
    }
    const info = requireAttribute(plan, name);
    if (info.kind === "category") {
      return cache.get(`levels/${columnKey(info)}`, levelBytes, async () =>
        categoryLevels(info, await this.#columns.values(info)),
      );
    }
    const bands = bandsFor(name, bins);
    return cache.get(`levels/${info.id}/${bands.edges.join()}`, levelBytes, async () =>
      bandLevels(info, await this.#columns.values(info), bands),
    );
  }

  /**
   * 1 where an image meets every condition; undefined without conditions.
   *
   * @param scope - names the conditions for ever
   * @throws {ServiceError} BAD_USER_INPUT (attribute, level, range)
   */
  async inside(
    plan: EvaluationPlan,
    { where, bins }: Question,
    scope: string,
  ): Promise<Uint8Array | undefined> {
    if (where.length === 0) return undefined;
    return this.#columns.cache.get(
      `inside/${scope}`,
      (mask) => mask.byteLength,
      async () => {
        const inside = new Uint8Array(plan.evaluation.imageCount).fill(1);
        for (const predicate of where) await this.#apply(plan, predicate, bins, inside);
        return inside;
      },
    );
  }

  /**
   * Refuses a stratum that names levels which an attribute does not have.
   *
   * @throws {ServiceError} BAD_USER_INPUT
   */
  async requireLevels(
    plan: EvaluationPlan,
    { bins, unit }: Pick<Question, "bins" | "unit">,
    stratum: readonly StratumLevel[],
  ): Promise<void> {
    for (const { attribute, level } of stratum) {
      const { levels } = await this.levels(plan, attribute, bins);
      if (levels.includes(level) || (unit !== "image" && level === MIXED_LEVEL)) continue;
      throw badInput(`Expected levels of "${attribute}" among ${listed(levels)}, got "${level}"`);
    }
  }

  async #apply(
    plan: EvaluationPlan,
    predicate: AttributePredicate,
    bins: Question["bins"],
    inside: Uint8Array,
  ) {
    const { attribute, in: wanted, gte, lt } = predicate;
    if (wanted != null) {
      const { levels, codes } = await this.levels(plan, attribute, bins);
      const strange = wanted.find((level) => !levels.includes(level));
      if (strange !== undefined) {
        throw badInput(`Expected levels of "${attribute}" among ${listed(levels)}, got "${strange}"`);
      }
      const kept = levels.map((level) => wanted.includes(level));
      for (let row = 0; row < inside.length; row += 1) if (!kept[codes[row] ?? -1]) inside[row] = 0;
      return;
    }
    const info = requireAttribute(plan, attribute);
    if (info.kind !== "number")
      throw badInput(`Expected levels (in) for "${attribute}", got a range; it holds no numbers`);
    const [low, high] = [gte ?? -Infinity, lt ?? Infinity];
    if (attribute === "age" && ((gte ?? 0) > OLDEST_BAND || (lt ?? 0) > OLDEST_BAND)) {
      throw badInput(
        `Expected age bounds up to ${OLDEST_BAND}, got a higher one; older patients are one group`,
      );
    }
    const values = await this.#columns.values(info);
    // `!`: one value a row. NaN (unknown) fails both comparisons.
    for (let row = 0; row < inside.length; row += 1)
      if (!(values[row]! >= low && values[row]! < high)) inside[row] = 0;
  }
}

/** @throws {ServiceError} BAD_USER_INPUT naming the attributes there are; patients and studies are no levels. */
function requireAttribute(plan: EvaluationPlan, name: string): AttributeInfo {
  const info = plan.attributes.get(name);
  if (info !== undefined && (info.kind === "category" || info.kind === "number")) return info;
  const known = [...plan.attributes.values()].filter(({ kind }) => kind === "category" || kind === "number");
  throw badInput(
    `Expected an attribute among ${listed(known.map((attribute) => attribute.name))}, got "${name}"`,
  );
}

function partLevels(attribute: string, parts: readonly string[], codes: Uint8Array): LevelColumn {
  const levels = [...parts, UNKNOWN_LEVEL];
  return { attribute, levels, codes: Uint16Array.from(codes, (part) => Math.min(part, parts.length)) };
}

function levelBytes({ codes }: LevelColumn): number {
  return codes.byteLength;
}
