import { randomUUID } from "node:crypto";
import type { Database } from "../../../api/db/client.ts";
import type { ModelStore } from "../../../api/models/model-store.ts";
import { parsePreprocessing } from "../../../compute/onnx/parse-preprocessing.ts";
import type { ScratchFolder } from "../child-tasks.ts";
import { type BuiltDataset, buildDataset } from "../evaluation-builder.ts";
import { classifierBytes } from "../onnx-models.ts";

/** Pixels on a side of the fixture's images. */
export const SIZE = 16;

/** A dataset with image files: three races, two sexes, studies of two images, patients of two studies, two parts. */
export async function buildImages(
  database: Database,
  folder: ScratchFolder,
  count: number,
  slug: string = `images-${randomUUID()}`,
  findings: readonly string[] = [],
): Promise<BuiltDataset> {
  const { files } = await folder.images(count, SIZE);
  const ordinals = files.map(({ ordinal }) => ordinal);
  return buildDataset(database, {
    slug,
    imageCount: count,
    files: {
      root: folder.path,
      of: files.map(({ uri, sha256 }) => ({ uri, sha256, rows: SIZE, cols: SIZE })),
    },
    categories: {
      race: { dictionary: ["Asian", "Black", "White"], codes: ordinals.map((ordinal) => (ordinal >> 2) % 3) },
      sex: { dictionary: ["F", "M"], codes: ordinals.map((ordinal) => (ordinal >> 2) % 2) },
      view: { dictionary: ["AP", "PA"], codes: ordinals.map((ordinal) => ordinal % 2) },
      ...Object.fromEntries(
        findings.map((name, place) => [
          `finding:${name}`,
          { dictionary: ["0", "1"], codes: ordinals.map((ordinal) => ((ordinal >> 2) + place) % 2) },
        ]),
      ),
    },
    studies: ordinals.map((ordinal) => ordinal >> 1),
    patients: ordinals.map((ordinal) => ordinal >> 2),
    splits: {
      split: {
        parts: ["train", "test"],
        of: Array.from({ length: Math.ceil(count / 4) }, (_, patient) => (patient >> 1) % 2),
      },
    },
  });
}

/** A model of race with its bytes in the store. */
export async function buildModel(
  database: Database,
  store: ModelStore,
  folder: ScratchFolder,
  slug: string = `model-${randomUUID()}`,
): Promise<string> {
  const bytes = classifierBytes({ size: SIZE, classes: 3 });
  const { path, sha256 } = folder.file(`${slug}.onnx`, bytes);
  await store.put(path, sha256);
  const { rows } = await database.pool.query<{ id: string }>(
    "insert into model (slug, title, origin) values ($1, $1, 'registered') returning id",
    [slug],
  );
  await database.pool.query(
    `insert into model_version (model_id, version, onnx_sha256, task_kind, task_attribute, classes, inputs, outputs, normalisation)
     values ($1, 1, $2, 'multiclass', 'race', '{Asian,Black,White}', $3, $4, $5)`,
    [
      rows[0]?.id,
      sha256,
      JSON.stringify([{ name: "image", type: "float", shape: ["n", 1, SIZE, SIZE] }]),
      JSON.stringify([{ name: "logits", type: "float", shape: ["n", 3], activation: "softmax" }]),
      JSON.stringify(parsePreprocessing({ rows: SIZE, cols: SIZE, planes: 1, mean: 0.5, deviation: 0.25 })),
    ],
  );
  return slug;
}

/** Everything that an evaluation holds, in one text: what must be the same whatever happened on the way. */
export async function contentOf(
  database: Pick<Database, "pool">,
  dataset: string,
  model: string,
): Promise<string> {
  const { rows } = await database.pool.query<{ content: string }>(
    `select concat_ws(E'\\n', stored.scored_count, stored.missing_score_count,
       (select string_agg(md5(scores), ',' order by class_index, block) from score_block where prediction_set_id = stored.id),
       (select string_agg(concat_ws(' ', metric, metric_version, class_name, stratum, unit, value, se, ci_low, ci_high, n, n_positive, n_negative, n_patients, n_left_out, reason, params),
          E'\\n' order by unit, class_name, stratum::text, params::text) from metric_record where prediction_set_id = stored.id)) as content
     from prediction_set as stored
     join dataset_version on dataset_version.id = stored.dataset_version_id join dataset on dataset.id = dataset_version.dataset_id
     join model_version on model_version.id = stored.model_version_id join model on model.id = model_version.model_id
     where dataset.slug = $1 and model.slug = $2 order by stored.id`,
    [dataset, model],
  );
  return rows.map(({ content }) => content).join("\n---\n");
}
