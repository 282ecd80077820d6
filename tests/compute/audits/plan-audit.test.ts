import { describe, expect, test } from "vitest";
import {
  type AuditStep,
  costOf,
  GIVEN_FINDING_MODEL,
  groupGaps,
  planAudit,
  protocols,
  usualRates,
} from "../../../compute/index.ts";
import { factsOf, settingsOf } from "../../support/audit-settings.ts";

const north = factsOf("north");
const south = factsOf("south");
const planOf = (
  ids: readonly string[],
  changes: Parameters<typeof settingsOf>[1] = {},
  datasets = [north, south],
) => planAudit(settingsOf(ids, changes), datasets);

const chainOf = (step: AuditStep | undefined) =>
  step === undefined || step.kind === "fit" ? [] : step.transforms;

describe("groupGaps", () => {
  test("puts what has one reason together, nothing lost, protocols apart", () => {
    const gaps = [
      { protocol: "a", part: "x", reason: "dark" },
      { protocol: "b", part: null, reason: "dark" },
      { protocol: "a", part: "y", reason: "dark" },
      { protocol: "a", part: "z", reason: "small" },
    ];
    expect(groupGaps(gaps)).toEqual([
      { protocol: "a", parts: ["x", "y"], reason: "dark" },
      { protocol: "b", parts: [], reason: "dark" },
      { protocol: "a", parts: ["z"], reason: "small" },
    ]);
  });
});

