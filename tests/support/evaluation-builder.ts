import { createHash, randomUUID } from "node:crypto";
import type { DatasetFiles } from "../../api/datasets/dataset-files.ts";
import type { Database } from "../../api/db/client.ts";
import { BLOCK_SIZE } from "../../api/predictions/prediction.table.ts";

/** A category column: codes into the dictionary, -1 for unknown. */
export interface CategoryColumn {
  readonly dictionary: readonly string[];
  readonly codes: ArrayLike<number>;
  /** Recorded value to category (null: left out); makes a category mapping. */
  readonly mapping?: Readonly<Record<string, string | null>>;
}

/** What a test dataset holds; every column has one value an image. */
export interface DatasetSpec {
  readonly slug?: string;
  readonly imageCount: number;
  readonly categories?: Readonly<Record<string, CategoryColumn>>;
  /** NaN is unknown. */
  readonly numbers?: Readonly<Record<string, ArrayLike<number>>>;
  /** Patient ordinals without gaps; -1 for unknown. Absent: the source names no patients. */
  readonly patients?: ArrayLike<number>;
  readonly studies?: ArrayLike<number>;
  /** Splits by patient: part of each patient, -1 for none. */
  readonly splits?: Readonly<
    Record<string, { readonly parts: readonly string[]; readonly of: ArrayLike<number> }>
  >;
  /** The images' files below `root`, one an image. */
  readonly files?: {
    readonly root: string;
    readonly of: readonly {
      readonly uri: string;
      readonly sha256: string;
      readonly rows: number;
      readonly cols: number;
    }[];
  };
}

export interface BuiltDataset {
  readonly datasetId: number;
  readonly datasetVersionId: number;
  readonly slug: string;
  readonly imageCount: number;
}

async function addRows(
  database: Database,
  table: string,
  versionId: number,
  count: number,
  files?: NonNullable<DatasetSpec["files"]>["of"],
): Promise<void> {
  await database.pool.query("select stratum_open_partition($1, $2)", [table, versionId]);
  await database.pool.query(
    `insert into ${table}_${versionId} (dataset_version_id, ordinal, external_id) select $1, i, '${table}-' || i from generate_series(0, $2::int - 1) as i`,
    [versionId, count],
  );
  for (const [ordinal, { uri, sha256, rows, cols }] of (files ?? []).entries()) {
    await database.pool.query(
      `update ${table}_${versionId} set uri = $2, sha256 = decode($3, 'hex'), height = $4, width = $5 where ordinal = $1`,
      [ordinal, uri, sha256, rows, cols],
    );
  }
  await database.pool.query("select stratum_close_partition($1, $2)", [table, versionId]);
}

