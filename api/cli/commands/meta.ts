import type { Command } from "commander";
import { choices, enumOf } from "../choices.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { readJsonFile, writeGiven } from "../given-files.ts";
import { numberOf } from "../number-option.ts";
import { choice, type GlobalOptions, list, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { decimals, pValue, textTable } from "../text-table.ts";

interface Flags extends GlobalOptions {
  readonly publication?: string;
  readonly experiment?: string;
  readonly class?: string;
  readonly dataset?: string;
  readonly trainDataset?: string;
  readonly source?: string;
  readonly metric?: string;
  readonly estimates?: string;
  readonly scale: string;
  readonly model: string;
  readonly test: string;
  readonly moderators?: readonly string[];
  readonly level: string;
  readonly svg?: string;
}

/** A pooled estimate as the API answers it. */
export interface MetaAnswer {
  readonly metaAnalysis: {
    readonly k: number;
    readonly estimate: number;
    readonly ciLow: number;
    readonly ciHigh: number;
    readonly se: number;
    readonly predictionLow: number | null;
    readonly predictionHigh: number | null;
    readonly tau2: number;
    readonly i2: number;
    readonly h2: number;
    readonly q: number;
    readonly qP: number;
    readonly eggerP: number | null;
    readonly forestSvg: string;
    readonly studies: readonly {
      readonly label: string;
      readonly value: number;
      readonly ciLow: number;
      readonly ciHigh: number;
      readonly weight: number;
    }[];
    readonly coefficients: readonly {
      readonly name: string;
      readonly estimate: number;
      readonly ciLow: number;
      readonly ciHigh: number;
      readonly p: number;
    }[];
    readonly leftOut: readonly { readonly label: string; readonly reason: string }[];
    readonly remarks: readonly string[];
    readonly [more: string]: unknown;
  };
}

/** The operation behind `stratum meta` and the demo's pooled estimate. */
export const META_ANALYSIS = `query MetaAnalysis($input: MetaAnalysisInput!) {
  metaAnalysis(input: $input) {
    k estimate ciLow ciHigh se predictionLow predictionHigh tau2 i2 h2 q qP eggerP forestSvg
    studies { label value ciLow ciHigh weight }
    coefficients { name estimate se ciLow ciHigh p }
    leaveOneOut { omitted estimate ciLow ciHigh tau2 i2 }
    leftOut { label reason }
    remarks
  }
}`;

const examples = `
Examples:
  The study's external validation of the Black class, pooled on the logit scale:
    $ stratum meta --publication gichoya-2022 --experiment "CXR external" --class Black \\
        --svg forest.svg

  Numbers of your own, as JSON [{"label": "A", "value": 0.91, "ciLow": 0.88, "ciHigh": 0.93}, ...]:
    $ stratum meta --estimates aucs.json --model dl --test z --json
`;

/** `stratum meta`: pools stored records or given estimates. */
export function addMeta(program: Command): void {
  program
    .command("meta")
    .description("Pool metric records, or estimates from a file, in a meta-analysis; draw a forest plot.")
    .option("--publication <slug>", "records of this publication")
    .option("--experiment <name>", "records of this experiment")
    .option("--class <name>", "records of this class")
    .option("--dataset <slug>", "records on this dataset")
    .option("--train-dataset <slug>", "records of models trained on this dataset")
    .option("--source <text>", "records whose source is this table, figure or notebook")
    .option("--metric <id>", "records of this metric", "auroc")
    .option("--estimates <file>", "a JSON file of estimates instead of stored records")
    .addOption(choice("--scale <scale>", "on which values are pooled", choices.MetaScale, "logit"))
    .addOption(choice("--model <model>", "how tau² is estimated", choices.MetaModel, "reml"))
    .addOption(choice("--test <test>", "of the pooled estimate", choices.MetaTest, "hartung-knapp"))
    .option("--moderators <names>", "moderators of a meta-regression, comma-separated", list)
    .option("--level <level>", "confidence level", "0.95")
    .option("--svg <file>", "write the forest plot here")
    .option("--json", "print the answer as JSON")
    .addHelpText("after", examples)
    .action((_options: unknown, command: Command) => meta(command.optsWithGlobals<Flags>()));
}

async function meta(flags: Flags): Promise<void> {
  const what =
    flags.estimates === undefined
      ? { metrics: filterOf(flags) }
      : { estimates: await readJsonFile("--estimates", flags.estimates) };
  await using session = await openSession(configOf(process.env, flags));
  const { metaAnalysis } = await session.ask<MetaAnswer>(META_ANALYSIS, {
    input: {
      ...what,
      scale: enumOf(flags.scale),
      model: enumOf(flags.model),
      test: enumOf(flags.test),
      level: numberOf("--level", flags.level),
      ...(flags.moderators === undefined ? {} : { moderators: flags.moderators }),
    },
  });
  const { forestSvg, ...numbers } = metaAnalysis;
  if (flags.svg !== undefined) await writeGiven("--svg", flags.svg, forestSvg);
  if (flags.json === true) printJson(numbers);
  else printText(metaText(metaAnalysis));
}

/** A pooled estimate and its studies, for people. */
export function metaText(result: MetaAnswer["metaAnalysis"]): string {
  const studies = textTable(
    [
      { title: "Study" },
      { title: "Value", right: true },
      { title: "Interval" },
      { title: "Weight", right: true },
    ],
    result.studies.map((study) => [
      study.label,
      decimals(study.value, 3),
      `${decimals(study.ciLow, 3)} to ${decimals(study.ciHigh, 3)}`,
      `${decimals(study.weight, 1)} %`,
    ]),
  );
  const prediction =
    result.predictionLow === null
      ? ""
      : `\nA new study is expected between ${decimals(result.predictionLow, 3)} and ${decimals(result.predictionHigh, 3)}.`;
  const coefficients =
    result.coefficients.length < 2
      ? ""
      : `\n\n${textTable(
          [
            { title: "Coefficient" },
            { title: "Estimate", right: true },
            { title: "Interval" },
            { title: "p", right: true },
          ],
          result.coefficients.map(({ name, estimate, ciLow, ciHigh, p }) => [
            name,
            decimals(estimate, 4),
            `${decimals(ciLow, 4)} to ${decimals(ciHigh, 4)}`,
            pValue(p),
          ]),
        )}`;
  const notes = [
    ...result.leftOut.map(({ label, reason }) => `Left out: ${label} (${reason})`),
    ...result.remarks,
  ];
  return `${studies}\n\nPooled over ${result.k} studies: ${decimals(result.estimate, 4)} (${decimals(result.ciLow, 4)} to ${decimals(result.ciHigh, 4)})${prediction}
Heterogeneity: tau² ${result.tau2.toPrecision(4)}, I² ${decimals(result.i2, 1)} %, Q ${decimals(result.q, 2)} (p ${pValue(result.qP)})${coefficients}${notes.map((note) => `\n${note}`).join("")}`;
}

function filterOf(flags: Flags): Record<string, string> {
  const { publication, experiment, dataset, trainDataset, source } = flags;
  const given = { publication, experiment, class: flags.class, dataset, trainDataset, source };
  const filter = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (Object.keys(filter).length === 0) {
    throw new CommandError(
      exitCodes.usage,
      "Expected --estimates FILE, or options that choose records such as --publication, got neither",
    );
  }
  return { ...filter, metric: flags.metric ?? "auroc" };
}
