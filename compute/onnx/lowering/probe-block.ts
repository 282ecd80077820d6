import { InferenceSession, Tensor } from "onnxruntime-node";
import { Graph } from "../graph/graph.ts";
import { modelOf } from "../graph/to-model.ts";
import { BLOCKED_DOMAIN } from "./layouts.ts";

const CHANNELS = 64;
/** Blocks that the kernels are known to work with: 16 floats with AVX-512, 8 with AVX or NEON. */
const known = [8, 16];

/**
 * Channels of a block of onnxruntime's blocked layout on this processor, found by reordering a tiny image; undefined where
 * there is no such layout, or none that we know.
 */
export async function probeBlock(): Promise<number | undefined> {
  const graph = new Graph("probe");
  const shape = [1, CHANNELS, 1, 2];
  const image = graph.input("image", shape);
  const options = { domain: BLOCKED_DOMAIN };
  graph.output("blocked", graph.apply("ReorderInput", [image], { shape, type: "float" }, options));
  const session = await InferenceSession.create(modelOf(graph), {
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  }).catch(() => undefined);
  if (session === undefined) return undefined;
  try {
    const numbers = Float32Array.from({ length: 2 * CHANNELS }, (_, k) => k);
    const { blocked } = await session.run({ image: new Tensor("float32", numbers, shape) });
    return blocked?.data instanceof Float32Array ? blockOf(blocked.data) : undefined;
  } catch {
    return undefined;
  } finally {
    await session.release();
  }
}

/** The block by which the numbers 0, 1, 2, … of the probe's image were reordered, if it is one that we know. */
export function blockOf(reordered: Float32Array): number | undefined {
  return known.find((block) =>
    reordered.every((value, k) => {
      const [group, within] = [Math.floor(k / (2 * block)), k % (2 * block)];
      const [place, channel] = [Math.floor(within / block), within % block];
      return value === 2 * (group * block + channel) + place;
    }),
  );
}
