import type { Command } from "commander";

const examples = `
Examples:
  $ stratum import dataset --root photos/ --layout folder --dataset chest
  $ stratum import predictions --csv scores.csv --dataset chest --model resnet34 --mapping map.json
`;

/** The command that the imports stand under; made when the first of them asks for it. */
export function importCommand(program: Command): Command {
  const known = program.commands.find((command) => command.name() === "import");
  if (known !== undefined) return known;
  return program
    .command("import")
    .description("Take datasets of images, or predictions, into the warehouse.")
    .addHelpText("after", examples);
}
