import type { Generator } from '@faceanim/core';
import { valueAndGradients } from '@faceanim/tensor';
import { peakBytes } from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { loadGenerator } from '../../src/generators/load-generator';
import { createStyleGan2 } from '../../src/generators/stylegan2/stylegan2';
import { smallStyleGan2 } from '../support/small-stylegan2';

eachBackend((backend) => {
  it('StyleGAN2: the same image and gradients, fewer bytes', async () => {
    const weights = smallStyleGan2({ channels: 16 });
    using plain = createStyleGan2(weights);
    using checkpointed = createStyleGan2(weights, { checkpointing: 8 });
    await compare(plain, checkpointed);
  });

  const [file] = listFixtures('stylegan3', /32\.pkl$/);
  it.skipIf(!file || backend === 'cpu')(
    `StyleGAN3: the same image and gradients, fewer bytes${file ? '' : `: ${missingShared}`}`,
    async () => {
      using plain = await loadGenerator(file!);
      using checkpointed = await loadGenerator(file!, { checkpointing: true });
      await compare(plain, checkpointed);
    },
  );
});

async function compare(plain: Generator, checkpointed: Generator): Promise<void> {
  const before = tf.memory().numTensors;
  const { numWs, wDim, resolution } = plain;
  const ws = tf.randomNormal<tf.Rank.R3>([1, numWs, wDim], 0, 1, 'float32', 3);
  const probe = tf.randomNormal([1, resolution, resolution, 3], 0, 1, 'float32', 4);
  const layers = Object.keys(plain.noiseMaps);
  const maps = layers.map((layer) => plain.noiseMaps[layer]!);
  const run = (generator: Generator) => {
    const projection = (ws?: tf.Tensor, ...own: tf.Tensor[]) => {
      const noise = Object.fromEntries(layers.map((layer, i) => [layer, own[i] as tf.Tensor2D]));
      return tf.sum(tf.mul(generator.synthesis(ws as tf.Tensor3D, { noise }), probe)) as tf.Scalar;
    };
    return valueAndGradients(projection, [ws, ...maps]);
  };
  let expected!: ReturnType<typeof run>;
  let got!: ReturnType<typeof run>;
  const bytes = peakBytes(() => {
    expected = run(plain);
  });
  const fewer = peakBytes(() => {
    got = run(checkpointed);
  });
  expect(await maxRelative(got.value, expected.value)).toBeLessThan(1e-5);
  for (const [i, gradient] of got.gradients.entries()) {
    expect(await maxRelative(gradient, expected.gradients[i]!)).toBeLessThan(1e-5);
  }
  expect(fewer).toBeLessThan(bytes);
  tf.dispose([ws, probe, expected.value, expected.gradients, got.value, got.gradients]);
  expect(tf.memory().numTensors).toBe(before);
}
