-- Rules that hold whoever writes: append-only tables, frozen versions, complete columns, and views for people with psql.

-- A statement-level refusal: one check a statement, however many rows it touches.
CREATE FUNCTION stratum_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Expected only new rows in %, got %: the table is append-only', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
--> statement-breakpoint
DO $$
DECLARE append_only text;
BEGIN
  FOREACH append_only IN ARRAY ARRAY['metric_record', 'prediction_set', 'score_block', 'model_version', 'publication',
    'discrepancy', 'category_mapping', 'category_mapping_entry', 'run_event', 'split', 'split_member', 'dataset_location', 'mask_file'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION stratum_refuse_change()',
      append_only || '_append_only', append_only);
  END LOOP;
END $$;
--> statement-breakpoint
-- Attributes may only come while their version is a draft, and never change. One look a statement, over the new rows.
CREATE FUNCTION stratum_check_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT dataset_version_id FROM added) AS added
             LEFT JOIN dataset_version AS version ON version.id = added.dataset_version_id
             WHERE version.state IS DISTINCT FROM 'draft') THEN
    RAISE EXCEPTION 'Expected a draft dataset version for new rows of %, got one that is frozen or absent', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_draft_only';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER attribute_draft_only AFTER INSERT ON attribute
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stratum_check_draft();
--> statement-breakpoint
CREATE TRIGGER attribute_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribute
  FOR EACH STATEMENT EXECUTE FUNCTION stratum_refuse_change();
--> statement-breakpoint
ALTER TABLE attribute ADD CONSTRAINT attribute_kind_encoding_check CHECK (CASE kind
  WHEN 'category' THEN encoding IN ('u8', 'u16', 'u32') WHEN 'number' THEN encoding IN ('f32', 'f64') ELSE encoding = 'u32' END);
--> statement-breakpoint
-- Parts of a whole come in the transaction of the whole: entries of a mapping, members of a split, blocks of a
-- prediction set. Afterwards one more would change old results. The transaction is told by its time.
CREATE FUNCTION stratum_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.recorded_at := transaction_timestamp();
  RETURN NEW;
