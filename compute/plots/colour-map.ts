/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/**
 * Dark blue over grey to yellow, as bright as it is large, alike for eyes that tell fewer colours apart: cividis, by ten of
 * its colours (Nuñez, Anderton & Renslow 2018, doi:10.1371/journal.pone.0199239).
 */
export const sequential: readonly Colour[] = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
];

/** Blue over white to orange, for numbers of either sign; blue and orange stay apart for every kind of colour vision. */
export const diverging: readonly Colour[] = [
  [33, 102, 172],
  [146, 197, 222],
  [247, 247, 247],
  [253, 184, 99],
  [179, 88, 6],
];

/** The colour at a place of a map. @param share - 0 to 1; what lies beyond is the end */
export function colourAt(map: readonly Colour[], share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (map.length - 1);
  const low = Math.min(Math.floor(place), map.length - 2);
  const part = place - low;
  // Safe: both are within the map, which has two colours or more.
  const [from, to] = [map[low] as Colour, map[low + 1] as Colour];
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}
