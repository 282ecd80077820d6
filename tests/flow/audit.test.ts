import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuiltDataset } from "../support/evaluation-builder.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildImages } from "../support/jobs/evaluation-fixture.ts";
import { auditEnded, type JobStage, openJobStage } from "../support/jobs/job-stage.ts";
import { until } from "../support/processes.ts";

const IMAGES = 96;
const PATIENCE_MS = 400_000;

let stage: JobStage;
let client: GraphqlClient;
let dataset: BuiltDataset;
let other: BuiltDataset;

beforeAll(async () => {
  stage = await openJobStage();
  // The client's services take models and settings from the same place.
  client = graphqlClient(stage.database);
  dataset = await buildImages(stage.database, stage.folder, IMAGES, "here", ["Mass", "Edema"]);
  other = await buildImages(stage.database, stage.folder, IMAGES, "elsewhere");
});
afterAll(() => stage[Symbol.asyncDispose]());

function inputOf(protocols: readonly string[], changes: Readonly<Record<string, unknown>> = {}) {
  return {
    dataset: dataset.slug,
    external: [other.slug],
    attribute: "race",
    classes: ["Black", "White"],
    protocols,
    architecture: "LINEAR_PROBE",
    epochs: 1,
    gridValues: 2,
    replicates: 100,
    ...changes,
  };
}

const RUN_AUDIT = `mutation ($input: RunAuditInput!) {
  runAudit(input: $input) { created run { id state } audit { id } }
}`;
const AUDIT = `query ($id: ID!) {
  audit(id: $id) {
    attribute classes datasets protocols run { state failure summary }
    steps { name kind title state reason run { id state } } leftOut { protocol part reason } values report
  }
}`;
const PLAN = `query ($input: RunAuditInput!) {
  auditPlan(input: $input) { trainings evaluations fits reused seconds bytes steps { name state } leftOut { protocol reason } }
}`;

const auditOf = async (id: string) => (await client.ask(AUDIT, { id })).audit;
const runAudit = async (input: object) => (await client.ask(RUN_AUDIT, { input })).runAudit;

const untilEnded = (id: string) => auditEnded(() => auditOf(id), PATIENCE_MS);

