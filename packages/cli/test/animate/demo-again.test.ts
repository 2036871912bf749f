import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const demo = (...flags: string[]) =>
  faceanim([
    ...[
      'demo',
      '--out',
      path('demo.webp'),
      '--limit',
      '1',
      '--steps-look',
      '0',
      '--steps-first',
      '1',
      '--backend',
      'wasm',
    ],
    ...flags,
  ]);

it('the demo runs again and replaces its own files only', { tags: ['long'] }, async () => {
  expect((await demo()).code).toBe(0);
  const first = statSync(path('demo.webp')).ino;
  expect((await demo()).code).toBe(0);
  expect(statSync(path('demo.webp')).ino).not.toBe(first);

  const other = await demo('--resume', '--steps-next', '2');
  expect(other.stderr).toMatch(/--steps-next was 8, is 2\.\n {2}.* leave out --resume to replace it\.\n$/);
  expect(other.code).toBe(2);

  // The user's own run, named like the demo.
  const record = JSON.parse(readFileSync(path('demo.run/run.json'), 'utf8'));
  writeFileSync(path('demo.run/run.json'), JSON.stringify({ ...record, command: 'animate' }));
  const refused = await demo('--overwrite');
  expect(refused.stderr).toMatch(/demo\.run holds 1 finished frame\./);
  expect(refused.code).toBe(2);
  expect(existsSync(path('demo.run/frames/000000.safetensors'))).toBe(true);

  // The user's own animation.
  rmSync(path('demo.run'), { recursive: true });
  writeFileSync(path('demo.webp'), 'mine');
  expect((await demo()).stderr).toMatch(/demo\.webp exists already/);
  expect(readFileSync(path('demo.webp'), 'utf8')).toBe('mine');
});
