import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../api/package-root.ts";
import type { GraphNode } from "../../compute/onnx/graph/graph.ts";
import type { Tensor } from "../../compute/onnx/graph/tensor.ts";
import type { LossCase } from "./network-gradients.ts";
import { prepareGraph } from "./run-graph.ts";

const runner = join(packageRoot, "tests/reference/runners/torch-gradients.py");

/** A Python with PyTorch, or undefined. */
export const torchPython = ["/usr/bin/python3", "python3"].find(
  (candidate) => spawnSync(candidate, ["-c", "import torch"]).status === 0,
);

/** What decides which side of a bend is taken: the rectifier's and the clip's outputs, the maximum's input. */
function deciding({ op, inputs, outputs }: GraphNode): readonly Tensor[] {
  if (op === "Relu" || op === "Clip") return outputs;
  return op === "MaxPool" ? inputs.flatMap((tensor) => tensor ?? []) : [];
}

/**
 * Loss and gradients of a case, one after the other, by PyTorch's autograd in double precision (or single), on the same
 * side of every bend as ONNX Runtime takes in single precision.
 */
export async function torchGradients(
  python: string,
  { graph, loss, parameters, feeds }: LossCase,
  precision: "double" | "single" = "double",
): Promise<Float64Array> {
  const taken = [...new Set(graph.nodes.flatMap(deciding))];
  for (const tensor of taken) graph.output(`taken ${tensor.name}`, tensor);
  const sides = taken.length === 0 ? {} : await (await prepareGraph(graph, { intraOpNumThreads: 2 }))(feeds);
  const folder = mkdtempSync(join(tmpdir(), "stratum-gradients-"));
  try {
    const constants = [...graph.constants].map(([tensor, { shape, type, data }]) => [
      tensor.name,
      { shape, type, data: Array.from<number | bigint, number>(data, Number) },
    ]);
    const description = {
      constants: Object.fromEntries(constants),
      inputs: Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, shape])),
      nodes: graph.nodes.map(({ op, inputs, outputs, attributes }) => ({
        op,
        inputs: inputs.map((tensor) => tensor?.name),
        outputs: outputs.map(({ name }) => name),
        attributes,
      })),
      taken: Object.fromEntries(taken.map(({ name, shape }) => [name, shape])),
      loss: loss.name,
      parameters: parameters.map(({ name }) => name),
    };
    writeFileSync(join(folder, "graph.json"), JSON.stringify(description));
    const bytes = graph.inputs.map(({ name }) => {
      const data = feeds[name] as Float32Array; // safe: a case feeds every input of its graph
      return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    });
    writeFileSync(join(folder, "feeds.bin"), Buffer.concat(bytes));
    const decided = taken.map(({ name }) => {
      const data = sides[`taken ${name}`] as Float32Array; // safe: an output of the graph, and float
      return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    });
    writeFileSync(join(folder, "taken.bin"), Buffer.concat(decided));
    execFileSync(python, [runner, folder, ...(precision === "single" ? ["single"] : [])], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    return new Float64Array(new Uint8Array(readFileSync(join(folder, "gradients.bin"))).buffer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
