/** What may run a session. */
export const providers = ["cpu", "webgpu", "cuda"] as const;
export type Provider = (typeof providers)[number];

/** What ran a session: recorded with every number that came of it. */
export interface SessionRecord {
  readonly provider: Provider;
  /** The processor's or graphics device's name, as it gives it. */
  readonly device: string;
  /** Threads of one operator on the processor; sums may differ in the last bits between numbers of threads. */
  readonly threads: number;
  /** onnxruntime and node, as they give them. */
  readonly versions: Readonly<Record<string, string>>;
}
