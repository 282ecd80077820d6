import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../api/graphql/node-id.ts";
import { type BuiltEvaluation, buildDataset, buildEvaluation } from "../support/evaluation-builder.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

const PATIENTS = 120;
const IMAGES = 240;
/** Patient p has images 2p and 2p + 1; the first ten patients are of unknown sex, 90 are women. */
const patientOf = Array.from({ length: IMAGES }, (_, image) => image >> 1);
const sexOf = patientOf.map((patient) => (patient < 10 ? -1 : patient < 100 ? 0 : 1));

let api: TestApi;
let evaluations: BuiltEvaluation[];

beforeAll(async () => {
  api = await startTestApi();
  evaluations = [];
  for (const slug of ["a", "b", "c", "d", "e", "f"]) {
    const dataset = await buildDataset(api.database, {
      slug: `set-${slug}`,
      imageCount: IMAGES,
      patients: patientOf,
      categories: { sex: { dictionary: ["F", "M"], codes: sexOf, mapping: { F: "Female", M: "Male" } } },
      numbers: { age: patientOf.map((patient) => (patient === 7 ? Number.NaN : patient)) },
      splits: {
        main: { parts: ["train", "test"], of: Array.from({ length: PATIENTS }, (_, i) => (i < 90 ? 0 : 1)) },
      },
    });
    for (let k = 0; k < 2; k += 1) {
      evaluations.push(
        await buildEvaluation(api.database, dataset, {
          taskKind: "binary",
          taskAttribute: "sex",
          classes: ["Female", "Male"],
          scores: [0, 1].map((c) => patientOf.map((patient) => ((patient * 7 + c + k) % 100) / 100)),
        }),
      );
    }
  }
});
afterAll(() => api[Symbol.asyncDispose]());

