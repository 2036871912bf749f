import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { beforeAll, expect, it, vi } from 'vitest';
import { settingsOf } from '../../src/animate/deciding-flags';
import { recordOf } from '../../src/animate/identity';
import type { AnimateOptions } from '../../src/animate/options';
import type { RunRecord } from '../../src/run/record';
import { checkSameRun } from '../../src/run/same-run';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const command = vi.hoisted(() => ({ options: [] as unknown[] }));
vi.mock('../../src/animate/command', () => ({
  animateCommand: (options: unknown) => void command.options.push(options),
}));

const folder = temporaryFolder();
const file = join(folder, 'a-file');
const driver = join(folder, 'driver.webp');
const base = ['--driver', demoDriver, '--look', demoLook, '--out', join(folder, 'out.webp')];
const words = (text: string) => text.split(' ');

beforeAll(() => {
  writeFileSync(file, 'other content');
  writeFileSync(driver, Buffer.concat([readFileSync(demoDriver), Buffer.from('x')]));
});

async function parse(flags: readonly string[]): Promise<AnimateOptions> {
  const { code, stderr } = await faceanim(['animate', ...base, ...flags]);
  expect([code, stderr]).toEqual([0, '']);
  return command.options.at(-1) as AnimateOptions;
}

const record = async (flags: readonly string[], length?: number): Promise<RunRecord> =>
  recordOf(await parse(flags), { fps: 25, driverClock: { fps: 25, first: 0 }, length });

/** What resuming with flags `now` is refused for, after a driver of another length; undefined if it goes on. */
async function refusal(
  before: readonly string[],
  now: readonly string[],
  lengths: readonly (number | undefined)[] = [],
): Promise<string | undefined> {
  try {
    checkSameRun('out.run', await record(before, lengths[0]), await record(now, lengths[1]));
    return undefined;
  } catch (error) {
    expect(FaceanimError.isInstance(error, 'resume-mismatch')).toBe(true);
    return (error as FaceanimError).message;
  }
}

/** Flags that decide the latents, with a value that is not their default, and what they need beside them. */
const deciding: Record<string, { value: string; beside?: string[] }> = {
  '--driver': { value: driver },
  '--look': { value: file },
  '--start': { value: '3' },
  '--every': { value: '2' },
  '--align': { value: '1,2,30,30' },
  '--min-score': { value: '0.4' },
  '--align-look': { value: 'always' },
  '--preset': { value: 'thorough' },
  '--mode': { value: 'mouth' },
  '--steps-look': { value: '0' },
  '--steps-first': { value: '61' },
  '--steps-next': { value: '11' },
  '--window': { value: '2' },
  '--synthesis-resolution': { value: '256' },
  '--split': { value: '100' },
  '--overlap': { value: '4', beside: ['--split', '100'] },
  '--weights': { value: 'leftEye=2' },
  '--target': { value: 'driver' },
  '--gain': { value: 'mouth=1.2' },
  '--pose': { value: '0.5' },
  '--face': { value: '12,30.5' },
  '--look-face': { value: '1' },
  '--on-missing-face': { value: 'skip' },
  '--neutral': { value: '0' },
  '--blend': { value: file },
  '--blend-share': { value: '0.7', beside: ['--blend', file] },
  '--space': { value: 'w' },
  '--initial': { value: file },
  '--seed': { value: '1' },
  '--generator': { value: file },
  '--encoder': { value: file },
  '--fan': { value: file },
  '--fan-modules': { value: '1' },
  '--lpips': { value: file },
  '--lpips-heads': { value: file, beside: ['--lpips', file] },
  '--lpips-net': { value: 'alex', beside: ['--lpips', file] },
};

/** Flags with which the latents stay the same. */
const harmless: Record<string, string> = {
  '--out': join(folder, 'other.webp'),
  '--report': join(folder, 'report.html'),
  '--json': '',
  '--overwrite': '',
  '--quiet': '',
  '--limit': '3',
  // Only after the frames that a run continues from.
  '--refine': '',
  '--subframes': '3',
  '--interpolation': 'catmull-rom',
  '--fps': '10',
  '--no-audio': '',
  '--no-ai-tag': '',
  '--paste-back': '',
  '--low-memory': '',
  '--backend': 'wasm',
  '--allow-software': '',
  '--threads': '1',
  '--run': join(folder, 'a.run'),
  '--resume': '',
  '--fresh': '',
  '--progress': 'json',
  '--max-pixels': '1000000',
  '--max-seconds': '60',
  '--max-bytes': '1000000',
  '--checkpoints': 'arrays',
};

