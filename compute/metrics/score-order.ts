/**
 * Sorted score columns. The addon sorts them and holds the order; a caller may cache it, since every statistic of any
 * subset or stratification is then a linear pass.
 */
export { readOrder, type ScoreOrder, type Scores, sortScores } from "../../native/index.ts";
