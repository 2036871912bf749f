import type { ProgressEvent } from '@faceanim/core';
import type { Backend } from '@faceanim/tensor';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { estimator, expectation } from '../../src/animate/estimate';
import { formatSeconds } from '../../src/terminal/durations';
import { createReporter } from '../../src/terminal/progress';
import { sink } from './sink';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const frames = 3;
const losses = { total: 0.5 };
const begin: ProgressEvent = { stage: 'optimize', frame: 0, frames, steps: 4, fraction: 0 };
const step = (index: number, etaSeconds?: number): ProgressEvent => ({
  ...{ ...begin, step: index, losses, fraction: (index + 1) / 12 },
  ...(etaSeconds === undefined ? {} : { etaSeconds }),
});

describe('without a terminal', () => {
  it('names every stage once and every frame, and is not silent for long', () => {
    const { stream, text } = sink(false);
    const { progress } = createReporter({ stream });
    progress({ stage: 'load', fraction: 0 });
    progress({ stage: 'load', fraction: 1 });
    progress({ stage: 'statistics', fraction: 0 });
    vi.advanceTimersByTime(12_000);
    progress({ stage: 'statistics', fraction: 0.4 });
    progress({ stage: 'locate', fraction: 0.5 });
    progress({ stage: 'locate', fraction: 1 });
    progress({ stage: 'track', frame: 0 });
    progress(begin);
    vi.advanceTimersByTime(25_000);
    progress(step(0, 275));
    vi.advanceTimersByTime(1_000);
    progress(step(1, 120));
    progress(step(3, 90));
    progress({ stage: 'render', frame: 0 });
    progress({ stage: 'write' });
    expect(text().split('\n')).toEqual([
      'loading',
      'latent statistics',
      'latent statistics, 40 %',
      'finding the face of the look, 50 %',
      'finding the face, frame 1',
      'optimising frame 1 of 3, 4 steps',
      'optimising frame 1 of 3, step 1 of 4, 4 min 35 s left',
      'frame 1 of 3: total 0.500, 1 min 30 s left',
      'writing',
      '',
    ]);
  });

  it('begins with the first frame that an earlier run has not finished', () => {
    const { stream, text } = sink(false);
    const { progress } = createReporter({ stream });
    progress({ stage: 'optimize', frame: 0, frames, fraction: 1 / 3 });
    progress({ stage: 'optimize', frame: 1, frames, fraction: 2 / 3 });
    progress({ ...begin, frame: 2 });
    vi.advanceTimersByTime(12_000);
    progress({ ...step(0), frame: 2 });
    expect(text().split('\n')).toEqual([
      'optimising frame 3 of 3, 4 steps',
      'optimising frame 3 of 3, step 1 of 4',
      '',
    ]);
  });

  it('tells the losses of the look, and of the first frame after it', () => {
    const { stream, text } = sink(false);
    const { progress } = createReporter({ stream });
    progress({ stage: 'look', steps: 2, fraction: 0 });
    progress({ stage: 'look', steps: 2, step: 1, losses: { total: 0.25 }, fraction: 1, etaSeconds: 9 });
    progress(begin);
    progress(step(3, 5));
    expect(text().split('\n')).toEqual([
      'projecting the look',
      'the look: total 0.250, 9 s left',
      'optimising frame 1 of 3, 4 steps',
      'frame 1 of 3: total 0.500, 5 s left',
      '',
    ]);
  });

  it('is not silent for long while finished frames are rendered again', () => {
    const { stream, text } = sink(false);
    const { progress } = createReporter({ stream });
    vi.advanceTimersByTime(12_000);
    progress({ stage: 'optimize', frame: 1, frames, fraction: 2 / 3 });
    expect(text()).toBe('frame 2 of 3 was already finished\n');
  });

  it('names the stage of a command that only renders', () => {
    const { stream, text } = sink(false);
    createReporter({ stream, main: 'render' }).progress({ stage: 'render', frame: 0, frames });
    expect(text()).toBe('rendering, frame 1 of 3\n');
  });

  it('never says that nothing is left', () => {
    const { stream, text } = sink(false);
    const { progress } = createReporter({ stream });
    for (const eta of [0, 0.4, 0.9]) progress(step(3, eta));
    expect(text()).toBe('frame 1 of 3: total 0.500\n');
  });

  it('only prints warnings with quiet', () => {
    const { stream, text } = sink(false);
    const reporter = createReporter({ stream, quiet: true });
    reporter.log('news');
    reporter.progress(step(3, 9));
    reporter.warn('warning: this matters');
    expect(text()).toBe('warning: this matters\n');
  });

  it('escapes control characters', () => {
    for (const quiet of [false, true]) {
      const { stream, text } = sink(false);
      createReporter({ stream, quiet }).warn('warning: a\x1b[2J.png\n  of two lines');
      expect(text()).toBe('warning: a\\u{1b}[2J.png\n  of two lines\n');
    }
  });
});

