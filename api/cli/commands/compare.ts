import type { Command } from "commander";
import { adjustPValues, type PAdjustment, pAdjustments } from "../../../compute/index.ts";
import { choices, enumOf } from "../choices.ts";
import { requireEvaluation } from "../evaluation-name.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { numberOf } from "../number-option.ts";
import { choice, collect, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { decimals, pValue, textTable } from "../text-table.ts";
import { whereOf } from "../where-flag.ts";

// safe: the keys of a constant table
const adjustments = Object.keys(pAdjustments) as readonly PAdjustment[];

const COMPARE_AUC = `query CompareAuc($input: CompareAucInput!) {
  compareAuc(input: $input) {
    suppressed remarks
    cells {
      class secondClass stratum { attribute level } method aucFirst aucSecond difference se ciLow ciHigh
      statistic df p pAdjusted nPositiveFirst nNegativeFirst nPositiveSecond nNegativeSecond status reason
    }
  }
}`;

interface ComparisonCell {
  readonly class: string;
  readonly stratum: readonly { readonly attribute: string; readonly level: string }[];
  readonly method: string;
  readonly aucFirst: number | null;
  readonly aucSecond: number | null;
  readonly difference: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly p: number | null;
  readonly pAdjusted: number | null;
  readonly status: string;
  readonly reason: string | null;
}

interface Answer {
  readonly compareAuc: {
    readonly suppressed: number;
    readonly remarks: readonly string[];
    readonly cells: readonly ComparisonCell[];
  };
}

interface Flags extends GlobalOptions {
  readonly evaluation: string;
  readonly with?: string;
  readonly class?: readonly string[];
  readonly stratum: readonly string[];
  readonly withStratum: readonly string[];
  readonly by: readonly string[];
  readonly where: readonly string[];
  readonly unit: string;
  readonly level: string;
  readonly adjust: string;
}

const examples = `
Examples:
  Two models on the same images, paired, in every stratum:
    $ stratum compare --evaluation nih/seed-11 --with nih/seed-37 --by sex

  Two strata of one evaluation:
    $ stratum compare --evaluation nih/seed-11 --stratum sex=F --with-stratum sex=M
`;

/** `stratum compare`: differences of AUCs, paired where the images are the same. */
export function addCompare(program: Command): void {
  program
    .command("compare")
    .description("Compare AUCs of two evaluations, or of two strata of one: difference, interval, p.")
    .requiredOption("--evaluation <id>", "the first: its id, or dataset/model for their newest")
    .option("--with <id>", "the second (default: the same)")
    .option("--class <names>", "classes, comma-separated (default: all they have in common)", list)
    .option("--stratum <attribute=level>", "stratum of the first side; repeat", collect, [])
    .option("--with-stratum <attribute=level>", "stratum of the second side; repeat", collect, [])
    .option("--by <attributes>", "compare within every stratum of these attributes", list, [])
    .option("--where <condition>", "attribute=value[,value] or attribute=low..high; repeat", collect, [])
    .addOption(choice("--unit <unit>", "of analysis: mean score over it", choices.UnitOfAnalysis, "image"))
    .option("--level <level>", "confidence level", "0.95")
    .addOption(choice("--adjust <method>", "adjusts p over the cells", choices.PAdjustment, "holm"))
    .option("--json", "print the answer as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => compare(command.optsWithGlobals<Flags>()));
}

async function compare(flags: Flags): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const first = await requireEvaluation(session, flags.evaluation);
  const second = flags.with === undefined ? first : await requireEvaluation(session, flags.with);
  const classes = flags.class ?? [undefined];
  const answers: Answer["compareAuc"][] = [];
  for (const name of classes) {
    const { compareAuc } = await session.ask<Answer>(COMPARE_AUC, {
      input: inputOf(flags, [first, second], name),
    });
    answers.push(compareAuc);
  }
  const all = {
    suppressed: answers.reduce((sum, answer) => sum + answer.suppressed, 0),
    remarks: [...new Set(answers.flatMap((answer) => answer.remarks))],
    cells: adjusted(
      answers.flatMap((answer) => answer.cells),
      classes.length > 1 ? flags.adjust : "none",
    ),
  };
  if (flags.json === true) printJson(all);
  else printText([table(all.cells), testsOf(all.cells), ...all.remarks].join("\n"));
}

/** Several classes are as many questions; their p-values are one family all the same. */
function adjusted(cells: readonly ComparisonCell[], method: string): readonly ComparisonCell[] {
  const known = adjustments.find((name) => name === method.replaceAll("-", "_"));
  if (known === undefined) return cells;
  const pAdjusted = adjustPValues(
    cells.map(({ p }) => p),
    known,
  );
  return cells.map((cell, index) => ({ ...cell, pAdjusted: pAdjusted[index] ?? null }));
}

function inputOf(
  flags: Flags,
  [first, second]: readonly [string, string],
  name: string | undefined,
): Record<string, unknown> {
  const side = (evaluation: string, stratum: readonly string[]) => ({
    evaluation,
    ...(name === undefined ? {} : { class: name }),
    stratum: stratum.map(levelOf),
  });
  return {
    first: side(first, flags.stratum),
    second: side(second, flags.withStratum),
    by: flags.by,
    ...(flags.where.length === 0 ? {} : { where: flags.where.map(whereOf) }),
    unit: enumOf(flags.unit),
    level: numberOf("--level", flags.level),
    adjustment: enumOf(flags.adjust),
  };
}

function levelOf(text: string): { attribute: string; level: string } {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError(exitCodes.usage, `Expected --stratum attribute=level, got "${text}"`);
  return { attribute: text.slice(0, at), level: text.slice(at + 1) };
}

function table(cells: readonly ComparisonCell[]): string {
  const attributes = cells[0]?.stratum.map(({ attribute }) => attribute) ?? [];
  return textTable(
    [
      { title: "Class" },
      ...attributes.map((title) => ({ title })),
      { title: "First", right: true },
      { title: "Second", right: true },
      { title: "Difference", right: true },
      { title: "Interval" },
      { title: "p", right: true },
      { title: "p adjusted", right: true },
    ],
    cells.map((cell) => [
      cell.class,
      ...cell.stratum.map(({ level }) => level),
      decimals(cell.aucFirst, 4),
      decimals(cell.aucSecond, 4),
      cell.status === "OK" ? decimals(cell.difference, 4) : cell.status.toLowerCase().replaceAll("_", " "),
      cell.status === "OK"
        ? `${decimals(cell.ciLow, 4)} to ${decimals(cell.ciHigh, 4)}`
        : (cell.reason ?? ""),
      pValue(cell.p),
      pValue(cell.pAdjusted),
    ]),
  );
}

/** Which tests stand behind the rows; almost always one. */
function testsOf(cells: readonly ComparisonCell[]): string {
  const methods = [...new Set(cells.map(({ method }) => method.toLowerCase().replaceAll("_", ", ")))];
  return `Test: ${methods.join("; ").replaceAll("delong", "DeLong")}.`;
}
