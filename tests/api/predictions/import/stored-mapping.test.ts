import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImportOutcome, ImportService } from "../../../../api/predictions/import/import.service.ts";
import { loadPublications } from "../../../../api/publications/publication.loader.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";

let database: FreshDatabase;
let imports: ImportService;
let folder: string;
let files = 0;

beforeAll(async () => {
  database = await freshDatabase();
  await loadPublications(database);
  imports = new ImportService(database);
  folder = await mkdtemp(join(tmpdir(), "stratum-mapping-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

const base = {
  id: "image",
  task: { kind: "multiclass", attribute: "race", classes: ["Asian", "Black", "White"] },
  scores: { Asian: "pa", Black: "pb", White: "pw" },
};
const rows = [
  ["i1", "Asian"],
  ["i2", "Black, non-Hispanic"],
  ["i3", '"White, Hispanic"'],
  ["i4", "Patient Refused"],
  ["i5", "Martian"],
  ["i6", ""],
  ["i7", "Other"],
] as const;

async function importOf(dataset: string, mapping: unknown, races = rows): Promise<ImportOutcome> {
  const path = join(folder, `${files++}.csv`);
  const quoted = (race: string) => (race.includes(",") && !race.startsWith('"') ? `"${race}"` : race);
  const lines = races.map(([image, race]) => `${image},${quoted(race)},0.5,0.25,0.125`);
  await writeFile(path, ["image,recorded,pa,pb,pw", ...lines, ""].join("\n"));
  return imports.importPredictions({ dataset, model: "m", mapping, predictions: { path } });
}

async function categoriesOf(dataset: string): Promise<unknown> {
  const found = await database.pool.query(
    "select image, recorded, category from image_category where dataset = $1 and attribute = 'race' order by ordinal",
    [dataset],
  );
  return found.rows.map(({ image, recorded, category }) => [image, recorded, category]);
}

async function mappingOf(dataset: string): Promise<unknown> {
  const found = await database.pool.query(
    `select mapping.slug, mapping.version from attribute
     join dataset_version on dataset_version.id = attribute.dataset_version_id
     join dataset on dataset.id = dataset_version.dataset_id
     left join category_mapping as mapping on mapping.id = attribute.category_mapping_id
     where dataset.slug = $1 and attribute.name = 'race'`,
    [dataset],
  );
  return found.rows;
}

const asRecorded = [
  ["i1", "Asian", "Asian"],
  ["i2", "Black, non-Hispanic", "Black"],
  ["i3", "White, Hispanic", "White"],
  ["i4", "Patient Refused", null],
  ["i5", "Martian", null],
  ["i6", null, null],
  ["i7", "Other", null],
];

describe("a stored mapping of self-reported race", () => {
  const reference = "chexpert-race-three-class@1";

  test("keeps what was recorded, listed or not, beside its category, and is named by the attribute", async () => {
    const mapping = { ...base, attributes: { race: { column: "recorded", mapping: reference } } };
    expect(await importOf("attribute", mapping)).toMatchObject({ status: "stored", created: true });
    expect(await categoriesOf("attribute")).toEqual(asRecorded);
    expect(await mappingOf("attribute")).toEqual([{ slug: "chexpert-race-three-class", version: 1 }]);
  });

  test("does the same for the truth, where other values take no part", async () => {
    const mapping = { ...base, truth: { column: "recorded", mapping: reference } };
    expect(await importOf("truth", mapping)).toMatchObject({ status: "stored", created: true });
    expect(await categoriesOf("truth")).toEqual(asRecorded);
    expect(await mappingOf("truth")).toEqual([{ slug: "chexpert-race-three-class", version: 1 }]);
  });

  test("is named although no value that came is changed by it", async () => {
    const mapping = { ...base, truth: { column: "recorded", mapping: reference } };
    await importOf("unchanged", mapping, [["i1", "Asian"]] as unknown as typeof rows);
    expect(await mappingOf("unchanged")).toEqual([{ slug: "chexpert-race-three-class", version: 1 }]);
  });

  test("with entries of one's own is another mapping", async () => {
    const mapping = {
      ...base,
      attributes: { race: { column: "recorded", mapping: reference, map: { Martian: "White" } } },
    };
    await importOf("own", mapping);
    expect(await categoriesOf("own")).toEqual(
      asRecorded.map((row) => (row[1] === "Martian" ? ["i5", "Martian", "White"] : row)),
    );
    expect(await mappingOf("own")).toEqual([{ slug: expect.stringMatching(/^import-/), version: 1 }]);
  });

  test("of a later import must give the categories of the frozen version", async () => {
    const five = {
      ...base,
      attributes: { race: { column: "recorded", mapping: "chexpert-race-five-class@1" } },
    };
    expect(await importOf("attribute", { ...five, scoreKind: "any" })).toMatchObject({
      status: "rejected",
      totals: { ATTRIBUTE_CONFLICT: 1 },
      problems: [{ column: "recorded", message: expect.stringContaining("other categories") }],
    });
    const same = {
      ...base,
      attributes: { race: { column: "recorded", mapping: reference } },
      scoreKind: "any",
    };
    expect(await importOf("attribute", same)).toMatchObject({ status: "stored" });
  });

  test("that lists every value it takes refuses another one", async () => {
    await database.pool.query(
      `with made as (insert into category_mapping (slug, version, attribute, description, source, unlisted)
         values ('strict', 1, 'race', '', '', 'refuse') returning id)
       insert into category_mapping_entry (mapping_id, recorded, category)
       select id, 'Asian', 'Asian' from made union all select id, 'Declined', null from made`,
    );
    const mapping = { ...base, attributes: { race: { column: "recorded", mapping: "strict" } } };
    expect(await importOf("strict", mapping)).toMatchObject({ totals: { UNKNOWN_ATTRIBUTE_VALUE: 5 } });
    const truth = { ...base, truth: { column: "recorded", mapping: "strict" } };
    expect(await importOf("strict", truth)).toMatchObject({ totals: { UNKNOWN_LABEL: 5 } });
    const listed = [
      ["i1", "Asian"],
      ["i2", "Declined"],
    ] as unknown as typeof rows;
    await importOf("strict", mapping, listed);
    expect(await categoriesOf("strict")).toEqual([
      ["i1", "Asian", "Asian"],
      ["i2", "Declined", null],
    ]);
  });

  test.each([
    ["of another attribute", { sex: { column: "recorded", mapping: reference } }, "BAD_USER_INPUT"],
    ["that is not stored", { race: { column: "recorded", mapping: "nowhere@1" } }, "NOT_FOUND"],
    [
      "of a version that is not stored",
      { race: { column: "recorded", mapping: "chexpert-race-three-class@9" } },
      "NOT_FOUND",
    ],
    ["by a name that is none", { race: { column: "recorded", mapping: "A B" } }, "BAD_USER_INPUT"],
  ])("%s is refused", async (_what, attributes, code) => {
    await expect(importOf("refused", { ...base, attributes })).rejects.toMatchObject({ code });
  });
});

describe("a mapping of the import's own", () => {
  test("may leave values without a category by null", async () => {
    const map = {
      "Patient Refused": null,
      Martian: null,
      Other: null,
      "Black, non-Hispanic": "Black",
      "White, Hispanic": "White",
    };
    await importOf("null", { ...base, attributes: { race: { column: "recorded", map } } });
    expect(await categoriesOf("null")).toEqual(asRecorded);
  });
});

describe("a dataset known from a publication", () => {
  test("takes real predictions, and stays what the publication says it is", async () => {
    const look = async () =>
      (
        await database.pool.query(
          `select origin, title, access, printed_facts,
             (select count(*)::int from metric_record where dataset_id = dataset.id and origin = 'published') as published
           from dataset where slug = 'mxr'`,
        )
      ).rows;
    const before = await look();
    expect(before).toMatchObject([{ origin: "published" }]);
    const mapping = { ...base, truth: { column: "recorded", mapping: "chexpert-race-three-class@1" } };
    const first = await importOf("mxr", mapping);
    expect(first).toMatchObject({ status: "stored", created: true });
    expect(await look()).toEqual(before);
    await loadPublications(database);
    expect(await look()).toEqual(before);
    const { rows: versions } = await database.pool.query(
      "select version, state, image_count from dataset_version join dataset on dataset.id = dataset_id where slug = 'mxr'",
    );
    expect(versions).toEqual([{ version: 1, state: "frozen", image_count: 7 }]);
    expect(await importOf("mxr", mapping)).toMatchObject({ created: false });
  });
});
