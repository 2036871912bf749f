import { leakyRelu, type Weights } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../check-weights';
import type { Resources } from '../resources';
import { dense } from './dense';
import type { StyleGan2Config } from './stylegan2-config';

/** The mapping network without truncation: z `[N, zDim]`, and c `[N, cDim]` if conditional, to w `[N, wDim]`. */
export function stylegan2Mapping(
  resources: Resources,
  weights: Weights,
  { cDim, mappingLayers, mappingLrMultiplier }: StyleGan2Config,
): (z: tf.Tensor2D, c: tf.Tensor2D | undefined) => tf.Tensor2D {
  const get = (name: string) => weightOf(weights, `mapping.${name}`);
  const embed = cDim > 0 ? dense(resources, get('embed.weight'), get('embed.bias')) : undefined;
  const layers = Array.from({ length: mappingLayers }, (_, i) =>
    dense(resources, get(`fc${i}.weight`), get(`fc${i}.bias`), {
      lrMultiplier: mappingLrMultiplier,
      gain: Math.SQRT2,
    }),
  );
  return (z, c) => {
    const input = embed ? tf.concat([normalize(z), normalize(embed(c!))], 1) : normalize(z);
    return layers.reduce((x, layer) => leakyRelu(layer(x)), input);
  };
}

/** Rows brought to mean square 1. */
function normalize(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-8)));
}
