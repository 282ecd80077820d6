import type { ImportErrorCode, NotEstimableReason } from "../compute/index.ts";
import type { errorTraits } from "./errors.ts";

/** What each code of the table means and what to do, for docs/errors.md; a code without its words does not compile. */
export const errorMeanings = {
  BAD_USER_INPUT: "An input does not make sense, or breaks a rule of its field. Change the request.",
  UNAUTHENTICATED:
    "A token is needed, or the one sent is unknown, expired or revoked. Send `Authorization: Bearer stm_…`.",
  FORBIDDEN:
    "The role does not suffice, or the question could tell single patients apart. Ask for a grant, or ask as the message says.",
  NOT_FOUND: "What the request names is not there, or is not this caller's.",
  BAD_ID: "The text is no id, or the id of another type. Take ids from `id` fields.",
  BAD_CURSOR: "The cursor belongs to another list, filter or order. Start again without `after`.",
  BAD_STRING: "Text holds NUL or half a surrogate pair, which cannot be stored.",
  PAGE_TOO_LARGE: "`first` lies outside 1 to 200. Walk the list with `after`.",
  BAD_REQUEST:
    "The HTTP request is no GraphQL request: no JSON, no query, a batch, a GET without the preflight header, or a body that was cut off.",
  METHOD_NOT_ALLOWED: "The path takes another HTTP method.",
  NOT_ACCEPTABLE: "The Accept header leaves no JSON to answer with.",
  UNSUPPORTED_MEDIA_TYPE: "The body is not `application/json` in UTF-8, or is compressed.",
  QUERY_TOO_LARGE: "The body is longer than STRATUM_MAX_BODY_BYTES. Send files with `createUpload`.",
  QUERY_TOO_MANY_TOKENS:
    "The query has more tokens than STRATUM_MAX_QUERY_TOKENS. Use variables, or several queries.",
  QUERY_TOO_DEEP:
    "Selections are nested deeper than STRATUM_MAX_QUERY_DEPTH with fragments spread out, brackets deeper than 60, or fragments spread themselves.",
  QUERY_TOO_MANY_FIELDS: "More than 2,000 fields with fragments spread out.",
  QUERY_TOO_MANY_ALIASES: "More than 60 aliases with fragments spread out.",
  QUERY_TOO_MANY_DIRECTIVES: "More than 60 directives with fragments spread out.",
  QUERY_TOO_MANY_OPERATIONS: "More than 20 operations in one document.",
  QUERY_TOO_COSTLY:
    "The query asks for more than STRATUM_MAX_QUERY_COST fields of nodes, pages multiplied. Ask for smaller pages.",
  VARIABLES_TOO_DEEP: "Variables are nested deeper than 16 levels.",
  VARIABLES_TOO_MANY: "Variables hold more than 20,000 values. Send a file with `createUpload`.",
  GRAPHQL_PARSE_FAILED: "The query is not GraphQL; the message says where.",
  GRAPHQL_VALIDATION_FAILED: "The query does not fit the schema; the message says where.",
  OPERATION_RESOLUTION_FAILURE:
    "The document holds no operation of that name, several and no name, or a kind that is not served.",
  PERSISTED_QUERY_NOT_SUPPORTED: "Persisted queries are off. Send the whole query.",
  UPLOAD_TOO_LARGE: "The file is longer than STRATUM_MAX_UPLOAD_BYTES.",
  UPLOAD_LENGTH_MISMATCH: "Not as many bytes came as were announced. Send the file again.",
  UPLOAD_NOT_OPEN: "The upload was sent or used before. Make another.",
  UPLOAD_NOT_RECEIVED: "The upload's file has not been sent. PUT it first.",
  UPLOAD_EXPIRED: "The upload's time is over. Make another.",
  DB_UNAVAILABLE: "The database does not answer. Try again shortly.",
  DB_BUSY: "No connection or lock came free in time. Try again shortly.",
  DB_TIMEOUT: "The database took too long. Ask for less, or try again.",
  CONFLICT: "Another writer changed the same rows at the same time. Try again.",
  STORAGE_FULL: "A disk is full. Free some space and try again.",
  DB_REFUSED: "The database refused a statement: a fault of Stratum.",
  CONFIG_INVALID: "A setting is at fault; read on the terminal.",
  EMBEDDED_UNAVAILABLE: "There is no embedded PostgreSQL for this platform; read on the terminal.",
  EMBEDDED_FAILED: "The embedded PostgreSQL did not start; read on the terminal.",
  MIGRATION_BUSY: "Another process migrates; read on the terminal.",
  MIGRATION_CHANGED: "A migration that was applied reads otherwise now; read on the terminal.",
  MIGRATION_DATABASE_NEWER: "The database was made by a newer Stratum; read on the terminal.",
  MIGRATION_FAILED: "A migration failed and was rolled back; read on the terminal.",
  MIGRATION_PENDING: "The database needs `stratum migrate`; read on the terminal.",
  NESTED_ACQUIRE: "A fault of Stratum: a connection was asked for while one was held.",
  INTERNAL: "A fault of Stratum.",
  INTERNAL_SERVER_ERROR: "A fault of Stratum or of what it runs on. The log has it under the `requestId`.",
  NOT_ESTIMABLE: "The numbers given allow no estimate; the message says why.",
  INVALID_INPUT: "Numbers given do not fit together; the message says how.",
  INVALID_PARAM: "A parameter of a plugin is missing, unknown or out of its range.",
  NO_SUCH_PLUGIN: "There is no plugin of this kind and id. `plugins` lists them.",
} as const satisfies Record<keyof typeof errorTraits, string>;

