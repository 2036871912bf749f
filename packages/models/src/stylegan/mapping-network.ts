import type { MappingOptions } from '@faceanim/core';
import { FaceanimError, invalidOption, leakyRelu, type TensorBag, type Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { equalizedDense } from './equalized-dense';
import type { MappingConfig } from './mapping-config';

/**
 * Builds the mapping network of StyleGAN2 and StyleGAN3: z `[N, zDim]`, and c `[N, cDim]` if conditional, to W+
 * `[N, numWs, wDim]`. All layers get the same w, truncated up to the cutoff.
 */
export function mappingNetwork(
  bag: TensorBag,
  weights: Weights,
  config: MappingConfig,
  numWs: number,
): (z: tf.Tensor2D, options?: MappingOptions) => tf.Tensor3D {
  const { zDim, cDim } = config;
  const map = untruncated(bag, weights, config);
  const wAvg = weights.get('mapping.w_avg')?.data;
  return (z, { c, truncationPsi = 1, truncationCutoff = numWs } = {}) => {
    if (z.shape[1] !== zDim) throw invalidOption('z', `[${z.shape}]`, `[N, ${zDim}]`);
    if (cDim > 0 && c?.shape[1] !== cDim) {
      throw invalidOption('c', c && `[${c.shape}]`, `class labels [N, ${cDim}]`);
    }
    if (truncationPsi !== 1 && !wAvg) {
      throw new FaceanimError(
        'invalid-option',
        'truncationPsi needs the mean latent, which this checkpoint lacks.',
        {
          hint: 'Leave truncationPsi out.',
        },
      );
    }
    return tf.tidy(() => {
      const w = tf.expandDims(map(z, c), 1);
      // Adding zeros broadcasts; on WASM, tile is a hundred times slower.
      if (truncationPsi === 1 || truncationCutoff <= 0) return tf.add(w, tf.zeros([1, numWs, 1]));
      const mean = tf.tensor1d(wAvg!);
      const truncated = tf.add(mean, tf.mul(tf.sub(w, mean), truncationPsi));
      const cutoff = Math.min(truncationCutoff, numWs);
      const layers = [...Array(numWs).keys()].map((i) => (i < cutoff ? truncated : w));
      return tf.concat(layers, 1) as tf.Tensor3D;
    });
  };
}

/** The mapping without truncation, to w `[N, wDim]`. */
function untruncated(
  bag: TensorBag,
  weights: Weights,
  { cDim, mappingLayers, mappingLrMultiplier }: MappingConfig,
): (z: tf.Tensor2D, c: tf.Tensor2D | undefined) => tf.Tensor2D {
  const embed = cDim > 0 ? equalizedDense(bag, weights, 'mapping.embed') : undefined;
  const layers = mappingLayersOf(bag, weights, mappingLayers, mappingLrMultiplier);
  return (z, c) => layers(embed ? tf.concat([normalize(z), normalize(embed(c!))], 1) : normalize(z));
}

/** The layers `mapping.fcI`, each followed by a leaky ReLU. */
export function mappingLayersOf(
  bag: TensorBag,
  weights: Weights,
  count: number,
  lrMultiplier: number,
): (x: tf.Tensor2D) => tf.Tensor2D {
  const options = { lrMultiplier, gain: Math.SQRT2 };
  const layers = Array.from({ length: count }, (_, i) =>
    equalizedDense(bag, weights, `mapping.fc${i}`, options),
  );
  return (x) => layers.reduce((y, layer) => leakyRelu(layer(y)), x);
}

/** Scales rows to mean square 1. */
export function normalize(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-8)));
}
