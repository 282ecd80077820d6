import { decodeId } from "../graphql/node-id.ts";
import type { Question } from "./question.ts";
import type { StratifiedAucRequest } from "./stratified-auc.ts";
import type { QuestionInput, StratifiedAucInput } from "./stratified-auc.type.ts";

/**
 * The question in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toQuestion(input: QuestionInput): Question {
  return {
    evaluation: decodeId("Evaluation", input.evaluation),
    by: input.by,
    where: input.where ?? [],
    bins: input.bins ?? [],
    unit: input.unit,
  };
}

/**
 * The request in an input, with its defaults.
 *
 * @throws {ServiceError} BAD_ID
 */
export function toAucRequest(input: StratifiedAucInput): StratifiedAucRequest {
  return {
    ...toQuestion(input),
    classes: input.classes ?? null,
    ci: input.ci,
    level: input.level,
    replicates: input.replicates ?? 2000,
    seed: input.seed ?? 0,
  };
}
