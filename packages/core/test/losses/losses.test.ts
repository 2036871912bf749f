import { expect, it } from 'vitest';
import type { LossTerm } from '../../src/contracts/loss-term';
import { fan, fidelity, landmarks, lpips, noise, pixel, prior, realism, smooth } from '../../src/losses';
import { checkLossTerm, type LossTermCheckOptions } from '../../src/testing';
import { eachBackend } from '../support/backends';

const cases: [string, LossTerm, LossTermCheckOptions?][] = [
  ['lpips', lpips()],
  ['pixel', pixel()],
  ['fan, relative', fan()],
  ['fan, relative, three scales', fan({ scales: 3 })],
  ['fan, blog', fan({ form: 'blog' }), { epsilon: 1e-3 }],
  ['fan, repository', fan({ form: 'repository', groups: { outerLip: 5, jaw: 0 } })],
  ['landmarks', landmarks()],
  ['landmarks, far', landmarks({ sharpness: 4, delta: 0.1 })],
  ['smooth, l2', smooth()],
  ['smooth, repository', smooth({ norm: 'repository' }), { epsilon: 1e-3 }],
  ['fidelity, l2', fidelity()],
  ['fidelity, repository', fidelity({ norm: 'repository' }), { epsilon: 1e-3 }],
  ['prior, inside the wall', prior(), { scale: 0.2 }],
  ['prior, beyond the wall', prior({ wall: 2, limit: 0.5 }), { scale: 2 }],
  ['realism', realism()],
  ['noise', noise(), { inNoise: true }],
  ['pixel, in the noise maps', pixel(), { inNoise: true }],
];

eachBackend(() => {
  it.each(cases)(
    '%s: the gradient agrees with finite differences and nothing leaks',
    async (_, term, options) => {
      const { value, gradientNorm, relativeError, leaked } = await checkLossTerm(term, options);
      expect(value).toBeGreaterThan(0);
      expect(gradientNorm).toBeGreaterThan(0);
      expect(relativeError).toBeLessThan(1e-2);
      expect(leaked).toBe(0);
    },
  );
});

it('a gradient check sees a wrong gradient', async () => {
  const { checkGradient } = await import('../../src/testing');
  const cube = (factor: number) => async (x: Float32Array) => ({
    value: x.reduce((sum, v) => sum + v ** 3, 0),
    gradient: x.map((v) => factor * v * v),
  });
  const at = Float32Array.from([1, -2, 0.5]);
  expect((await checkGradient(cube(3), at)).relativeError).toBeLessThan(1e-3);
  expect((await checkGradient(cube(2), at)).relativeError).toBeGreaterThan(0.1);
});

it.each([
  ['NaN', { jaw: Number.NaN }],
  ['a negative number', { jaw: -1 }],
])('%s as a group weight is refused by name', (_, groups) => {
  expect(() => fan({ groups })).toThrow(/jaw/);
  expect(() => landmarks({ groups })).toThrow(/jaw/);
});

it('a bad number of scales is refused', () => {
  expect(() => fan({ scales: 0 })).toThrow(/scales/);
});
