import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import type { ChildMessage, ComputeTask, EvaluateTask, ImageFile } from "../../compute/child/protocol.ts";
import { type ChildOptions, startComputeChild } from "../../compute/child/start-child.ts";
import { parsePreprocessing } from "../../compute/onnx/parse-preprocessing.ts";

/** SHA-256 of bytes as 64 hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A folder of its own for a test; disposing removes it. */
export class ScratchFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "stratum-test-"));

  /** Writes a file and gives its path and digest. */
  file(name: string, bytes: Uint8Array): { readonly path: string; readonly sha256: string } {
    const path = join(this.path, name);
    writeFileSync(path, bytes);
    return { path, sha256: sha256Of(bytes) };
  }

  /** Writes grey PNGs of smooth random patterns, and gives them as a dataset lists them, with their pixels. */
  async images(count: number, size: number): Promise<{ files: ImageFile[]; pixels: Uint8Array[] }> {
    const files: ImageFile[] = [];
    const pixels: Uint8Array[] = [];
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const raw = Uint8Array.from({ length: size * size }, (_, i) => {
        const [row, col] = [Math.floor(i / size), i % size];
        return 127 + 80 * Math.sin(row * 0.3 + ordinal) + 47 * Math.cos(col * (0.1 + ordinal / 20));
      });
      const png = await sharp(raw, { raw: { width: size, height: size, channels: 1 } })
        .png()
        .toBuffer();
      const uri = `image-${ordinal}.png`;
      files.push({ ordinal, uri, sha256: this.file(uri, png).sha256 });
      pixels.push(raw);
    }
    return { files, pixels };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** An evaluation of a model on the images of a folder. */
export function evaluateTask(
  folder: ScratchFolder,
  model: Uint8Array,
  parts: Partial<EvaluateTask> & { size: number },
): EvaluateTask {
  // A name of its own for each model: a child may be reading the one before.
  const modelSha256 = sha256Of(model);
  const modelPath = join(folder.path, `${modelSha256}.onnx`);
  if (!existsSync(modelPath)) folder.file(`${modelSha256}.onnx`, model);
  const { size, ...rest } = parts;
  return {
    kind: "evaluate",
    modelPath,
    modelSha256,
    preprocessing: parsePreprocessing({ rows: size, cols: size, planes: 1, mean: 0.5, deviation: 0.25 }),
    output: { name: "logits", activation: "none" },
    classes: 2,
    transforms: [],
    provider: "cpu",
    root: folder.path,
    total: 0,
    onBadImage: "fail",
    ...rest,
  };
}

/** All that a child says. */
export async function runChild(task: ComputeTask, options: ChildOptions = {}): Promise<ChildMessage[]> {
  const messages: ChildMessage[] = [];
  for await (const message of startComputeChild(task, options)) messages.push(message);
  return messages;
}

/** The scores of all messages by ordinal; an image scored twice is an error. */
export function scoresByOrdinal(messages: readonly ChildMessage[], classes: number): Map<number, number[]> {
  const scores = new Map<number, number[]>();
  for (const message of messages) {
    if (message.kind !== "scores") continue;
    for (const [i, ordinal] of message.ordinals.entries()) {
      if (scores.has(ordinal)) throw new Error(`Expected each image once, got ${ordinal} twice`);
      scores.set(ordinal, [...message.scores.subarray(i * classes, (i + 1) * classes)]);
    }
  }
  return scores;
}

/** The last thing a child said. */
export function lastOf(messages: readonly ChildMessage[]): ChildMessage {
  const last = messages.at(-1);
  if (last === undefined) throw new Error("Expected messages, got none");
  return last;
}