END $$;
--> statement-breakpoint
DO $$
DECLARE whole text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['category_mapping', 'split', 'prediction_set'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION stratum_stamp()', whole || '_stamp', whole);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION stratum_check_mapping_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT mapping_id FROM added) AS added
             JOIN category_mapping AS mapping ON mapping.id = added.mapping_id
             WHERE mapping.recorded_at <> transaction_timestamp()) THEN
    RAISE EXCEPTION 'Expected entries of a mapping being stored, got one for a mapping that is complete; make a new version of it'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'category_mapping_entry_of_open_mapping';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER category_mapping_entry_of_open_mapping AFTER INSERT ON category_mapping_entry
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stratum_check_mapping_entry();
--> statement-breakpoint
-- Images, patients and studies of a version lie in a partition of their own (docs/adr/0001): opened while the version is
-- a draft, filled without indexes, then closed, which builds them at once and refuses every change from then on.
CREATE FUNCTION stratum_refuse_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Expected no change to %, got %: rows come only through an open partition of a draft dataset version', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0] || '_append_only';
END $$;
--> statement-breakpoint
DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['image', 'patient', 'study'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I FOR EACH STATEMENT EXECUTE FUNCTION stratum_refuse_rows(%1$L)', parent);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION stratum_require_draft(parent text, version_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF parent NOT IN ('image', 'patient', 'study')
     OR (SELECT state FROM dataset_version WHERE id = version_id FOR SHARE) IS DISTINCT FROM 'draft' THEN
    RAISE EXCEPTION 'Expected image, patient or study of a draft dataset version, got % of another', parent
      USING ERRCODE = 'restrict_violation', CONSTRAINT = parent || '_draft_only';
  END IF;
END $$;
--> statement-breakpoint
-- Makes the partition of a draft version and returns its name: rows are copied straight into it.
CREATE FUNCTION stratum_open_partition(parent text, version_id bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE partition text := parent || '_' || version_id;
BEGIN
  PERFORM stratum_require_draft(parent, version_id);
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CHECK (dataset_version_id = %s))', partition, parent, version_id);
  RETURN partition;
END $$;
--> statement-breakpoint
-- Builds the indexes of a filled partition, makes it immutable and part of its table.
CREATE FUNCTION stratum_close_partition(parent text, version_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE partition text := parent || '_' || version_id;
BEGIN
  PERFORM stratum_require_draft(parent, version_id);
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I UNIQUE (dataset_version_id, external_id)', partition, partition || '_external_id_key');
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (dataset_version_id, ordinal)', partition, partition || '_pkey');
  EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION stratum_refuse_rows(%L)', partition || '_append_only', partition, parent);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)', parent, partition, version_id);
END $$;
--> statement-breakpoint
-- How many rows a version has in one of these tables, and its highest ordinal plus one. The version's own partition is
-- asked, whose bound holds every row in it to the version: a condition on each row makes counting three times as long.
CREATE FUNCTION stratum_count_ids(parent text, version_id bigint, OUT counted bigint, OUT beyond bigint) LANGUAGE plpgsql AS $$
DECLARE partition text := parent || '_' || version_id;
BEGIN
  counted := 0;
  beyond := 0;
  IF EXISTS (SELECT FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
             WHERE inhrelid = to_regclass(quote_ident(partition)) AND inhparent = to_regclass(quote_ident(parent))
               AND pg_get_expr(child.relpartbound, child.oid) = format('FOR VALUES IN (%L)', version_id)) THEN
    EXECUTE format('SELECT count(*) FROM %I', partition) INTO counted;
    EXECUTE format('SELECT coalesce(max(ordinal) + 1, 0) FROM %I WHERE dataset_version_id = $1', partition) INTO beyond USING version_id;
  END IF;
END $$;
--> statement-breakpoint
-- Freezing checks that the version is whole: ordinals without gaps, and every column as long as the version.
CREATE FUNCTION stratum_check_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE counted bigint; highest bigint; short_column text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'Expected a new dataset version to be a draft, got a frozen one'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'dataset_version_immutable';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.state = 'frozen' THEN
    RAISE EXCEPTION 'Expected a draft dataset version, got a frozen one: it is immutable'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'dataset_version_immutable';
  END IF;
  IF NEW.state = 'frozen' THEN
    SELECT ids.counted, ids.beyond INTO counted, highest FROM stratum_count_ids('image', NEW.id) AS ids;
    IF counted <> NEW.image_count OR highest <> NEW.image_count THEN
      RAISE EXCEPTION 'Expected % images numbered from 0 without gaps, got % up to ordinal %', NEW.image_count, counted, highest - 1
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_version_images_complete';
    END IF;
    SELECT ids.counted, ids.beyond INTO counted, highest FROM stratum_count_ids('patient', NEW.id) AS ids;
    IF counted <> coalesce(NEW.patient_count, 0) OR highest <> counted THEN
      RAISE EXCEPTION 'Expected % patients numbered from 0 without gaps, got %', coalesce(NEW.patient_count, 0), counted
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_version_patients_complete';
    END IF;
    SELECT ids.counted, ids.beyond INTO counted, highest FROM stratum_count_ids('study', NEW.id) AS ids;
    IF counted <> coalesce(NEW.study_count, 0) OR highest <> counted THEN
      RAISE EXCEPTION 'Expected % studies numbered from 0 without gaps, got %', coalesce(NEW.study_count, 0), counted
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_version_studies_complete';
    END IF;
    SELECT name INTO short_column FROM attribute
    WHERE dataset_version_id = NEW.id
      AND (octet_length("values") <> NEW.image_count::bigint
        * CASE encoding WHEN 'u8' THEN 1 WHEN 'u16' THEN 2 WHEN 'f64' THEN 8 ELSE 4 END
        OR unknown_count > NEW.image_count)
    LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'Expected attribute columns of % values, got another length in attribute %', NEW.image_count, short_column
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_version_columns_complete';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER dataset_version_immutable BEFORE INSERT OR UPDATE OR DELETE ON dataset_version
  FOR EACH ROW EXECUTE FUNCTION stratum_check_version();
--> statement-breakpoint
-- Members of a split must name a split by patient, patients of its version, and its parts; once a statement.
CREATE FUNCTION stratum_check_split_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE given record;
BEGIN
  FOR given IN SELECT members.split_id, split.id, split.dataset_version_id AS version, cardinality(split.parts) AS parts, split.image_parts, split.recorded_at
      FROM (SELECT DISTINCT split_id FROM added) AS members LEFT JOIN split ON split.id = members.split_id LOOP
    IF given.id IS NULL OR given.image_parts IS NOT NULL THEN
      RAISE EXCEPTION 'Expected members of a split by patient, got a split that is absent or held by image'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'split_member_split';
    END IF;
    IF given.recorded_at <> transaction_timestamp() THEN
      RAISE EXCEPTION 'Expected members of a split being stored, got one for a split that is complete'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'split_member_of_open_split';
    END IF;
    IF EXISTS (SELECT FROM added
               LEFT JOIN patient ON patient.dataset_version_id = given.version AND patient.ordinal = added.patient_ordinal
               WHERE added.split_id = given.split_id AND (patient.ordinal IS NULL OR added.part >= given.parts)) THEN
      RAISE EXCEPTION 'Expected patients of the version and parts of the split, got others'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'split_member_patient';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER split_member_split AFTER INSERT ON split_member
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stratum_check_split_member();
--> statement-breakpoint
-- A split held by image has a part for each.
CREATE FUNCTION stratum_check_split() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.image_parts IS NOT NULL AND octet_length(NEW.image_parts) IS DISTINCT FROM
     (SELECT image_count FROM dataset_version WHERE id = NEW.dataset_version_id AND state = 'frozen') THEN
    RAISE EXCEPTION 'Expected a part for each image of a frozen dataset version, got %', octet_length(NEW.image_parts)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'split_image_parts_complete';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER split_image_parts_complete AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION stratum_check_split();
--> statement-breakpoint
-- A prediction set is whole at the end of its transaction: every class has every block, of the right length.
CREATE FUNCTION stratum_check_prediction_set() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE images bigint; classes bigint; stored bigint; strangers bigint; version_state text;
BEGIN
  SELECT version.image_count, version.state INTO images, version_state
  FROM dataset_version AS version WHERE version.id = NEW.dataset_version_id;
  IF version_state <> 'frozen' THEN
    RAISE EXCEPTION 'Expected predictions on a frozen dataset version, got a draft'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'prediction_set_frozen';
  END IF;
  SELECT cardinality(version.classes) INTO classes FROM model_version AS version WHERE version.id = NEW.model_version_id;
  SELECT coalesce(sum(octet_length(scores) / 4), 0),
    count(*) FILTER (WHERE class_index >= classes OR octet_length(scores) / 4 <> least(65536, images - block::bigint * 65536))
  INTO stored, strangers FROM score_block
  WHERE dataset_version_id = NEW.dataset_version_id AND prediction_set_id = NEW.id;
  IF stored <> images * classes OR strangers > 0 THEN
    RAISE EXCEPTION 'Expected % scores (% images x % classes), got % with % blocks out of place', images * classes, images, classes, stored, strangers
      USING ERRCODE = 'check_violation', CONSTRAINT = 'prediction_set_complete';
  END IF;
  IF NEW.scored_count NOT BETWEEN 0 AND images OR NEW.missing_score_count NOT BETWEEN 0 AND images * classes THEN
    RAISE EXCEPTION 'Expected counts of at most % images and % scores, got % scored images and % missing scores',
      images, images * classes, NEW.scored_count, NEW.missing_score_count
      USING ERRCODE = 'check_violation', CONSTRAINT = 'prediction_set_counts';
  END IF;
  IF NEW.split_id IS NOT NULL
     AND (SELECT dataset_version_id FROM split WHERE id = NEW.split_id) IS DISTINCT FROM NEW.dataset_version_id THEN
    RAISE EXCEPTION 'Expected a split of the dataset version that was predicted, got one of another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'prediction_set_split';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER prediction_set_complete AFTER INSERT ON prediction_set
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stratum_check_prediction_set();
--> statement-breakpoint
-- Blocks belong to their prediction set's version; and none comes after the set's own transaction.
CREATE FUNCTION stratum_check_score_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT prediction_set_id, dataset_version_id FROM added) AS added
             JOIN prediction_set AS stored ON stored.id = added.prediction_set_id
             WHERE stored.dataset_version_id <> added.dataset_version_id
                OR stored.recorded_at <> transaction_timestamp()) THEN
    RAISE EXCEPTION 'Expected score blocks of a prediction set being stored, got a set that is complete or of another version'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'score_block_of_open_set';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER score_block_of_open_set AFTER INSERT ON score_block
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stratum_check_score_block();
--> statement-breakpoint
-- What a run was asked stays as it was; only how far it got may change, and nothing once it has succeeded. The software
-- is that of the last attempt: it comes with a new one.
CREATE FUNCTION stratum_check_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind, NEW.plugin, NEW.plugin_version, NEW.params, NEW.input_digests, NEW.fingerprint, NEW.dataset_id, NEW.recorded_at)
     IS DISTINCT FROM
     (OLD.kind, OLD.plugin, OLD.plugin_version, OLD.params, OLD.input_digests, OLD.fingerprint, OLD.dataset_id, OLD.recorded_at)
     OR (NEW.software IS DISTINCT FROM OLD.software AND NEW.attempt <= OLD.attempt) THEN
    RAISE EXCEPTION 'Expected a run to keep what it was asked, got a change of it'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'run_request_immutable';
  END IF;
  IF OLD.state = 'succeeded' AND NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'Expected a run that succeeded to stay as it is, got a change of it'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'run_succeeded_final';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER run_request_immutable BEFORE UPDATE ON run FOR EACH ROW EXECUTE FUNCTION stratum_check_run();
