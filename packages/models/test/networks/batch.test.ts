import type { Generator } from '@faceanim/core';
import { asImageTensor, type ImageTensor, randomState, valueAndGradients } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { relativeL2 } from '../../../tensor/test/support/compare';
import { createStyleGan2 } from '../../src/generators/stylegan2/stylegan2';
import { avatarPack } from '../../src/packs/avatar';
import { smallStyleGan2 } from '../support/small-stylegan2';

const batch = 3;

/** Compares values and gradients of a batch, `[batch, ...]`, with those of its images one by one. */
async function compareWithSingles(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): Promise<void> {
  const random = randomState(5);
  const evaluate = (x: tf.Tensor, dy: tf.Tensor) => {
    const { value, gradients } = valueAndGradients((x) => f(x!), [x], dy);
    return [value, gradients[0]!] as const;
  };
  const pick = (x: tf.Tensor, i: number) =>
    tf.slice(x, [i, ...x.shape.slice(1).map(() => 0)], [1, ...x.shape.slice(1)]);
  const pairs = tf.tidy(() => {
    const shape = f(x).shape;
    const dy = tf.tensor(Float32Array.from(random.randn(tf.util.sizeFromShape(shape))), shape);
    const whole = evaluate(x, dy);
    const singles = Array.from({ length: batch }, (_, i) => evaluate(pick(x, i), pick(dy, i)));
    return whole.map((all, k) => [all, tf.concat(singles.map((single) => single[k]!))]);
  });
  for (const [together, alone] of pairs) expect(await relativeL2(together!, alone!)).toBeLessThan(2e-4);
  tf.dispose(pairs);
}

function latents({ numWs, wDim }: Generator): tf.Tensor3D {
  return tf.tensor3d(Float32Array.from(randomState(1).randn(batch * numWs * wDim)), [batch, numWs, wDim]);
}

function images(size: number): ImageTensor<'signed'> {
  const data = Float32Array.from(randomState(2).randn(batch * size * size * 3), (x) => 0.5 * x);
  return asImageTensor(tf.tensor4d(data, [batch, size, size, 3]), 'signed');
}

eachBackend((backend) => {
  it('StyleGAN2 draws a batch as it draws each image, also with custom noise maps', async () => {
    using generator = createStyleGan2(smallStyleGan2());
    const ws = latents(generator);
    for (const noise of ['const', 'none', { ...generator.noiseMaps }] as const) {
      await compareWithSingles((x) => generator.synthesis(x as tf.Tensor3D, { noise }), ws);
    }
    ws.dispose();
  });

  it.skipIf(backend === 'cpu')(
    'the networks of the avatar pack treat a batch as they treat each image; LPIPS compares with one look',
    async () => {
      using pack = await avatarPack({ fanModules: 1 });
      const ws = latents(pack.generator);
      await compareWithSingles((x) => pack.generator.synthesis(x as tf.Tensor3D), ws);
      const pictures = images(64);
      const look = tf.tidy(() =>
        pack.perceptual.features(asImageTensor(tf.slice(images(64), 0, 1), 'signed')),
      );
      await compareWithSingles(
        (x) => pack.perceptual.distance(pack.perceptual.features(asImageTensor(x, 'signed')), look),
        pictures,
      );
      const { inputSize } = pack.landmarkNet;
      const input = images(inputSize);
      await compareWithSingles((x) => pack.landmarkNet.heatmaps(asImageTensor(x, 'unit')), input);
      tf.dispose([ws, pictures, look, input]);
    },
  );
});