describe("planAudit", () => {
  test("leaves out a dataset that names the classes otherwise, with both vocabularies", () => {
    const other = {
      ...south,
      attributes: south.attributes.map((one) =>
        one.name === "race"
          ? { ...one, levels: one.levels.map((level) => ({ ...level, level: level.level.toLowerCase() })) }
          : one,
      ),
    };
    const { readings, leftOut } = planOf(["external_validation"], {}, [north, other]);
    expect(readings).toEqual([]);
    expect(leftOut.map(({ reason }) => reason)).toEqual([
      "south records race as black, white, where Black, White are asked about; import it with a mapping of its words",
    ]);
  });

  test("tells steps apart in words", () => {
    const { steps } = planOf(["noise", "run_to_run_variance"]);
    const titles = steps.map(({ kind, title }) => `${kind} ${title}`);
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles).toContain("train north: seed 1");
  });

  test("is the same each time, whatever it was asked before", () => {
    const all = protocols.map(({ id }) => id);
    expect(planOf(all)).toEqual(planOf(all));
    expect(JSON.parse(JSON.stringify(planOf(all)))).toEqual(planOf(all));
  });

  test("puts each step after what it needs", () => {
    const { steps } = planOf(
      protocols.map(({ id }) => id),
      { reciprocal: true },
    );
    for (const [i, step] of steps.entries()) {
      if (step.kind !== "evaluate") continue;
      const model = steps.findIndex(({ id }) => id === step.model);
      expect(model).toBeGreaterThanOrEqual(0);
      expect(model).toBeLessThan(i);
    }
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
  });

  test("trains the network of untouched images once for all protocols that use it", () => {
    const { steps, readings } = planOf(["internal_validation", "external_validation", "sex_strata", "noise"]);
    expect(steps.map(({ id }) => id)).toEqual(["t1", "e1", "e2", "e3"]);
    expect(readings.map(({ protocol, evaluation }) => [protocol, evaluation])).toEqual([
      ["internal_validation", "e1"],
      ["external_validation", "e2"],
      ["sex_strata", "e1"],
      ["noise", "e3"],
    ]);
    const [, , external, noisy] = steps;
    expect(external).toMatchObject({ dataset: 1, part: "all", transforms: [] });
    expect(noisy).toMatchObject({ dataset: 0, part: "test", model: "t1" });
    expect(chainOf(noisy)).toHaveLength(1);
  });

  test("trains anew for each condition of a sweep, and tests on images transformed alike", () => {
    const { steps, readings } = planOf(["low_pass"]);
    const trained = steps.filter(({ kind }) => kind === "train");
    // At 64 x 64 radii of 50 and more keep everything: those are the network of untouched images.
    expect(trained.map((step) => chainOf(step)[0]?.params["radius"])).toEqual([1, 5, 10, 25, undefined]);
    for (const step of steps) {
      if (step.kind !== "evaluate") continue;
      expect(step.transforms).toEqual(chainOf(steps.find(({ id }) => id === step.model)));
    }
    expect(readings).toHaveLength(10);
    expect(readings.filter(({ effect }) => effect === "identity").map(({ condition }) => condition)).toEqual(
      [50, 75, 100, 125, 150, 200].map((radius) => `radius=${radius}`),
    );
  });

  test("trains on nothing that leaves no image, and says so", () => {
    const { readings, leftOut } = planOf(["high_pass"]);
    expect(readings.map(({ condition }) => condition)).toEqual([
      "radius=1",
      "radius=5",
      "radius=10",
      "radius=25",
    ]);
    expect(leftOut).toHaveLength(6);
    expect(leftOut[0]).toMatchObject({ protocol: "high_pass", part: "north, radius=50" });
    expect(leftOut[0]?.reason).toMatch(/by construction/);
  });

  test("thins a grid to as many values as asked for, first and last among them, but never a map", () => {
    const { readings } = planOf(["low_pass", "patch_only"], { mostGridValues: 3 });
    expect(
      readings.filter(({ protocol }) => protocol === "low_pass").map(({ condition }) => condition),
    ).toEqual(["radius=1", "radius=10", "radius=25"]);
    expect(readings.filter(({ protocol }) => protocol === "patch_only")).toHaveLength(9);
  });

  test("trains on each level with patients enough, within it and tested within it", () => {
    const { steps, readings } = planOf(["single_equipment"]);
    expect(readings.map(({ variant }) => variant)).toEqual(["equipment A", "equipment B"]);
    expect(steps.map((step) => (step.kind === "fit" ? [] : step.where))).toEqual(
      ["A", "A", "B", "B"].map((level) => [{ attribute: "equipment", in: [level] }]),
    );
  });

  test("trains on every dataset and tests on every other where it is reciprocal", () => {
    const { steps } = planOf(["internal_validation", "external_validation"], { reciprocal: true });
    expect(
      steps.map((step) =>
        step.kind === "evaluate" ? `${step.model} on ${step.dataset}` : `${step.kind} ${step.dataset}`,
      ),
    ).toEqual(["train 0", "t1 on 0", "train 1", "t2 on 1", "t1 on 1", "t2 on 0"]);
  });

  test("fits models of what is recorded, without what is asked about, and compares the images with them", () => {
    const age = planOf(["labels_age_sex_habitus"], {}, [
      factsOf("north", {
        attributes: [...north.attributes, { name: "finding:Mass", kind: "category", levels: [] }],
      }),
    ]);
    const fits = age.steps.flatMap((step) => (step.kind === "fit" ? [step] : []));
    expect(fits.map(({ model, features }) => [model, features])).toEqual(
      ["logistic_regression", "random_forest", "boosted_trees"].map((model) => [
        model,
        ["finding:Mass", "age", "sex"],
      ]),
    );
    expect(age.leftOut).toEqual([
      {
        protocol: "labels_age_sex_habitus",
        part: "north, labels_age_sex_habitus",
        reason: "bmi is not recorded",
      },
    ]);
    expect(age.readings.map(({ evaluation, against, isBeyond }) => [evaluation, against, isBeyond])).toEqual(
      ["f1", "f2", "f3"].map((id) => [id, "e1", true]),
    );
  });

  test("trains with every seed, one of which is the audit's own", () => {
    const { steps, readings } = planOf(["internal_validation", "run_to_run_variance"]);
    expect(steps.filter(({ kind }) => kind === "train")).toHaveLength(5);
    expect(readings.map(({ variant, evaluation }) => [variant, evaluation])[1]).toEqual(["seed 0", "e1"]);
  });

  test("trains controls with the recipe of the untouched network, on labels and marks of the audit's seed", () => {
    const { steps, readings } = planOf(["internal_validation", "shuffled_attribute", "planted_mark"], {
      seed: 9,
    });
    const trained = steps.filter((step) => step.kind === "train");
    const [base, shuffled, marked] = trained.map(({ id: _, title: __, learns, transforms, ...recipe }) => ({
      learns,
      transforms,
      recipe,
    }));
    expect(base).toMatchObject({ learns: undefined, transforms: [] });
    expect(shuffled).toEqual({
      ...base,
      learns: {
        attribute: "shuffled:9:race",
        classes: [
          { name: "shuffled Black", levels: ["Black"] },
          { name: "shuffled White", levels: ["White"] },
        ],
      },
    });
    expect(marked).toMatchObject({
      learns: { attribute: "marked:9" },
      transforms: [{ id: "mark", params: { seed: 9, strength: 3 } }],
      recipe: base?.recipe,
    });
    expect(steps.map(({ id }) => id)).toEqual(["t1", "e1", "t2", "e2", "t3", "e3"]);
    expect(steps.find(({ id }) => id === "e3")).toMatchObject({ transforms: [{ id: "mark" }] });
    expect(readings.map(({ protocol, units }) => [protocol, units])).toEqual([
      ["internal_validation", ["image", "patient"]],
      ["shuffled_attribute", ["image", "patient"]],
      ["planted_mark", ["image"]],
    ]);
  });

  test("leaves out what the data do not allow, with the reason", () => {
    const alone = planOf(
      protocols.map(({ id }) => id),
      {},
      [north],
    );
    const reasonOf = (id: string) => alone.leftOut.find(({ protocol }) => protocol === id)?.reason;
    expect(reasonOf("external_validation")).toBe("no external dataset is given");
    expect(reasonOf("several_architectures")).toBe("fewer than two architectures are given");
    expect(reasonOf("slice_to_study")).toMatch(/study/);
    expect(reasonOf("bmi_strata")).toBe("the dataset does not record bmi");
    expect(reasonOf("no_finding")).toMatch(/does not record finding:No Finding/);
    expect(reasonOf("lungs")).toBe("the dataset has no masks of regions; import them");
    // Every protocol is accounted for.
    const told = new Set([...alone.readings, ...alone.leftOut].map(({ protocol }) => protocol));
    expect([...told].sort()).toEqual(protocols.map(({ id }) => id).sort());
  });

  test("asks for no strata of the attribute itself, and for no units that the dataset does not know", () => {
    const sex = planOf(["sex_strata", "internal_validation"], { attribute: "sex", classes: ["F", "M"] });
    expect(sex.leftOut[0]?.reason).toMatch(/one class only/);
    expect(sex.readings[0]?.units).toEqual(["image", "patient"]);
    const nobody = factsOf("north", {
      attributes: north.attributes.filter(({ kind }) => kind !== "patient"),
    });
    expect(planOf(["internal_validation"], {}, [nobody]).readings[0]?.units).toEqual(["image"]);
  });
});

