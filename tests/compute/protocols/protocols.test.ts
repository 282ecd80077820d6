import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { protocolConditions, protocolModes } from "../../../compute/protocols/conditions.ts";
import { protocols, requireProtocol } from "../../../compute/protocols/protocol-list.ts";

interface PublishedLine {
  readonly key: string;
  readonly publication: string;
  readonly experiment: string;
  readonly group: string;
  readonly origin: { readonly kind: string; readonly table?: string; readonly row?: string };
}

const published: readonly PublishedLine[] = readFileSync(
  new URL("../../../publications/gichoya-2022/metrics.jsonl", import.meta.url),
  "utf8",
)
  .trimEnd()
  .split("\n")
  // Safe: the loader's own tests hold every line to its schema.
  .map((line) => JSON.parse(line) as PublishedLine);

const claims = new Set(
  protocols.flatMap((protocol) =>
    protocol.published.flatMap(({ publication, experiments }) =>
      experiments.map((experiment) => `${publication}: ${experiment}`),
    ),
  ),
);

describe("the built-in protocols", () => {
  test("have ids of their own", () => {
    expect(new Set(protocols.map(({ id }) => id)).size).toBe(protocols.length);
  });

  test("claim every published number, so every row of Table 2", () => {
    const orphans = published.filter(
      ({ publication, experiment }) => !claims.has(`${publication}: ${experiment}`),
    );
    expect(orphans.map(({ key, experiment }) => `${key} ${experiment}`)).toEqual([]);
    expect(published.filter(({ origin }) => origin.kind === "table" && origin.table === "2")).toHaveLength(
      50,
    );
  });

  test("claim no experiment that no publication has", () => {
    const there = new Set(published.map(({ publication, experiment }) => `${publication}: ${experiment}`));
    expect([...claims].filter((claim) => !there.has(claim))).toEqual([]);
  });

  test("stand in the group of the Table 2 rows they claim", () => {
    for (const { id, group, published: sources } of protocols) {
      const names = sources.flatMap(({ experiments }) => experiments);
      const rows = published.filter(
        ({ origin, experiment }) =>
          origin.kind === "table" && origin.table === "2" && names.includes(experiment),
      );
      expect(rows.filter((row) => row.group !== group).map(({ key }) => `${id} ${key}`)).toEqual([]);
    }
  });

  test.each(protocols.map((protocol) => [protocol.id, protocol] as const))(
    "%s gives a chain of registered transforms for each condition in both modes",
    (_id, protocol) => {
      for (const mode of protocolModes) {
        const conditions = protocolConditions(protocol, mode);
        expect(conditions.length).toBeGreaterThan(0);
        expect(new Set(conditions.map(({ key }) => key)).size).toBe(conditions.length);
        for (const { transforms } of conditions) {
          const { procedure } = protocol;
          const isMasked = procedure.kind === "classifier" && procedure.mask !== undefined;
          expect(transforms.length > 0).toBe(protocol.transforms !== null || isMasked);
        }
      }
    },
  );

  test("cannot be changed", () => {
    expect(() => {
      // Safe: the type forbids what is tried here.
      (requireProtocol("low_pass").grid["radius"] as number[]).push(7);
    }).toThrow(TypeError);
  });

  test("are found by id, and a wrong id names those there are", () => {
    expect(requireProtocol("notch").title).toBe("Notch filter sweep");
    expect(() => requireProtocol("nothc")).toThrow(/internal_validation.*got "nothc"/);
  });
});
