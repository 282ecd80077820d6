import type { Command } from "commander";
import { choices, enumOf } from "../choices.ts";
import { requireEvaluation } from "../evaluation-name.ts";
import { numberOf } from "../number-option.ts";
import { choice, collect, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { decimals, textTable, whole } from "../text-table.ts";
import { whereOf } from "../where-flag.ts";

/** One cell as the API answers it. */
export interface AucCell {
  readonly class: string;
  readonly stratum: readonly { readonly attribute: string; readonly level: string }[];
  readonly auc: number | null;
  readonly se: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly nPositive: number | null;
  readonly nNegative: number | null;
  readonly nPatients: number | null;
  readonly nLeftOut: number | null;
  readonly status: string;
  readonly reason: string | null;
  readonly intervalReason: string | null;
}

/** The operation behind `stratum auc` and the demo's table. */
export const STRATIFIED_AUC = `query StratifiedAuc($input: StratifiedAucInput!) {
  stratifiedAuc(input: $input) {
    suppressed
    cells {
      class stratum { attribute level } auc se ciLow ciHigh nPositive nNegative nPatients nLeftOut status reason
      intervalReason
    }
  }
}`;

export interface StratifiedAucAnswer {
  readonly stratifiedAuc: { readonly suppressed: number; readonly cells: readonly AucCell[] };
}

interface Flags extends GlobalOptions {
  readonly evaluation: string;
  readonly by: readonly string[];
  readonly class?: readonly string[];
  readonly where: readonly string[];
  readonly unit: string;
  readonly ci: string;
  readonly level: string;
  readonly replicates: string;
  readonly seed: string;
}

const examples = `
Examples:
  $ stratum auc --evaluation RXZhbHVhdGlvbjox
  $ stratum auc --evaluation nih/densenet --by sex,age --class Effusion
  $ stratum auc --evaluation nih/densenet --by sex --unit patient --ci bootstrap --seed 1
  $ stratum auc --evaluation nih/densenet --by sex --where view=PA --where age=40..60 --json
`;

/** `stratum auc`: AUCs of an evaluation in every stratum, with intervals. */
export function addAuc(program: Command): void {
  program
    .command("auc")
    .description("AUC of each class in every stratum, with confidence intervals.")
    .requiredOption("--evaluation <id>", "its id, or dataset/model for their newest")
    .option("--by <attributes>", "attributes that make the strata, comma-separated", list, [])
    .option("--class <names>", "classes, comma-separated (default: all)", list)
    .option("--where <condition>", "attribute=value[,value] or attribute=low..high; repeat", collect, [])
    .addOption(choice("--unit <unit>", "of analysis: mean score over it", choices.UnitOfAnalysis, "image"))
    .addOption(choice("--ci <method>", "bootstrap resamples patients", choices.CiMethod, "delong"))
    .option("--level <level>", "confidence level", "0.95")
    .option("--replicates <count>", "bootstrap replicates", "2000")
    .option("--seed <seed>", "bootstrap seed", "0")
    .option("--json", "print the answer as JSON")
    .addHelpText("after", examples)
    .action(async (_options: unknown, command: Command) => {
      await auc(command.optsWithGlobals<Flags>());
    });
}

async function auc(flags: Flags): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const answer = await session.ask<StratifiedAucAnswer>(STRATIFIED_AUC, {
    input: {
      evaluation: await requireEvaluation(session, flags.evaluation),
      by: flags.by,
      ...(flags.class === undefined ? {} : { classes: flags.class }),
      ...(flags.where.length === 0 ? {} : { where: flags.where.map(whereOf) }),
      unit: enumOf(flags.unit),
      ci: enumOf(flags.ci),
      level: numberOf("--level", flags.level),
      replicates: numberOf("--replicates", flags.replicates),
      seed: numberOf("--seed", flags.seed),
    },
  });
  if (flags.json === true) printJson(answer.stratifiedAuc);
  else printText(aucTable(answer.stratifiedAuc.cells, numberOf("--level", flags.level)));
}

/** Cells as a table for people. */
export function aucTable(cells: readonly AucCell[], level: number): string {
  const attributes = cells[0]?.stratum.map(({ attribute }) => attribute) ?? [];
  const rows = cells.map((cell) => [
    cell.class,
    ...cell.stratum.map((part) => part.level),
    cell.status === "OK" ? decimals(cell.auc, 4) : cell.status.toLowerCase().replaceAll("_", " "),
    cell.ciLow === null
      ? (cell.intervalReason ?? cell.reason ?? "")
      : `${decimals(cell.ciLow, 4)} to ${decimals(cell.ciHigh, 4)}`,
    whole(cell.nPositive),
    whole(cell.nNegative),
    whole(cell.nPatients),
  ]);
  return textTable(
    [
      { title: "Class" },
      ...attributes.map((title) => ({ title })),
      { title: "AUC", right: true },
      { title: `${Number((level * 100).toPrecision(6))} % interval` },
      { title: "Positive", right: true },
      { title: "Negative", right: true },
      { title: "Patients", right: true },
    ],
    rows,
  );
}
