import { colourAt, diverging, sequential } from "./colour-map.ts";
import { element, figure, palettes, type Theme, textElement } from "./svg.ts";
import { fitText } from "./text-width.ts";

/** Values of the places of an image, row by row. */
export interface PlaceGrid {
  readonly title: string;
  readonly rows: number;
  readonly cols: number;
  readonly values: readonly number[];
}

/** How maps are drawn. */
export interface PlaceMapOptions {
  /** The figure's accessible name; it is not drawn. */
  readonly title: string;
  readonly theme?: Theme;
}

const margin = 20;
const side = 220;
const gap = 28;
const heading = 26;
const foot = 22;

/**
 * Draws maps side by side, each on a scale of its own: dark blue to yellow from 0, or blue over white to orange where there are
 * values of both signs. The ends of the scale stand beneath. O(places).
 */
export function placeMapSvg(maps: readonly PlaceGrid[], options: PlaceMapOptions): string {
  const palette = palettes[options.theme ?? "light"];
  const most = 4;
  const across = Math.min(most, Math.max(1, maps.length));
  const down = Math.ceil(maps.length / most);
  const width = Math.max(480, 2 * margin + across * side + (across - 1) * gap);
  const height = 2 * margin + down * (heading + side + foot);
  const body = maps.flatMap((map, i) => {
    const left = margin + (i % most) * (side + gap);
    const top = margin + Math.floor(i / most) * (heading + side + foot);
    return drawMap(map, left, top, palette);
  });
  const description = maps.map((map) => `${map.title}: ${highest(map)}.`).join(" ");
  return figure({ width, height }, { title: options.title, description, palette }, body);
}

function drawMap(
  { title, rows, cols, values }: PlaceGrid,
  left: number,
  top: number,
  palette: (typeof palettes)[Theme],
): readonly string[] {
  const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isSigned = values.some((value) => value < 0);
  const scale = side / Math.max(rows, cols);
  const drawn = top + heading;
  const cells = Array.from({ length: rows * cols }, (_, at) => {
    const share = limit === 0 ? 0 : (values[at] ?? 0) / limit;
    const [red, green, blue] = colourAt(
      isSigned ? diverging : sequential,
      isSigned ? (share + 1) / 2 : share,
    );
    return element("rect", {
      x: left + (at % cols) * scale,
      y: drawn + Math.floor(at / cols) * scale,
      width: scale,
      height: scale,
      fill: `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`,
    });
  });
  const end = limit === 0 ? "0" : limit.toPrecision(2);
  return [
    textElement(fitText(title, side, 13, true), { x: left, y: top + 14, "font-weight": 600 }),
    // Without it, lines show between cells where pixels of a screen are divided.
    element("g", { "shape-rendering": "crispEdges" }, cells.join("")),
    textElement(`colours from ${isSigned ? `-${end}` : "0"} to ${end}`, {
      x: left,
      y: drawn + rows * scale + 16,
      "font-size": 11,
      fill: palette.muted,
    }),
  ];
}

function highest({ rows, cols, values }: PlaceGrid): string {
  const at = values.reduce((best, value, i) => (value > (values[best] ?? value) ? i : best), 0);
  return `${rows} by ${cols} places, highest at row ${Math.floor(at / cols) + 1}, column ${(at % cols) + 1}`;
}
