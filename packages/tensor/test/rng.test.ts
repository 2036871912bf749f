import { describe, expect, it } from 'vitest';
import { randomState } from '../src/rng';
import { Fixture } from './support/fixtures';
import { listFixtures, missingFixtures } from './support/shared';

describe('randomState', () => {
  it('draws the same numbers as numpy', () => {
    expect([...randomState(0).randn(5)]).toEqual([
      1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458, 1.8675579901499675,
    ]);
    const last = randomState(2 ** 32 - 1);
    expect(last.randomSample()).toBe(0.0976320289940138);
    expect(last.randomSample()).toBe(0.9123828453026218);
  });

  it('stays in step with numpy across many refills', () => {
    const random = randomState(7);
    expect(random.randn(100_001).at(-1)).toBeCloseTo(-0.040355389114829734, 12);
    // An odd number of normals: the unused half of the last pair must not disturb the uniform stream.
    expect(random.randomSample()).toBe(0.18904026340021185);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 32])('refuses the seed %s', (seed) => {
    expect(() => randomState(seed)).toThrow(/seed must be a whole number/);
  });
});

const [ops] = listFixtures('ops', /^ops\.safetensors$/);
const [common] = listFixtures('projection', /^common\.safetensors$/);
const missing = missingFixtures('ops/ops.safetensors', 'projection/common.safetensors');

describe.skipIf(missing)(`randomState against the fixtures${missing ? ` (${missing})` : ''}`, () => {
  it('equals numpy.RandomState(s).randn', () => {
    const { tensors } = new Fixture(ops!);
    const oracles = [...tensors].filter(([name]) => name.startsWith('numpy.RandomState('));
    expect(oracles.length).toBeGreaterThan(0);
    for (const [name, { data }] of oracles) {
      const seed = Number(/\((\d+)\)/.exec(name)![1]);
      // The fixture holds 32-bit floats, so the comparison is exact after rounding.
      expect(Float32Array.from(randomState(seed).randn(data.length))).toEqual(data);
    }
  });

  it('draws the z samples of the original projector', () => {
    const { data } = new Fixture(common!).host('rng.z_samples.first4');
    expect(Float32Array.from(randomState(123).randn(data.length))).toEqual(data);
  });
});
