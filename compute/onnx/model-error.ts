/** Every code that a refused model, or the session that runs it, may carry. */
export const modelErrorCodes = [
  // The bytes.
  "MODEL_MISSING",
  "MODEL_HASH_MISMATCH",
  "MODEL_TOO_LARGE",
  "MODEL_INVALID",
  // What they say.
  "MODEL_EXTERNAL_DATA_FORBIDDEN",
  "MODEL_OP_FORBIDDEN",
  "MODEL_LIMIT",
  "MODEL_SIGNATURE_MISMATCH",
  "MODEL_PREPROCESSING_INVALID",
  // What they compute.
  "MODEL_OUTPUT_INVALID",
  // What was to run them.
  "PROVIDER_UNAVAILABLE",
  "PROVIDER_LOST",
  "PROVIDER_OUT_OF_MEMORY",
  "PROVIDER_DISAGREES",
] as const;
export type ModelErrorCode = (typeof modelErrorCodes)[number];

/** A model that cannot be used, or not here: says what was expected and what came. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
