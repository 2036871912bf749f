// `node test-summary.mjs VITEST.json [FAILED STAGE…]` prints `N skipped`, where there are any, and `N passed, N failed`.
import { existsSync, readFileSync } from 'node:fs';

const [file, ...stages] = process.argv.slice(2);
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { testResults: [] };

const count = (...states) =>
  results.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => states.includes(status)).length;
// A test file that could not be loaded, or whose hooks failed, has no failed test of its own.
const broken = results.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;

const failedTests = count('failed') + broken;
// The stage of the tests counts through its tests, unless it failed without one (a crash, no results).
const otherStages = stages.filter((stage) => stage !== 'tests' || failedTests === 0).length;
const skipped = count('skipped', 'pending', 'todo', 'disabled');
const failed = failedTests + otherStages;
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${count('passed')} passed, ${failed} failed`);
