import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { idealMarkAuc, markLevelsOf, shuffleLabels } from "../../compute/index.ts";
import { type GraphqlClient, graphqlClient } from "../support/graphql-client.ts";
import { buildImages } from "../support/jobs/evaluation-fixture.ts";
import { auditEnded, type JobStage, openJobStage } from "../support/jobs/job-stage.ts";

const IMAGES = 480;
const SEED = 5;
const PATIENCE_MS = 400_000;
const ordinals = Array.from({ length: IMAGES }, (_, ordinal) => ordinal);
/** As the fixture has them: four images a patient, every other pair of patients for the test. */
const patientOf = (ordinal: number) => ordinal >> 2;
const isTest = (ordinal: number) => (patientOf(ordinal) >> 1) % 2 === 1;

let stage: JobStage;
let client: GraphqlClient;

beforeAll(async () => {
  stage = await openJobStage();
  client = graphqlClient(stage.database);
  await buildImages(stage.database, stage.folder, IMAGES, "here");
});
afterAll(() => stage[Symbol.asyncDispose]());

const input = {
  dataset: "here",
  attribute: "race",
  classes: ["Black", "White"],
  protocols: ["internal_validation"],
  controls: true,
  architecture: "LINEAR_PROBE",
  epochs: 25,
  learningRate: 0.01,
  replicates: 200,
  seed: SEED,
};

async function carriedOut() {
  const { runAudit } = await client.ask(
    "mutation ($input: RunAuditInput!) { runAudit(input: $input) { audit { id } } }",
    { input },
  );
  await using _worker = await stage.work();
  const read = async () => {
    const question = `query ($id: ID!) { audit(id: $id) {
      protocols run { state failure } steps { name title state run { fingerprint } } values report } }`;
    return (await client.ask(question, { id: runAudit.audit.id })).audit;
  };
  // Awaited here: the worker goes when this returns.
  return await auditEnded(read, PATIENCE_MS);
}

/** A record as the warehouse has it, with its model's task. */
async function recordOf(id: string) {
  const question = `query ($id: ID!) { metric(id: $id) {
    n nPositive nNegative class evaluation { id model { slug } task { attribute classes } } } }`;
  return (await client.ask(question, { id })).metric;
}

describe("an audit with controls", () => {
  test(
    "plans, trains and evaluates them beside its protocols",
    async () => {
      const plan = await client.ask(
        "query ($input: RunAuditInput!) { auditPlan(input: $input) { trainings evaluations } }",
        { input },
      );
      expect(plan.auditPlan).toEqual({ trainings: 3, evaluations: 3 });
      const audit = await carriedOut();
      expect(audit.run.failure).toBeNull();
      expect(audit.protocols).toEqual(["internal_validation", "shuffled_attribute", "planted_mark"]);
      expect(audit.steps.map(({ title, state }: Record<string, string>) => `${title} ${state}`)).toEqual(
        ["as they are", "labels shuffled among patients", "a mark planted in the images"].flatMap((what) => [
          `here: ${what} SUCCEEDED`,
          `here: ${what} SUCCEEDED`,
        ]),
      );
    },
    PATIENCE_MS,
  );

  test(
    "reads them by the truth that they were trained on",
    async () => {
      const { values, report } = await carriedOut();
      const [negative, byPatient, positive] = values.controls;
      expect(values.controls.map(({ kind, unit }: Record<string, string>) => `${kind} ${unit}`)).toEqual([
        "negative image",
        "negative patient",
        "positive image",
      ]);

      const races = Uint8Array.from(ordinals, (ordinal) => patientOf(ordinal) % 3);
      const dealt = shuffleLabels(races, ordinals.map(patientOf), IMAGES / 4, SEED);
      const count = (codes: Uint8Array, code: number) =>
        ordinals.filter((ordinal) => isTest(ordinal) && codes[ordinal] === code).length;
      // Codes of the fixture: Asian, who take no part, Black, White.
      expect(await recordOf(negative.value.record)).toMatchObject({
        class: "shuffled Black",
        nPositive: count(dealt, 1),
        nNegative: count(dealt, 2),
        evaluation: { task: { attribute: `shuffled:${SEED}:race` } },
      });
      // The fixture's own truth has other counts, so a test on it would show.
      expect(count(dealt, 1)).not.toBe(count(races, 1));

      expect(negative.answer).toMatch(/holds 0\.5|equivalent to 0\.5/);
      expect(byPatient.answer).toMatch(/holds 0\.5|equivalent to 0\.5/);

      expect(await recordOf(positive.value.record)).toMatchObject({
        nPositive: count(markLevelsOf(IMAGES, SEED), 0),
        nNegative: count(markLevelsOf(IMAGES, SEED), 1),
      });
      expect(positive.answer).toMatch(/^The mark is found/);
      expect(positive.value.value).toBeGreaterThan(0.9);
      expect(positive.value.ciLow).toBeLessThan(idealMarkAuc(3) + 0.01);
      expect(positive.expected).toContain("0.983");

      expect(report).toContain("Controls that ran with the audit");
      expect(report).toContain(positive.value.record);
      expect(report).toContain("Do the controls come out as they must?");
    },
    PATIENCE_MS,
  );

  test("tells nobody about shuffled labels who asks about another evaluation", async () => {
    const { values } = await carriedOut();
    const { evaluation } = await recordOf(values.results[0].value.record);
    const asked = client.ask(
      "query ($input: StratifiedAucInput!) { stratifiedAuc(input: $input) { cells { auc } } }",
      { input: { evaluation: evaluation.id, by: [`shuffled:${SEED}:race`] } },
    );
    await expect(asked).rejects.toThrow(/Expected an attribute among/);
  });
});
