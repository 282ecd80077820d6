import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import {
  describeChain,
  type Protocol,
  protocolConditions,
  protocolGroups,
  protocols,
  protocolVerdicts,
} from "../../compute/index.ts";

const titles = {
  race_detection: "Detection",
  confounders: "Confounders",
  mechanism: "Mechanism",
  later_work: "Later work",
  controls: "Controls",
} as const satisfies Record<(typeof protocolGroups)[number], string>;

const HEAD = `# Protocols

Written from the protocols' own values (\`compute/protocols\`) by \`tests/docs/protocols.test.ts\`: change those, then run it
with \`-u\`. Over GraphQL, \`experiments\` answers the same, each with what publications print for it and, where this
warehouse holds a computed number of the same, both.

A protocol is one question: a hypothesis that can turn out wrong, what varies, what is trained and tested, the grid, the
transforms as the study's words say (\`corrected\`) and as its published code does (\`legacy\`), unit, metrics, interval, and
the rule by which an interval answers. Its version is raised whenever a number it leads to may change.

## Answers

An interval is compared with a reference and a margin around it. The study states no margins: those here are this
project's conventions, printed with every answer. Nothing is called biased or unbiased.

| verdict | when |
|---|---|
${Object.entries(protocolVerdicts)
  .map(([verdict, meaning]) => `| ${verdict} | ${meaning} |`)
  .join("\n")}

## One's own

A protocol file is JSON of the same form; \`parseProtocol\` refuses anything else with a code and its place, such as
\`transforms.corrected.0\`. Text that starts with \`$\` in a transform's parameters is the value of that axis of the grid; every
combination of the axes is a condition, \`rising\` keeps those whose values rise. This is \`low_pass\` whole:

\`\`\`json
${JSON.stringify(
  protocols.find(({ id }) => id === "low_pass"),
  null,
  2,
)}
\`\`\`
`;

function procedureLine({ procedure }: Protocol): string {
  const { kind, ...rest } = procedure;
  const said = Object.entries(rest).map(([name, value]) => {
    return `${name} ${typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value)}`;
  });
  return `Procedure: ${[kind, ...said].join("; ")}.`;
}

function transformLines(protocol: Protocol): string[] {
  if (protocol.transforms === null) return [];
  const first = (mode: "corrected" | "legacy") => {
    const conditions = protocolConditions(protocol, mode);
    return `${mode} \`${describeChain(conditions[0]?.transforms ?? [])}\``;
  };
  const count = protocolConditions(protocol, "corrected").length;
  return [`Transforms of the first of ${count} conditions: ${first("corrected")}; ${first("legacy")}.`, ""];
}

function section(protocol: Protocol): string {
  const { id, version, title, hypothesis, varies, grid, units, metrics, interval, answer } = protocol;
  const axes = Object.entries(grid).map(([axis, values]) => `${axis} ${values.join(", ")}`);
  const needs = [...protocol.requires.attributes, ...protocol.requires.materials];
  const margin =
    answer.quantity === "none"
      ? "none"
      : `${answer.quantity} against ${answer.reference}, margin ${answer.margin}, level ${answer.level}`;
  const printed = protocol.published.map(
    ({ publication, experiments }) => `${publication}: ${experiments.join(", ")}`,
  );
  return [
    `### ${id} (version ${version}): ${title}`,
    "",
    `${hypothesis} Varies: ${varies}`,
    "",
    procedureLine(protocol),
    ...(axes.length === 0
      ? []
      : [`Grid: ${axes.join("; ")}${protocol.rising ? `; rising ${protocol.rising.join(" < ")}` : ""}.`]),
    `Units: ${units.join(", ")}. Metrics: ${metrics.join(", ")}, interval ${interval}. Answer: ${margin}.`,
    ...(needs.length === 0 ? [] : [`Needs: ${needs.join(", ")}.`]),
    "",
    ...transformLines(protocol),
    `Where: ${protocol.where.join("; ")}. Published: ${printed.join("; ") || "nothing"}.`,
    "",
    ...protocol.cautions.map((caution) => `- ${caution}`),
    ...(protocol.cautions.length === 0 ? [] : [""]),
  ].join("\n");
}

test("docs/protocols.md describes every protocol that is built in", async () => {
  const groups = protocolGroups.map((group) =>
    [
      `## ${titles[group]}`,
      "",
      ...protocols.filter((protocol) => protocol.group === group).map(section),
    ].join("\n"),
  );
  const text = [HEAD, ...groups].join("\n");
  await expect(text).toMatchFileSnapshot(join(packageRoot, "docs/protocols.md"));
});
