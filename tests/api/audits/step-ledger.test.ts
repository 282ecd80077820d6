import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type LedgerEntry,
  PLAN_PART,
  partOf,
  readLedger,
  stepStates,
} from "../../../api/audits/step-ledger.ts";
import { requestRun } from "../../../api/runs/run-requests.ts";
import { planAudit } from "../../../compute/index.ts";
import { factsOf, settingsOf } from "../../support/audit-settings.ts";
import { type FreshDatabase, freshDatabase } from "../../support/fresh-database.ts";

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const plan = planAudit(settingsOf(["internal_validation", "noise"]), [factsOf("north")]);

async function runIn(state: string): Promise<number> {
  const fingerprint = randomBytes(32).toString("hex");
  const identity = {
    kind: "training",
    plugin: "train",
    pluginVersion: 1,
    params: {},
    inputDigests: {},
  } as const;
  const { run } = await requestRun(database, { ...identity, fingerprint, software: {} });
  const failure = state === "failed" ? "CHILD_CRASHED: it died" : null;
  await database.pool.query("update run set state = $2, failure = $3 where id = $1", [
    run.id,
    state,
    failure,
  ]);
  return run.id;
}

const entry = (step: string, run: number | null, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  step,
  round: 1,
  run,
  created: true,
  refusal: null,
  ...changes,
});

async function statesOf(entries: readonly LedgerEntry[], round = 1): Promise<readonly string[]> {
  const byStep = new Map(entries.map((one) => [one.step, one]));
  const states = await stepStates(database.db, plan, byStep, round);
  return states.map(
    ({ step, state, reason }) => `${step.id} ${state}${reason === null ? "" : `: ${reason}`}`,
  );
}

describe("stepStates", () => {
  test("waits for what was not asked for", async () => {
    expect(await statesOf([])).toEqual(["t1 waiting", "e1 waiting", "e2 waiting"]);
  });

  test("is as far as the runs are", async () => {
    const [trained, scoring] = [await runIn("succeeded"), await runIn("queued")];
    expect(await statesOf([entry("t1", trained), entry("e1", scoring)])).toEqual([
      "t1 succeeded",
      "e1 queued",
      "e2 waiting",
    ]);
  });

  test("leaves out what needs a training that failed or was cancelled", async () => {
    expect(await statesOf([entry("t1", await runIn("failed"))])).toEqual([
      "t1 failed: CHILD_CRASHED: it died",
      "e1 left out: its training failed",
      "e2 left out: its training failed",
    ]);
    expect((await statesOf([entry("t1", await runIn("cancelled"))]))[1]).toBe(
      "e1 left out: its training was cancelled",
    );
  });

  test("tells why a step was refused", async () => {
    const refused = entry("t1", null, { refusal: "Expected images, got none" });
    expect((await statesOf([refused]))[0]).toBe("t1 failed: Expected images, got none");
  });

  test("asks again for what failed before the audit was asked for again, and keeps what succeeded", async () => {
    const [trained, failed] = [await runIn("succeeded"), await runIn("failed")];
    expect(await statesOf([entry("t1", trained), entry("e1", failed)], 2)).toEqual([
      "t1 succeeded",
      "e1 waiting",
      "e2 waiting",
    ]);
    expect((await statesOf([entry("t1", trained), entry("e1", failed, { round: 2 })], 2))[1]).toMatch(
      /^e1 failed/,
    );
  });
});

describe("readLedger", () => {
  test("takes the newest entry of each step", () => {
    const part = (number: number, value: unknown) => ({
      part: number,
      payload: Buffer.from(JSON.stringify(value)),
    });
    const { plan: read, entries } = readLedger([
      part(PLAN_PART, plan),
      part(partOf(1, 0), entry("t1", 5)),
      part(partOf(2, 0), entry("t1", 5, { round: 2 })),
    ]);
    expect(read).toEqual(plan);
    expect(entries.get("t1")?.round).toBe(2);
    expect(readLedger([]).plan).toBeUndefined();
  });
});