/** Stores a dataset with one frozen version, by plain SQL. */
export async function buildDataset(database: Database, spec: DatasetSpec): Promise<BuiltDataset> {
  const { imageCount, categories = {}, numbers = {}, patients, studies, splits = {} } = spec;
  const slug = spec.slug ?? `dataset-${randomUUID()}`;
  const ask = asker(database);
  const datasetId = await ask(
    "insert into dataset (slug, title, origin) values ($1, $1, 'imported') returning id",
    [slug],
  );
  const versionId = await ask(
    "insert into dataset_version (dataset_id, version) values ($1, 1) returning id",
    [datasetId],
  );
  await addRows(database, "image", versionId, imageCount, spec.files?.of);
  const named = (ordinals: ArrayLike<number> | undefined) =>
    ordinals === undefined
      ? null
      : Array.from(ordinals).reduce((most, ordinal) => Math.max(most, ordinal + 1), 0);
  const [patientCount, studyCount] = [named(patients), named(studies)];
  for (const [table, count] of [
    ["patient", patientCount],
    ["study", studyCount],
  ] as const) {
    if (count === null) continue;
    await addRows(database, table, versionId, count);
  }
  const addAttribute = (
    name: string,
    kind: string,
    encoding: string,
    values: Buffer,
    unknown: number,
    dictionary?: readonly string[],
    mappingId?: number,
  ) =>
    ask(
      `insert into attribute (dataset_version_id, name, kind, encoding, dictionary, category_mapping_id, unknown_count, "values")
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
      [versionId, name, kind, encoding, dictionary ?? null, mappingId ?? null, unknown, values],
    );
  for (const [name, { dictionary, codes, mapping }] of Object.entries(categories)) {
    const mappingId = mapping === undefined ? undefined : await addMapping(ask, name, mapping);
    const held = Uint8Array.from(codes, (code) => (code < 0 ? 255 : code));
    await addAttribute(name, "category", "u8", bytesOf(held), countUnknown(codes), dictionary, mappingId);
  }
  for (const [name, values] of Object.entries(numbers)) {
    await addAttribute(
      name,
      "number",
      "f64",
      bytesOf(Float64Array.from(values)),
      Array.from(values).filter(Number.isNaN).length,
    );
  }
  for (const [name, ordinals] of [
    ["patient", patients],
    ["study", studies],
  ] as const) {
    if (ordinals === undefined) continue;
    const held = Uint32Array.from(ordinals, (ordinal) => (ordinal < 0 ? 0xffffffff : ordinal));
    await addAttribute(name, name, "u32", bytesOf(held), countUnknown(ordinals));
  }
  for (const [name, { parts, of }] of Object.entries(splits)) {
    const members = Array.from(of, (part, patient) => ({ part, patient })).filter(({ part }) => part >= 0);
    // One statement: members come in the transaction of their split.
    await database.pool.query(
      `with made as (insert into split (dataset_version_id, name, parts) values ($1, $2, $3) returning id)
       insert into split_member (split_id, patient_ordinal, part)
       select made.id, member.* from made, unnest($4::int[], $5::smallint[]) as member`,
      [versionId, name, parts, members.map(({ patient }) => patient), members.map(({ part }) => part)],
    );
  }
  await database.pool.query(
    `update dataset_version set state = 'frozen', manifest_sha256 = $2, image_count = $3, patient_count = $4,
       study_count = $5, files = $6, frozen_at = now() where id = $1`,
    [
      versionId,
      digest(randomUUID()),
      imageCount,
      patientCount,
      studyCount,
      spec.files === undefined ? null : filesOf(spec.files.of),
    ],
  );
  if (spec.files !== undefined) {
    await database.pool.query("insert into dataset_location (dataset_version_id, root) values ($1, $2)", [
      versionId,
      spec.files.root,
    ]);
  }
  return { datasetId, datasetVersionId: versionId, slug, imageCount };
}

function filesOf(files: NonNullable<DatasetSpec["files"]>["of"]): DatasetFiles {
  const range = (numbers: readonly number[]) => [Math.min(...numbers), Math.max(...numbers)] as const;
  return {
    formats: { png: files.length },
    bytes: 0,
    rows: range(files.map(({ rows }) => rows)),
    cols: range(files.map(({ cols }) => cols)),
    sizes: new Set(files.map(({ rows, cols }) => `${rows}x${cols}`)).size,
    duplicates: 0,
    duplicatesAcrossPatients: 0,
    leftOut: {},
    verified: "header",
  };
}

/** What a test model predicted. */
export interface EvaluationSpec {
  readonly model?: string;
  readonly taskKind: "binary" | "multiclass" | "multilabel";
  readonly taskAttribute: string;
  readonly classes: readonly string[];
  /** One column a class; NaN is unknown. */
  readonly scores: readonly ArrayLike<number>[];
  readonly scoreKind?: "probability" | "logit" | "any";
  /** A run of evaluation in place of an import. */
  readonly run?: { readonly params: object; readonly summary: object };
}

export interface BuiltEvaluation {
  readonly evaluationId: number;
  readonly modelId: number;
  readonly modelVersionId: number;
  readonly model: string;
}

/** Stores a model and its scores on a dataset, by plain SQL. */
export async function buildEvaluation(
  database: Database,
  dataset: BuiltDataset,
  spec: EvaluationSpec,
): Promise<BuiltEvaluation> {
  const ask = asker(database);
  const model = spec.model ?? `model-${randomUUID()}`;
  const modelId = await ask(
    "insert into model (slug, title, origin) values ($1, $1, 'imported') returning id",
    [model],
  );
  const modelVersionId = await ask(
    "insert into model_version (model_id, version, task_kind, task_attribute, classes) values ($1, 1, $2, $3, $4) returning id",
    [modelId, spec.taskKind, spec.taskAttribute, spec.classes],
  );
  const runId = await ask(
    `insert into run (kind, plugin, plugin_version, params, input_digests, fingerprint, state, software, summary)
     values ($2, 'predictions', 1, $3, '{}', $1, 'succeeded', '{}', $4) returning id`,
    [
      digest(randomUUID()),
      spec.run === undefined ? "import" : "evaluation",
      spec.run?.params ?? {},
      spec.run?.summary ?? null,
    ],
  );
  const columns = spec.scores.map((scores) => Float32Array.from(scores));
  const missing = columns.reduce((sum, scores) => sum + scores.filter(Number.isNaN).length, 0);
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query<{ id: string }>(
      `insert into prediction_set (model_version_id, dataset_version_id, score_kind, scored_count, missing_score_count, run_id, fingerprint)
       values ($1, $2, $3, $4, $5, $6, $7) returning id`,
      [
        modelVersionId,
        dataset.datasetVersionId,
        spec.scoreKind ?? "probability",
        dataset.imageCount,
        missing,
        runId,
        digest(randomUUID()),
      ],
    );
    const evaluationId = Number(rows[0]?.id);
    for (const [classIndex, scores] of columns.entries()) {
      for (let block = 0; block * BLOCK_SIZE < scores.length; block += 1) {
        await client.query(
          "insert into score_block (dataset_version_id, prediction_set_id, class_index, block, scores) values ($1, $2, $3, $4, $5)",
          [
            dataset.datasetVersionId,
            evaluationId,
            classIndex,
            block,
            bytesOf(scores.slice(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)),
          ],
        );
      }
    }
    await client.query("commit");
    return { evaluationId, modelId, modelVersionId, model };
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

type Ask = (text: string, values: readonly unknown[]) => Promise<number>;

function asker(database: Database): Ask {
  return async (text, values) => {
    const { rows } = await database.pool.query<{ id: string }>(text, [...values]);
    return Number(rows[0]?.id);
  };
}

async function addMapping(
  ask: Ask,
  attribute: string,
  mapping: Readonly<Record<string, string | null>>,
): Promise<number> {
  const entries = Object.entries(mapping);
  // One statement: entries come in the transaction of their mapping.
  return ask(
    `with made as (insert into category_mapping (slug, version, attribute, description, source, unlisted)
       values ($1, 1, $2, '', '', 'unknown') returning id)
     insert into category_mapping_entry (mapping_id, recorded, category)
     select made.id, entry.* from made, unnest($3::text[], $4::text[]) as entry returning mapping_id as id`,
    [
      `mapping-${randomUUID()}`,
      attribute,
      entries.map(([recorded]) => recorded),
      entries.map(([, category]) => category),
    ],
  );
}

function countUnknown(codes: ArrayLike<number>): number {
  return Array.from(codes).filter((code) => code < 0).length;
}

function bytesOf(values: Uint8Array | Uint32Array | Float32Array | Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
