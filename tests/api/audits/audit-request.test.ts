import { describe, expect, test } from "vitest";
import { readAuditParams } from "../../../api/audits/audit-params.ts";
import { type AuditRequest, quickProtocols, settingsOf } from "../../../api/audits/audit-request.ts";
import { fingerprintOf } from "../../../api/metrics/fingerprint.ts";
import { protocols } from "../../../compute/index.ts";
import { factsOf } from "../../support/audit-settings.ts";

const facts = factsOf("north");
const settings = (changes: Partial<AuditRequest> = {}) =>
  settingsOf({ dataset: "north", attribute: "race", ...changes }, facts);

describe("settingsOf", () => {
  test("asks for every protocol but the controls and every level where nothing else is said", () => {
    const { classes, protocols: all, mostGridValues, mode, reciprocal } = settings();
    expect(classes).toEqual(["Black", "White"]);
    expect(all.map(({ id }) => id)).toEqual(
      protocols.filter(({ group }) => group !== "controls").map(({ id }) => id),
    );
    expect({ mostGridValues, mode, reciprocal }).toEqual({
      mostGridValues: null,
      mode: "corrected",
      reciprocal: false,
    });
  });

  test("adds the controls on request, each once", () => {
    const idsOf = (changes: Partial<AuditRequest>) => settings(changes).protocols.map(({ id }) => id);
    expect(idsOf({ controls: true })).toEqual(protocols.map(({ id }) => id));
    expect(idsOf({ protocols: ["blur"], controls: true })).toEqual([
      "blur",
      "shuffled_attribute",
      "planted_mark",
    ]);
    expect(idsOf({ protocols: ["planted_mark", "blur"], controls: true })).toEqual([
      "planted_mark",
      "blur",
      "shuffled_attribute",
    ]);
    expect(idsOf({ quick: true, controls: true })).toEqual([
      ...quickProtocols,
      "shuffled_attribute",
      "planted_mark",
    ]);
  });

  test("knows the study's attribute by its own name", () => {
    expect(settings({ attribute: "self_reported_race" }).attribute).toBe("race");
  });

  test("is short where it has to be quick, and does what is said all the same", () => {
    const { protocols: chosen, training, mostGridValues, replicates } = settings({ quick: true });
    expect(chosen.map(({ id }) => id)).toEqual(quickProtocols);
    expect({ epochs: training.epochs, mostGridValues, replicates }).toEqual({
      epochs: 6,
      mostGridValues: 3,
      replicates: 500,
    });
    expect(settings({ quick: true, epochs: 40, gridValues: 5 })).toMatchObject({
      training: { epochs: 40 },
      mostGridValues: 5,
    });
  });

  test("takes a protocol of one's own, alone or with others", () => {
    const [first] = protocols;
    const own = { ...JSON.parse(JSON.stringify(first)), id: "mine", title: "Mine" };
    expect(settings({ ownProtocols: [own] }).protocols.map(({ id }) => id)).toEqual(["mine"]);
    expect(settings({ ownProtocols: [own], protocols: ["blur"] }).protocols.map(({ id }) => id)).toEqual([
      "blur",
      "mine",
    ]);
    expect(() => settings({ ownProtocols: [own, own] })).toThrow(/each protocol once/);
  });

  test.each([
    [{ attribute: "age" }, /Expected an attribute of categories among/],
    [{ classes: ["Black"] }, /two or more/],
    [{ classes: ["Black", "Black"] }, /two or more different/],
    [{ classes: ["Black", "Blue"] }, /got "Blue"/],
    [{ folds: 1 }, /folds from 2/],
    [{ epochs: 1.5 }, /whole number for epochs/],
    [{ gridValues: 1 }, /gridValues from 2/],
    [{ level: 1 }, /level from/],
    [{ replicates: 10 }, /replicates from 100/],
  ] as const)("refuses %o", (changes, message) => {
    expect(() => settings(changes as Partial<AuditRequest>)).toThrow(message); // safe: wrong on purpose
  });
});

describe("readAuditParams", () => {
  test("reads back what was stored, so that the same request has the same fingerprint", () => {
    const params = {
      datasets: [{ slug: "north", version: 1, split: "main" }],
      settings: settings({ quick: true, architecture: "small_cnn", learningRate: 0.01, augment: false }),
    };
    const read = readAuditParams(JSON.parse(JSON.stringify(params)));
    expect(read).toEqual(params);
    expect(fingerprintOf({ ...read })).toBe(fingerprintOf({ ...params }));
  });
});
