import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

const example = [
  "--csv",
  "examples/phantom-chest/predictions.csv",
  "--mapping",
  "examples/phantom-chest/mapping.json",
];
const reader = "phantom/reader";

let database: FreshDatabase;
let home: string;
let imported: Ended;

beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  home = await mkdtemp(join(tmpdir(), "stratum-cli-"));
  const before = await stratum("list");
  expect(before).toMatchObject({ status: 5, out: "" });
  expect(before.err).toMatch(
    /^error: Expected a migrated database.*run stratum migrate \(MIGRATION_PENDING\)\n$/,
  );
  expect((await stratum("migrate")).out).toContain("Published results are loaded: gichoya-2022");
  imported = await stratum(
    "import",
    "predictions",
    ...example,
    "--dataset",
    "phantom",
    "--model",
    "reader",
    "--json",
  );
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await database[Symbol.asyncDispose]();
});

function stratum(...args: readonly string[]): Promise<Ended> {
  return runStratum(args, { home, ...reachable() });
}

function reachable(): { databaseUrl?: string } {
  const { databaseUrl } = database.config;
  return databaseUrl === undefined ? {} : { databaseUrl };
}

/** What a command with --json prints: JSON on the output and nothing else anywhere. */
async function json(...args: readonly string[]) {
  const { status, out, err } = await stratum(...args, "--json");
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return JSON.parse(out);
}

/** The cells of the rows of a printed table, without its heading. */
function rowsOf(table: string): string[][] {
  return table
    .split("\n")
    .slice(2)
    .filter((line) => line !== "")
    .map((line) => line.split(/ {2,}/));
}