--> statement-breakpoint
CREATE TRIGGER run_kept BEFORE DELETE OR TRUNCATE ON run FOR EACH STATEMENT EXECUTE FUNCTION stratum_refuse_change();
--> statement-breakpoint
ALTER TABLE metric_record
  ADD CONSTRAINT metric_record_counts_check CHECK (n >= 0 AND n_positive >= 0 AND n_negative >= 0 AND n_patients >= 0 AND n_left_out >= 0),
  ADD CONSTRAINT metric_record_se_check CHECK (se >= 0),
  ADD CONSTRAINT metric_record_ci_level_check CHECK (ci_level > 0 AND ci_level < 1),
  ADD CONSTRAINT metric_record_ci_order_check CHECK (origin = 'published' OR ci_low <= ci_high),
  ADD CONSTRAINT metric_record_ci_of_value_check CHECK (origin = 'published' OR value IS NOT NULL OR (se IS NULL AND ci_low IS NULL AND ci_high IS NULL));
--> statement-breakpoint
-- A set is stored after its blocks, when its counts are known; the reference is checked at the end of the transaction.
ALTER TABLE score_block ALTER CONSTRAINT score_block_prediction_set_id_prediction_set_id_fk DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
-- Random-looking floats do not compress: keep them out of the compressor's way.
ALTER TABLE score_block ALTER COLUMN scores SET STORAGE EXTERNAL;
--> statement-breakpoint
ALTER TABLE attribute ALTER COLUMN "values" SET STORAGE EXTERNAL;
--> statement-breakpoint
-- Reads the little-endian float32 at a byte offset; null for NaN (unknown) and infinities.
CREATE FUNCTION stratum_float4(raw bytea, byte_offset integer) RETURNS real LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE
    WHEN exponent = 255 THEN NULL
    WHEN exponent = 0 THEN (sign * mantissa * 2.0::float8 ^ -149)::real
    ELSE (sign * (8388608 + mantissa) * 2.0::float8 ^ (exponent - 150))::real
  END
  FROM (SELECT
    CASE WHEN get_byte(raw, byte_offset + 3) >= 128 THEN -1.0::float8 ELSE 1.0::float8 END AS sign,
    ((get_byte(raw, byte_offset + 3) & 127) << 1) | (get_byte(raw, byte_offset + 2) >> 7) AS exponent,
    ((get_byte(raw, byte_offset + 2) & 127) << 16) | (get_byte(raw, byte_offset + 1) << 8) | get_byte(raw, byte_offset) AS mantissa
  ) AS bits
