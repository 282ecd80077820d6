import type { Database } from "../../db/client.ts";
import { badInput, checkQuestion, listed } from "../../metrics/question.ts";
import { RowConditions } from "../../metrics/row-conditions.ts";
import type { EvaluationPlan } from "../evaluation-columns.ts";
import { conditionsOf, type EvaluationParams, type SplitPart } from "./evaluation-params.ts";
import { UnstoredColumns } from "./unstored-columns.ts";

const COLUMN_BYTES = 256 * 2 ** 20;

/**
 * Ordinals of the images that a request is about, ascending; undefined: all of the version.
 *
 * @throws {ServiceError} BAD_USER_INPUT (an attribute, level or split that is not there; conditions that no image meets)
 */
export async function selectImages(
  database: Database,
  plan: EvaluationPlan,
  request: Pick<EvaluationParams, "split" | "where">,
): Promise<Uint32Array | undefined> {
  const where = conditionsOf(request);
  checkQuestion({ by: [], where, bins: [] });
  const conditions = new RowConditions(new UnstoredColumns(database, plan, [], COLUMN_BYTES));
  const question = { evaluation: 0, by: [], where, bins: [], unit: "image" } as const;
  const inside = await conditions.inside(plan, question, "request");
  if (inside === undefined) return undefined;
  const ordinals = placesOfOnes(inside);
  if (ordinals.length === 0) throw badInput("Expected conditions that some image meets, got none");
  return ordinals;
}

function placesOfOnes(mask: Uint8Array): Uint32Array {
  // `!` in these loops: indexes below the length.
  let count = 0;
  for (let i = 0; i < mask.length; i += 1) count += mask[i]!;
  const places = new Uint32Array(count);
  for (let i = 0, next = 0; i < mask.length; i += 1) if (mask[i] === 1) places[next++] = i;
  return places;
}

/**
 * The part that a text names: `test`, where one split alone has such a part, or `split:test`.
 *
 * @throws {ServiceError} BAD_USER_INPUT naming the parts there are
 */
export function splitPartOf({ splits }: EvaluationPlan, text: string): SplitPart {
  const all = [...splits.values()].flatMap(({ name, parts }) => parts.map((part) => ({ name, part })));
  const exact = all.filter(({ name, part }) => `${name}:${part}` === text);
  const found = exact.length > 0 ? exact : all.filter(({ part }) => part === text);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const known = listed(all.map(({ name, part }) => `${name}:${part}`));
  throw badInput(`Expected a part of a split among ${known || "none"}, got "${text.slice(0, 100)}"`);
}
