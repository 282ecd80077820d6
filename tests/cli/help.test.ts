import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { buildSchema, isEnumType } from "graphql";
import { describe, expect, test } from "vitest";
import { choices, enumOf } from "../../api/cli/choices.ts";
import { exitCodes } from "../../api/cli/exit-code.ts";
import { buildProgram } from "../../api/cli/main.ts";
import { packageRoot } from "../../api/package-root.ts";

/** Every command under a program but commander's own `help`, by its full name. */
function commandsOf(parent: Command, path: readonly string[] = []): (readonly [string, Command])[] {
  return parent.commands.flatMap((command) => {
    const name = [...path, command.name()];
    return [[name.join(" "), command] as const, ...commandsOf(command, name)];
  });
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return text;
}

const commands = commandsOf(buildProgram());

describe("help", () => {
  test("the issue's commands are there", () => {
    const names = commands.map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "serve",
        "demo",
        "migrate",
        "import predictions",
        "auc",
        "compare",
        "meta",
        "doctor",
      ]),
    );
  });

  test.each(commands)("%s has examples, and fits 100 columns", (_name, command) => {
    const help = helpOf(command);
    expect(help).toContain("Examples:\n");
    expect(help.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test.each(commands)("every option of an example of %s is one of its command", (_name, command) => {
    const help = helpOf(command).replaceAll("\\\n", " ");
    const examples = help.slice(help.indexOf("Examples:")).matchAll(/\sstratum ([a-z].*)$/gm);
    for (const [, words = ""] of examples) {
      const [name, target] = commands.findLast(([path]) => words.startsWith(path)) ?? [];
      expect(name, `Expected a command in "${words}"`).toBeDefined();
      const known = target?.options.map(({ long }) => long);
      for (const [option] of words.matchAll(/--[a-z-]+/g)) expect(known).toContain(option);
    }
  });

  test("the program's help lists every exit status", () => {
    const help = helpOf(buildProgram());
    for (const status of Object.values(exitCodes)) expect(help).toMatch(new RegExp(`\\b${status} [a-z]`));
  });

  test.each(Object.entries(choices))("the words for %s are the API's", (name, words) => {
    const schema = buildSchema(readFileSync(join(packageRoot, "schema.graphql"), "utf8"));
    const type = schema.getType(name);
    if (!isEnumType(type)) throw new Error(`Expected an enumeration ${name}, got none`);
    expect(words.map(enumOf).toSorted()).toEqual(
      type
        .getValues()
        .map((value) => value.name)
        .toSorted(),
    );
  });
});
