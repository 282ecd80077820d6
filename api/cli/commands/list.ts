import type { Command } from "commander";
import { type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf, openSession, type Session } from "../session.ts";
import { textTable, whole } from "../text-table.ts";

const EVALUATIONS = `query Evaluations($filter: EvaluationFilter!, $after: String) {
  evaluations(filter: $filter, first: 200, after: $after) {
    edges {
      node {
        id classes scoredCount recordedAt
        dataset { slug } datasetVersion { version patientCount } model { slug } task { attribute kind }
        attributes { name }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Evaluation {
  readonly id: string;
  readonly classes: readonly string[];
  readonly scoredCount: number;
  readonly recordedAt: string;
  readonly dataset: { readonly slug: string };
  readonly datasetVersion: { readonly version: number; readonly patientCount: number | null };
  readonly model: { readonly slug: string };
  readonly task: { readonly attribute: string; readonly kind: string };
  readonly attributes: readonly { readonly name: string }[];
}

interface Page {
  readonly evaluations: {
    readonly edges: readonly { readonly node: Evaluation }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

interface Flags extends GlobalOptions {
  readonly dataset?: string;
  readonly model?: string;
}

const examples = `
Examples:
  $ stratum list
  $ stratum list --dataset nih --json
`;

/** `stratum list`: what can be asked about. */
export function addList(program: Command): void {
  program
    .command("list")
    .description("List the evaluations, the newest first: ids, datasets, models, attributes to divide by.")
    .option("--dataset <slug>", "on this dataset only")
    .option("--model <slug>", "of this model only")
    .option("--json", "print the list as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => list(command.optsWithGlobals<Flags>()));
}

async function list(flags: Flags): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const evaluations = await everyEvaluation(session, flags);
  if (flags.json === true) return printJson(evaluations);
  const isNarrowed = flags.dataset !== undefined || flags.model !== undefined;
  if (evaluations.length === 0)
    return printText(
      isNarrowed
        ? "No such evaluations; stratum list shows them all."
        : "No evaluations; stratum import predictions makes one.",
    );
  printText(evaluationTable(evaluations));
}

async function everyEvaluation(session: Session, { dataset, model }: Flags): Promise<readonly Evaluation[]> {
  const filter = { ...(dataset === undefined ? {} : { dataset }), ...(model === undefined ? {} : { model }) };
  const found: Evaluation[] = [];
  for (let after: string | null = null; ; ) {
    const { evaluations }: Page = await session.ask<Page>(EVALUATIONS, { filter, after });
    found.push(...evaluations.edges.map(({ node }) => node));
    if (!evaluations.pageInfo.hasNextPage) return found;
    after = evaluations.pageInfo.endCursor;
  }
}

function evaluationTable(evaluations: readonly Evaluation[]): string {
  return textTable(
    [
      { title: "Evaluation" },
      { title: "Dataset/model" },
      { title: "Task" },
      { title: "Classes", right: true },
      { title: "Images", right: true },
      { title: "Patients", right: true },
      { title: "Divides by" },
    ],
    evaluations.map((evaluation) => [
      evaluation.id,
      `${evaluation.dataset.slug}/${evaluation.model.slug}`,
      evaluation.task.attribute,
      whole(evaluation.classes.length),
      whole(evaluation.scoredCount),
      whole(evaluation.datasetVersion.patientCount),
      dividing(evaluation.attributes.map(({ name }) => name)),
    ]),
  );
}

/** The names that fit on a line; findings of a task of many labels are left to --json. */
function dividing(names: readonly string[]): string {
  const shown = names.filter((name) => !name.startsWith("finding:"));
  return shown.join(", ");
}
