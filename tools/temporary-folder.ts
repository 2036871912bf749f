import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * Gives the temporary files of a whole run one folder, removed when vitest exits: tests that a filter leaves out, browsers
 * that are killed and a run that is stopped remove nothing of their own.
 */
export function setup({ vitest }: TestProject): void {
  const folder = mkdtempSync(join(tmpdir(), 'faceanim-tests-'));
  // Where Unix and Windows look for it.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  process.once('exit', () => {
    // Those of vitest itself are left when a run is stopped.
    for (const path of [folder, ...vitest.projects.map(({ tmpDir }) => tmpDir)])
      try {
        rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      } catch (error) {
        // Windows keeps files that a program has open. The tests have their result all the same.
        console.warn(String(error));
      }
  });
}
