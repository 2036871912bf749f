import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export { collect, meanDifference, noRgbImages, picture } from './pictures';

/** A temporary folder that is removed at the end of the scope. */
export function temporaryFolder(): Disposable & { readonly path: string; join(...names: string[]): string } {
  const path = mkdtempSync(join(tmpdir(), 'faceanim-'));
  return {
    path,
    join: (...names) => join(path, ...names),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Whether the `ffmpeg` command is there; tests that need it are skipped without it. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('ffmpeg is not installed: video file tests are skipped');

/** Runs ffmpeg to make a clip for a test. */
export function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args]);
  if (status !== 0) throw new Error(String(stderr));
}
