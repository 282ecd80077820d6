import { fullSize } from "./study.ts";
import type { KindSummary, TruthSummary } from "./summary.ts";

/** Seeds that a study has when it is done. */
const MEANT = 20;
const number = (value: number | null) => (value === null ? "\u2013" : value.toFixed(3));
const titles: Readonly<Record<KindSummary["kind"], string>> = {
  low: "only in low frequencies",
  high: "only in high frequencies",
  patch: "only in one tile of nine",
  confounder: "only in the device, which shows in the brightness",
  hidden: "only in age, which no pixel shows",
  none: "nowhere",
};
const expectations: Readonly<Record<KindSummary["claims"][number]["expects"], string>> = {
  signal: "above 0.5",
  nothing: "holds 0.5",
  "no more": "not above 0",
};

/** The page of a study, from its numbers alone. */
export function truthPage({ seeds, kinds, coverage, defects }: TruthSummary): string {
  const { patients, epochs } = fullSize;
  const lines = [
    "# Planted truth: what audits say where it is known",
    "",
    "Written by `npm run truth -- --seeds 20 --docs` from `planted-truth.jsonl`, what each report said, which it also writes; a test holds the",
    "two together.",
    "",
    `For each of ${seeds} seeds six cohorts of ${patients} made-up patients with two images of 32 x 32 are drawn ([phantoms](phantoms.md)), d' = 2,`,
    "the signal of self-reported race in one known place each; the tile differs by seed, and every cohort has patients of its own. Each is",
    `imported and audited by \`runAudit\`'s own code: a linear network, ${epochs} epochs, 32 % of the patients train, 8 % validate, 60 % are tested.`,
    "Each asks for internal validation, strata by equipment and a logistic regression of age, sex and equipment; `low`, `high` and `none` for one",
    "low and one high pass of radius 8, `patch` for four tiles removed at the test, the planted one among them; `low` for the negative",
    "control, `none` for the positive. Everything below is read off the report's values.",
    "",
    ...(seeds < MEANT
      ? [
          `Twenty seeds are meant; these ${seeds} are done, and \`--seeds 20 --resume --docs\` adds the others.`,
          "",
        ]
      : []),
    "A closed form is the bound of an ideal observer; a mean more than 0.05 below it, the audits' margin, or above it by half of that, is a defect.",
    "",
    "An audit has said what was planted when **every** number of its list below says so: an interval above 0.5 where there is a signal, one that holds",
    "0.5 where there is none. Of the latter one in twenty misses by chance, so not all audits can; *least* is the fewest that chance",
    "gives to all but one study in a thousand (binomial, 0.95 to the power of such numbers an audit).",
    "",
    "| planted | audits | said so | least |",
    "|---|---:|---:|---:|",
    ...kinds.map(
      ({ kind, audits, said, least }) => `| \`${kind}\`: ${titles[kind]} | ${audits} | ${said} | ${least} |`,
    ),
    "",
    `**Intervals with nothing behind them**: ${coverage.hold} of ${coverage.intervals} hold 0.5 (${((100 * coverage.hold) / Math.max(1, coverage.intervals)).toFixed(1)} %, 95 % expected, least ${coverage.least}).`,
    "",
    defects.length === 0
      ? "**Defects**: none."
      : `**Defects**:\n${defects.map((one) => `\n- ${one}`).join("")}`,
    "",
    ...kinds.flatMap(kindLines),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function kindLines({ kind, claims }: KindSummary): readonly string[] {
  return [
    `## \`${kind}\`: ${titles[kind]}`,
    "",
    "| number | interval must | does | mean | lowest to highest | closed form | intervals that hold it |",
    "|---|---|---:|---:|---:|---:|---:|",
    ...claims.map(
      ({ name, expects, count, holds, mean, lowest, highest, ideal, holdIdeal }) =>
        `| ${name} | ${expectations[expects]} | ${holds} of ${count} | ${number(mean)} | ${number(lowest)} to ${number(highest)} | ${number(ideal)} | ${holdIdeal ?? "\u2013"} |`,
    ),
    "",
  ];
}
