import { CommandError, exitCodes } from "./exit-code.ts";
import type { Session } from "./session.ts";

const NEWEST = `query NewestEvaluation($filter: EvaluationFilter!) {
  evaluations(filter: $filter, first: 1) { edges { node { id } } }
}`;

interface Answer {
  readonly evaluations: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}

// No id holds a slash, and no slug does.
const namePattern = /^([^/]+)\/([^/]+)$/;

/**
 * The id of the evaluation that `text` names: an id, which is passed on as it is, or dataset/model.
 *
 * @throws {CommandError} notFound when the model has no evaluation on the dataset
 */
export async function requireEvaluation(session: Session, text: string): Promise<string> {
  const [, dataset, model] = namePattern.exec(text) ?? [];
  if (dataset === undefined || model === undefined) return text;
  const { evaluations } = await session.ask<Answer>(NEWEST, { filter: { dataset, model } });
  const [newest] = evaluations.edges;
  if (newest !== undefined) return newest.node.id;
  throw new CommandError(
    exitCodes.notFound,
    `Expected an evaluation of this dataset and model, got none for "${text}"; stratum list shows them all`,
    "NOT_FOUND",
  );
}
