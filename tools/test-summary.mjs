// `node test-summary.mjs RESULTS [FAILED STAGE…]` prints `N skipped`, if any were, and `N passed, N failed`.
// RESULTS is a folder with the output of vitest's JSON reporter for each stage that tests, `STAGE.json`.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, ...failedStages] = process.argv.slice(2);
const stages = readdirSync(folder).map((name) => ({
  name: basename(name, '.json'),
  files: JSON.parse(readFileSync(join(folder, name), 'utf8')).testResults,
}));

// A test file that could not be loaded, or whose hooks failed, lists no failed test.
const failuresOf = ({ status, assertionResults }) => {
  const failedTests = assertionResults.filter((test) => test.status === 'failed').length;
  return failedTests || (status === 'failed' ? 1 : 0);
};
const failures = new Map(
  stages.map(({ name, files }) => [name, files.reduce((sum, file) => sum + failuresOf(file), 0)]),
);
// A stage that tests counts by its failed tests, or as one failure if there are none (a crash, no results).
const otherFailures = failedStages.filter((name) => !failures.get(name)).length;
const failed = [...failures.values()].reduce((sum, count) => sum + count, otherFailures);

// A test that one stage leaves to another is skipped in the first: it counts once, identified by its place in its file.
const states = new Map();
for (const { name, assertionResults } of stages.flatMap(({ files }) => files)) {
  for (const [place, { status }] of assertionResults.entries()) {
    const test = `${name} ${place}`;
    states.set(test, [...(states.get(test) ?? []), status]);
  }
}
const passed = [...states.values()].filter((all) => all.includes('passed')).length;
const skipped = [...states.values()].filter((all) => !/passed|failed/.test(all.join())).length;
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
