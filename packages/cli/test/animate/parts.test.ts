import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRun } from '../../src/run/record';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const base = ['animate', '--driver', demoDriver, '--backend', 'wasm', '--quiet'];

it.each([
  [['--overlap', '4'], /--overlap .*--split/],
  [['--part', '1'], /--part .*--split/],
  [['--split', '6', '--part', '1', '--fresh'], /--fresh does nothing beside --part with a number/],
  [['--split', '6', '--overlap', '3'], /overlap must be at most a third of the 6 frames/],
  [['--split', '100', '--refine'], /--split does not go with --refine/],
  [['--split', '100', '--mode', 'reference'], /--split does not go with --mode reference/],
  [['--split', '100', '--part', 'two'], /--part must be prepare or the number/],
])('%o is refused', async (flags, message) => {
  const { code, stderr } = await faceanim([...base, '--look', demoLook, '--out', path('no.webp'), ...flags]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(existsSync(path('no.run'))).toBe(false);
});

it('optimises parts on their own, and joins them to what one machine makes', { tags: ['long'] }, async () => {
  const steps = ['--steps-first', '2', '--steps-next', '1', '--fan-modules', '1', '--limit', '5'];
  const flags = [...base, '--align', 'none', ...steps, '--split', '4', '--overlap', '1'];
  const animate = async (out: string, ...more: string[]) => {
    const { code, stdout, stderr } = await faceanim([...flags, '--out', path(out), ...more]);
    return { code, text: stdout + stderr };
  };
  const latents = (run: string) => readFileSync(path(`${run}/latents.safetensors`));

  expect(await animate('one.webp')).toMatchObject({ code: 0 });
  expect(existsSync(path('one.run/parts'))).toBe(false);

  const early = await animate('many.webp', '--part', '1');
  expect(early).toMatchObject({ code: 2, text: expect.stringContaining('many.run holds no parts') });
  const prepared = await animate('many.webp', '--part', 'prepare');
  expect(prepared).toMatchObject({ code: 0, text: expect.stringContaining('is prepared: 2 parts') });
  const again = await animate('many.webp');
  expect(again).toMatchObject({
    code: 2,
    text: expect.stringMatching(/holds parts of a run\.\s+Add --resume/),
  });
  const other = await animate('many.webp', '--seed', '3', '--part', '1');
  expect(other).toMatchObject({
    code: 2,
    text: expect.stringMatching(/another run: --seed was the default, is 3/),
  });
  const missing = await animate('many.webp', '--part', '3');
  expect(missing).toMatchObject({ code: 2, text: expect.stringContaining('from 1 to 2, got 3') });

  const second = await animate('many.webp', '--part', '2');
  expect(second).toMatchObject({
    code: 0,
    text: expect.stringContaining('Part 2 of 2 is finished: frames 2 to 4'),
  });
  expect((await readRun(path('many.run/parts/002'))).frames).toBe(3);
  // What is left is done by whoever joins.
  expect(await animate('many.webp', '--resume')).toMatchObject({ code: 0 });
  expect(latents('many.run').equals(latents('one.run'))).toBe(true);
  // Another run in the same folder takes nothing over from parts that were left there.
  expect(await animate('new.webp', '--part', 'prepare', '--seed', '3')).toMatchObject({ code: 0 });
  expect(await animate('new.webp', '--fresh')).toMatchObject({ code: 0 });
  expect(latents('new.run').equals(latents('one.run'))).toBe(true);
  const rendered = await faceanim(['render', path('many.run'), '--out', path('again.webp'), '--quiet']);
  expect(rendered.code).toBe(0);
});
