import { describe, expect, test } from "vitest";
import { parseProtocol, planAudit, requireProtocol } from "../../../compute/index.ts";
import { factsOf, settingsOf } from "../../support/audit-settings.ts";

const north = factsOf("north");
const south = factsOf("south");
const finding = (name: string) => ({ name: `finding:${name}`, kind: "category", levels: [] }) as const;
const planOf = (
  ids: readonly string[],
  changes: Parameters<typeof settingsOf>[1] = {},
  datasets = [north, south],
) => planAudit(settingsOf(ids, changes), datasets);

describe("a plan of grey levels alone", () => {
  test("fits every model to the statistic that the protocol names, against chance", () => {
    const { steps, readings, leftOut } = planOf(["mean_pixel_thresholds", "histogram_only"]);
    const thresholds = { kind: "thresholds", thresholds: [0, 0.2, 0.4, 0.6, 0.8] };
    const models = ["logistic_regression", "random_forest", "boosted_trees"];
    expect(
      steps.map((step) => (step.kind === "fit" ? [step.model, step.features, step.pixels] : step)),
    ).toEqual(
      [thresholds, { kind: "histogram", bins: 256 }].flatMap((pixels) =>
        models.map((model) => [model, [], pixels]),
      ),
    );
    expect(readings.map(({ evaluation, against }) => [evaluation, against])).toEqual(
      ["f1", "f2", "f3", "f4", "f5", "f6"].map((id) => [id, null]),
    );
    expect(leftOut).toEqual([]);
  });
});

describe("a plan of regions", () => {
  const masked = factsOf("north", { masks: ["heart", "lung"] });

  test("tests the network of whole images on the inside and the outside of the dataset's own masks", () => {
    const { steps, readings } = planOf(["lungs"], {}, [masked]);
    const chains = steps.flatMap((step) => (step.kind === "evaluate" ? [step.transforms] : []));
    expect(
      chains.map((chain) =>
        chain.map(({ id, params }) => [id, params["name"], params["what"], params["fill"]]),
      ),
    ).toEqual([[["mask", "lung", "keep", "black"]], [], [["mask", "lung", "remove", "black"]]]);
    expect(steps.filter(({ kind }) => kind === "train")).toHaveLength(1);
    expect(readings.map(({ condition, evaluation, against }) => [condition, evaluation, against])).toEqual([
      ["keep=inside", "e1", "e2"],
      ["keep=outside", "e3", "e2"],
    ]);
  });

  test("says which masks there are where those of the region are not", () => {
    const { leftOut } = planOf(["lungs"], {}, [factsOf("north", { masks: ["heart"] })]);
    expect(leftOut).toMatchObject([
      { reason: "the dataset has no masks named lungs, but heart; import them" },
    ]);
  });

  test("trains anew on masked images where a protocol of one's own says so, after the mask the rest", () => {
    const { procedure, ...rest } = requireProtocol("lungs");
    const filter = [{ id: "low_pass", params: { radius: 10 } }];
    const own = parseProtocol({
      ...rest,
      id: "lungs_learned",
      transforms: { corrected: filter, legacy: filter },
      procedure: { ...procedure, trainOn: "transformed" },
    });
    const { steps } = planOf([], { protocols: [own] }, [masked]);
    const [train, evaluate] = steps.flatMap((step) =>
      step.kind !== "fit" && step.transforms.length > 0 ? [step.transforms] : [],
    );
    expect(train?.map(({ id }) => id)).toEqual(["mask", "low_pass"]);
    expect(evaluate).toEqual(train);
    const wrong = { ...rest, procedure: { ...procedure, mask: { region: "lungs", keep: "between" } } };
    expect(() => parseProtocol(wrong)).toThrow(/inside or outside.*procedure\.mask/);
    const lost = { ...rest, procedure: { ...procedure, mask: { region: "lungs", keep: "$side" } } };
    expect(() => parseProtocol(lost)).toThrow(/axis of the grid/);
  });
});

describe("a plan of the same patients digitised otherwise", () => {
  const films = (shared: number | null) => factsOf("films", { split: null, sharedPatients: shared });
  const all = ["internal_validation", "external_validation", "digitised_otherwise"];

  test("tests on patients that were held out, apart from external datasets", () => {
    const { steps, readings } = planOf(all, { digitised: 2, reciprocal: true }, [north, south, films(90)]);
    const tested = steps.flatMap((step) =>
      step.kind === "evaluate" ? [`${step.model} ${step.dataset} ${step.part}`] : [],
    );
    expect(tested).toEqual(["t1 0 test", "t2 1 test", "t1 1 all", "t2 0 all", "t1 2 held-out patients"]);
    expect(readings.at(-1)).toMatchObject({
      protocol: "digitised_otherwise",
      evaluation: "e5",
      against: "e1",
      trainDataset: 0,
      testDataset: 2,
    });
  });

  test.each([
    [0, /no patient of films has the name of one of north/],
    [null, /does not name its patients/],
  ])("of which it knows %j to be the same is left out", (shared, reason) => {
    const { steps, leftOut } = planOf(["digitised_otherwise"], { digitised: 1 }, [north, films(shared)]);
    expect(steps).toEqual([]);
    expect(leftOut[0]?.reason).toMatch(reason);
  });

  test("is left out without them, and they are no external dataset", () => {
    expect(planOf(["digitised_otherwise"]).leftOut[0]?.reason).toMatch(/digitised otherwise are given/);
    const { leftOut } = planOf(["external_validation"], { digitised: 1 }, [north, films(90)]);
    expect(leftOut).toMatchObject([{ reason: "no external dataset is given" }]);
  });
});

describe("a plan of equal disease", () => {
  const sick = factsOf("north", { attributes: [...north.attributes, finding("Edema"), finding("Mass")] });

  test("evens all findings out together, but never what is asked about", () => {
    const { steps, leftOut } = planOf(["equal_disease"], {}, [sick]);
    expect(steps[0]).toMatchObject({ kind: "train", evenOut: ["finding:Edema", "finding:Mass"] });
    expect(leftOut).toEqual([]);
    const mass = planOf(["equal_disease"], { attribute: "finding:Mass" }, [sick]);
    expect(mass.steps[0]).toMatchObject({ evenOut: ["finding:Edema"] });
  });
});
