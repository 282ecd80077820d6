CREATE TABLE "api_token" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "api_token_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"label" text NOT NULL,
	"token_sha256" text NOT NULL,
	"global_role" text,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_token_sha256_key" UNIQUE("token_sha256"),
	CONSTRAINT "api_token_role_check" CHECK ("api_token"."global_role" in ('public', 'analyst', 'steward'))
);
--> statement-breakpoint
CREATE TABLE "dataset_grant" (
	"api_token_id" bigint NOT NULL,
	"dataset_id" bigint NOT NULL,
	"role" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_grant_pkey" PRIMARY KEY("api_token_id","dataset_id"),
	CONSTRAINT "dataset_grant_role_check" CHECK ("dataset_grant"."role" in ('public', 'analyst', 'steward'))
);
--> statement-breakpoint
CREATE TABLE "category_mapping_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "category_mapping_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"mapping_id" bigint NOT NULL,
	"recorded" text NOT NULL,
	"category" text,
	"note" text,
	CONSTRAINT "category_mapping_entry_key" UNIQUE("mapping_id","recorded")
);
--> statement-breakpoint
CREATE TABLE "category_mapping" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "category_mapping_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"version" integer NOT NULL,
	"attribute" text NOT NULL,
	"description" text NOT NULL,
	"source" text NOT NULL,
	"unlisted" text NOT NULL,
	"rules" jsonb,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "category_mapping_version_key" UNIQUE("slug","version"),
	CONSTRAINT "category_mapping_unlisted_check" CHECK ("category_mapping"."unlisted" in ('refuse', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "dataset_location" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dataset_location_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dataset_version_id" bigint NOT NULL,
	"root" text NOT NULL,
	"root_name" text,
	"folder" text,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_location_root_check" CHECK (length("dataset_location"."root") between 1 and 4096),
	CONSTRAINT "dataset_location_name_check" CHECK (("dataset_location"."root_name" is null) = ("dataset_location"."folder" is null))
);
--> statement-breakpoint
CREATE TABLE "attribute" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "attribute_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dataset_version_id" bigint NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"encoding" text NOT NULL,
	"dictionary" text[],
	"category_mapping_id" bigint,
	"source_column" text,
	"unit" text,
	"unknown_count" integer NOT NULL,
	"values" "bytea" NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attribute_name_key" UNIQUE("dataset_version_id","name"),
	CONSTRAINT "attribute_kind_check" CHECK ("attribute"."kind" in ('category', 'number', 'patient', 'study')),
	CONSTRAINT "attribute_encoding_check" CHECK ("attribute"."encoding" in ('u8', 'u16', 'u32', 'f32', 'f64')),
	CONSTRAINT "attribute_name_check" CHECK (length("attribute"."name") between 1 and 200),
	CONSTRAINT "attribute_dictionary_check" CHECK (("attribute"."kind" = 'category') = ("attribute"."dictionary" is not null)),
	CONSTRAINT "attribute_unknown_count_check" CHECK ("attribute"."unknown_count" >= 0)
);
--> statement-breakpoint
CREATE TABLE "dataset_version" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dataset_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dataset_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"state" text DEFAULT 'draft' NOT NULL,
	"manifest_sha256" text,
	"image_count" integer,
	"patient_count" integer,
	"study_count" integer,
	"run_id" bigint,
	"files" jsonb,
	"frozen_at" timestamp with time zone,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_version_number_key" UNIQUE("dataset_id","version"),
	CONSTRAINT "dataset_version_manifest_key" UNIQUE("dataset_id","manifest_sha256"),
	CONSTRAINT "dataset_version_state_check" CHECK ("dataset_version"."state" in ('draft', 'frozen')),
	CONSTRAINT "dataset_version_frozen_check" CHECK (("dataset_version"."state" = 'frozen') = ("dataset_version"."manifest_sha256" is not null and "dataset_version"."image_count" is not null and "dataset_version"."frozen_at" is not null)),
	CONSTRAINT "dataset_version_manifest_check" CHECK ("dataset_version"."manifest_sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "dataset" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dataset_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"modality" text,
	"body_part" text,
	"licence" text,
	"access" text DEFAULT 'private' NOT NULL,
	"origin" text NOT NULL,
	"printed_facts" jsonb,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_slug_key" UNIQUE("slug"),
	CONSTRAINT "dataset_slug_check" CHECK ("dataset"."slug" ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
	CONSTRAINT "dataset_access_check" CHECK ("dataset"."access" in ('public', 'private', 'credentialed')),
	CONSTRAINT "dataset_origin_check" CHECK ("dataset"."origin" in ('imported', 'published'))
);
--> statement-breakpoint
CREATE TABLE "image" (
	"dataset_version_id" bigint NOT NULL,
	"ordinal" integer NOT NULL,
	"external_id" text COLLATE "C" NOT NULL,
	"uri" text,
	"sha256" "bytea",
	"width" integer,
	"height" integer,
	CONSTRAINT "image_pkey" PRIMARY KEY("dataset_version_id","ordinal"),
	CONSTRAINT "image_external_id_key" UNIQUE("dataset_version_id","external_id"),
	CONSTRAINT "image_ordinal_check" CHECK ("image"."ordinal" >= 0),
	CONSTRAINT "image_external_id_check" CHECK (length("image"."external_id") between 1 and 1024)
) PARTITION BY LIST ("dataset_version_id");
--> statement-breakpoint
CREATE TABLE "patient" (
	"dataset_version_id" bigint NOT NULL,
	"ordinal" integer NOT NULL,
	"external_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "patient_pkey" PRIMARY KEY("dataset_version_id","ordinal"),
	CONSTRAINT "patient_external_id_key" UNIQUE("dataset_version_id","external_id"),
	CONSTRAINT "patient_ordinal_check" CHECK ("patient"."ordinal" >= 0)
) PARTITION BY LIST ("dataset_version_id");
--> statement-breakpoint
CREATE TABLE "study" (
	"dataset_version_id" bigint NOT NULL,
	"ordinal" integer NOT NULL,
	"external_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "study_pkey" PRIMARY KEY("dataset_version_id","ordinal"),
	CONSTRAINT "study_external_id_key" UNIQUE("dataset_version_id","external_id"),
	CONSTRAINT "study_ordinal_check" CHECK ("study"."ordinal" >= 0)
) PARTITION BY LIST ("dataset_version_id");
--> statement-breakpoint
CREATE TABLE "mask_file" (
	"mask_set_id" bigint NOT NULL,
	"ordinal" integer NOT NULL,
	"uri" text NOT NULL,
	"sha256" "bytea" NOT NULL,
	CONSTRAINT "mask_file_pkey" PRIMARY KEY("mask_set_id","ordinal"),
	CONSTRAINT "mask_file_ordinal_check" CHECK ("mask_file"."ordinal" >= 0)
);
--> statement-breakpoint
CREATE TABLE "mask_set" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "mask_set_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dataset_version_id" bigint NOT NULL,
	"name" text NOT NULL,
	"sha256" text NOT NULL,
	"image_count" integer NOT NULL,
	"root" text NOT NULL,
	"root_name" text,
	"folder" text,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "mask_set_name_key" UNIQUE("dataset_version_id","name"),
	CONSTRAINT "mask_set_name_check" CHECK ("mask_set"."name" ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
	CONSTRAINT "mask_set_sha256_check" CHECK ("mask_set"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "mask_set_image_count_check" CHECK ("mask_set"."image_count" >= 1),
	CONSTRAINT "mask_set_location_check" CHECK (("mask_set"."root_name" is null) = ("mask_set"."folder" is null))
);
--> statement-breakpoint
CREATE TABLE "split_member" (
	"split_id" bigint NOT NULL,
	"patient_ordinal" integer NOT NULL,
	"part" smallint NOT NULL,
	CONSTRAINT "split_member_pkey" PRIMARY KEY("split_id","patient_ordinal"),
	CONSTRAINT "split_member_part_check" CHECK ("split_member"."part" between 0 and 253)
);
--> statement-breakpoint
CREATE TABLE "split" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "split_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dataset_version_id" bigint NOT NULL,
	"name" text NOT NULL,
	"parts" text[] NOT NULL,
	"leaking_patients" integer DEFAULT 0 NOT NULL,
	"override_reason" text,
	"image_parts" "bytea",
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "split_name_key" UNIQUE("dataset_version_id","name"),
	CONSTRAINT "split_leak_check" CHECK (("split"."leaking_patients" > 0) = ("split"."override_reason" is not null)),
	CONSTRAINT "split_parts_check" CHECK (cardinality("split"."parts") between 1 and 254)
);
--> statement-breakpoint
CREATE TABLE "experiment" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "experiment_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"title" text NOT NULL,
	"experiment_group" text NOT NULL,
	"protocol" jsonb NOT NULL,
	"publication_id" bigint,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "experiment_slug_key" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "metric_record" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "metric_record_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"origin" text NOT NULL,
	"metric" text NOT NULL,
	"metric_version" integer NOT NULL,
	"experiment" text,
	"experiment_group" text,
	"prediction_set_id" bigint,
	"dataset_id" bigint,
	"dataset_version_id" bigint,
	"train_dataset_id" bigint,
	"model_id" bigint,
	"model_version_id" bigint,
	"class_name" text,
	"stratum" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"params" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"unit" text,
	"value" double precision,
	"se" double precision,
	"ci_low" double precision,
	"ci_high" double precision,
	"ci_level" double precision,
	"ci_method" text,
	"n" bigint,
	"n_positive" bigint,
	"n_negative" bigint,
	"n_patients" bigint,
	"n_left_out" bigint,
	"reason" text,
	"publication_id" bigint,
	"publication_key" text,
	"printed" text,
	"source" text,
	"source_kind" text,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"remark" text,
	"run_id" bigint,
	"fingerprint" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "metric_record_fingerprint_key" UNIQUE("fingerprint"),
	CONSTRAINT "metric_record_origin_check" CHECK ("metric_record"."origin" in ('computed', 'published')),
	CONSTRAINT "metric_record_value_check" CHECK (("metric_record"."value" is null) = ("metric_record"."reason" is not null)),
	CONSTRAINT "metric_record_finite_check" CHECK (not ("metric_record"."value" in ('NaN', 'Infinity', '-Infinity') or "metric_record"."se" in ('NaN', 'Infinity', '-Infinity') or "metric_record"."ci_low" in ('NaN', 'Infinity', '-Infinity') or "metric_record"."ci_high" in ('NaN', 'Infinity', '-Infinity'))),
	CONSTRAINT "metric_record_published_check" CHECK (("metric_record"."origin" = 'published') = ("metric_record"."publication_id" is not null)),
	CONSTRAINT "metric_record_computed_check" CHECK ("metric_record"."origin" <> 'computed' or ("metric_record"."prediction_set_id" is not null and "metric_record"."dataset_version_id" is not null and "metric_record"."unit" is not null)),
	CONSTRAINT "metric_record_fingerprint_check" CHECK ("metric_record"."fingerprint" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "model_version" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "model_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"model_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"onnx_sha256" text,
	"task_kind" text NOT NULL,
	"task_attribute" text NOT NULL,
	"classes" text[] NOT NULL,
	"class_levels" jsonb,
	"inputs" jsonb,
	"outputs" jsonb,
	"graph" jsonb,
	"normalisation" jsonb,
	"trained_by_run_id" bigint,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_version_number_key" UNIQUE("model_id","version"),
	CONSTRAINT "model_version_task_kind_check" CHECK ("model_version"."task_kind" in ('binary', 'multiclass', 'multilabel')),
	CONSTRAINT "model_version_classes_check" CHECK (cardinality("model_version"."classes") between 1 and 10000),
	CONSTRAINT "model_version_onnx_check" CHECK ("model_version"."onnx_sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "model" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "model_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"architecture" text,
	"origin" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_slug_key" UNIQUE("slug"),
	CONSTRAINT "model_slug_check" CHECK ("model"."slug" ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
	CONSTRAINT "model_origin_check" CHECK ("model"."origin" in ('imported', 'published', 'registered', 'trained'))
);
--> statement-breakpoint
CREATE TABLE "prediction_set" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "prediction_set_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"model_version_id" bigint NOT NULL,
	"dataset_version_id" bigint NOT NULL,
	"split_id" bigint,
	"transform_chain" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"score_kind" text NOT NULL,
	"scored_count" integer NOT NULL,
	"missing_score_count" bigint NOT NULL,
	"run_id" bigint NOT NULL,
	"fingerprint" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prediction_set_fingerprint_key" UNIQUE("fingerprint"),
	CONSTRAINT "prediction_set_score_kind_check" CHECK ("prediction_set"."score_kind" in ('probability', 'logit', 'any')),
	CONSTRAINT "prediction_set_fingerprint_check" CHECK ("prediction_set"."fingerprint" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "score_block" (
	"dataset_version_id" bigint NOT NULL,
	"prediction_set_id" bigint NOT NULL,
	"class_index" smallint NOT NULL,
	"block" integer NOT NULL,
	"scores" "bytea" NOT NULL,
	CONSTRAINT "score_block_pkey" PRIMARY KEY("dataset_version_id","prediction_set_id","class_index","block"),
	CONSTRAINT "score_block_place_check" CHECK ("score_block"."class_index" >= 0 and "score_block"."block" >= 0),
	CONSTRAINT "score_block_length_check" CHECK (octet_length("score_block"."scores") between 4 and 262144 and octet_length("score_block"."scores") % 4 = 0)
);
--> statement-breakpoint
CREATE TABLE "upload" (
	"id" uuid PRIMARY KEY NOT NULL,
	"file_name" text NOT NULL,
	"byte_length" bigint,
	"sha256" text,
	"state" text DEFAULT 'open' NOT NULL,
	"api_token_id" bigint,
	"expires_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "upload_state_check" CHECK ("upload"."state" in ('open', 'received', 'used')),
	CONSTRAINT "upload_received_check" CHECK (("upload"."state" = 'open') = ("upload"."sha256" is null))
);
--> statement-breakpoint
CREATE TABLE "discrepancy" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "discrepancy_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"publication_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"kind" text NOT NULL,
	"place" text NOT NULL,
	"summary" text NOT NULL,
	"instances" jsonb NOT NULL,
	"sources" text[] NOT NULL,
	"status" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "discrepancy_number_key" UNIQUE("publication_id","number"),
	CONSTRAINT "discrepancy_number_check" CHECK ("discrepancy"."number" >= 1),
	CONSTRAINT "discrepancy_status_check" CHECK ("discrepancy"."status" in ('open', 'explained'))
);
--> statement-breakpoint
CREATE TABLE "publication" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "publication_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"version" integer NOT NULL,
	"title" text NOT NULL,
	"citation" text NOT NULL,
	"doi" text,
	"year" integer NOT NULL,
	"facts" jsonb NOT NULL,
	"content_sha256" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "publication_version_key" UNIQUE("slug","version"),
	CONSTRAINT "publication_content_key" UNIQUE("slug","content_sha256"),
	CONSTRAINT "publication_content_check" CHECK ("publication"."content_sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "run_event" (
	"run_id" bigint NOT NULL,
	"sequence" integer NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_event_pkey" PRIMARY KEY("run_id","sequence"),
	CONSTRAINT "run_event_sequence_check" CHECK ("run_event"."sequence" >= 1)
);
--> statement-breakpoint
CREATE TABLE "run_part" (
	"run_id" bigint NOT NULL,
	"part" integer NOT NULL,
	"payload" "bytea" NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_part_pkey" PRIMARY KEY("run_id","part"),
	CONSTRAINT "run_part_part_check" CHECK ("run_part"."part" >= 0)
);
--> statement-breakpoint
CREATE TABLE "run" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"plugin" text NOT NULL,
	"plugin_version" integer NOT NULL,
	"params" jsonb NOT NULL,
	"input_digests" jsonb NOT NULL,
	"fingerprint" text NOT NULL,
	"dataset_id" bigint,
	"requested_by" bigint,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"worker_id" text,
	"lease_until" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"attempts_without_progress" integer DEFAULT 0 NOT NULL,
	"losses_without_progress" integer DEFAULT 0 NOT NULL,
	"failure" text,
	"software" jsonb NOT NULL,
	"summary" jsonb,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_fingerprint_key" UNIQUE("fingerprint"),
	CONSTRAINT "run_kind_check" CHECK ("run"."kind" in ('import', 'evaluation', 'training', 'confounders', 'audit')),
	CONSTRAINT "run_state_check" CHECK ("run"."state" in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	CONSTRAINT "run_failure_check" CHECK (("run"."state" = 'failed') = ("run"."failure" is not null)),
	CONSTRAINT "run_fingerprint_check" CHECK ("run"."fingerprint" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "run_lease_check" CHECK (("run"."state" = 'running') = ("run"."lease_until" is not null)),
	CONSTRAINT "run_worker_check" CHECK ("run"."state" <> 'running' or "run"."worker_id" is not null),
	CONSTRAINT "run_attempt_check" CHECK ("run"."attempt" >= 0 and "run"."attempts_without_progress" >= 0 and "run"."losses_without_progress" >= 0)
);
--> statement-breakpoint
CREATE TABLE "worker" (
	"id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"concurrency" integer NOT NULL,
	"queue_id" text,
	"software" jsonb NOT NULL,
	"heartbeat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stopped_at" timestamp with time zone,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "worker_concurrency_check" CHECK ("worker"."concurrency" >= 1)
);
--> statement-breakpoint
ALTER TABLE "dataset_grant" ADD CONSTRAINT "dataset_grant_api_token_id_api_token_id_fk" FOREIGN KEY ("api_token_id") REFERENCES "public"."api_token"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_grant" ADD CONSTRAINT "dataset_grant_dataset_id_dataset_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."dataset"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "category_mapping_entry" ADD CONSTRAINT "category_mapping_entry_mapping_id_category_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "public"."category_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_location" ADD CONSTRAINT "dataset_location_dataset_version_id_dataset_version_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."dataset_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attribute" ADD CONSTRAINT "attribute_dataset_version_id_dataset_version_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."dataset_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attribute" ADD CONSTRAINT "attribute_category_mapping_id_category_mapping_id_fk" FOREIGN KEY ("category_mapping_id") REFERENCES "public"."category_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_dataset_id_dataset_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."dataset"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mask_file" ADD CONSTRAINT "mask_file_mask_set_id_mask_set_id_fk" FOREIGN KEY ("mask_set_id") REFERENCES "public"."mask_set"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mask_set" ADD CONSTRAINT "mask_set_dataset_version_id_dataset_version_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."dataset_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "split" ADD CONSTRAINT "split_dataset_version_id_dataset_version_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."dataset_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_publication_id_publication_id_fk" FOREIGN KEY ("publication_id") REFERENCES "public"."publication"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_prediction_set_id_prediction_set_id_fk" FOREIGN KEY ("prediction_set_id") REFERENCES "public"."prediction_set"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_dataset_id_dataset_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."dataset"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_dataset_version_id_dataset_version_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."dataset_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_train_dataset_id_dataset_id_fk" FOREIGN KEY ("train_dataset_id") REFERENCES "public"."dataset"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_model_version_id_model_version_id_fk" FOREIGN KEY ("model_version_id") REFERENCES "public"."model_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_publication_id_publication_id_fk" FOREIGN KEY ("publication_id") REFERENCES "public"."publication"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric_record" ADD CONSTRAINT "metric_record_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_trained_by_run_id_run_id_fk" FOREIGN KEY ("trained_by_run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_set" ADD CONSTRAINT "prediction_set_model_version_id_model_version_id_fk" FOREIGN KEY ("model_version_id") REFERENCES "public"."model_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_set" ADD CONSTRAINT "prediction_set_dataset_version_id_dataset_version_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."dataset_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_set" ADD CONSTRAINT "prediction_set_split_id_split_id_fk" FOREIGN KEY ("split_id") REFERENCES "public"."split"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_set" ADD CONSTRAINT "prediction_set_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "score_block" ADD CONSTRAINT "score_block_prediction_set_id_prediction_set_id_fk" FOREIGN KEY ("prediction_set_id") REFERENCES "public"."prediction_set"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancy" ADD CONSTRAINT "discrepancy_publication_id_publication_id_fk" FOREIGN KEY ("publication_id") REFERENCES "public"."publication"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_event" ADD CONSTRAINT "run_event_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_part" ADD CONSTRAINT "run_part_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run" ADD CONSTRAINT "run_dataset_id_dataset_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."dataset"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run" ADD CONSTRAINT "run_worker_id_worker_id_fk" FOREIGN KEY ("worker_id") REFERENCES "public"."worker"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dataset_location_version_idx" ON "dataset_location" USING btree ("dataset_version_id","id");--> statement-breakpoint
CREATE INDEX "metric_record_prediction_set_idx" ON "metric_record" USING btree ("prediction_set_id","id");--> statement-breakpoint
CREATE INDEX "metric_record_dataset_idx" ON "metric_record" USING btree ("dataset_id","id");--> statement-breakpoint
CREATE INDEX "metric_record_publication_idx" ON "metric_record" USING btree ("publication_id","id");--> statement-breakpoint
CREATE INDEX "metric_record_metric_idx" ON "metric_record" USING btree ("metric","id");--> statement-breakpoint
CREATE INDEX "metric_record_value_idx" ON "metric_record" USING btree ("value","id");--> statement-breakpoint
CREATE INDEX "run_lease_idx" ON "run" USING btree ("lease_until") WHERE "run"."state" = 'running';--> statement-breakpoint
CREATE INDEX "run_state_idx" ON "run" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "run_dataset_idx" ON "run" USING btree ("dataset_id","id");