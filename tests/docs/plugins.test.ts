import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../api/package-root.ts";
import {
  laws,
  listPlugins,
  type ParamSpec,
  type PluginDescriptor,
  pluginKinds,
} from "../../compute/index.ts";

const titles = {
  METRIC: "Metrics",
  INTERVAL: "Intervals",
  META: "Models of meta-analysis",
  TRANSFORM: "Transforms of images",
} as const satisfies Record<(typeof pluginKinds)[number], string>;

const HEAD = `# Plugins

Written from the plugins' own descriptors by \`tests/docs/plugins.test.ts\`: change those, then run it with \`-u\`.
Over GraphQL, \`plugins\` answers the same. A plugin's version is raised whenever any number of its may change.
`;

function admitted(spec: ParamSpec): string {
  if (spec.kind === "choice") return spec.choices.map((choice) => `\`${choice}\``).join(", ");
  if (spec.kind === "name") return "a name of the dataset's";
  return spec.kind === "flag" ? "true, false" : `${spec.kind}, ${spec.min} to ${spec.max} (${spec.unit})`;
}

function section({ id, version, doc, source, params, laws: held }: PluginDescriptor): string {
  const rows = Object.entries(params).map(([name, spec]) => {
    const standard = spec.default === undefined ? "must be given" : `\`${spec.default}\``;
    return `| \`${name}\` | ${admitted(spec)} | ${standard} | ${spec.doc} |`;
  });
  const table =
    rows.length === 0 ? [] : ["| parameter | values | default | meaning |", "|---|---|---|---|", ...rows, ""];
  const lawWords = held.length === 0 ? [] : [`Laws: ${held.join(", ")}.`, ""];
  return [
    `### ${id} (version ${version})`,
    "",
    doc,
    "",
    ...table,
    ...lawWords,
    `Source: ${source}.`,
    "",
  ].join("\n");
}

test("docs/plugins.md describes every plugin that is built in", async () => {
  const kinds = pluginKinds.map((kind) =>
    [`## ${titles[kind]}`, "", ...listPlugins(kind).map(section)].join("\n"),
  );
  const lawRows = Object.entries(laws).map(([law, meaning]) => `| ${law} | ${meaning} |`);
  const lawTable = [
    "## Laws",
    "",
    "Properties that `tests/laws` holds plugins to.",
    "",
    "| law | meaning |",
    "|---|---|",
    ...lawRows,
    "",
  ];
  const text = [HEAD, ...kinds, lawTable.join("\n")].join("\n");
  await expect(text).toMatchFileSnapshot(join(packageRoot, "docs/plugins.md"));
});
