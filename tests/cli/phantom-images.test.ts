import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase, heldServer, withDatabase } from "../support/fresh-database.ts";
import { runStratum } from "./run-stratum.ts";

let database: FreshDatabase;
let home: string;
let databaseUrl: string;

beforeAll(async () => {
  database = await freshDatabase();
  databaseUrl = withDatabase((await heldServer()).url, database.name);
  home = await mkdtemp(join(tmpdir(), "stratum-cli-"));
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await database[Symbol.asyncDispose]();
});

const run = (...args: string[]) => runStratum(args, { home, databaseUrl });

describe("stratum phantom --planted", () => {
  test("writes a folder that stratum import dataset takes", async () => {
    const out = join(home, "north");
    const made = await run(
      ...["phantom", "--out", out, "--planted", "patch:1,2", "--strength", "1.5", "--patients", "12"],
      ...["--seed", "3", "--site", "north", "--json"],
    );
    expect(made).toMatchObject({ status: 0, err: "" });
    const truth = JSON.parse(made.out);
    expect(truth).toMatchObject({ planted: "patch:1,2", attribute: "race", patients: 12, images: 24 });
    // Phi(1.5 / sqrt 2).
    expect(truth.idealAuc.image).toBeCloseTo(0.8556, 4);
    expect(JSON.parse(await readFile(join(out, "truth.json"), "utf8"))).toEqual(truth);

    const imported = await run(
      ...["import", "dataset", "--dataset", "north", "--root", out, "--verify", "full"],
      ...["--manifest", join(out, "manifest.csv"), "--mapping", join(out, "mapping.json")],
    );
    expect(imported.err).toBe("");
    expect(imported.out).toMatch(/^Stored version 1 of north: 24 images, 12 patients/);
    const { rows } = await database.pool.query<{ name: string }>("select name from attribute order by name");
    const names = [
      "age",
      "equipment",
      "finding:Effusion",
      "finding:No Finding",
      "race",
      "sex",
      "site",
      "view",
    ];
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });

  test.each([
    [["--planted", "middle"], /Expected low, high/],
    [["--planted", "low", "--strength", "9"], /a strength from 0 to 6/],
    [["--planted", "low", "--side", "x"], /Expected a number for --side/],
  ])("refuses %j", async (flags, message) => {
    const { status, err } = await run("phantom", "--out", join(home, "no"), ...flags);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});
