import { affineRelu, concatChannels, FrozenConv, type Weights } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../check-weights';
import type { Resources } from '../resources';
import { batchNorm } from './batch-norm';

/** A part of a network, `[N, H, W, C]` to `[N, H', W', C']`. */
export type Stage = (x: tf.Tensor4D) => tf.Tensor4D;

/**
 * FAN's residual block: three pre-activated 3x3 convolutions in a row, the results of all three side by side on the
 * channel axis, plus the input (through a 1x1 convolution where the width changes).
 */
export function convBlock(resources: Resources, weights: Weights, name: string): Stage {
  const [first, second, third] = [1, 2, 3].map((i) => {
    const activate = normRelu(resources, weights, `${name}.bn${i}`);
    const conv = resources.use(new FrozenConv(weightOf(weights, `${name}.conv${i}.weight`), { padding: 1 }));
    return (x: tf.Tensor4D) => conv.apply(activate(x));
  }) as [Stage, Stage, Stage];
  const shortcut = weights.has(`${name}.downsample.2.weight`)
    ? widen(resources, weights, `${name}.downsample`)
    : undefined;
  return (x) => {
    const a = first(x);
    const b = second(a);
    const c = third(b);
    return tf.add(concatChannels([a, b, c]), shortcut ? shortcut(x) : x);
  };
}

function widen(resources: Resources, weights: Weights, name: string): Stage {
  const activate = normRelu(resources, weights, `${name}.0`);
  const conv = resources.use(new FrozenConv(weightOf(weights, `${name}.2.weight`)));
  return (x) => conv.apply(activate(x));
}

/** Batch norm and ReLU. It precedes the convolution and its input is used elsewhere, so it folds into neither. */
function normRelu(resources: Resources, weights: Weights, name: string): Stage {
  const norm = batchNorm(weights, name);
  const scale = resources.tensor<tf.Rank.R1>(norm.scale, [norm.scale.length]);
  const shift = resources.tensor<tf.Rank.R1>(norm.shift, [norm.shift.length]);
  return (x) => affineRelu(x, scale, shift);
}
