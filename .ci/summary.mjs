// Closes the run with what failed and, on a line of its own in the plain form that tools read, the counts.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const file = process.argv[2];
// A run that was killed leaves no report: that is a failure, and said as one.
const text = existsSync(file) ? readFileSync(file, "utf8") : "";
if (text === "") {
  console.log("0 passed, 1 failed, 0 skipped (the test run left no report)");
  process.exit(1);
}
const report = JSON.parse(text);
for (const { name, status, message, assertionResults } of report.testResults) {
  const failures = assertionResults.filter((one) => one.status === "failed");
  if (status !== "failed" && failures.length === 0) continue;
  console.log(`FAILED ${relative(process.cwd(), name)}`);
  if (failures.length === 0) console.log(firstLines(message));
  for (const { fullName, failureMessages } of failures)
    console.log(`  ${fullName}\n${failureMessages.map(firstLines).join("\n")}`);
}
// A file that fails to load has no failed test of its own.
const failed = report.numFailedTests || report.numFailedTestSuites;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests} skipped`);

function firstLines(message) {
  return message
    .split("\n")
    .slice(0, 12)
    .map((line) => `    ${line}`)
    .join("\n");
}