describe("planAudit of a model of findings", () => {
  const levels = (yes: number) => [
    { level: "0", images: 2 * (200 - yes), patients: 200 - yes },
    { level: "1", images: 2 * yes, patients: yes },
  ];
  const finding = (name: string, yes: number) =>
    ({ name: `finding:${name}`, kind: "category", levels: levels(yes) }) as const;
  const ill = factsOf("north", {
    attributes: [...north.attributes, finding("No Finding", 90), finding("Mass", 60), finding("Rare", 3)],
  });
  const given = {
    slug: "chest",
    version: 2,
    onnxSha256: "00",
    findings: ["No Finding"],
    isTrainedHere: true,
    knowsValidationOf: [],
  };
  const gaps = (changes: Parameters<typeof settingsOf>[1] = {}, facts = ill) =>
    planOf(["underdiagnosis"], changes, [facts]);

  test("trains one on the findings that have patients enough, tests it, and chooses thresholds elsewhere", () => {
    const { steps, readings, leftOut } = gaps();
    expect(leftOut).toEqual([]);
    expect(steps).toMatchObject([
      { id: "t1", kind: "train", findings: ["No Finding", "Mass"] },
      { id: "e1", kind: "evaluate", model: "t1", part: "validation" },
      { id: "e2", kind: "evaluate", model: "t1", part: "test" },
    ]);
    expect(readings).toHaveLength(9);
    expect(readings.map(({ variant }) => variant).slice(0, 3)).toEqual([
      "race, target false positive rate",
      "race and sex, target false positive rate",
      "race and age, target false positive rate",
    ]);
    for (const { evaluation, rates } of readings) {
      expect(evaluation).toBe("e2");
      expect(rates).toMatchObject({ finding: "No Finding", rates: ["fpr", "fnr", "tpr"], chosenOn: "e1" });
    }
    expect(readings.map(({ rates }) => rates?.targetFpr)).toEqual([0.2, 0.2, 0.2, ...Array(6).fill(null)]);
  });

  test("is another network than that of what is asked about", () => {
    const { steps } = planOf(["internal_validation", "underdiagnosis"], {}, [ill]);
    expect(steps.filter(({ kind }) => kind === "train")).toMatchObject([{ id: "t1" }, { id: "t2" }]);
    expect(steps[0]).not.toHaveProperty("findings");
  });

  test("divides by each attribute once where what is asked about is one of them", () => {
    const { readings } = gaps({ attribute: "sex", classes: ["F", "M"] });
    expect(new Set(readings.map(({ rates }) => rates?.by.map(({ attribute }) => attribute).join()))).toEqual(
      new Set(["sex", "sex,age"]),
    );
  });

  test("leaves out divisions by what is not recorded", () => {
    const facts = factsOf("north", { attributes: ill.attributes.filter(({ name }) => name !== "age") });
    expect(gaps({}, facts).leftOut).toEqual([
      { protocol: "underdiagnosis", part: "north, race and age", reason: "age is not recorded" },
    ]);
  });

  test("uses the one that it is given, and trains none", () => {
    const { steps } = gaps({ findingModel: given });
    expect(steps).toMatchObject([
      { id: "e1", model: GIVEN_FINDING_MODEL, part: "validation" },
      { id: "e2", model: GIVEN_FINDING_MODEL, part: "test" },
    ]);
    expect(gaps({ findingModel: { ...given, findings: ["Mass"] } }).leftOut[0]?.reason).toMatch(
      /does not tell No Finding/,
    );
    expect(gaps({ findingModel: { ...given, knowsValidationOf: [0] } }).leftOut[0]?.reason).toMatch(
      /has learnt from the images that its thresholds/,
    );
  });

  test("probes and tests what it keeps of the test part, which is evaluated once for all of them", () => {
    const ids = ["encoding_probe", "encoding_probe_given_labels", "feature_shift", "underdiagnosis"];
    const { steps, readings } = planOf(ids, {}, [ill]);
    expect(steps).toMatchObject([
      { id: "t1", findings: ["No Finding", "Mass"] },
      { id: "e1", model: "t1", part: "test", embedding: "penultimate" },
      { id: "f1", model: "logistic_regression", embeddings: "e1", features: [] },
      { id: "f2", model: "random_forest", embeddings: "e1", features: [] },
      { id: "e2", part: "validation" },
    ]);
    expect(steps[4]).not.toHaveProperty("embedding");
    const of = (id: string) => readings.filter(({ protocol }) => protocol === id);
    expect(of("encoding_probe").map(({ evaluation, by }) => [evaluation, by])).toEqual([
      ["f1", null],
      ["f2", null],
    ]);
    // Within what patients enough have, and have not.
    expect(
      of("encoding_probe_given_labels").map(({ evaluation, by }) => [evaluation, by?.attribute]),
    ).toEqual([
      ["f1", "finding:No Finding"],
      ["f1", "finding:Mass"],
      ["f2", "finding:No Finding"],
      ["f2", "finding:Mass"],
    ]);
    expect(of("feature_shift")).toMatchObject([
      { evaluation: "e1", shift: { components: 4, correction: "benjamini_yekutieli", alpha: 0.05 } },
    ]);
    expect(new Set(of("underdiagnosis").map(({ evaluation }) => evaluation))).toEqual(new Set(["e1"]));
  });

  test("says why there is none", () => {
    const few = factsOf("north", { attributes: [...north.attributes, finding("No Finding", 3)] });
    expect(gaps({}, few).leftOut[0]?.reason).toMatch(/no finding in patients enough/);
  });
});

describe("costOf", () => {
  const settings = settingsOf(["internal_validation", "external_validation"]);
  const plan = planAudit(settings, [north, south]);
  const cost = (done: readonly string[]) =>
    costOf(plan, { settings, datasets: [north, south], rates: usualRates, done: new Set(done) });

  test("counts what each step goes through", () => {
    const { trainingStart, trainingImage, evaluationStart, evaluationImage, modelBytes } = usualRates;
    expect(cost([])).toEqual({
      trainings: 1,
      evaluations: 2,
      fits: 0,
      reused: 0,
      seconds: Math.round(
        trainingStart + trainingImage * 240 * 3 + 2 * evaluationStart + evaluationImage * (120 + 400),
      ),
      bytes: modelBytes + 2 * 400 * 2 * 4,
    });
  });

  test("leaves out what is there", () => {
    expect(cost(["t1", "e1"])).toMatchObject({ trainings: 0, evaluations: 1, reused: 2 });
    expect(cost(["t1", "e1", "e2"])).toMatchObject({ seconds: 0, bytes: 0 });
  });
});