/** What each problem of an imported file means. */
export const importErrorMeanings = {
  EMPTY_FILE: "The file has no rows.",
  BAD_ENCODING: "The file is not UTF-8 (a byte order mark may lead it).",
  BAD_ROW: "A row has another number of fields than the header, or a quote is not closed.",
  FIELD_TOO_LONG: "A field is longer than 64 KiB.",
  PARQUET_TRUNCATED: "The Parquet file ends early.",
  PARQUET_INVALID: "The file is not Parquet, or damaged.",
  PARQUET_UNSUPPORTED: "The Parquet file uses a codec, type or nesting that is not read.",
  INVALID_MAPPING: "The mapping contradicts itself or the file.",
  MISSING_COLUMN: "A column that the mapping names is not in the header.",
  DUPLICATE_COLUMN: "The header names a column twice.",
  COLUMN_TYPE: "A column holds another type than the mapping needs.",
  SCORE_UNPARSABLE: "A score is not a number.",
  SCORE_NOT_FINITE: "A score is infinite or not a number.",
  SCORE_OUT_OF_RANGE: "A probability lies outside 0 to 1, or a score outside float32.",
  DUPLICATE_SCORE: "An image has two scores of the same class.",
  UNKNOWN_CLASS: "A class is none of the task's.",
  EMPTY_ID: "An image has no id.",
  DUPLICATE_ID: "An image id came twice.",
  UNKNOWN_IMAGE: "The dataset's version holds no image of this id.",
  UNMATCHED_ID: "An id of one file is not in the other.",
  PATIENT_CONFLICT: "An image belongs to two patients.",
  PATIENT_IN_TWO_SPLITS:
    "Patients lie on two sides of a split: what was learnt from one would be tested on the other.",
  UNKNOWN_LABEL: "A label is none of the task's classes.",
  LABEL_UNPARSABLE: "A label does not read as yes or no.",
  UNKNOWN_ATTRIBUTE_VALUE: "A value is not in the attribute's fixed vocabulary.",
  ATTRIBUTE_UNPARSABLE: "A number or age does not read as one.",
  ATTRIBUTE_CONFLICT: "An image has two values of the same attribute.",
  TOO_MANY_VALUES: "A category has more different values than can be told apart.",
  AGE_IMPLAUSIBLE: "An age lies outside 0 to 120 years.",
} as const satisfies Record<ImportErrorCode, string>;

/** Why a number is missing although the request was in order. */
export const reasonMeanings = {
  SMALL_CELL:
    "Suppressed: fewer than 11 patients or 11 of a class stand behind it, none, or it would give such a cell away.",
  NO_ROWS: "Nothing is in the stratum.",
  NO_POSITIVES: "The stratum has no row of the class.",
  NO_NEGATIVES: "The stratum has only rows of the class.",
  ONE_POSITIVE: "One row of the class is no sample.",
  ONE_NEGATIVE: "One row of the other classes is no sample.",
  ZERO_VARIANCE: "The estimate does not vary, so it has no interval.",
  DEGENERATE: "There is an estimate without any variance to build an interval or a test on.",
  NO_DECISIONS_IN_CLASS: "Nobody was decided so, so the rate has no denominator.",
  TOO_FEW_CLUSTERS: "Too few patients to resample.",
  TOO_FEW_STRATA: "A gap needs two strata with a rate.",
  TOO_FEW_STUDIES: "Too few studies for this model.",
  NO_CONVERGENCE: "The fit did not settle.",
} as const satisfies Record<NotEstimableReason | "SMALL_CELL", string>;