describe("the catalogue", () => {
  test("tells a dataset with its versions, attributes, levels and splits", async () => {
    const { data, errors } = await api.ask(`{
      dataset(slug: "set-a") {
        slug myRole
        versions {
          version imageCount patientCount
          attributes { name kind unknownCount mapping { version entries { recorded category } } levels { level recorded imageCount patientCount suppressed } }
          splits { name leaks leakingPatientCount parts { name patientCount } }
        }
        evaluations(first: 1) { totalCount pageInfo { hasNextPage } nodes { classes model { slug } modelVersion { taskKind } datasetVersion { version } run { kind state summary } } }
      }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      dataset: {
        slug: "set-a",
        myRole: "STEWARD",
        versions: [
          {
            version: 1,
            imageCount: IMAGES,
            patientCount: PATIENTS,
            attributes: [
              { name: "age", kind: "NUMBER", unknownCount: 2 },
              { name: "patient", kind: "PATIENT", levels: [] },
              {
                name: "sex",
                kind: "CATEGORY",
                unknownCount: 20,
                mapping: {
                  version: 1,
                  entries: [
                    { recorded: "F", category: "Female" },
                    { recorded: "M", category: "Male" },
                  ],
                },
                levels: [
                  { level: "Female", recorded: ["F"], imageCount: 180, patientCount: 90, suppressed: false },
                  { level: "Male", recorded: ["M"], imageCount: 40, patientCount: 20, suppressed: false },
                  { level: "unknown", recorded: [], imageCount: 20, patientCount: 10, suppressed: false },
                ],
              },
            ],
            splits: [
              {
                name: "main",
                leaks: false,
                leakingPatientCount: 0,
                parts: [
                  { name: "train", patientCount: 90 },
                  { name: "test", patientCount: 30 },
                ],
              },
            ],
          },
        ],
        evaluations: {
          totalCount: 2,
          pageInfo: { hasNextPage: true },
          nodes: [{ classes: ["Female", "Male"] }],
        },
      },
    });
  });

  test("shows callers without row-level rights counts to the nearest 5, and no level of few patients", async () => {
    await using open = await startTestApi({ STRATUM_ANONYMOUS_ROLE: "public" });
    await buildDataset(open.database, {
      slug: "small",
      imageCount: IMAGES,
      patients: patientOf,
      categories: { sex: { dictionary: ["F", "M"], codes: sexOf } },
      splits: {
        main: { parts: ["train", "test"], of: patientOf.slice(0, PATIENTS).map((_, i) => (i < 113 ? 0 : 1)) },
      },
    });
    const { data } = await open.ask(
      '{ dataset(slug: "small") { versions { patientCount attributes { name unknownCount levels { level imageCount patientCount suppressed } } splits { parts { patientCount } } } } }',
    );
    expect(data).toMatchObject({
      dataset: {
        versions: [
          {
            patientCount: 120,
            attributes: [
              { name: "patient" },
              {
                name: "sex",
                unknownCount: null,
                levels: [
                  { level: "F", imageCount: 180, patientCount: 90, suppressed: false },
                  { level: "M", imageCount: null, patientCount: null, suppressed: true },
                  { level: "unknown", imageCount: null, patientCount: null, suppressed: true },
                ],
              },
            ],
            // The whole less the 113 of the first part would tell the seven of the second.
            splits: [{ parts: [{ patientCount: null }, { patientCount: null }] }],
          },
        ],
      },
    });
  });

  test("asks the database as often for six datasets as for one", async () => {
    const query = `query ($slugs: [String!]) {
      datasets(filter: { slugs: $slugs }, first: 20) {
        nodes {
          slug
          versions { attributes { name unknownCount mapping { entries { recorded } } levels { level } } splits { parts { patientCount } leakingPatientCount } dataset { slug } }
          evaluations(first: 5) { totalCount nodes { dataset { slug } model { slug versions { trainedBy { kind } model { slug } } } modelVersion { version } datasetVersion { version } run { summary } } }
        }
      }
    }`;
    const countOnce = async (slugs: readonly string[]): Promise<number> => {
      const before = api.statements();
      const { data, errors } = await api.ask<{ datasets: { nodes: unknown[] } }>(query, { slugs });
      expect(errors).toBeUndefined();
      expect(data?.datasets.nodes).toHaveLength(slugs.length);
      return api.statements() - before;
    };
    // On a busy machine answers come apart that usually come together, and what was one statement is two: the least counts.
    const count = async (slugs: readonly string[]): Promise<number> => {
      const counts: number[] = [];
      for (let i = 0; i < 5; i += 1) counts.push(await countOnce(slugs));
      return Math.min(...counts);
    };
    const slugs = ["set-a", "set-b", "set-c", "set-d", "set-e", "set-f"];
    const first = await countOnce(slugs);
    // Counts of levels are remembered from here on: 18 columns came, up to four a statement.
    const one = await count(["set-a"]);
    const six = await count(slugs);
    expect(six).toBe(one);
    expect(six).toBeLessThanOrEqual(17);
    // A statement a column would be 18 more, of each of six datasets 100.
    expect(first - six).toBeLessThanOrEqual(17);
  });

  test("finds models and runs, and null for what is not there", async () => {
    const { data, errors } = await api.ask(
      `query ($run: ID!, $none: ID!) {
        models(first: 2) { nodes { slug versions { classes } evaluations(first: 3) { nodes { id } } } pageInfo { hasNextPage endCursor } }
        model(slug: "none") { slug }
        dataset(slug: "none") { slug }
        publication(slug: "none") { slug }
        publications { nodes { slug } totalCount }
        experiments { slug }
        run(id: $run) { id kind events { sequence kind } }
        missing: run(id: $none) { id }
        plugins(kind: METRIC) { id version params { name default } rangeLow better }
      }`,
      { run: encodeId("Run", 1), none: encodeId("Run", 999_999) },
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      models: { pageInfo: { hasNextPage: true } },
      model: null,
      dataset: null,
      publication: null,
      publications: { nodes: [], totalCount: 0 },
      experiments: [],
      run: { id: encodeId("Run", 1), kind: "IMPORT" },
      missing: null,
    });
    expect(data?.["plugins"]).toContainEqual(
      expect.objectContaining({ id: "auroc", rangeLow: 0, better: "HIGHER" }),
    );
  });

  test("walks a list page by page, each node once", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: {
        data?: {
          datasets: { nodes: { slug: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        } | null;
      } = await api.ask(
        "query ($after: String) { datasets(first: 4, after: $after) { nodes { slug } pageInfo { hasNextPage endCursor } } }",
        { after },
      );
      seen.push(...(page.data?.datasets.nodes.map(({ slug }) => slug) ?? []));
      after = page.data?.datasets.pageInfo.hasNextPage ? page.data.datasets.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(["set-a", "set-b", "set-c", "set-d", "set-e", "set-f"]);
  });

  test.each([
    ["a cursor of another filter", "BAD_CURSOR"],
    ["a cursor that was changed", "BAD_CURSOR"],
    ["no cursor at all", "BAD_CURSOR"],
    ["a page beyond the cap", "PAGE_TOO_LARGE"],
    ["an empty page", "PAGE_TOO_LARGE"],
    ["an id of another type", "BAD_ID"],
    ["an id that is none", "BAD_ID"],
  ])("refuses %s", async (what, code) => {
    const first = await api.ask<{ datasets: { pageInfo: { endCursor: string } } }>(
      "{ datasets(first: 2) { pageInfo { endCursor } } }",
    );
    const cursor = first.data?.datasets.pageInfo.endCursor ?? "";
    const queries: Record<string, string> = {
      "a cursor of another filter": `{ datasets(first: 2, after: "${cursor}", filter: { origin: IMPORTED }) { nodes { slug } } }`,
      "a cursor that was changed": `{ datasets(first: 2, after: "${Buffer.from('[1,"x","set-b"]').toString("base64url")}") { nodes { slug } } }`,
      "no cursor at all": `{ datasets(first: 2, after: "?") { nodes { slug } } }`,
      "a page beyond the cap": "{ datasets(first: 201) { nodes { slug } } }",
      "an empty page": "{ datasets(first: 0) { nodes { slug } } }",
      "an id of another type": `{ run(id: "${encodeId("Dataset", 1)}") { id } }`,
      "an id that is none": '{ run(id: "1") { id } }',
    };
    const { errors } = await api.ask(queries[what] ?? "");
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable: false, requestId: expect.any(String) });
  });
});
