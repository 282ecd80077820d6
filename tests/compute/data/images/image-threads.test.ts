import { join } from "node:path";
import { Worker } from "node:worker_threads";
import sharp from "sharp";
import { expect, test } from "vitest";
import { packageRoot } from "../../../../api/package-root.ts";
import { decodeImage } from "../../../../compute/index.ts";
import { dicomFile, greyElements, syntaxUids, words } from "../../../support/dicom-writer.ts";
import { encodeFrame } from "../../../support/image-encoders.ts";

const rows = 48;
const cols = 40;
const grey = Uint8Array.from({ length: rows * cols }, (_, at) => 128 + 100 * Math.sin(at / 11));

/** Decodes each file ten times, all at once, from the built sources (`npm test` builds them). */
const program = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(async ({ decodeImage }) => {
    const files = Array.from({ length: 10 }, () => workerData.files).flat();
    const images = await Promise.all(files.map((file) => decodeImage(file)));
    parentPort.postMessage(images.slice(0, workerData.files.length).map(({ pixels }) => pixels));
  });
`;

test("several threads decode at once, each with its own codecs, to the same pixels", async () => {
  const shape = { rows, cols, bits: 8 };
  const raster = sharp(grey, { raw: { width: cols, height: rows, channels: 1 } }).toColourspace("b-w");
  const elements = greyElements(rows, cols);
  const dicom = (syntax: string, stream: Uint8Array) => dicomFile({ syntax, elements, pixels: [stream] });
  const files = [
    await raster.clone().png().toBuffer(),
    await raster.clone().jpeg().toBuffer(),
    dicom(syntaxUids.jpegLs, await encodeFrame("jpegLs", grey, shape)),
    dicom(syntaxUids.jpeg2000, await encodeFrame("jpeg2000", grey, shape)),
    dicom(syntaxUids.jpeg, await raster.clone().jpeg().toBuffer()),
    dicomFile({
      syntax: syntaxUids.deflated,
      elements: greyElements(rows, cols, { bits: 12 }),
      pixels: words(grey),
    }),
  ];
  const expected = await Promise.all(files.map(async (file) => (await decodeImage(file)).pixels));
  const module = join(packageRoot, "dist/compute/index.js");
  const workers = Array.from({ length: 4 }, () => {
    const worker = new Worker(program, { eval: true, workerData: { module, files } });
    return new Promise<unknown>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject);
    }).finally(() => worker.terminate());
  });
  for (const pixels of await Promise.all(workers)) expect(pixels).toEqual(expected);
});
