import { type Attribute, Graph, type GraphNode } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

const MOST_NUMBERS = 8;

/**
 * A graph as text for people, one operation a line: `t3 [8, 64] = Gemm(x, w, b) transB 1`.
 * Constants are shown where they are short.
 */
export function printGraph(graph: Graph, indent = ""): string {
  const lines = [
    `${indent}graph ${graph.name}(${graph.inputs.map(declared).join(", ")})`,
    ...graph.nodes.map((node) => `${indent}  ${line(graph, node, indent)}`),
    ...graph.outputs.map(({ name, tensor }) => `${indent}  output ${name} = ${shown(graph, tensor)}`),
  ];
  return lines.join("\n");
}

function line(graph: Graph, { op, domain, inputs, outputs, attributes }: GraphNode, indent: string): string {
  const words = Object.entries(attributes).map(
    ([name, value]) => ` ${name} ${shownAttribute(value, indent)}`,
  );
  const call = `${domain === "" ? "" : `${domain}.`}${op}`;
  const given = inputs.map((tensor) => (tensor === undefined ? "-" : shown(graph, tensor)));
  return `${outputs.map(declared).join(", ")} = ${call}(${given.join(", ")})${words.join("")}`;
}

function declared({ name, shape, type }: Tensor): string {
  return `${name} ${type === "float" ? "" : type}[${shape.join(", ")}]`;
}

function shown(graph: Graph, tensor: Tensor): string {
  const constant = graph.constants.get(tensor);
  if (constant === undefined) return tensor.name;
  if (constant.data.length > MOST_NUMBERS) return `${constant.type}[${constant.shape.join(", ")}]`;
  const numbers = Array.from<bigint | number>(constant.data).join(", ");
  return constant.shape.length === 0 ? numbers : `{${numbers}}`;
}

function shownAttribute(value: Attribute, indent: string): string {
  if (value instanceof Graph) return `\n${printGraph(value, `${indent}    `)}`;
  if (typeof value === "object" && "data" in value) return `${value.type}[${value.shape.join(", ")}]`;
  return typeof value === "object" ? `{${value.join(", ")}}` : String(value);
}
