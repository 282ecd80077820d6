/** The chance of at most `most` successes in `trials`, each of chance `p`. O(most). */
export function binomialAtMost(most: number, trials: number, p: number): number {
  if (most >= trials || p === 0) return 1;
  if (p === 1) return 0;
  // By logarithms: the first term of some hundred trials is below the smallest number.
  let term = trials * Math.log1p(-p);
  let sum = 0;
  for (let k = 0; k <= most; k += 1) {
    sum += Math.exp(term);
    term += Math.log(((trials - k) / (k + 1)) * (p / (1 - p)));
  }
  return Math.min(1, sum);
}

/** The fewest successes that are not rarer than `risk` where each has chance `p`; below it something is wrong. */
export function leastSuccesses(trials: number, p: number, risk: number): number {
  let least = 0;
  while (least < trials && binomialAtMost(least, trials, p) < risk) least += 1;
  return least;
}
