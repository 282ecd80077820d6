import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { buildProgram } from "../../api/cli/main.ts";
import { WELCOME } from "../../api/http/graphiql.ts";
import { packageRoot } from "../../api/package-root.ts";
import { listPlugins } from "../../compute/index.ts";

const notOurs: readonly string[] = ["node_modules", "dist"];

/** Every Markdown file of the project, by its path from the root. */
function documentsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name.startsWith(".") || notOurs.includes(entry.name) ? [] : documentsIn(path);
    }
    return entry.name.endsWith(".md") ? [relative(packageRoot, path)] : [];
  });
}

const documents = documentsIn(packageRoot);
const textOf = (path: string) => readFileSync(join(packageRoot, path), "utf8");

/** The fenced blocks of a language, with lines that a backslash joins put together. */
function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, name, body = ""]) =>
    name === language ? [body.replaceAll("\\\n", " ")] : [],
  );
}

describe("documents", () => {
  test.each(documents)("%s links to files that are there", (path) => {
    const links = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const local = links
      .filter((target) => !/^(https?:|#)/.test(target))
      .map((target) => target.replace(/#.*/, ""));
    expect(local.filter((target) => !existsSync(join(packageRoot, dirname(path), target)))).toEqual([]);
  });

  test.each(documents)("every GraphQL example of %s fits the schema", (path) => {
    const schema = buildSchema(textOf("schema.graphql"));
    for (const block of blocksOf(textOf(path), "graphql")) {
      expect(validate(schema, parse(block)).map(({ message }) => message)).toEqual([]);
    }
  });

  test("the queries that GraphiQL opens with fit the schema", () => {
    const schema = buildSchema(textOf("schema.graphql"));
    const [open = "", suggested = ""] = WELCOME.split("# Then ask");
    // The second stands in comments, after its one line of words.
    for (const query of [open, suggested.split("\n").slice(1).join("\n").replaceAll(/^# ?/gm, "")]) {
      expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
    }
  });

  test.each(documents)("every command of %s exists, with its options", (path) => {
    const lines = blocksOf(textOf(path), "sh").join("\n").split("\n");
    for (const line of lines) {
      const [, words] = /(?:^|npx )stratum (.*)/.exec(line) ?? [];
      if (words !== undefined) expect(strangeOptions(words), line).toEqual([]);
    }
  });

  test.each(documents)("every npm script of %s exists", (path) => {
    const { scripts } = JSON.parse(textOf("package.json"));
    for (const [, name = ""] of textOf(path).matchAll(/npm run ([\w:]+)/g))
      expect(scripts).toHaveProperty([name]);
  });

  test("every decision stands in the index", () => {
    const index = textOf("docs/adr/README.md");
    const files = readdirSync(join(packageRoot, "docs/adr")).filter((name) => /^\d/.test(name));
    expect(files.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });

  test("every runtime dependency has its line in the decision on dependencies", () => {
    const { dependencies } = JSON.parse(textOf("package.json"));
    const decision = textOf("docs/adr/0020-dependencies.md").replaceAll("-*`", "-");
    const named = (name: string) =>
      decision.includes(`\`${name}\``) ||
      (name.startsWith("@stdlib/") && decision.includes("`@stdlib/stats-base-dists-"));
    expect(Object.keys(dependencies).filter((name) => !named(name))).toEqual([]);
  });
});

test("the lock file holds the packages of every platform, or npm ci refuses it", () => {
  const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } =
    JSON.parse(textOf("package-lock.json"));
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

/** Words of a command line that its command does not know; the command itself when there is none. */
function strangeOptions(words: string): string[] {
  let command: Command = buildProgram();
  const known = new Set(command.options.map(({ long }) => long));
  for (const word of words.split(" ")) {
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (inner === undefined) break;
    command = inner;
    for (const { long } of command.options) known.add(long);
  }
  if (command.parent === null) return [words];
  return [...words.matchAll(/--[a-z-]+/g)].flatMap(([option]) =>
    known.has(option) || option === "--help" ? [] : [option],
  );
}

test("the changelog names every plugin in its version", () => {
  const numbers = textOf("CHANGELOG.md");
  const wordsOf = ({ id, version }: { id: string; version: number }) =>
    version === 1 ? `\`${id}\`` : `\`${id}\` (version ${version})`;
  expect(
    listPlugins()
      .map(wordsOf)
      .filter((words) => !numbers.includes(words)),
  ).toEqual([]);
});
