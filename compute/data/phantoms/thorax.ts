import type { RandomStream } from "../../random.ts";
import type { ImagePhantomRow } from "./phantom-patients.ts";

/** Brightness of a made-up chest radiograph before anything is planted; places are shares of the image. */
interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Brightness it adds where it is; its edge is soft. */
  readonly adds: number;
  readonly softness: number;
}

/**
 * Draws a thorax: body, lungs, heart, ribs, diaphragm, perhaps an effusion, tissue and noise. It differs from image to
 * image, and by site, equipment and view, never by the planted attribute.
 *
 * @returns side * side values about 0.45, most from 0.15 to 0.8.
 */
export function drawThorax(
  row: Pick<ImagePhantomRow, "site" | "equipment" | "view" | "effusion">,
  side: number,
  anatomy: RandomStream,
  grain: RandomStream,
): Float64Array {
  const vary = (middle: number, deviation: number) => middle + deviation * anatomy.normal();
  const x = vary(0.5, 0.015);
  const y = vary(0.5, 0.015);
  const size = vary(1, 0.04);
  const lung = { width: vary(0.15, 0.01) * size, height: vary(0.3, 0.015) * size, softness: 9 };
  const heart = (row.view === "AP" ? 0.14 : 0.11) * size;
  const ellipses: Ellipse[] = [
    { x, y: y + 0.05, width: 0.44 * size, height: 0.56 * size, adds: 0.28, softness: 12 },
    { x: x - 0.19 * size, y, ...lung, adds: -0.22 },
    { x: x + 0.19 * size, y, ...lung, adds: -0.22 },
    { x: x + 0.05, y: y + 0.1, width: heart, height: heart * 1.2, adds: 0.17, softness: 7 },
    { x, y: y - 0.1, width: 0.05, height: 0.45, adds: 0.1, softness: 6 },
    { x, y: y + 0.46, width: 0.42, height: vary(0.16, 0.02), adds: 0.12, softness: 8 },
  ];
  if (row.effusion) {
    const right = anatomy.uniform() < 0.5 ? -1 : 1;
    ellipses.push({
      x: x + right * 0.23 * size,
      y: y + 0.22,
      width: 0.11,
      height: 0.09,
      adds: 0.18,
      softness: 5,
    });
  } else anatomy.uniform();
  const ribs = { phase: anatomy.uniform(), pitch: vary(0.085, 0.004), bow: vary(0.5, 0.06) };
  const tissue = Array.from({ length: 4 }, () => ({
    down: anatomy.normal(),
    across: anatomy.normal(),
    phase: anatomy.uniform(),
  }));
  const contrast = row.site === "north" ? 1 : 0.9;
  const noise = row.equipment === "Alpha 100" ? 0.015 : 0.02;

  const pixels = new Float64Array(side * side);
  for (let down = 0; down < side; down += 1) {
    for (let across = 0; across < side; across += 1) {
      const u = (across + 0.5) / side;
      const v = (down + 0.5) / side;
      let value = 0.22;
      for (const ellipse of ellipses) value += shade(ellipse, u, v);
      const bowed = v + ribs.bow * (u - x) * (u - x);
      const inside = shade({ x, y, width: 0.36, height: 0.34, adds: 1, softness: 6 }, u, v);
      value += 0.045 * inside * Math.max(0, Math.cos(2 * Math.PI * (bowed / ribs.pitch + ribs.phase)));
      for (const wave of tissue) {
        value += 0.012 * Math.cos(2 * Math.PI * (1.3 * wave.down * v + 1.3 * wave.across * u + wave.phase));
      }
      pixels[down * side + across] = 0.45 + contrast * (value - 0.42) + noise * grain.normal();
    }
  }
  return pixels;
}

/** Full inside the ellipse, nothing outside, a smooth edge between. */
function shade({ x, y, width, height, adds, softness }: Ellipse, u: number, v: number): number {
  const distance = Math.hypot((u - x) / width, (v - y) / height);
  return adds / (1 + Math.exp(softness * (distance - 1)));
}
