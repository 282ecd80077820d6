import { type Command, Option } from "commander";
import { type Role, roles } from "../../access/access.table.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { collect, type GlobalOptions, printJson, printText } from "../program-options.ts";
import { configOf, openSession } from "../session.ts";
import { textTable } from "../text-table.ts";

interface CreateFlags extends GlobalOptions {
  readonly label: string;
  readonly role?: Role;
  readonly dataset: readonly string[];
  readonly days?: string;
}

const examples = `
Examples:
  $ stratum token create --label "site B analysts" --dataset chest=analyst --days 90
  $ stratum token create --label operations --role steward
  $ stratum token list
  $ stratum token revoke 3
`;

/** `stratum token`: who may see what over the network. */
export function addToken(program: Command): void {
  const token = program
    .command("token")
    .description("Make, list and revoke the tokens that give row-level rights.")
    .addHelpText("after", examples);
  token
    .command("create")
    .description("Make a token; its text is shown this once.")
    .addHelpText("after", examples)
    .requiredOption("--label <text>", "whose it is")
    .addOption(new Option("--role <role>", "role on every dataset").choices(roles))
    .option("--dataset <slug=role>", "role on one dataset; repeat", collect, [])
    .option("--days <count>", "days until it expires (default: never)")
    .option("--json", "print the token as JSON")
    .action((_options: unknown, command: Command) => create(command.optsWithGlobals<CreateFlags>()));
  token
    .command("list")
    .description("List the tokens; their texts are not kept.")
    .addHelpText("after", examples)
    .option("--json", "print the list as JSON")
    .action((_options: unknown, command: Command) => listAll(command.optsWithGlobals<GlobalOptions>()));
  token
    .command("revoke <number>")
    .description("End a token at once.")
    .addHelpText("after", examples)
    .action(async (number: string, _options: unknown, command: Command) => {
      await using session = await openSession(
        configOf(process.env, command.optsWithGlobals<GlobalOptions>()),
      );
      await (await session.services()).tokens.revoke(tokenNumberOf(number));
      printText(`Token ${number} is revoked.`);
    });
}

async function create(flags: CreateFlags): Promise<void> {
  const grants = Object.fromEntries(
    flags.dataset.map((text) => {
      const [, slug, given] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      const role = roles.find((known) => known === given);
      if (slug !== undefined && role !== undefined) return [slug, role] as const;
      throw new CommandError(
        exitCodes.usage,
        `Expected --dataset slug=role with one of ${roles.join(", ")}, got "${text}"`,
      );
    }),
  );
  await using session = await openSession(configOf(process.env, flags));
  const made = await (await session.services()).tokens.create({
    label: flags.label,
    grants,
    ...(flags.role === undefined ? {} : { globalRole: flags.role }),
    ...(flags.days === undefined ? {} : { expiresAt: inDays(flags.days) }),
  });
  if (flags.json === true) printJson({ id: made.id, token: made.token, expiresAt: made.expiresAt });
  else
    printText(
      `Token ${made.id}, shown this once:\n${made.token}\nSend it as "Authorization: Bearer <token>".`,
    );
}

async function listAll(flags: GlobalOptions): Promise<void> {
  await using session = await openSession(configOf(process.env, flags));
  const tokens = await (await session.services()).tokens.list();
  if (flags.json === true)
    return printJson(
      tokens.map(({ id, label, globalRole, expiresAt, revokedAt }) => ({
        id,
        label,
        globalRole,
        expiresAt,
        revokedAt,
      })),
    );
  const rows = tokens.map((token) => [
    String(token.id),
    token.label,
    token.globalRole ?? "by dataset",
    token.revokedAt !== null ? "revoked" : (token.expiresAt?.toISOString().slice(0, 10) ?? "never"),
  ]);
  printText(
    textTable(
      [{ title: "No.", right: true }, { title: "Label" }, { title: "Role" }, { title: "Ends" }],
      rows,
    ),
  );
}

function tokenNumberOf(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new CommandError(
    exitCodes.usage,
    `Expected the number of a token, got "${text}"; stratum token list`,
  );
}

function inDays(text: string): Date {
  const days = Number(text);
  if (!(days > 0 && days <= 3650)) {
    throw new CommandError(exitCodes.usage, `Expected --days from 1 to 3650, got "${text}"`);
  }
  return new Date(Date.now() + days * 86_400_000);
}