describe("an audit", () => {
  const protocols = [
    "internal_validation",
    "external_validation",
    "noise",
    "sex_strata",
    "bmi_strata",
    "labels_alone",
  ];

  test(
    "is carried out with all its steps by one worker that does one thing at a time",
    async () => {
      const { auditPlan } = await client.ask(PLAN, { input: inputOf(protocols) });
      expect(auditPlan).toMatchObject({ trainings: 1, evaluations: 3, fits: 3, reused: 0 });
      const asked = await runAudit(inputOf(protocols));
      expect(asked).toMatchObject({ created: true, run: { state: "QUEUED" } });
      expect((await auditOf(asked.audit.id)).report).toBeNull();
      await using _worker = await stage.work();
      const audit = await untilEnded(asked.audit.id);
      expect(audit.run.failure).toBeNull();
      expect(
        audit.steps.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`),
      ).toEqual(["t1", "e1", "e2", "e3", "f1", "f2", "f3"].map((name) => `${name} SUCCEEDED`));
      expect(audit.leftOut).toEqual([
        { protocol: "bmi_strata", part: "here", reason: "the dataset does not record bmi" },
      ]);
    },
    PATIENCE_MS,
  );

  test("is the same when asked for again, and its plan says that all of it is there", async () => {
    const again = await runAudit(inputOf(protocols));
    expect(again).toMatchObject({ created: false, run: { state: "SUCCEEDED" } });
    const { auditPlan } = await client.ask(PLAN, { input: inputOf(protocols) });
    expect(auditPlan).toMatchObject({ trainings: 0, evaluations: 0, reused: 7, seconds: 0, bytes: 0 });
  });

  test("has a report whose numbers are records of the warehouse, the same each time", async () => {
    const { audit } = await runAudit(inputOf(protocols));
    const { report, values } = await auditOf(audit.id);
    expect((await auditOf(audit.id)).report).toBe(report);
    expect(
      values.results.map(({ experiment, unit }: Record<string, string>) => `${experiment} ${unit}`),
    ).toEqual(["internal image", "internal patient", "external image", "external patient"]);
    const external = values.results[2];
    const { metric } = await client.ask(
      "query ($id: ID!) { metric(id: $id) { metric value ciLow ciHigh ciMethod n } }",
      {
        id: external.value.record,
      },
    );
    expect(metric).toMatchObject({
      metric: "auroc",
      value: external.value.value,
      ciLow: external.value.ciLow,
      ciMethod: "patient_bootstrap",
      n: external.value.n,
    });
    const [{ models }] = values.confounders;
    expect(models.map(({ name }: { name: string }) => name)).toEqual(
      ["logistic regression", "random forest", "boosted trees"].map((model) => `Labels, ${model}`),
    );
    for (const { value, difference } of models) expect([value.value, difference.value]).not.toContain(null);
    expect(values.others[0].rows[0].difference.record).not.toBeNull();
    expect(values.strata[0].rows.map(({ level }: { level: string }) => level)).toEqual(["F", "M"]);
    expect(values.cohorts.map(({ dataset: slug }: { dataset: string }) => slug)).toEqual([
      "here",
      "elsewhere",
    ]);
    expect(report).toContain("<!doctype html>");
    expect(report).toContain(external.value.record);
  });

  test(
    "uses what another audit has made",
    async () => {
      const more = inputOf(["internal_validation", "blur"]);
      const { auditPlan } = await client.ask(PLAN, { input: more });
      expect(auditPlan).toMatchObject({ trainings: 0, evaluations: 1, reused: 2 });
      const asked = await runAudit(more);
      await using _worker = await stage.work();
      const audit = await untilEnded(asked.audit.id);
      expect(audit.run.state).toBe("SUCCEEDED");
      const { rows } = await stage.database.pool.query(
        "select count(*)::int as count from run where kind = 'training'",
      );
      expect(rows[0].count).toBe(1);
    },
    PATIENCE_MS,
  );

  test(
    "stops its steps when it is cancelled, and goes on when it is asked for again",
    async () => {
      const input = inputOf(["internal_validation", "low_pass"], { seed: 7 });
      const asked = await runAudit(input);
      await using _worker = await stage.work();
      await until(async () => (await auditOf(asked.audit.id)).steps.length > 0, "the steps", PATIENCE_MS);
      await client.ask("mutation ($id: ID!) { cancelRun(id: $id) { state } }", { id: asked.run.id });
      await until(
        async () => (await auditOf(asked.audit.id)).run.state === "CANCELLED",
        "the audit to be cancelled",
        PATIENCE_MS,
      );
      const left = "select count(*)::int as count from run where state in ('queued', 'running')";
      await until(
        async () => (await stage.database.pool.query(left)).rows[0].count === 0,
        "its steps to be cancelled",
        PATIENCE_MS,
      );
      expect(await runAudit(input)).toMatchObject({ created: false, run: { state: "QUEUED" } });
      const audit = await untilEnded(asked.audit.id);
      expect(audit.run.state).toBe("SUCCEEDED");
      expect(audit.values.sweeps[0].panels[0].series[0].points).toHaveLength(2);
    },
    PATIENCE_MS,
  );

  test("refuses what cannot be, before anything is queued", async () => {
    const refusal = async (changes: Readonly<Record<string, unknown>>) => {
      try {
        await runAudit({ ...inputOf(protocols), ...changes });
        return "taken";
      } catch (error) {
        return String(error);
      }
    };
    expect(await refusal({ attribute: "height" })).toMatch(/Expected an attribute of categories among/);
    expect(await refusal({ classes: ["Black", "Green"] })).toMatch(/got "Green"/);
    expect(await refusal({ external: ["nowhere"] })).toMatch(/Expected the slug of a dataset/);
    expect(await refusal({ external: [dataset.slug] })).toMatch(/each dataset once/);
    expect(await refusal({ protocols: ["astrology"] })).toMatch(/Expected a protocol of/);
    expect(await refusal({ protocols: ["bmi_strata"] })).toMatch(/does not record bmi/);
  });
});
