import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildImages } from "../support/jobs/evaluation-fixture.ts";
import { auditEnded, type JobStage, openJobStage } from "../support/jobs/job-stage.ts";

const IMAGES = 240;
const PATIENCE_MS = 400_000;

let stage: JobStage;
let client: GraphqlClient;

beforeAll(async () => {
  stage = await openJobStage();
  client = graphqlClient(stage.database);
  await buildImages(stage.database, stage.folder, IMAGES, "here", ["Mass", "No Finding"]);
});
afterAll(() => stage[Symbol.asyncDispose]());

const input = {
  dataset: "here",
  attribute: "race",
  protocols: ["underdiagnosis"],
  architecture: "LINEAR_PROBE",
  epochs: 1,
  replicates: 100,
};
const AUDIT = `query ($id: ID!) {
  audit(id: $id) { run { state failure } steps { name kind title state reason } leftOut { protocol part reason } values report }
}`;

async function carriedOut(changes: object = {}) {
  const { runAudit } = await client.ask(
    "mutation ($input: RunAuditInput!) { runAudit(input: $input) { audit { id } } }",
    { input: { ...input, ...changes } },
  );
  const read = async () => (await client.ask(AUDIT, { id: runAudit.audit.id })).audit;
  // Awaited here: the worker goes when this returns.
  return await auditEnded(read, PATIENCE_MS);
}

describe("an audit of a model of findings", () => {
  test(
    "trains it, chooses thresholds on patients that it is not judged on, and shows each group's gap",
    async () => {
      await using _worker = await stage.work();
      const audit = await carriedOut();
      expect(audit.run.failure).toBeNull();
      expect(audit.steps.map(({ name, state }: Record<string, string>) => `${name} ${state}`)).toEqual(
        ["t1", "e1", "e2"].map((name) => `${name} SUCCEEDED`),
      );
      expect(audit.leftOut).toEqual([
        { protocol: "underdiagnosis", part: "here, race and age", reason: "age is not recorded" },
      ]);
      const { gaps } = audit.values;
      // Three ways to choose a threshold, two divisions.
      expect(gaps).toHaveLength(6);
      expect(gaps[0]).toMatchObject({
        finding: "No Finding",
        groupName: "self-reported race",
        rateName: "False positive rate",
        otherNames: ["False negative rate", "True positive rate"],
      });
      expect(gaps[0].rows.map(({ group }: { group: string }) => group)).toEqual(["Asian", "Black", "White"]);
      for (const { value, difference } of gaps[0].rows) {
        expect([value.value, value.record, difference.value, difference.record]).not.toContain(null);
      }
      const { metric } = await client.ask(
        "query ($id: ID!) { metric(id: $id) { metric value ciMethod params stratum { attribute level } } }",
        { id: gaps[0].rows[1].value.record },
      );
      expect(metric).toMatchObject({ metric: "fpr", ciMethod: "wilson", stratum: [{ level: "Black" }] });
      expect(metric.params.threshold).toBe(gaps[0].threshold);
      expect(audit.report).toContain("Errors of a model of findings by group");
    },
    PATIENCE_MS,
  );

  test(
    "probes what it keeps of patients that it has not learnt from, and tests it between groups",
    async () => {
      await using _worker = await stage.work();
      const protocols = ["encoding_probe", "encoding_probe_given_labels", "feature_shift"];
      const classes = ["Black", "White"];
      const audit = await carriedOut({ protocols, classes });
      expect(audit.run.failure).toBeNull();
      expect(audit.steps.map(({ name, state }: Record<string, string>) => `${name} ${state}`)).toEqual(
        ["t1", "e1", "f1", "f2"].map((name) => `${name} SUCCEEDED`),
      );
      const { others, shifts } = audit.values;
      expect(others.map(({ rows }: { rows: object[] }) => rows.length)).toEqual([4, 16]);
      const [plain] = others;
      expect(plain.rows[0]).toMatchObject({ label: "here, logistic regression", class: "Black" });
      const { metric } = await client.ask(
        "query ($id: ID!) { metric(id: $id) { metric value ciMethod n nPatients evaluation { id } } }",
        { id: plain.rows[0].value.record },
      );
      // Of two of three races, half of whose patients are tested: 20, a fifth of whom only train.
      expect(metric).toMatchObject({ metric: "auroc", ciMethod: "patient_bootstrap", nPatients: 16, n: 64 });
      const labels = others[1].rows.map(({ label }: { label: string }) => label);
      expect(labels).toContain("here, random forest within finding:Mass, level 1");
      expect(shifts).toHaveLength(1);
      expect(shifts[0].tests).toHaveLength(4);
      expect(shifts[0].rejected.value).toBe(
        shifts[0].tests.filter(({ adjusted }: { adjusted: number }) => adjusted <= 0.05).length / 4,
      );
      expect(shifts[0].rejected.record).not.toBeNull();
      for (const { distance, p, adjusted } of shifts[0].tests) {
        expect(distance.n).toBe(20);
        expect(adjusted).toBeGreaterThanOrEqual(p);
      }
      expect(audit.report).toContain("What a model of findings keeps of images, by group");
      // Scores of those patients alone: what was evaluated, less the first of five folds; missing ones are counted by class.
      const { rows } = await stage.database.pool.query(
        "select scored_count::int as scored, missing_score_count::int as missing from prediction_set join run on run.id = run_id where run.kind = 'confounders'",
      );
      expect(rows).toEqual(Array(2).fill({ scored: 96, missing: 2 * (IMAGES - 96) }));
    },
    PATIENCE_MS,
  );

  test("has trained on no patient of those that it was tested on, or that chose thresholds", async () => {
    const { rows } = await stage.database.pool.query(
      `select run.params, run.summary from run where kind = 'training' order by id`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].params).toMatchObject({
      attribute: "finding",
      training: { name: "split", part: "train" },
      validation: { kind: "fold", split: { name: "folds-6-seed-2021", part: "fold-1" } },
    });
    const { rows: scored } = await stage.database.pool.query(
      `select params->'split'->>'part' as part, params->'where' as "where", summary->>'images' as images from run where kind = 'evaluation' order by id`,
    );
    expect(scored).toMatchObject([
      { part: "fold-1", where: [{ attribute: "split:split", in: ["train"] }] },
      { part: "test", where: [] },
      { part: "test", where: [] },
    ]);
    // What chose thresholds is what validated the training.
    expect(Number(scored[0].images)).toBe(rows[0].summary.validation.images);
    expect(Number(scored[1].images)).toBe(IMAGES / 2);
  });

  test(
    "takes one that is registered, in place of its own",
    async () => {
      const { rows } = await stage.database.pool.query(
        "select slug from model join model_version on model_version.model_id = model.id where task_attribute = 'finding'",
      );
      await using _worker = await stage.work();
      const audit = await carriedOut({ findingModel: rows[0].slug });
      expect(audit.run.failure).toBeNull();
      expect(audit.steps.map(({ kind, state }: Record<string, string>) => `${kind} ${state}`)).toEqual([
        "EVALUATE SUCCEEDED",
        "EVALUATE SUCCEEDED",
      ]);
      expect(audit.values.gaps).toHaveLength(6);
    },
    PATIENCE_MS,
  );
});
