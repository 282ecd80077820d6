import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ImportService } from "../../../../api/predictions/import/import.service.ts";
import { type FreshDatabase, freshDatabase } from "../../../support/fresh-database.ts";

let database: FreshDatabase;

/** Version 1: four images, three patients, no studies, a split by patient, a mapped race. Version 2: one image. */
beforeAll(async () => {
  database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "stratum-rules-"));
  const imports = new ImportService(database);
  const mapping = {
    id: "image",
    patient: "patient",
    split: "part",
    task: { kind: "multiclass", attribute: "race", classes: ["Asian", "Black"] },
    truth: { column: "race", map: { AA: "Black" } },
    scores: { Asian: "pa", Black: "pb" },
    attributes: { age: "age" },
  };
  const rows = [
    "i1,p1,Asian,34,0.7,0.3,train",
    "i2,p1,Asian,34,0.6,0.4,train",
    "i3,p2,AA,60,0.1,0.9,test",
    "i4,p3,AA,61,0.2,0.8,test",
  ];
  const path = join(folder, "scores.csv");
  await writeFile(path, ["image,patient,race,age,pa,pb,part", ...rows, ""].join("\n"));
  await imports.importPredictions({ dataset: "d", model: "m", mapping, predictions: { path } });
  await writeFile(path, "image,race,pa,pb\nx1,Asian,0.5,0.5\n");
  const { patient: _patient, split: _split, attributes: _attributes, ...bare } = mapping;
  await imports.importPredictions({ dataset: "e", model: "m", mapping: bare, predictions: { path } });
  await rm(folder, { recursive: true });
});
afterAll(() => database[Symbol.asyncDispose]());

/** Everything that any result rests on, as one text. */
async function everything(): Promise<string> {
  const tables = [
    "dataset_version",
    "image",
    "patient",
    "study",
    "attribute",
    "category_mapping",
    "category_mapping_entry",
    "split",
    "split_member",
    "model_version",
    "prediction_set",
    "score_block",
    "run",
    "metric_record",
  ];
  const found: unknown[] = [];
  for (const table of tables) {
    found.push((await database.pool.query(`select to_jsonb(t) as row from ${table} t order by 1`)).rows);
  }
  return JSON.stringify(found);
}

const images = "insert into image_1 (dataset_version_id, ordinal, external_id) values (1, 4, 'x')";
const block = (set: number, classIndex: number, number: number) =>
  `insert into score_block select dataset_version_id, ${set}, ${classIndex}, ${number}, scores from score_block where prediction_set_id = 1 limit 1`;
const metric = (columns: string, values: string) =>
  `insert into metric_record (origin, metric, metric_version, prediction_set_id, dataset_version_id, unit, fingerprint, ${columns})
   values ('computed', 'auc', 1, 1, 1, 'image', repeat('a', 64), ${values})`;
const draft =
  "insert into dataset_version (dataset_id, version) select id, 9 from dataset where slug = 'd' returning id";
const set = (columns: string, values: string) =>
  `insert into prediction_set (model_version_id, dataset_version_id, score_kind, run_id, fingerprint, ${columns})
   values (1, 1, 'any', 1, repeat('b', 64), ${values})`;

