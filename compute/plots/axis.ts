/** A linear map from data to pixels, with round tick values inside the data range. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  /** Decimals that tell the ticks apart. */
  readonly decimals: number;
  /** Pixel position of a value; values outside the range land outside the pixels. */
  readonly at: (value: number) => number;
}

/** An axis from `min` to `max` over the pixels `from`..`to`, with about `wanted` ticks at 1, 2 or 5 times a power of ten. */
export function linearAxis(min: number, max: number, from: number, to: number, wanted: number): Axis {
  const span = max - min > 0 ? max - min : 1;
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  // The nearest of the round steps in proportion: the bounds are the geometric means of neighbours.
  const step = power * (raw < 1.41 * power ? 1 : raw < 3.16 * power ? 2 : raw < 7.07 * power ? 5 : 10);
  const ticks: number[] = [];
  // Counted in steps, because adding steps up would drift; the slack keeps a tick that rounding put just outside.
  for (let n = Math.ceil(min / step - 1e-9); n * step <= max + 1e-9 * span; n++) ticks.push(n * step);
  const decimals = Math.min(10, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return { min, max, ticks, decimals, at: (value) => from + ((value - min) / span) * (to - from) };
}

/** A number with a fixed count of decimals and a true minus sign; never "−0". */
export function formatFixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  if (!text.startsWith("-")) return text;
  return Number(text) === 0 ? text.slice(1) : `−${text.slice(1)}`;
}

/** A p-value as a reader expects it: three decimals, or "< 0.001". */
export function formatP(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
}
