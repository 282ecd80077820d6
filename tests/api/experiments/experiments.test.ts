import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeId } from "../../../api/graphql/node-id.ts";
import { loadPublications } from "../../../api/publications/publication.loader.ts";
import { protocols } from "../../../compute/index.ts";
import { buildDataset, buildEvaluation } from "../../support/evaluation-builder.ts";
import { startTestApi, type TestApi } from "../../support/test-api.ts";

interface Result {
  readonly published: {
    readonly publicationKey: string;
    readonly source: string;
    readonly printed: string;
    readonly value: number | null;
    readonly class: string;
  };
  readonly computed: readonly { readonly value: number; readonly evaluation: { readonly id: string } }[];
}
interface Experiment {
  readonly slug: string;
  readonly group: string;
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly publication: { readonly slug: string } | null;
  readonly results: readonly Result[];
}

let api: TestApi;
let evaluation: string;

beforeAll(async () => {
  api = await startTestApi();
  // Before the publications: an imported dataset and model of their names stay, and are theirs.
  const images = 90;
  const codes = Array.from({ length: images }, (_, image) => image % 3);
  const dataset = await buildDataset(api.database, {
    slug: "cxp",
    imageCount: images,
    categories: { race: { dictionary: ["Asian", "Black", "White"], codes } },
    patients: Array.from({ length: images }, (_, image) => image),
  });
  const built = await buildEvaluation(api.database, dataset, {
    model: "gichoya-2022-cxp-resnet34",
    taskKind: "multiclass",
    taskAttribute: "race",
    classes: ["Asian", "Black", "White"],
    scores: [0, 1, 2].map((own) => codes.map((code, image) => (code === own ? 0.4 : 0.2) + (image % 7) / 20)),
  });
  evaluation = encodeId("Evaluation", built.evaluationId);
  await loadPublications(api.database);
  await loadPublications(api.database);
});

afterAll(() => api[Symbol.asyncDispose]());

async function listed(source?: string): Promise<readonly Experiment[]> {
  const { data, errors } = await api.ask<{ experiments: readonly Experiment[] }>(
    `query ($source: String) {
      experiments {
        slug group protocol publication { slug }
        results(source: $source) {
          published { publicationKey source printed value class }
          computed { value evaluation { id } }
        }
      }
    }`,
    source === undefined ? {} : { source },
  );
  expect(errors).toBeUndefined();
  return data?.experiments ?? [];
}

describe("experiments", () => {
  test("are the protocols, in their order, and loading twice changes nothing", async () => {
    const experiments = await listed();
    expect(experiments.map(({ slug }) => slug)).toEqual(protocols.map(({ id }) => id));
    expect(experiments.map(({ protocol }) => protocol)).toEqual(
      protocols.map((protocol) => ({ ...protocol })),
    );
    expect(experiments[0]?.publication).toEqual({ slug: "gichoya-2022" });
  });

  test("give every row of Table 2 with what is printed", async () => {
    const rows = (await listed("Table 2")).flatMap(({ results }) => results);
    const keys = [...new Set(rows.map(({ published }) => published.publicationKey))].sort();
    expect(keys).toEqual(Array.from({ length: 50 }, (_, index) => `r${String(index + 1).padStart(4, "0")}`));
    expect(rows.find(({ published }) => published.publicationKey === "r0031")?.published).toMatchObject({
      source: "Table 2, Equal disease distribution: MXR (balanced) to MXR, AUC",
      printed: "0.75",
      value: 0.75,
    });
  });

  test("give every published number", async () => {
    const keys = (await listed()).flatMap(({ results }) =>
      results.map(({ published }) => published.publicationKey),
    );
    expect(new Set(keys).size).toBe(540);
  });

  test("put beside a published number what was computed here of the same model, dataset and class", async () => {
    const before = (await listed()).flatMap(({ results }) => results.flatMap(({ computed }) => computed));
    expect(before).toEqual([]);
    await api.ask("mutation ($input: StratifiedAucInput!) { recordMetrics(input: $input) { created } }", {
      input: { evaluation },
    });
    const results = (await listed()).flatMap((experiment) =>
      experiment.results
        .filter(({ computed }) => computed.length > 0)
        .map(({ published, computed }) => ({ experiment: experiment.slug, published, computed })),
    );
    const table2 = results.find(({ published }) => published.publicationKey === "r0003");
    expect(table2).toMatchObject({
      experiment: "internal_validation",
      published: { class: "Black (per caption)", value: 0.98 },
    });
    expect(table2?.computed.map(({ evaluation: of }) => of.id)).toEqual([evaluation]);
    // Another model's and another dataset's numbers have nothing beside them.
    expect(results.every(({ experiment }) => experiment === "internal_validation")).toBe(true);
    const classes = results.map(({ published }) => published.class);
    expect(new Set(classes)).toEqual(new Set(["Asian", "Black", "Black (per caption)", "White"]));
    const [asian, black] = ["Asian", "Black"].map(
      (name) => results.find(({ published }) => published.class === name)?.computed[0]?.value,
    );
    expect(asian).toBeGreaterThan(0.7);
    expect(asian).not.toBe(black);
  });
});