describe("commands that are asked something they can do", () => {
  test("import --json names the evaluation; list finds it by its names", async () => {
    expect(imported).toMatchObject({ status: 0, err: "" });
    const { evaluation, images, scores, patients } = JSON.parse(imported.out);
    expect({ images, scores, patients }).toEqual({ images: 1503, scores: 4509, patients: 600 });
    const listed = await json("list", "--dataset", "phantom");
    expect(listed).toMatchObject([
      { id: evaluation, dataset: { slug: "phantom" }, model: { slug: "reader" } },
    ]);
    expect((await stratum("list")).out).toContain(`${evaluation}  phantom/reader`);
  });

  test("auc prints the same numbers as table and as JSON, by id and by name", async () => {
    const { evaluation } = JSON.parse(imported.out);
    const { cells } = await json("auc", "--evaluation", evaluation, "--by", "sex,age");
    const table = await stratum("auc", "--evaluation", reader, "--by", "sex,age");
    expect(table.status).toBe(0);
    const rows = rowsOf(table.out);
    expect(rows).toHaveLength(cells.length);
    for (const [index, cell] of cells.entries()) {
      const levels = cell.stratum.map(({ level }: { level: string }) => level);
      const [name, ...rest] = rows[index] ?? [];
      const hasAuc = cell.status === "OK";
      expect([name, ...rest.slice(0, 3)]).toEqual([
        cell.class,
        ...levels,
        hasAuc ? cell.auc.toFixed(4) : "not estimable",
      ]);
      const interval =
        cell.ciLow === null ? undefined : `${cell.ciLow.toFixed(4)} to ${cell.ciHigh.toFixed(4)}`;
      expect(rest[3]).toBe(interval ?? cell.intervalReason ?? cell.reason);
      expect(rest[3]).toMatch(/./);
      expect(rest[4]).toBe(cell.nPositive.toLocaleString("en-US"));
    }
  });

  test("conditions narrow the rows, and options reach the statistics", async () => {
    const auc = ["auc", "--evaluation", reader, "--class", "Black"];
    const { cells: all } = await json(...auc);
    const { cells: part } = await json(...auc, "--where", "sex=F", "--where", "age=40..60");
    expect(part[0].nPatients).toBeLessThan(all[0].nPatients / 2);
    const { cells: wide } = await json(...auc, "--level", "0.99", "--ci", "delong-logit");
    expect(wide[0].auc).toBe(all[0].auc);
    expect(wide[0].ciHigh - wide[0].ciLow).toBeGreaterThan(all[0].ciHigh - all[0].ciLow);
    const { cells: ofPatients } = await json(...auc, "--unit", "patient");
    expect(ofPatients[0].nPositive).toBeLessThan(all[0].nPositive);
  });

  test("compare takes several classes as one family of tests", async () => {
    const sexes = ["compare", "--evaluation", reader, "--stratum", "sex=F", "--with-stratum", "sex=M"];
    const { cells: all } = await json(...sexes);
    const { cells: named } = await json(...sexes, "--class", "White,Asian,Black");
    const adjusted = (cells: readonly { class: string; pAdjusted: number }[]) =>
      Object.fromEntries(cells.map((cell) => [cell.class, cell.pAdjusted]));
    expect(Object.keys(adjusted(all)).toSorted()).toEqual(["Asian", "Black", "White"]);
    expect(adjusted(named)).toEqual(adjusted(all));
    expect((await stratum(...sexes)).out).toContain("Test: DeLong, unpaired.");
  });

  test("gaps prints rates at a threshold and the widest gap", async () => {
    const asked = ["gaps", "--evaluation", reader, "--by", "sex", "--class", "Black", "--threshold", "0.5"];
    const { cells, gaps } = await json(...asked, "--rates", "tpr");
    const [f, m] = cells.map(({ value }: { value: number }) => value);
    expect(gaps).toHaveLength(1);
    expect(gaps[0].gap).toBeCloseTo(Math.abs(f - m), 12);
    expect((await stratum(...asked)).out).toContain(" / ");
  });

  test("meta pools the published table and writes its forest plot", async () => {
    const svg = join(home, "forest.svg");
    const asked = [
      "meta",
      "--publication",
      "gichoya-2022",
      "--experiment",
      "CXR external",
      "--class",
      "Black",
    ];
    const { k, estimate } = await json(...asked, "--svg", svg);
    expect(k).toBe(6);
    expect((await stratum(...asked)).out).toContain(`Pooled over 6 studies: ${estimate.toFixed(4)} (`);
    expect(await readFile(svg, "utf8")).toMatch(/^<svg/);
  });

  test("studies of one source can be told apart", async () => {
    const { studies } = await json("meta", "--publication", "gichoya-2022", "--class", "Black");
    const labels: readonly string[] = studies.map(({ label }: { label: string }) => label);
    expect(labels.filter((label) => label.startsWith("Results")).length).toBeGreaterThan(1);
    expect(new Set(labels).size).toBe(labels.length);
  });

  test("meta pools estimates of a file", async () => {
    const file = join(home, "estimates.json");
    const estimates = [0.9, 0.8, 0.85].map((value, i) => ({
      label: `${i}`,
      value,
      ciLow: value - 0.05,
      ciHigh: value + 0.04,
    }));
    await writeFile(file, JSON.stringify(estimates));
    const { k, estimate } = await json("meta", "--estimates", file, "--model", "dl", "--test", "z");
    expect(k).toBe(3);
    expect(estimate).toBeGreaterThan(0.8);
  });

  test("a token is shown once, listed without its text, and revoked", async () => {
    const { token, id } = await json("token", "create", "--label", "site B", "--dataset", "phantom=analyst");
    expect(token).toMatch(/^stm_/);
    const list = await stratum("token", "list");
    expect(list.out).toContain("site B");
    expect(list.out).not.toContain(token);
    expect(await stratum("token", "revoke", String(id))).toMatchObject({ status: 0, err: "" });
    expect((await stratum("token", "list")).out).toContain("revoked");
  });

  test("a reader that leaves early does not make a command fail", async () => {
    const args = ["auc", "--evaluation", reader, "--by", "sex,age", "--json"];
    const piped = await runStratum(args, { home, ...reachable(), pipeInto: "head -1" });
    expect(piped).toMatchObject({ out: "{\n", err: "status 0\n" });
    const unread = await runStratum(args, { home, ...reachable(), pipeInto: "true" });
    expect(unread.err).toBe("status 0\n");
  });
});

