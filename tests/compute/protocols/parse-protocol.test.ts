import { describe, expect, test } from "vitest";
import { ComputeError } from "../../../compute/errors.ts";
import { parseProtocol, parseProtocolFile } from "../../../compute/protocols/parse-protocol.ts";
import { requireProtocol } from "../../../compute/protocols/protocol-list.ts";

const lowPass = requireProtocol("low_pass");

/** A copy of the low-pass protocol with something otherwise. */
function changed(change: Readonly<Record<string, unknown>>): unknown {
  return { ...structuredClone(lowPass), ...change };
}

function refusalOf(given: unknown): string {
  try {
    parseProtocol(given);
  } catch (error) {
    if (error instanceof ComputeError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "nothing refused";
}

describe("a protocol file", () => {
  test("of a built-in protocol reads as that protocol", () => {
    expect(parseProtocolFile(JSON.stringify(lowPass))).toEqual(lowPass);
  });

  test("may be a user's own", () => {
    const own = parseProtocol(changed({ id: "my_sweep", grid: { radius: [3, 6] } }));
    expect(own.grid).toEqual({ radius: [3, 6] });
    expect(Object.isFrozen(own.grid["radius"])).toBe(true);
  });

  test.each<[string, unknown, RegExp]>([
    ["is not JSON's object", [], /INVALID_INPUT .*at its top/],
    ["has a field that is not there", changed({ gird: {} }), /INVALID_INPUT .*gird/],
    ["names no such group", changed({ group: "other" }), /INVALID_INPUT .*at group/],
    ["has an axis value twice", changed({ grid: { radius: [1, 1] } }), /INVALID_INPUT .*at grid\.radius/],
    [
      "has an axis that nothing uses",
      changed({ grid: { radius: [1], side: [2] } }),
      /INVALID_INPUT .*at grid\.side/,
    ],
    [
      "names no such transform",
      changed({ transforms: { corrected: [{ id: "lowpass" }], legacy: [{ id: "low_pass" }] } }),
      /NO_SUCH_PLUGIN .*got "lowpass".*at transforms\.corrected\.0/,
    ],
    [
      "gives a transform a value out of range",
      changed({ grid: { radius: [-1] } }),
      /INVALID_PARAM .*radius.*at transforms\.corrected\.0/,
    ],
    [
      "names an axis that is not there",
      changed({ grid: { size: [1] } }),
      /INVALID_PARAM .*\$radius.*at transforms\.corrected\.0/,
    ],
    [
      "puts brightness after normalisation",
      changed({
        transforms: {
          corrected: lowPass.transforms?.corrected,
          legacy: [...(lowPass.transforms?.legacy ?? []), { id: "noise", params: { deviation: 1 } }],
        },
      }),
      /INVALID_PARAM .*at transforms\.legacy/,
    ],
    [
      "transforms nothing on a transformed side",
      changed({ transforms: null, grid: {} }),
      /INVALID_INPUT .*at transforms/,
    ],
    [
      "trains on transformed and tests on original images",
      changed({ procedure: { ...lowPass.procedure, testOn: "original" } }),
      /INVALID_INPUT .*at procedure\.testOn/,
    ],
    ["names no such metric", changed({ metrics: ["auroc", "auc"] }), /NO_SUCH_PLUGIN .*at metrics\.1/],
    ["names no such interval", changed({ interval: "wald" }), /NO_SUCH_PLUGIN .*at interval/],
    [
      "orders axes that are not there",
      changed({ rising: ["radius", "outer"] }),
      /INVALID_INPUT .*at rising\.1/,
    ],
    [
      "asks for too many conditions",
      changed({ grid: { radius: Array.from({ length: 501 }, (_, index) => index) } }),
      /INVALID_INPUT .*at grid.*501 conditions/,
    ],
    [
      "has a margin that no interval can lie within",
      changed({ answer: { ...lowPass.answer, margin: 0 } }),
      /INVALID_INPUT .*at answer\.margin/,
    ],
    [
      "counts grey levels without bins",
      {
        ...structuredClone(requireProtocol("histogram_only")),
        procedure: { kind: "pixel_statistics", statistic: "histogram", models: ["boosted_trees"], folds: 5 },
      },
      /INVALID_INPUT .*at procedure\.bins/,
    ],
    [
      "asks for a target rate without it",
      {
        ...structuredClone(requireProtocol("underdiagnosis")),
        procedure: { ...requireProtocol("underdiagnosis").procedure, targetFpr: undefined },
      },
      /INVALID_INPUT .*at procedure\.targetFpr/,
    ],
  ])("is refused where it %s", (_what, given, message) => {
    expect(refusalOf(given)).toMatch(message);
  });

  test("that is no JSON says so", () => {
    expect(() => parseProtocolFile("{")).toThrow(/Expected JSON in the protocol file/);
  });
});
