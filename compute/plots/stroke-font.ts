/**
 * Letters as lines, so that a picture's labels need no font of the machine and are the same everywhere.
 *
 * A glyph is its strokes, apart by `|`; a stroke is points of two digits, x from 0 and y from 0 (top of capitals) over 6
 * (the line they stand on) to 8; a stroke of one point is a dot.
 */
const glyphs: Readonly<Record<string, string>> = {
  A: "06 20 46|14 34",
  B: "06 00 30 41 42 33 03|33 44 45 36 06",
  C: "41 30 10 01 05 16 36 45",
  D: "06 00 20 42 44 26 06",
  E: "40 00 06 46|03 33",
  F: "40 00 06|03 33",
  G: "41 30 10 01 05 16 36 45 43 23",
  H: "00 06|40 46|03 43",
  I: "00 06",
  J: "30 35 26 16 05",
  K: "00 06|40 03 46",
  L: "00 06 36",
  M: "06 00 23 40 46",
  N: "06 00 46 40",
  O: "10 30 41 45 36 16 05 01 10",
  P: "06 00 30 41 42 33 03",
  Q: "10 30 41 45 36 16 05 01 10|24 46",
  R: "06 00 30 41 42 33 03|23 46",
  S: "41 30 10 01 02 13 33 44 45 36 16 05",
  T: "00 40|20 26",
  U: "00 05 16 36 45 40",
  V: "00 26 40",
  W: "00 16 22 36 40",
  X: "00 46|40 06",
  Y: "00 23 40|23 26",
  Z: "00 40 06 46",
  a: "12 22 33 36|34 14 05 16 26 35",
  b: "00 06|03 12 22 33 35 26 16 05",
  c: "33 22 12 03 05 16 26 35",
  d: "30 36|33 22 12 03 05 16 26 35",
  e: "04 34 33 22 12 03 05 16 26 35",
  f: "20 11 16|02 22",
  g: "32 37 28 18 07|33 22 12 03 05 16 26 35",
  h: "00 06|03 12 22 33 36",
  i: "02 06|00",
  j: "12 17 08|10",
  k: "00 06|32 04 36",
  l: "00 06",
  m: "06 02|03 12 23 26|23 32 43 46",
  n: "06 02|03 12 22 33 36",
  o: "12 22 33 35 26 16 05 03 12",
  p: "02 08|03 12 22 33 35 26 16 05",
  q: "32 38|33 22 12 03 05 16 26 35",
  r: "06 02|03 12 22",
  s: "33 22 12 03 14 24 35 26 16 05",
  t: "10 15 26|02 22",
  u: "02 05 16 26 35|32 36",
  v: "02 16 22",
  w: "02 16 23 36 42",
  x: "02 36|32 06",
  y: "02 16|32 08",
  z: "02 32 06 36",
  "0": "10 20 31 35 26 16 05 01 10",
  "1": "01 10 16",
  "2": "01 10 20 31 32 06 36",
  "3": "01 10 20 31 32 23 13|23 34 35 26 16 05",
  "4": "26 20 04 34",
  "5": "30 00 02 22 33 35 26 16 05",
  "6": "20 10 01 05 16 26 35 33 22 12 03",
  "7": "00 30 16",
  "8": "10 20 31 32 23 13 02 01 10|13 04 05 16 26 35 34 23",
  "9": "33 24 14 03 01 10 20 31 35 26 16",
  ".": "06",
  ",": "06 07",
  ":": "03|06",
  ";": "03|06 07",
  "-": "04 24",
  "+": "04 44|22 26",
  "=": "03 33|05 35",
  "/": "06 30",
  "%": "06 40|01|45",
  "(": "10 02 04 16",
  ")": "00 12 14 06",
  "×": "03 25|23 05",
  "'": "00 01",
};
const SPACE = 3;
const UNKNOWN = "00 30 36 06 00";
/** Between two glyphs, in units of the grid. */
const GAP = 1.7;
/** Height of a capital in units of the grid. */
const CAPITAL = 6;

interface Glyph {
  readonly strokes: readonly (readonly (readonly [number, number])[])[];
  readonly width: number;
}

function glyphOf(character: string): Glyph {
  if (character === " ") return { strokes: [], width: SPACE - GAP };
  const strokes = (glyphs[character] ?? UNKNOWN)
    .split("|")
    .map((stroke) => stroke.split(" ").map((point) => [Number(point[0]), Number(point[1])] as const));
  return { strokes, width: Math.max(...strokes.flat().map(([x]) => x)) };
}

/** Width of a line of text in pixels. @param height - of a capital, in pixels */
export function strokeWidth(text: string, height: number): number {
  const units = [...text].reduce((sum, character) => sum + glyphOf(character).width + GAP, -GAP);
  return (Math.max(0, units) * height) / CAPITAL;
}

/**
 * A line of text as the `d` of an SVG path, to be stroked with round ends.
 *
 * @param left - of the first glyph. @param top - of capitals. @param height - of a capital, in pixels.
 */
export function strokePath(text: string, left: number, top: number, height: number): string {
  const scale = height / CAPITAL;
  let x = left;
  const parts: string[] = [];
  for (const character of text) {
    const { strokes, width } = glyphOf(character);
    for (const stroke of strokes) {
      const points = stroke.map(([px, py]) => `${round(x + px * scale)} ${round(top + py * scale)}`);
      // A line to itself is a dot under round ends.
      parts.push(`M${points.join("L")}${points.length === 1 ? `L${points[0]}` : ""}`);
    }
    x += (width + GAP) * scale;
  }
  return parts.join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