describe("commands that are asked something they cannot do", () => {
  const of = ["auc", "--evaluation", reader];
  test.concurrent.each([
    ["an unknown command", ["frob"], 2, "unknown command 'frob'"],
    ["a missing option", ["auc"], 2, "required option '--evaluation <id>' not specified"],
    ["an unknown option", [...of, "--frob"], 2, "unknown option '--frob'"],
    [
      "a word outside its choices",
      [...of, "--ci", "frob"],
      2,
      "Allowed choices are delong, delong-logit, bootstrap",
    ],
    [
      "a rate that is none",
      ["gaps", "--evaluation", reader, "--by", "sex", "--rates", "frob"],
      2,
      "among fpr, fnr",
    ],
    ["text for a number", [...of, "--level", "frob"], 2, 'Expected a number for --level, got "frob"'],
    ["a bound that is no number", [...of, "--where", "age=1.2.3..4"], 2, "Expected numbers low < high"],
    ["bounds the wrong way round", [...of, "--where", "age=60..40"], 2, "Expected numbers low < high"],
    ["an unknown attribute", [...of, "--by", "frob"], 2, "Expected an attribute among"],
    ["an unknown class", [...of, "--class", "frob"], 2, "Expected classes among Asian, Black, White"],
    ["what is no id", ["auc", "--evaluation", "frob"], 2, "Expected an id of the type Evaluation"],
    ["an unknown evaluation", ["auc", "--evaluation", "RXZhbHVhdGlvbjo5OTk"], 4, "NOT_FOUND"],
    ["an unknown name", ["auc", "--evaluation", "phantom/frob"], 4, "stratum list shows them all"],
    [
      "a file that is not there",
      ["meta", "--estimates", "no-such-file"],
      2,
      "Expected a file that can be read",
    ],
    [
      "a folder for a file",
      ["import", "predictions", "--csv", "docs", ...example.slice(2), "--dataset", "a", "--model", "b"],
      2,
      "got the folder docs",
    ],
    [
      "a file that is no JSON",
      ["meta", "--estimates", "README.md"],
      2,
      "Expected JSON in the file of --estimates",
    ],
    [
      "a plot where none can be",
      [
        "meta",
        "--publication",
        "gichoya-2022",
        "--experiment",
        "CXR external",
        "--class",
        "Black",
        "--svg",
        "/nonexistent/x.svg",
      ],
      2,
      "can be written for --svg",
    ],
    [
      "a role that is none",
      ["token", "create", "--label", "x", "--dataset", "phantom=frob"],
      2,
      "Expected --dataset slug=role",
    ],
    ["a token that is no number", ["token", "revoke", "frob"], 2, "Expected the number of a token"],
    ["a port that is none", ["serve", "--port", "99999"], 2, "CONFIG_INVALID"],
  ] as const)("%s", async (_what, args, status, message) => {
    const ended = await stratum(...args);
    expect(ended).toMatchObject({ status, out: "" });
    expect(ended.err).toContain(message);
    expect(ended.err).toMatch(/^error: /);
    expect(ended.err).not.toMatch(/\n {4}at |select |update /);
  });

  test("a rejected import says where, stores nothing and exits with 3", async () => {
    const wrong = ["import", "predictions", "--csv", "examples/phantom-chest/predictions.csv", "--dataset", "wrong", "--model", "m",
      "--id", "image_id", "--truth", "race", "--score", "Asian=score_Asian", "--score", "Black=score_Black", "--score", "White=score_White"]; // biome-ignore format: one command line
    const text = await stratum(...wrong);
    expect(text).toMatchObject({ status: 3, err: "" });
    expect(text.out).toContain("12  race    UNKNOWN_LABEL");
    expect(text.out).toContain("--save-mapping");
    const { status, out } = await stratum(...wrong, "--json");
    expect(status).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      status: "rejected",
      evaluation: null,
      totals: { UNKNOWN_LABEL: 836 },
    });
    expect(await json("list", "--dataset", "wrong")).toEqual([]);
  });

  test("a database that does not answer exits with 5", async () => {
    const ended = await runStratum(of, {
      home,
      databaseUrl: "postgresql://stratum:secret@127.0.0.1:1/stratum",
    });
    expect(ended).toMatchObject({ status: 5, out: "" });
    expect(ended.err).toContain("DB_UNAVAILABLE");
    expect(ended.err).not.toContain("secret");
  });
});
