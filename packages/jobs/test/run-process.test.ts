import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaceanimError } from '@faceanim/tensor/errors';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { type JobProgress, runProcess } from '../src';

const program = fileURLToPath(new URL('./support/program.mjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'faceanim-process-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'job-'));
});

/** Runs the stand-in for the program, and returns what it told. */
async function run(
  what: string,
  { signal = new AbortController().signal, onProgress = () => {}, grace = 60 } = {},
) {
  const progress: JobProgress[] = [];
  const warnings: string[] = [];
  await runProcess({ command: [process.execPath, program], grace })(
    { id: 'a', folder, args: [`--do=${what}`], device: '3' },
    {
      signal,
      onProgress: (event) => {
        progress.push(event);
        onProgress();
      },
      onWarning: (message) => warnings.push(message),
    },
  );
  return { progress, warnings };
}

it('runs the program in the folder of the job, on its device, and passes on what it tells', async () => {
  const { progress, warnings } = await run('work');
  expect(progress).toEqual([{ stage: 'optimize', fraction: 0.5 }]);
  expect(warnings).toEqual(['careful']);
  expect(JSON.parse(readFileSync(join(folder, 'words.json'), 'utf8'))).toEqual({
    words: ['animate', '--resume', '--overwrite', '--progress=json', '--do=work'],
    gpu: '3',
  });
});

it.each([
  ['fail', { code: 'no-face', message: 'No face.', frame: 2 }],
  ['usage', { code: 'invalid-option', message: "unknown option '--do'" }],
  ['crash', { code: 'crashed', message: expect.stringMatching(/with code 1: Error: a bug/) }],
  ['killed', { code: 'out-of-memory' }],
])('of a program that ends by %s, says why', async (what, error) => {
  const thrown = await run(what).catch((reason) => reason);
  expect(FaceanimError.isInstance(thrown)).toBe(true);
  expect(thrown).toMatchObject(error);
});

it('says what to install if there is no program', async () => {
  const missing = runProcess({ command: ['faceanim-that-does-not-exist'] });
  const hooks = { signal: new AbortController().signal, onProgress: () => {}, onWarning: () => {} };
  await expect(missing({ id: 'a', folder, args: [], device: undefined }, hooks)).rejects.toMatchObject({
    code: 'io',
    hint: expect.stringContaining('npm install @faceanim/cli'),
  });
});

it.each([
  ['asks the program to end', 'wait', 60],
  ['kills one that does not', 'stubborn', 0.02],
])('%s when the signal fires', async (_, what, grace) => {
  const controller = new AbortController();
  const ended = run(what, { signal: controller.signal, onProgress: () => controller.abort(), grace });
  await expect(ended).rejects.toMatchObject({ code: 'aborted' });
  expect(existsSync(join(folder, 'asked'))).toBe(what === 'wait');
});
