import { describe, expect, test } from "vitest";
import { findRaceMapping, mapRecordedRace } from "../../../compute/data/publications/race-mapping.ts";
import { roundHalfUp } from "../../../compute/data/publications/recompute.ts";
import { publishedStudy } from "./published-files.ts";

const { raceMappings, cohorts } = publishedStudy();
const vocabulary = (id: string) => raceMappings.vocabularies.find((one) => one.id === id)?.values ?? [];
const mapping = (slug: string, version?: number) => {
  const found = findRaceMapping(raceMappings, slug, version);
  if (!found) throw new Error(`no mapping ${slug}`);
  return found;
};
const totals = (slug: string, version?: number) => {
  const of = mapping(slug, version);
  const sums: Record<string, number> = {};
  for (const { recorded, count } of vocabulary(of.vocabulary)) {
    const category = mapRecordedRace(of, recorded) ?? "unlisted";
    sums[category] = (sums[category] ?? 0) + (count ?? 0);
  }
  return sums;
};

describe("mappings of self-reported race", () => {
  test("reproduce the image shares of the five-class CheXpert cohort", () => {
    const { excluded: _, ...kept } = totals("chexpert-race-five-class", 1);
    const all = Object.values(kept).reduce((sum, images) => sum + images, 0);
    const shares = Object.fromEntries(
      Object.entries(kept).map(([category, images]) => [category, roundHalfUp((100 * images) / all, 2)]),
    );
    expect(shares).toEqual(cohorts.raceSharePercentOfImages["CXP"]);
  });

  test("reproduce the number of images the three-class CheXpert filter keeps", () => {
    const { Asian = 0, Black = 0, White = 0, ...rest } = totals("chexpert-race-three-class");
    const filtered = vocabulary("chexpert-ethnicity").reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(Asian + Black + White).toBe(filtered);
    expect(Object.keys(rest)).toEqual(["excluded"]);
  });

  test("keep the study's quirks in version 1 and drop them in version 2", () => {
    const one = mapping("chexpert-race-five-class", 1);
    const two = mapping("chexpert-race-five-class", 2);
    expect(mapRecordedRace(one, "White, Hispanic")).toBe("White");
    expect(mapRecordedRace(two, "White, Hispanic")).toBe("Hispanic");
    expect(mapRecordedRace(one, "Race and Ethnicity Unknown")).toBe("Other");
    expect(mapRecordedRace(two, "Race and Ethnicity Unknown")).toBe("excluded");
    expect(mapRecordedRace(two, "White, non-Hispanic")).toBe("White");
    expect(findRaceMapping(raceMappings, "chexpert-race-five-class")).toBe(two);
  });

  test("compare recorded values exactly", () => {
    const long = mapping("emory-race-long");
    expect(mapRecordedRace(long, "African American  or Black")).toBe("Black");
    expect(mapRecordedRace(long, "African American or Black")).toBeUndefined();
  });

  test("hold nine class orders, and code 1 is not one class", () => {
    expect(raceMappings.classOrders).toHaveLength(9);
    const ones = raceMappings.classOrders.map(({ codes }) => codes.find(({ code }) => code === 1)?.class);
    expect(new Set(ones).size).toBeGreaterThan(1);
  });
});
