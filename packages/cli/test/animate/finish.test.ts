import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProjectedFrame } from '@faceanim/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { finishAnimation } from '../../src/animate/finish';
import type { ObservedFrame } from '../../src/animate/observe';
import type { AnimatePlan } from '../../src/animate/plan';
import { readLatents } from '../../src/render/read-latents';
import { SheetFrames } from '../../src/report/sheet-frames';
import { openRunFolder } from '../../src/run/folder';
import { newRecord } from '../../src/run/record';
import { saveEach, saveFrame } from '../../src/run/save-each';
import { frame } from '../run/runs';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faceanim-finish-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const landmarks = new Float64Array(136);
const observed = ({ index, losses, history, steps }: ProjectedFrame): ObservedFrame => ({
  ...{ index, losses, history, steps },
  driver: { index, shot: 0, found: true },
  landmarks: { driver: landmarks },
  seconds: 1,
  time: index / 25,
});
const record = newRecord(
  { settings: {}, contents: { generator: 'aa' } },
  { command: 'animate', fps: 25, driverClock: { fps: 25, first: 0 } },
);

/** Finishes a complete animation of three frames, in whose results a broken landmark network found nothing. */
async function finish({ numbers, page, aiTag }: { numbers?: string; page?: string; aiTag?: boolean } = {}) {
  await using run = await openRunFolder(at('out.run'), record, {});
  const projected = [0, 1, 2].map((index) => frame(index));
  for await (const _ of saveEach(projected, run, (done) => saveFrame(done, run)));
  const animation = {
    ...{ path: at('out.webp'), outputFrames: 3 },
    observer: {
      frames: projected.map(observed),
      sheet: new SheetFrames(),
      landmarks: [],
      failure: new Error('a broken network'),
    },
    ...{ latents: run.latents, backend: 'none', seconds: 1, msPerStep: 1 },
    ...{ command: 'faceanim animate', warnings: [], aiTag },
  };
  const [sheet, curve] = [at('out.sheet.png'), at('out.losses.png')];
  const plan: Partial<AnimatePlan> = { record, sheet, curve, numbers, page, fps: 25, replaceable: [curve] };
  const warn = vi.fn();
  const report = finishAnimation(animation, plan as AnimatePlan, run, warn);
  return { report: await report.catch((error: unknown) => error), warn };
}

it('latents are saved before anything else is written', async () => {
  await using run = await openRunFolder(at('out.run'), record, {});
  const images = saveEach([frame(0), frame(1)], run);
  await images.next();
  await images.next();
  await expect(readLatents(run.latents)).rejects.toMatchObject({ code: 'io' });
  // The sink asks for one more picture before it completes its file, which may fail.
  expect((await images.next()).done).toBe(true);
  expect((await readLatents(run.latents)).latents).toHaveLength(2);
});

it('a failure beside the animation is a warning and affects nothing else', async () => {
  mkdirSync(at('out.sheet.png'));
  const { report, warn } = await finish();
  expect(report).toMatchObject({
    out: at('out.webp'),
    contactSheet: undefined,
    lossCurve: at('out.losses.png'),
    driverFrames: 3,
    failures: [
      expect.stringMatching(/contact sheet failed: .*out\.sheet\.png exists already/),
      'Measuring the results failed: a broken network',
    ],
  });
  expect(report).not.toHaveProperty('following');
  expect(warn).toHaveBeenCalledTimes(2);
  expect((await readLatents(at('out.run'))).unfinished).toBe(false);
});

it('numbers that cannot be written are an error, after everything else is written', async () => {
  mkdirSync(at('report.json'));
  const { report } = await finish({ numbers: at('report.json') });
  expect(report).toMatchObject({ code: 'io', file: at('report.json') });
  expect(readFileSync(at('out.losses.png')).length).toBeGreaterThan(0);
});

it('writes the page and its numbers, also when the results could not be measured', async () => {
  writeFileSync(at('out.webp'), 'pictures');
  const { report } = await finish({ numbers: at('r.json'), page: at('r.html') });
  expect(report).toMatchObject({ page: at('r.html'), command: 'faceanim animate' });
  expect(readFileSync(at('r.html'), 'utf8')).toContain('Measuring the results failed: a broken network');
  expect(JSON.parse(readFileSync(at('r.json'), 'utf8')).frames[1]).toMatchObject({ found: true, seconds: 1 });
});

it('says on the contact sheet that a model made it, unless told otherwise', async () => {
  const label = 'trainedAlgorithmicMedia';
  await finish();
  expect(readFileSync(at('out.sheet.png'), 'latin1')).toContain(label);
  rmSync(at('out.sheet.png'));
  rmSync(at('out.run'), { recursive: true });
  await finish({ aiTag: false });
  expect(readFileSync(at('out.sheet.png'), 'latin1')).not.toContain(label);
});

it('keeps what somebody else has written in the meantime, and replaces its own files', async () => {
  for (const name of ['out.sheet.png', 'out.losses.png']) writeFileSync(at(name), 'theirs');
  const { report, warn } = await finish();
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/contact sheet failed: .* exists already/));
  expect(report).toMatchObject({ contactSheet: undefined, lossCurve: at('out.losses.png') });
  expect(readFileSync(at('out.sheet.png'), 'utf8')).toBe('theirs');
  expect(readFileSync(at('out.losses.png'), 'utf8')).not.toBe('theirs');
});

it('a page that cannot be made is a warning, and its numbers are written', async () => {
  // There is no animation to show.
  const { report, warn } = await finish({ page: at('p.html'), numbers: at('p.json') });
  expect(report).toMatchObject({
    page: undefined,
    failures: [expect.anything(), expect.stringMatching(/^The report failed: .*out\.webp/)],
  });
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^The report failed/));
  expect(JSON.parse(readFileSync(at('p.json'), 'utf8'))).not.toHaveProperty('page');
});
