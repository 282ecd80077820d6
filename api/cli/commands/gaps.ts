import { type Command, InvalidArgumentError } from "commander";
import { choices, enumOf } from "../choices.ts";
import { requireEvaluation } from "../evaluation-name.ts";
import { numberOf } from "../number-option.ts";
import { choice, collect, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { decimals, textTable, whole } from "../text-table.ts";
import { whereOf } from "../where-flag.ts";

const GAPS = `query Gaps($input: GapsInput!) {
  gaps(input: $input) {
    suppressed remarks
    thresholds { class rule threshold reason }
    cells {
      class rate stratum { attribute level } value ciLow ciHigh successes total nPatients status reason
    }
    gaps { class rate gap ciLow ciHigh worst { attribute level } best { attribute level } leftOut reason }
  }
}`;

type Stratum = readonly { readonly attribute: string; readonly level: string }[];

interface Answer {
  readonly gaps: {
    readonly remarks: readonly string[];
    readonly thresholds: readonly { readonly class: string; readonly threshold: number | null }[];
    readonly cells: readonly {
      readonly class: string;
      readonly rate: string;
      readonly stratum: Stratum;
      readonly value: number | null;
      readonly ciLow: number | null;
      readonly ciHigh: number | null;
      readonly successes: number | null;
      readonly total: number | null;
      readonly status: string;
      readonly reason: string | null;
    }[];
    readonly gaps: readonly {
      readonly class: string;
      readonly rate: string;
      readonly gap: number | null;
      readonly ciLow: number | null;
      readonly ciHigh: number | null;
      readonly worst: Stratum | null;
      readonly best: Stratum | null;
      readonly reason: string | null;
    }[];
  };
}

interface Flags extends GlobalOptions {
  readonly evaluation: string;
  readonly by: readonly string[];
  readonly class?: readonly string[];
  readonly rates: readonly string[];
  readonly rule?: string;
  readonly at?: string;
  readonly threshold?: string;
  readonly chosenOn?: string;
  readonly where: readonly string[];
  readonly unit: string;
  readonly level: string;
}

const examples = `
Examples:
  Who is overlooked at the threshold that a paper gives:
    $ stratum gaps --evaluation nih/seed-11 --class "No Finding" --by sex --threshold 0.327123

  At 90 % specificity, the threshold chosen on the validation part of a split:
    $ stratum gaps --evaluation nih/seed-11 --by sex,age --rule specificity --at 0.9 \\
        --chosen-on split=validate --rates fnr,fpr,ppv
`;

/** `stratum gaps`: rates of decisions in every stratum, and how far the strata lie apart. */
export function addGaps(program: Command): void {
  program
    .command("gaps")
    .description("Rates of decisions at a threshold in every stratum, and the gaps between strata.")
    .requiredOption("--evaluation <id>", "its id, or dataset/model for their newest")
    .requiredOption("--by <attributes>", "attributes that make the strata, comma-separated", list)
    .option("--class <names>", "classes, comma-separated (default: all)", list)
    .option("--rates <names>", choices.OperatingRate.join(", "), ratesOf, ["fpr", "fnr"])
    .option("--threshold <score>", "positive means score >= this")
    .addOption(choice("--rule <rule>", "how a threshold is chosen", choices.ThresholdRule, "youden"))
    .option("--at <rate>", "the rate that --rule specificity or sensitivity holds, 0 to 1")
    .option("--chosen-on <split=part>", "choose it on this part of a split (default: on all rows)")
    .option("--where <condition>", "attribute=value[,value] or attribute=low..high; repeat", collect, [])
    .addOption(choice("--unit <unit>", "of analysis: mean score over it", choices.UnitOfAnalysis, "image"))
    .option("--level <level>", "confidence level", "0.95")
    .option("--json", "print the answer as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => gaps(command.optsWithGlobals<Flags>()));
}

async function gaps(flags: Flags): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const answer = await session.ask<Answer>(GAPS, {
    input: {
      evaluation: await requireEvaluation(session, flags.evaluation),
      by: flags.by,
      ...(flags.class === undefined ? {} : { classes: flags.class }),
      rates: flags.rates.map(enumOf),
      threshold: thresholdOf(flags),
      ...(flags.where.length === 0 ? {} : { where: flags.where.map(whereOf) }),
      unit: enumOf(flags.unit),
      level: numberOf("--level", flags.level),
    },
  });
  if (flags.json === true) return printJson(answer.gaps);
  const { cells, gaps: found, remarks } = answer.gaps;
  printText([rateTable(cells), "", gapTable(found), ...remarks].join("\n"));
}

/** @throws {InvalidArgumentError} which commander prints */
function ratesOf(text: string): readonly string[] {
  const known: readonly string[] = choices.OperatingRate;
  const strange = list(text).find((name) => !known.includes(name));
  if (strange === undefined) return list(text);
  throw new InvalidArgumentError(`Expected rates among ${known.join(", ")}, got "${strange}".`);
}

function thresholdOf(flags: Flags): Record<string, unknown> {
  if (flags.threshold !== undefined) {
    return { rule: "VALUE", value: numberOf("--threshold", flags.threshold) };
  }
  const [split, part] = flags.chosenOn?.split("=") ?? [];
  return {
    rule: enumOf(flags.rule ?? "youden"),
    ...(flags.at === undefined ? {} : { at: numberOf("--at", flags.at) }),
    ...(split === undefined ? {} : { on: { split, part: part ?? "" } }),
  };
}

function rateTable(cells: Answer["gaps"]["cells"]): string {
  const attributes = cells[0]?.stratum.map(({ attribute }) => attribute) ?? [];
  return textTable(
    [
      { title: "Class" },
      ...attributes.map((title) => ({ title })),
      { title: "Rate" },
      { title: "Value", right: true },
      { title: "Interval" },
      { title: "Of", right: true },
    ],
    cells.map((cell) => [
      cell.class,
      ...cell.stratum.map(({ level }) => level),
      cell.rate,
      cell.status === "OK" ? decimals(cell.value, 4) : cell.status.toLowerCase().replaceAll("_", " "),
      cell.ciLow === null ? (cell.reason ?? "") : `${decimals(cell.ciLow, 4)} to ${decimals(cell.ciHigh, 4)}`,
      cell.total === null ? "–" : `${whole(cell.successes)} / ${whole(cell.total)}`,
    ]),
  );
}

function gapTable(found: Answer["gaps"]["gaps"]): string {
  const name = (stratum: Stratum | null) => stratum?.map(({ level }) => level).join(", ") ?? "–";
  return textTable(
    [
      { title: "Class" },
      { title: "Rate" },
      { title: "Gap", right: true },
      { title: "Interval" },
      { title: "Worst" },
      { title: "Best" },
    ],
    found.map((gap) => [
      gap.class,
      gap.rate,
      decimals(gap.gap, 4),
      gap.ciLow === null ? (gap.reason ?? "") : `${decimals(gap.ciLow, 4)} to ${decimals(gap.ciHigh, 4)}`,
      name(gap.worst),
      name(gap.best),
    ]),
  );
}
