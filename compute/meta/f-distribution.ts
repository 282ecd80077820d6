/**
 * P(F > f) of the F distribution with `df1` and `df2` > 0 degrees of freedom: the regularised incomplete beta function
 * I_x(df2 / 2, df1 / 2) at x = df2 / (df2 + df1 f), with full relative precision in the far tail.
 */
export function fUpperTail(f: number, df1: number, df2: number): number {
  if (!(f > 0)) return 1;
  return regularisedBeta(df2 / (df2 + df1 * f), df2 / 2, df1 / 2);
}

/**
 * I_x(a, b) by its continued fraction (NIST DLMF 8.17.22), evaluated by Lentz's method (doi:10.1364/AO.15.000668) on the
 * side of the mean where it converges fast; some tens of terms.
 */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b) - Math.log(a);
  let fraction = 1;
  let c = 1;
  let d = 0;
  for (let term = 1; term < 10_000; term++) {
    const m = Math.floor(term / 2);
    const numerator =
      term % 2 === 0
        ? (m * (b - m) * x) / ((a + term - 1) * (a + term))
        : (-(a + m) * (a + b + m) * x) / ((a + term - 1) * (a + term));
    d = 1 / awayFromZero(1 + numerator * d);
    c = awayFromZero(1 + numerator / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return Math.exp(logFront) / fraction;
}

/** Lentz's guard against a vanishing denominator. */
function awayFromZero(x: number): number {
  return Math.abs(x) < 1e-300 ? 1e-300 : x;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** log Gamma(x) for x > 0: Stirling's series (NIST DLMF 5.11.1) after shifting x above 15; 15 digits. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 15) {
    shift += Math.log(z);
    z += 1;
  }
  const inverse = 1 / z;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188)))));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
