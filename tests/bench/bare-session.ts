import { readFile } from "node:fs/promises";
import { openSession } from "../../compute/onnx/session.ts";

// A session on tensors that are ready in memory, in a process of its own: what no pipeline can be faster than.
const [path = "", side = "0", batch = "0", images = "0"] = process.argv.slice(2);
const session = await openSession({
  bytes: await readFile(path),
  ports: { input: "images", output: "logits" },
  provider: "cpu",
});
const shape = [Number(batch), 3, Number(side), Number(side)];
const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
await session.run(pixels, shape);
const begun = performance.now();
for (let i = 0; i < Number(images); i += Number(batch)) await session.run(pixels, shape);
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begun) / 1_000 }));
process.exit(0);
