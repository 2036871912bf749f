import { asImageTensor } from '@faceanim/tensor';
import { countLeaks } from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { Generator } from '../../src/contracts/generator';
import type { PerceptualNet } from '../../src/contracts/perceptual-net';
import { latentSpace } from '../../src/latents/latent-space';
import { latentStatistics } from '../../src/latents/statistics';
import { fidelity, type LossTerm, lpips, pixel, smooth } from '../../src/losses';
import { knownUnits } from '../../src/optimization/known-units';
import { identityLosses } from '../../src/presets/default-losses';
import { referenceMode } from '../../src/presets/reference-mode';
import type { SequenceFrame } from '../../src/sequence/sequence-frame';
import { tinyGenerator, tinyPerceptualNet } from '../../src/testing';
import { type Base, collect, driver, maxDifference, withNetworks } from '../sequence/support';

/** The same faces, from latents ten times as large. */
const tenfold = (generator: Generator): Generator => ({
  ...generator,
  mapping: (z) => tf.tidy(() => tf.mul<tf.Tensor3D>(generator.mapping(z), 10)),
  synthesis: (ws, options) => tf.tidy(() => generator.synthesis(tf.div<tf.Tensor3D>(ws, 10), options)),
});

/** The same distances, on another scale. */
const sevenfold = (net: PerceptualNet): PerceptualNet => ({
  ...net,
  distance: (a, b) => tf.tidy(() => tf.mul<tf.Tensor1D>(net.distance(a, b), 7)),
});

type Networks = Pick<Base, 'landmarkNet' | 'perceptual'>;

const networksOf = ({ landmarkNet, perceptual }: Base): Networks => ({ landmarkNet, perceptual });

const run = (base: Base, losses: (networks: Networks) => LossTerm[] = identityLosses) =>
  collect({
    ...base,
    driver: driver(2),
    losses: losses(networksOf(base)),
    steps: { look: 0, first: 6, next: 3 },
  });

const difference = (a: readonly SequenceFrame[], b: readonly SequenceFrame[]) =>
  Math.max(...a.map(({ coordinates }, i) => maxDifference(coordinates, b[i]!.coordinates)));

/** Terms of the same weights, which do not know how far apart faces are. */
const absolute = ({ perceptual }: Networks) => [
  lpips({ net: perceptual, relative: false }),
  fidelity({ weight: 0.05, relative: false }),
];

eachBackend(() => {
  it('relative weights make the scale of latents and of the perceptual network irrelevant', async () => {
    await withNetworks(async (base) => {
      const usual = await run(base);
      const latents = { ...base, generator: tenfold(base.generator) };
      const distances = { ...base, perceptual: sevenfold(base.perceptual) };
      expect(difference(await run(latents), usual)).toBeLessThan(2e-3);
      expect(difference(await run(distances), usual)).toBeLessThan(2e-3);
      const fixed = await run(base, absolute);
      expect(difference(await run(latents, absolute), fixed)).toBeGreaterThan(0.02);
      expect(difference(await run(distances, absolute), fixed)).toBeGreaterThan(0.02);
    });
  });
});

/** Units of terms on the tiny generator. */
async function unitsOf(terms: readonly LossTerm[], generator: Generator): Promise<number[]> {
  const statistics = await latentStatistics(generator, { samples: 500 });
  const mean = tf.tensor3d(statistics.mean, [1, 1, generator.wDim]);
  using space = latentSpace('whitened-w', statistics, generator.numWs);
  try {
    const units = await knownUnits()(terms, { generator, space, mean, look: true });
    return terms.map((term) => units.get(term) ?? 1);
  } finally {
    mean.dispose();
  }
}

eachBackend(() => {
  it('the unit is the distance of random faces from the mean face', async () => {
    using generator = tinyGenerator();
    const net = tinyPerceptualNet();
    const { std } = await latentStatistics(generator, { samples: 500 });
    const terms = [
      smooth(),
      fidelity(),
      pixel(),
      lpips({ net }),
      lpips({ net: sevenfold(net) }),
      smooth({ relative: false }),
    ];
    let units: number[] = [];
    expect(await countLeaks(async () => void (units = await unitsOf(terms, generator)))).toBe(0);
    const [step, typical, colours, distance, seven, none] = units as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    // All four layers have the same w. Eight faces are within a quarter of the deviation of 500.
    expect(step / (2 * std)).toBeCloseTo(1, 0.6);
    expect(typical).toBeCloseTo(step, 5);
    expect(distance).toBeLessThan(colours);
    expect(seven / distance).toBeCloseTo(7, 4);
    expect(none).toBe(1);
  });

  it('a copy of a term with another value has a unit of its own', async () => {
    using generator = tinyGenerator();
    const term = pixel();
    const value: typeof term.value = (step, look) => tf.mul(term.value(step, look), 2);
    const terms = [term, { ...term, name: 'double', value }] as LossTerm[];
    const [plain, double] = (await unitsOf(terms, generator)) as [number, number];
    expect(double / plain).toBeCloseTo(2, 4);
  });

  it('a generator whose faces are all alike has no unit', async () => {
    using tiny = tinyGenerator();
    const grey = () => asImageTensor(tf.zeros<tf.Rank.R4>([1, 16, 16, 3]), 'signed');
    await expect(unitsOf([pixel()], { ...tiny, synthesis: grey })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/pixel cannot be relative.* is 0/),
    });
  });
});

it('a term that is prepared for each frame cannot be relative', async () => {
  await withNetworks(async (base) => {
    const term = { ...smooth(), prepare: () => ({}) };
    await expect(run(base, () => [term])).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('smooth cannot be relative'),
    });
  });
});

it('reference mode keeps the weights of the original program as they are', async () => {
  await withNetworks(async (base) => {
    expect(referenceMode(networksOf(base)).losses!.filter(({ relative }) => relative)).toEqual([]);
  });
});
