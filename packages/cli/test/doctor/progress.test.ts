import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { showTests } from '../../src/doctor/progress';
import { sink } from '../terminal/sink';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('without a terminal, names each test and part once, and says how far it is after ten seconds', () => {
  const { stream, text } = sink(false);
  using tests = showTests(2, stream);
  tests.begin(0, 'wasm');
  tests.part('latent statistics');
  tests.part('latent statistics, 50 %');
  tests.part('rendering');
  tests.begin(1, 'js');
  tests.part('rendering');
  vi.advanceTimersByTime(9_000);
  tests.part('rendering, 10 %');
  vi.advanceTimersByTime(2_000);
  tests.part('rendering, 20 %');
  tests.part('rendering, 30 %');
  expect(text().split('\n')).toEqual([
    'testing wasm (1 of 2) …',
    '  latent statistics …',
    '  rendering …',
    'testing js (2 of 2) …',
    '  rendering …',
    '  rendering, 20 % …',
    '',
  ]);
});

it('on a terminal, one bar shows which test is running, and what it does', async () => {
  const { stream, text } = sink(true);
  {
    using tests = showTests(5, stream);
    tests.begin(4, 'js');
    await vi.advanceTimersByTimeAsync(500);
    expect(text()).toMatch(/tests █{8}░{2} js \(5 of 5\)/);
    tests.part('latent statistics, 40 %');
    await vi.advanceTimersByTimeAsync(500);
    expect(text()).toContain('░ js (5 of 5): latent statistics, 40 %');
  }
  const shown = text();
  await vi.advanceTimersByTimeAsync(500);
  expect(text()).toBe(shown);
});
