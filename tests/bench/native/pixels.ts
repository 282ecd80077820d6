import { type ImageBatch, type PixelStep, transformPixels } from "../../../native/index.ts";
import { cell, LeastCost, ratio, requireAgreement, settle, type Targets } from "./cost.ts";
import { findPython, Referee, SharedFolder, source } from "./referee.ts";

const ROUNDS = 12;

/** A step of ours, and who does the same by which question. A peer that does nearly the same has a wider tolerance. */
interface Contest {
  readonly what: string;
  readonly step: PixelStep;
  readonly peers: readonly { readonly peer: string; readonly question: string; readonly tolerance: number }[];
}

const resize = (side: number): Contest[] => [
  {
    what: `resize to ${side} x ${side}, antialiased`,
    step: { kind: "resize", rows: side, cols: side },
    peers: [{ peer: "Pillow", question: `resize pillow ${side} ${side}`, tolerance: 1e-5 }],
  },
  {
    what: `resize to ${side} x ${side}, two nearest`,
    step: { kind: "resize", rows: side, cols: side, antialias: false },
    peers: [{ peer: "OpenCV", question: `resize opencv ${side} ${side}`, tolerance: 1e-4 }],
  },
];

const blur = (deviation: number): Contest => ({
  what: `Gaussian blur of ${deviation} pixels`,
  step: { kind: "blur", deviation },
  peers: [
    { peer: "OpenCV", question: `blur opencv ${deviation}`, tolerance: 1e-5 },
    { peer: "SciPy", question: `blur scipy ${deviation}`, tolerance: 1e-5 },
    // Bytes and boxes: another blur, shown for its speed.
    { peer: "Pillow (bytes, boxes)", question: `blur pillow ${deviation}`, tolerance: 0.1 },
  ],
});

/** Prints resize, blur and patches beside every peer that is found. @throws {Error} when one disagrees. */
export async function benchPixels(targets: Targets): Promise<void> {
  const python = findPython(["numpy"], ["cv2", "PIL", "scipy"]);
  console.log(
    "\nresize and blur, one thread: microseconds of processor time an image, taken and copied, and theirs over",
  );
  console.log("ours taken");
  await benchContests(512, 16, [...resize(224), ...[1, 4].map(blur)], python);
  await benchPatches(python, targets);
}

async function benchContests(
  side: number,
  count: number,
  contests: readonly Contest[],
  python: string | undefined,
): Promise<void> {
  using folder = new SharedFolder();
  const pixels = Float32Array.from({ length: count * side * side }, () => Math.random());
  const batch: ImageBatch = { pixels, count, rows: side, cols: side };
  folder.write("images.f32", pixels);
  await using peer =
    python === undefined
      ? undefined
      : new Referee(python, [source("pixels.py"), side, side, count], folder.path);
  await peer?.ready();
  for (const { what, step, peers } of contests) {
    const ours = new LeastCost();
    let into = (await transformPixels(batch, [step])).pixels;
    const theirs = peers.map((contestant) => ({ ...contestant, cost: new LeastCost() }));
    for (const { peer: name, question, tolerance } of theirs) {
      requireAgreement(`${name}'s ${what}`, into, await peer?.resultOf(question), tolerance);
    }
    const copied = new LeastCost();
    for (let round = 0; round < ROUNDS; round += 1) {
      const given: ImageBatch = { ...batch, pixels: pixels.slice() };
      await settle();
      await ours.measure(count, async () => {
        into = (await transformPixels(given, [step], { threads: 1, into, ownership: "take" })).pixels;
      });
      await settle();
      await copied.measure(count, async () => {
        into = (await transformPixels(batch, [step], { threads: 1, into })).pixels;
      });
      for (const { question, cost } of theirs) cost.add(await peer?.ask(question));
    }
    const beside = theirs.map(
      ({ peer: name, cost }) => `${name} ${cost.cpu.toFixed(1)} ${ratio(cost.cpu, ours.cpu)}`,
    );
    console.log(
      `  ${`${what}, of ${side} x ${side}`.padEnd(52)} ${cell(ours.cpu)}${cell(copied.cpu)} | ${beside.join(", ")}`,
    );
  }
}

/** A batch that no cache holds: 51 MB. */
async function benchPatches(python: string | undefined, targets: Targets): Promise<void> {
  const [side, count] = [224, 256];
  const bytes = count * side * side * 4;
  console.log(
    `\npatches, one thread, ${count} images of ${side} x ${side}, filled with 0.5: GB of pixels a second`,
  );
  using folder = new SharedFolder();
  const pixels = Float32Array.from({ length: count * side * side }, () => Math.random());
  const batch: ImageBatch = { pixels, count, rows: side, cols: side };
  folder.write("images.f32", pixels);
  await using peer =
    python === undefined
      ? undefined
      : new Referee(python, [source("pixels.py"), side, side, count], folder.path);
  await peer?.ready();
  const other = new Float32Array(pixels.length).fill(1);
  const speed = ({ cpu }: LeastCost) => (Number.isFinite(cpu) ? bytes / cpu / count / 1000 : Number.NaN);
  for (const mode of ["remove", "keep"] as const) {
    const rectangle = { row: 56, col: 112, rows: 56, cols: 56 };
    const step: PixelStep = { kind: "patch", mode, rectangle, fill: { kind: "value", value: 0.5 } };
    const [copied, fresh, taken, memcpy, theirs, numpyCopy] = Array.from(
      { length: 6 },
      () => new LeastCost(),
    );
    if (!copied || !fresh || !taken || !memcpy || !theirs || !numpyCopy) return; // six, above
    const { row, col, rows, cols } = rectangle;
    const question = `patch ${mode} ${row} ${col} ${rows} ${cols}`;
    let into = (await transformPixels(batch, [step])).pixels;
    requireAgreement(`NumPy's patch, ${mode}`, into, await peer?.resultOf(question), 0);
    let inside: ImageBatch = { ...batch, pixels: pixels.slice() };
    for (let round = 0; round < ROUNDS; round += 1) {
      await copied.measure(count, async () => {
        into = (await transformPixels(batch, [step], { threads: 1, into })).pixels;
      });
      await memcpy.measure(count, () => other.set(pixels));
      await taken.measure(count, async () => {
        inside = await transformPixels(inside, [step], { threads: 1, ownership: "take" });
      });
      if (round % 2 > 0) continue;
      await fresh.measure(count, () => transformPixels(batch, [step], { threads: 1 }));
      await settle();
      theirs.add(await peer?.ask(question));
      numpyCopy.add(await peer?.ask("copy"));
    }
    console.log(
      `  ${mode.padEnd(6)}: into given memory ${speed(copied).toFixed(1)}, into fresh ${speed(fresh).toFixed(1)}, in place ${speed(taken).toFixed(1)}; memcpy ${speed(memcpy).toFixed(1)} here and ${speed(numpyCopy).toFixed(1)} in NumPy; NumPy's patch ${speed(theirs).toFixed(1)}`,
    );
    const best = Math.min(memcpy.cpu, numpyCopy.cpu);
    targets.note(`patches (${mode}) into given memory, of memcpy's bandwidth`, best / copied.cpu, 0.8);
    targets.note(`patches (${mode}) in place, of memcpy's bandwidth`, best / taken.cpu, 0.8);
  }
}