$$;
--> statement-breakpoint
-- The code of an ordinal in a category column; null when unknown (the highest code of the encoding).
CREATE FUNCTION stratum_code(raw bytea, encoding text, ordinal integer) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE encoding
    WHEN 'u8' THEN nullif(get_byte(raw, ordinal), 255)::bigint
    WHEN 'u16' THEN nullif(get_byte(raw, 2 * ordinal) | (get_byte(raw, 2 * ordinal + 1) << 8), 65535)::bigint
    WHEN 'u32' THEN nullif(get_byte(raw, 4 * ordinal)::bigint | (get_byte(raw, 4 * ordinal + 1)::bigint << 8)
      | (get_byte(raw, 4 * ordinal + 2)::bigint << 16) | (get_byte(raw, 4 * ordinal + 3)::bigint << 24), 4294967295)
  END
$$;
--> statement-breakpoint
-- One row per image and class, for people with psql. Filter by evaluation: each row is read out of a block.
CREATE VIEW prediction AS
SELECT
  stored.id AS evaluation,
  dataset.slug AS dataset,
  dataset_version.version AS dataset_version,
  model.slug AS model,
  model_version.version AS model_version,
  image.ordinal,
  image.external_id AS image,
  model_version.classes[score_block.class_index + 1] AS class,
  stratum_float4(score_block.scores, 4 * (image.ordinal - score_block.block * 65536)) AS score