const attacks: readonly (readonly [string, string, RegExp])[] = [
  ["an image more", images, /image_append_only/],
  ["an image more, through the table", images.replace("image_1", "image"), /image_append_only/],
  ["another name of an image", "update image set external_id = 'x'", /image_append_only/],
  ["another name of an image, in its partition", "update image_1 set ordinal = 9", /image_append_only/],
  ["an image less", "delete from image_1", /image_append_only/],
  ["no image", "truncate image_1", /image_append_only/],
  ["no patient", "truncate patient", /patient_append_only/],
  ["a patient less", "delete from patient", /patient_append_only/],
  [
    "an image by merge",
    "merge into image_1 using (select 1) as s on false when not matched then insert (dataset_version_id, ordinal, external_id) values (1, 4, 'x')",
    /image_append_only/,
  ],
  ["a partition for a frozen version", "select stratum_open_partition('study', 1)", /study_draft_only/],
  [
    "patients for a frozen version without any",
    "create table patient_2 (like patient including defaults including constraints, check (dataset_version_id = 2)); select stratum_close_partition('patient', 2)",
    /patient_draft_only/,
  ],
  [
    "patients attached to a frozen version without any",
    "create table patient_2 (like patient including all); alter table patient attach partition patient_2 for values in (2)",
    /dataset_version_partitions/,
  ],
  ["a partition detached", "alter table image detach partition image_1", /dataset_version_partitions/],
  ["a partition dropped", "drop table image_1", /dataset_version_partitions/],
  ["every image dropped", "drop table image cascade", /dataset_version_partitions/],
  [
    "an attribute more",
    "insert into attribute (dataset_version_id, name, kind, encoding, unknown_count, values) values (1, 'x', 'number', 'f32', 0, '\\x00000000')",
    /attribute_draft_only/,
  ],
  ["another column of an attribute", "update attribute set values = '\\x00'", /attribute_append_only/],
  [
    "an attribute moved elsewhere",
    "update attribute set dataset_version_id = 2 where name = 'age'",
    /attribute_append_only/,
  ],
  ["an attribute less", "delete from attribute", /attribute_append_only/],
  ["no attribute", "truncate attribute", /attribute_append_only/],
  [
    "a code that no image may have",
    `with v as (${draft}) insert into attribute (dataset_version_id, name, kind, encoding, dictionary, unknown_count, values) select id, 'x', 'category', 'f32', '{a}', 0, '\\x00' from v`,
    /attribute_kind_encoding_check/,
  ],
  ["a draft of what is frozen", "update dataset_version set state = 'draft'", /dataset_version_immutable/],
  ["a second freezing", "update dataset_version set frozen_at = now()", /dataset_version_immutable/],
  ["a version less", "delete from dataset_version", /dataset_version_immutable/],
  ["a dataset less", "delete from dataset", /foreign key|violates/],
  ["no version", "truncate dataset_version cascade", /append_only/],
  ["no dataset", "truncate dataset cascade", /append_only/],
  [
    "a version that is born frozen",
    "insert into dataset_version (dataset_id, version, state, manifest_sha256, image_count, frozen_at) values (1, 9, 'frozen', repeat('c', 64), 5, now())",
    /dataset_version_immutable/,
  ],
  [
    "a version frozen without its images",
    `${draft}; update dataset_version set state = 'frozen', manifest_sha256 = repeat('c', 64), image_count = 5, frozen_at = now() where version = 9`,
    /dataset_version_images_complete/,
  ],
  [
    "a version frozen with its images still in an open partition",
    `do $$ declare v bigint; begin
      insert into dataset_version (dataset_id, version) values (1, 9) returning id into v;
      perform stratum_open_partition('image', v);
      execute format('insert into image_%1$s values (%1$s, 0, ''a''), (%1$s, 1, ''b'')', v);
      
      update dataset_version set state = 'frozen', manifest_sha256 = repeat('c', 64), image_count = 2, frozen_at = now() where id = v;
    end $$`,
    /dataset_version_images_complete/,
  ],
  [
    "a version frozen with a gap in its ordinals",
    `do $$ declare v bigint; begin
      insert into dataset_version (dataset_id, version) values (1, 9) returning id into v;
      perform stratum_open_partition('image', v);
      execute format('insert into image_%1$s values (%1$s, 0, ''a''), (%1$s, 2, ''b'')', v);
      perform stratum_close_partition('image', v);
      update dataset_version set state = 'frozen', manifest_sha256 = repeat('c', 64), image_count = 2, frozen_at = now() where id = v;
    end $$`,
    /dataset_version_images_complete/,
  ],
  [
    "a version frozen with fewer images than it says",
    `do $$ declare v bigint; begin
      insert into dataset_version (dataset_id, version) values (1, 9) returning id into v;
      perform stratum_open_partition('image', v);
      execute format('insert into image_%1$s values (%1$s, 0, ''a''), (%1$s, 1, ''b'')', v);
      perform stratum_close_partition('image', v);
      update dataset_version set state = 'frozen', manifest_sha256 = repeat('c', 64), image_count = 3, frozen_at = now() where id = v;
    end $$`,
    /dataset_version_images_complete/,
  ],
  [
    "a version frozen without its studies",
    `${draft}; update dataset_version set state = 'frozen', manifest_sha256 = repeat('c', 64), image_count = 0, study_count = 3, frozen_at = now() where version = 9`,
    /dataset_version_studies_complete/,
  ],
  [
    "an entry more in a mapping that results name",
    "insert into category_mapping_entry (mapping_id, recorded, category) select id, 'New', 'Black' from category_mapping",
    /category_mapping_entry_of_open_mapping/,
  ],
  ["another category", "update category_mapping_entry set category = 'x'", /append_only/],
  ["a mapping less", "delete from category_mapping", /append_only/],
  [
    "a patient more in a split",
    "insert into split_member (split_id, patient_ordinal, part) values (1, 2, 0)",
    /split_member_(of_open_split|pkey)/,
  ],
  [
    "a patient on two sides",
    "with made as (insert into split (dataset_version_id, name, parts) values (1, 's', '{a,b}') returning id) insert into split_member select id, 0, part from made, generate_series(0, 1) as part",
    /split_member_pkey/,
  ],
  [
    "a patient that the version lacks",
    "with made as (insert into split (dataset_version_id, name, parts) values (1, 's', '{a,b}') returning id) insert into split_member select id, 7, 0 from made",
    /split_member_patient/,
  ],
  ["a split of other patients", "update split_member set part = 0", /append_only/],
  [
    "a split by image that is too short",
    "insert into split (dataset_version_id, name, parts, image_parts) values (1, 's', '{a,b}', '\\x0001')",
    /split_image_parts_complete/,
  ],
  [
    "a leak without a reason",
    "insert into split (dataset_version_id, name, parts, leaking_patients) values (1, 's', '{a}', 2)",
    /split_leak_check/,
  ],
  ["a block more", block(1, 0, 1), /score_block_of_open_set/],
  ["a block of a class more", block(1, 2, 0), /score_block_of_open_set/],
  ["blocks of no set", block(99, 0, 0), /prediction_set/],
  ["other scores", "update score_block set scores = scores", /append_only/],
  ["no scores", "delete from score_block", /append_only/],
  ["a set without scores", set("scored_count, missing_score_count", "4, 0"), /prediction_set_complete/],
  [
    "a set with a block out of place",
    `with made as (${set("scored_count, missing_score_count", "4, 0")} returning id)
     insert into score_block select dataset_version_id, made.id, score_block.class_index, 0, scores from score_block, made where prediction_set_id = 1
     union all select 1, made.id, 7, 0, '\\x00000000' from made`,
    /prediction_set_complete/,
  ],
  [
    "a set that counts more than there is",
    `with made as (${set("scored_count, missing_score_count", "5, -1")} returning id)
     insert into score_block select dataset_version_id, made.id, score_block.class_index, 0, scores from score_block, made where prediction_set_id = 1`,
    /prediction_set_counts/,
  ],
  [
    "a set with the split of another version",
    `with made as (${set("scored_count, missing_score_count, split_id", "1, 0, 1").replace("(1, 1,", "(1, 2,")} returning id)
     insert into score_block select 2, made.id, score_block.class_index, 0, scores from score_block, made where prediction_set_id = 2`,
    /prediction_set_split/,
  ],
  ["another kind of score", "update prediction_set set score_kind = 'any'", /append_only/],
  ["a set less", "delete from prediction_set", /append_only/],
  ["other classes of a model", "update model_version set classes = '{a,b}'", /append_only/],
  ["another request of a run", "update run set params = '{}'", /run_request_immutable/],
  ["another fingerprint of a run", "update run set fingerprint = repeat('d', 64)", /run_request_immutable/],
  ["a run less", "delete from run", /append_only/],
  ["a metric that is no number", metric("value", "'NaN'"), /metric_record_finite_check/],
  ["an infinite bound", metric("value, ci_high", "0.5, 'Infinity'"), /metric_record_finite_check/],
  ["a metric without value or reason", metric("n", "5"), /metric_record_value_check/],
  ["a metric with value and reason", metric("value, reason", "0.5, 'x'"), /metric_record_value_check/],
  ["a negative count", metric("value, n_positive", "0.5, -1"), /metric_record_counts_check/],
  ["a negative standard error", metric("value, se", "0.5, -0.1"), /metric_record_se_check/],
  [
    "bounds the wrong way round",
    metric("value, ci_low, ci_high", "0.5, 0.6, 0.4"),
    /metric_record_ci_order_check/,
  ],
  ["a level of 95", metric("value, ci_level", "0.5, 95"), /metric_record_ci_level_check/],
  [
    "bounds of what has no value",
    metric("reason, ci_low, ci_high", "'ONE_CLASS', 0.4, 0.6"),
    /metric_record_ci_of_value_check/,
  ],
];

describe("plain SQL by the role that the application uses", () => {
  test.each(attacks)("never stores %s", async (_what, statement, refusal) => {
    const before = await everything();
    const client = await database.pool.connect();
    const refused = await client.query(`begin; ${statement}; commit`).then(
      () => undefined,
      (error: Error & { constraint?: string }) => `${error.constraint} ${error.message}`,
    );
    client.release(true);
    expect(refused).toMatch(refusal);
    expect(await everything()).toBe(before);
  });

  test("cannot give a mapping the time of another transaction, which could then add to it", async () => {
    const stamped = await database.pool.query(
      "insert into category_mapping (slug, version, attribute, description, source, unlisted, recorded_at) values ('spoof2', 1, 'race', '', '', 'unknown', '2001-01-01') returning recorded_at > '2020-01-01' as is_now",
    );
    expect(stamped.rows).toEqual([{ is_now: true }]);
  });
});
