/** Size of one dimension, its symbol, or null when the model does not say. */
export type Dimension = number | string | null;

/** A tensor that goes into a model or comes out of it. */
export interface TensorSignature {
  readonly name: string;
  /** Name of ONNX's element type in small letters, for example float or int64. */
  readonly type: string;
  /** Absent when the model does not even say how many dimensions there are. */
  readonly shape?: readonly Dimension[];
}

/** An output and the operator that makes it, for example Softmax; absent where an input goes straight out. */
export interface ModelOutputSignature extends TensorSignature {
  readonly madeBy?: string;
}

/** What a model says of itself, read from its bytes without running it. */
export interface ModelSignature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly ModelOutputSignature[];
  readonly irVersion: number;
  /** Version of each operator set by domain; the empty domain is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  /** How often each operator occurs, subgraphs included. */
  readonly operators: Readonly<Record<string, number>>;
  /** Numbers in its weights. */
  readonly parameters: number;
  readonly byteLength: number;
  readonly producer: string;
  /** The pairs of metadata_props, for example `stratum.preprocessing`. */
  readonly metadata: Readonly<Record<string, string>>;
}
