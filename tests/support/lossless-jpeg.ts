/**
 * A lossless JPEG by the letter of ISO/IEC 10918-1 annex H, as simple as can be: every difference has a code of its
 * category's 5 bits. Slow and long; for tests of the decoder.
 *
 * @param planes - rows * cols samples of each component, interleaved in one scan.
 */
export function losslessJpeg(
  planes: readonly (readonly number[])[],
  {
    rows,
    cols,
    precision,
    predictor,
    shift = 0,
    restartRows = 0,
  }: {
    rows: number;
    cols: number;
    precision: number;
    predictor: number;
    shift?: number;
    restartRows?: number;
  },
): Uint8Array {
  const out: number[] = [0xff, 0xd8];
  const segment = (marker: number, content: readonly number[]) =>
    out.push(0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255, ...content);
  const ids = planes.map((_, index) => index + 1);
  segment(0xc3, [
    precision,
    rows >> 8,
    rows & 255,
    cols >> 8,
    cols & 255,
    planes.length,
    ...ids.flatMap((id) => [id, 0x11, 0]),
  ]);
  // 17 categories, all with codes of 5 bits.
  segment(0xc4, [
    0,
    0,
    0,
    0,
    0,
    17,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    ...Array.from({ length: 17 }, (_, k) => k),
  ]);
  if (restartRows > 0) segment(0xdd, [(restartRows * cols) >> 8, (restartRows * cols) & 255]);
  segment(0xda, [planes.length, ...ids.flatMap((id) => [id, 0]), predictor, 0, shift]);
  let bits = "";
  const flush = () => {
    while (bits.length % 8 !== 0) bits += "1";
    for (let at = 0; at < bits.length; at += 8) {
      const byte = Number.parseInt(bits.slice(at, at + 8), 2);
      out.push(byte, ...(byte === 0xff ? [0] : []));
    }
    bits = "";
  };
  for (let row = 0; row < rows; row += 1) {
    const restarts = restartRows > 0 && row > 0 && row % restartRows === 0;
    if (restarts) {
      flush();
      out.push(0xff, 0xd0 + ((row / restartRows - 1) & 7));
    }
    const first = row === 0 || restarts;
    for (let col = 0; col < cols; col += 1) {
      for (const plane of planes) {
        const at = (r: number, c: number) => (plane[r * cols + c] ?? 0) >> shift;
        const [a, b, c] = [at(row, col - 1), at(row - 1, col), at(row - 1, col - 1)];
        const table = [0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1];
        const origin = 1 << (precision - shift - 1);
        const predicted = first ? (col === 0 ? origin : a) : col === 0 ? b : (table[predictor] ?? 0);
        let difference = (at(row, col) - predicted) & 0xffff;
        if (difference > 32_768) difference -= 65_536;
        const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
        bits += size.toString(2).padStart(5, "0");
        if (size > 0 && size < 16) {
          const value = difference > 0 ? difference : difference + 2 ** size - 1;
          bits += value.toString(2).padStart(size, "0");
        }
      }
    }
  }
  flush();
  out.push(0xff, 0xd9);
  return Uint8Array.from(out);
}
