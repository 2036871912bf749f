import { fileURLToPath } from 'node:url';
import type { Weights } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { createDiscriminator } from '../../src/discriminators/load-discriminator';
import { createGenerator } from '../../src/generators/load-generator';
import { createLandmarkNet } from '../../src/landmarks/load-landmark-net';
import { createLpips } from '../../src/perceptual/lpips';
import { failure } from '../support/failure';

const bundled = (name: string) =>
  new Fixture(fileURLToPath(new URL(`../../assets/avatar/${name}.safetensors`, import.meta.url))).tensors;
const generator = bundled('generator');
const fan = bundled('fan');
const student = bundled('lpips-student');
const encoder = bundled('encoder');

const file = 'weights.pth';
const builders: Record<string, (weights: Weights) => unknown> = {
  'a StyleGAN2 generator': (weights) => createGenerator(weights, { file }),
  'a StyleGAN2 discriminator': (weights) => createDiscriminator(weights, { file }),
  FAN: (weights) => createLandmarkNet(weights, { file }),
  'the LPIPS student': (weights) => createLpips(weights, weights, { net: 'student', file }),
  'an AlexNet trunk': (weights) => createLpips(weights, weights, { net: 'alex', file }),
};

// No backend is registered here: weights are checked before any tensor is created.
describe('weights of the wrong network', () => {
  const files: [string, Weights][] = [
    ['a StyleGAN2 generator', generator],
    ['FAN', fan],
    ['the LPIPS student', student],
    ['a linear encoder', encoder],
  ];
  for (const [network, build] of Object.entries(builders)) {
    for (const [actual, weights] of files.filter(([actual]) => actual !== network)) {
      it(`${actual} loaded as ${network} is recognised`, () => {
        const error = failure(() => build(weights));
        expect(error).toMatchObject({ code: 'weights-mismatch', file });
        expect(error.message).toContain(`It looks like ${actual}.`);
        expect(error.hint).toContain(actual);
      });
    }
  }
});

describe.each([
  ['FAN', fan],
  ['a StyleGAN2 generator', generator],
  ['the LPIPS student', student],
])('weights of %s', (network, weights) => {
  // A tensor that the configuration is not read from.
  const name = [...weights.keys()].filter((key) => /bias$/.test(key)).at(-1)!;
  const build = builders[network]!;

  it('lists missing, unknown and mis-shaped tensors in one error', () => {
    const changed = new Map(weights);
    const [missing, reshaped] = [...weights.keys()].filter((key) => /bias$/.test(key)) as [string, string];
    changed.delete(missing);
    changed.set(reshaped, { shape: [1], data: new Float32Array(1) });
    changed.set('extra', { shape: [1], data: new Float32Array(1) });
    const error = failure(() => build(changed));
    expect(error.code).toBe('weights-mismatch');
    expect(error.message).toContain(`${missing} is missing`);
    expect(error.message).toContain(`${reshaped} is [1], expected [${weights.get(reshaped)!.shape}]`);
    expect(error.message).toContain('extra is unknown');
  });

  it('names a tensor that is not finite', () => {
    const { shape, data } = weights.get(name)!;
    const changed = new Map(weights).set(name, {
      shape,
      data: data.map((v, i) => (i === 0 ? Number.NaN : v)),
    });
    const error = failure(() => build(changed));
    expect(error).toMatchObject({ code: 'checkpoint-corrupt', file });
    expect(error.message).toContain(name);
  });

  it('refuses an empty file', () => {
    expect(failure(() => build(new Map())).code).toBe('weights-mismatch');
  });
});

it('FAN runs no more modules than it has', () => {
  expect(failure(() => createLandmarkNet(fan, { modules: 9 }))).toMatchObject({ code: 'invalid-option' });
});
