import { startComputeChild } from "../../../compute/child/start-child.ts";
import { evaluateTask, ScratchFolder } from "../../support/child-tasks.ts";
import { EndlessImages } from "../../support/endless-images.ts";
import { classifierBytes } from "../../support/onnx-models.ts";

// A parent that says its child's process id once it is at work, and then waits to be killed.
const folder = new ScratchFolder();
const { files } = await folder.images(2, 16);
const task = evaluateTask(folder, classifierBytes(), { size: 16 });
const child = startComputeChild(task, { images: new EndlessImages(files) });
let said = false;
for await (const message of child) {
  if (message.kind !== "scores" || said) continue;
  said = true;
  process.stdout.write(`${JSON.stringify({ pid: child.pid, folder: folder.path })}\n`);
}
