/** What `cohort` in tests/reference/runners/proc.R is called with. */
export interface CohortSpec {
  readonly seed: number;
  readonly n: number;
  readonly perMille: number;
  readonly levels: number;
  readonly shiftFirst: number;
  readonly shiftSecond: number;
}

/** The rows that pROC saw, drawn from the same formula: Lehmer's generator (Park & Miller 1988), six draws a row. */
export function drawCohort({ seed, n, perMille, levels, shiftFirst, shiftSecond }: CohortSpec) {
  const modulus = 2 ** 31 - 1;
  let state = seed;
  const draw = () => {
    state = (16807 * state) % modulus;
    return state / modulus;
  };
  const labels = new Uint8Array(n);
  const first = new Float32Array(n);
  const second = new Float32Array(n);
  for (let row = 0; row < n; row += 1) {
    const label = Math.floor(1000 * draw()) < perMille ? 1 : 0;
    const shared = draw();
    const sumFirst = shared + draw() + draw();
    const sumSecond = shared + draw() + draw();
    labels[row] = label;
    first[row] = Math.floor((levels * sumFirst) / 3) + shiftFirst * label;
    second[row] = Math.floor((levels * sumSecond) / 3) + shiftSecond * label;
  }
  return { labels, first, second };
}