it('on a terminal, two bars show the stage, the frame, the step and the time left', async () => {
  const { stream, text } = sink(true);
  const { log, progress, stop } = createReporter({ stream });
  log('Backend: a test');
  progress({ stage: 'statistics', fraction: 0.4 });
  await vi.advanceTimersByTimeAsync(500);
  expect(text()).toContain('Backend: a test');
  expect(text()).toContain('latent statistics, 40 %');
  progress(begin);
  await vi.advanceTimersByTimeAsync(500);
  expect(text()).toContain('| 4 steps');
  progress(step(1, 90));
  await vi.advanceTimersByTimeAsync(500);
  expect(text()).toContain('frame 1 of 3, 1 min 30 s left');
  expect(text()).toContain('step 2 of 4, total 0.500');
  progress({ stage: 'write' });
  stop();
  expect(text()).toContain('writing');
});

it('on a terminal, one bar is enough without steps', async () => {
  const { stream, text } = sink(true);
  const { progress, stop } = createReporter({ stream, main: 'render' });
  progress({ stage: 'render', frame: 4, frames: 8, fraction: 0.5, etaSeconds: 8 });
  await vi.advanceTimersByTimeAsync(500);
  stop();
  expect(text()).toMatch(/50% \| rendering, frame 5 of 8, 8 s left/);
  expect(text()).not.toContain('frame ░');
});

it('names the driver frame if the run skips frames', () => {
  const { stream, text } = sink(false);
  createReporter({ stream }).progress({ ...step(3), frame: 105, position: 1 });
  expect(text()).toBe('frame 2 of 3 (driver frame 105): total 0.500\n');
});

describe('what a run will take', () => {
  const backend = { name: 'wasm', description: 'WASM (1 thread)', capabilities: { gpu: false } } as Backend;
  const options = { driver: 'd', out: 'o' };

  it('is said once, after the first step, with what would be faster', () => {
    const estimate = estimator(backend, 1024, options);
    expect(estimate(begin)).toBeUndefined();
    const line = estimate({ ...step(0, 275), msPerStep: 25_000 });
    expect(line).toMatch(
      /^25\.0 s per step on WASM \(1 thread\): about 4 min 35 s left for all 3 frames\.\n/,
    );
    expect(line).toMatch(/faceanim doctor.*--fan-modules 1.*256 pixels.*--steps-first/);
    expect(estimate({ ...step(1, 250), msPerStep: 25_000 })).toBeUndefined();
  });

  it('comes without advice if it is short, and with none that was followed', () => {
    const line = (eta: number) =>
      estimator(backend, 256, { ...options, fanModules: 1 })({ ...step(0, eta), msPerStep: 500 });
    expect(line(20)).toBe('500 ms per step on WASM (1 thread): about 20 s left for all 3 frames.');
    expect(line(100)).not.toMatch(/--fan-modules|pixels/);
  });

  it('is a warning before the first step of a large generator', () => {
    expect(expectation(backend, 1024)).toMatch(/1024 pixels is slow on wasm/);
    expect(expectation(backend, 256)).toBeUndefined();
    expect(expectation({ ...backend, name: 'webgpu' }, 1024)).toBeUndefined();
  });
});

it.each([
  [59.4, '59 s'],
  [75, '1 min 15 s'],
  [9000, '2 h 30 min'],
])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