const given = (flag: string, value: string) => (value === '' ? [flag] : [flag, value]);

it('every flag either decides the latents or does not', async () => {
  const { stdout } = await faceanim(['animate', '--help']);
  const flags = [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag!);
  const known = [...Object.keys(deciding), ...Object.keys(harmless), '--part', '--help'];
  expect(flags.sort()).toEqual(known.sort());
});

it.each(Object.entries(deciding))(
  'a run is not resumed with another %s',
  async (flag, { value, beside = [] }) => {
    const other = [...beside, ...given(flag, value)];
    const named = flag === '--lpips-heads' ? '--lpips' : flag;
    expect(await refusal(beside, other)).toContain(named);
    expect(await refusal(other, beside)).toContain(named);
    expect(await refusal(other, other)).toBeUndefined();
  },
);

it.each(Object.entries(harmless))('a run is resumed with another %s', async (flag, value) => {
  expect(await refusal([], given(flag, value))).toBeUndefined();
});

it.each<[string, boolean]>([
  ['', true],
  ['--target driver', true],
  ['--align none', true],
  ['--target driver --align none', false],
  ['--target driver --align none --split 100', true],
  ['--mode reference', false],
  ['--mode reference --align frame', true],
])('with "%s", the number of driver frames decides the latents: %s', async (text, decides) => {
  const flags = text ? words(text) : [];
  const expected = decides ? expect.stringContaining('driver frames (--limit) was 3 and is 5') : undefined;
  expect(await refusal(flags, flags, [3, 5])).toEqual(expected);
  expect(await refusal(flags, flags, [3, 3])).toBeUndefined();
  // A driver that does not say how many it has, or a run of a version that did not store it.
  expect(await refusal(flags, flags, [undefined, 5])).toBeUndefined();
});

it('a run in parts is resumed with any --part', async () => {
  const split = ['--split', '100'];
  expect(await refusal(split, [...split, '--part', '2'])).toBeUndefined();
});

it.each([
  ['', '--start 0 --every 1 --align frame --align-look auto --preset fast'],
  ['', '--steps-look 60 --steps-first 20 --steps-next 10'],
  ['--steps-look 0', '--steps-look 0 --steps-first 60'],
  ['', '--window 1 --weights eyes=4,jaw=0.3 --space whitened-w --seed 0 --min-score 0.5'],
  ['', '--target look --gain mouth=1 --pose driver'],
  ['', '--face largest --look-face largest --on-missing-face hold'],
  [`--blend ${file}`, `--blend ${file} --blend-share 0.5`],
  ['--split 100', '--split 100 --overlap 8'],
  ['', '--mode identity'],
  ['--mode mouth', '--mode mouth --gain jaw=1,eyes=0 --weights mouth=4'],
  ['--mode reference', '--mode reference --target driver'],
  ['--preset thorough', '--preset thorough --steps-look 300 --steps-first 100 --steps-next 50'],
  [
    '--mode reference',
    '--mode reference --align none --steps-first 300 --steps-next 50 --weights rightEye=1,jaw=0.05',
  ],
  [`--lpips ${file}`, `--lpips ${file} --lpips-net vgg`],
])('a run with "%s" is resumed with "%s", which are the defaults', async (before, now) => {
  expect(await refusal(before ? words(before) : [], words(now))).toBeUndefined();
});

it('a run folder stores the flags that are not the defaults, as they are written', async () => {
  const flags = '--steps-next 20 --weights brows=2,jaw=0.7 --align 1,2,3.5,4 --mode reference';
  expect(settingsOf(await parse(words(flags)))).toEqual({
    '--align': '1,2,3.5,4',
    '--mode': 'reference',
    '--steps-next': '20',
    '--weights jaw': '0.7',
    '--weights leftEyebrow': '2',
    '--weights rightEyebrow': '2',
  });
});
