// Closes the run with the counts on a line of their own, in the plain form that tools read.
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(
  readFileSync(process.argv[2], "utf8"),
);
// A file that fails to load has no failed test of its own.
const failed = numFailedTests || numFailedTestSuites;
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