FROM prediction_set AS stored
JOIN dataset_version ON dataset_version.id = stored.dataset_version_id
JOIN dataset ON dataset.id = dataset_version.dataset_id
JOIN model_version ON model_version.id = stored.model_version_id
JOIN model ON model.id = model_version.model_id
JOIN score_block ON score_block.dataset_version_id = stored.dataset_version_id AND score_block.prediction_set_id = stored.id
JOIN image ON image.dataset_version_id = stored.dataset_version_id
  AND image.ordinal >= score_block.block * 65536 AND image.ordinal < (score_block.block + 1) * 65536;
--> statement-breakpoint
-- One row per image and category attribute: the value as recorded and the category it is mapped to.
CREATE VIEW image_category AS
SELECT
  dataset.slug AS dataset,
  dataset_version.version AS dataset_version,
  image.ordinal,
  image.external_id AS image,
  attribute.name AS attribute,
  attribute.dictionary[1 + stratum_code(attribute."values", attribute.encoding, image.ordinal)] AS recorded,
  CASE WHEN attribute.category_mapping_id IS NULL
    THEN attribute.dictionary[1 + stratum_code(attribute."values", attribute.encoding, image.ordinal)]
    ELSE (SELECT entry.category FROM category_mapping_entry AS entry
          WHERE entry.mapping_id = attribute.category_mapping_id
            AND entry.recorded = attribute.dictionary[1 + stratum_code(attribute."values", attribute.encoding, image.ordinal)])
  END AS category
FROM attribute
JOIN dataset_version ON dataset_version.id = attribute.dataset_version_id
JOIN dataset ON dataset.id = dataset_version.dataset_id
JOIN image ON image.dataset_version_id = attribute.dataset_version_id
WHERE attribute.kind = 'category';
--> statement-breakpoint
-- Frozen versions keep their partitions: no DETACH, no DROP, and nothing attached later. Only a superuser can make event
-- triggers; on a server where the role is none, the owner of the tables is trusted with such commands.
CREATE FUNCTION stratum_keep_partitions() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('dataset_version') IS NULL THEN
    RETURN;
  END IF;
  IF TG_EVENT = 'ddl_command_end' AND NOT EXISTS (
    SELECT FROM pg_event_trigger_ddl_commands() WHERE objid IN (to_regclass('image'), to_regclass('patient'), to_regclass('study'))) THEN
    RETURN;
  END IF;
  IF TG_EVENT = 'sql_drop' AND NOT EXISTS (
    SELECT FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table' AND object_name ~ '^(image|patient|study)(_[0-9]+)?$') THEN
    RETURN;
  END IF;
  IF EXISTS (
    SELECT FROM dataset_version AS version
    CROSS JOIN LATERAL (VALUES ('image', version.image_count), ('patient', version.patient_count), ('study', version.study_count)) AS wanted (parent, held)
    WHERE version.state = 'frozen' AND (wanted.held IS NOT NULL) <> EXISTS (
      SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
      WHERE pg_inherits.inhparent = to_regclass(wanted.parent) AND pg_class.relname = wanted.parent || '_' || version.id
        AND NOT pg_inherits.inhdetachpending)) THEN
    RAISE EXCEPTION 'Expected the partitions of frozen dataset versions to stay, got %', TG_TAG
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'dataset_version_partitions';
  END IF;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  IF current_setting('is_superuser') = 'on' THEN
    CREATE EVENT TRIGGER stratum_keep_partitions ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION stratum_keep_partitions();
    CREATE EVENT TRIGGER stratum_keep_partitions_dropped ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION stratum_keep_partitions();
  END IF;
END $$;
