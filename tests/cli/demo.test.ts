import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesOf, until } from "../support/processes.ts";
import { type Ended, runStratum } from "./run-stratum.ts";

let home: string;
let first: Ended;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "stratum-demo-"));
  first = await runStratum(["demo", "--once", "--no-audit"], { home });
});

afterAll(() => rm(home, { recursive: true, force: true }));

test("the demo goes the whole way on a database of its own", async () => {
  expect(first).toMatchObject({ status: 0, err: "" });
  expect(first.out).toContain("38 discrepancies kept as printed");
  // Seeded data, so these are numbers and no samples.
  expect(first.out).toContain("Asian  F    0.9032  0.8698 to 0.9365       114       623       300");
  expect(first.out).toContain("Pooled over 6 studies: 0.9697 (0.9572 to 0.9787)");
  expect(await readFile(join(home, "demo/forest.svg"), "utf8")).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
});

test("nothing of it keeps running", async () => {
  await until(() => processesOf(home).length === 0, "no process of the demo");
});

test("doctor finds nothing amiss there", async () => {
  const { status, out } = await runStratum(["doctor", "--json"], { home });
  const findings: readonly { check: string; ok: boolean }[] = JSON.parse(out);
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(["Node", "native addon", "home folder", "database", "migrations", "durability"]),
  );
  expect(status).toBe(0);
});

test("doctor names a setting at fault", async () => {
  const { status, out } = await runStratum(["--log-level", "frob", "doctor"], { home });
  expect(out).toMatch(/FAIL {2}settings .*STRATUM_LOG_LEVEL/s);
  expect(status).toBe(1);
});

test("without the native addon, doctor and every statistic say how to build it; nothing is computed another way", async () => {
  const addon = join(home, "no-addon.node");
  const doctor = await runStratum(["doctor"], { home, addon });
  expect(doctor.out).toMatch(/FAIL {2}native addon .*npm run build:native/);
  expect(doctor.status).toBe(1);
  const evaluation = "phantom-chest/phantom-reader";
  const commands = [
    ["auc", "--evaluation", evaluation],
    ["demo", "--once", "--no-audit"],
    ["serve", "--port", "0"],
    ["work"],
  ];
  for (const command of commands) {
    const { status, err, out } = await runStratum(command, { home, addon });
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toMatch(/npm run build:native .*\(ADDON_UNAVAILABLE\)/);
  }
});

test("a second demo finds the example stored and prints the same numbers", async () => {
  const second = await runStratum(["demo", "--once", "--no-audit"], { home });
  const numbers = (text: string) => text.slice(text.indexOf("How well"), text.indexOf("Forest plot"));
  expect(second.status).toBe(0);
  expect(second.out).toContain("The example is stored already");
  expect(numbers(second.out)).toBe(numbers(first.out));
  expect(numbers(first.out).length).toBeGreaterThan(500);
});
