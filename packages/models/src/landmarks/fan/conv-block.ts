import {
  customOp,
  FrozenConv,
  joinChannels,
  PreactivatedConv,
  type TensorBag,
  type Weights,
} from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { batchNorm } from './batch-norm';

/** A part of a network, `[N, H, W, C]` to `[N, H', W', C']`. */
export type Stage = (x: tf.Tensor4D) => tf.Tensor4D;

/**
 * FAN's residual block: three pre-activated 3x3 convolutions in a row, whose results are concatenated, plus the input
 * (through a 1x1 convolution if the width changes).
 *
 * It is one operation with a custom gradient, so that the upstream gradients of an activation are added up inside the
 * convolution that computes the last of them.
 */
export function convBlock(bag: TensorBag, weights: Weights, name: string): Stage {
  const layer = (norm: string, conv: string, padding: number) => {
    const { scale, shift } = batchNorm(weights, `${name}.${norm}`);
    return new PreactivatedConv(
      bag.use(new FrozenConv(weightOf(weights, `${name}.${conv}.weight`), { padding })),
      bag.constant<tf.Rank.R1>(scale, [scale.length]),
      bag.constant<tf.Rank.R1>(shift, [shift.length]),
    );
  };
  const [first, second, third] = [1, 2, 3].map((i) => layer(`bn${i}`, `conv${i}`, 1)) as [
    PreactivatedConv,
    PreactivatedConv,
    PreactivatedConv,
  ];
  const shortcut = weights.has(`${name}.downsample.2.weight`)
    ? layer('downsample.0', 'downsample.2', 0)
    : undefined;
  const startB = first.outChannels;
  const startC = startB + second.outChannels;
  return (x) =>
    customOp([x], () => {
      const a = first.forward(x);
      const b = second.forward(a.value);
      const c = third.forward(b.value);
      const short = shortcut?.forward(x);
      return {
        value: joinChannels([a.value, b.value, c.value], short?.value ?? x),
        saved: [a, b, c, ...(short ? [short] : [])].map(({ kept }) => kept),
        backward: (dy, saved) => {
          const [keptA, keptB, keptC, keptShort] = saved as tf.Tensor4D[];
          // Some channels of dy belong to a and b; the rest of their gradient comes through the next layer.
          const db = third.backward(dy, keptC!, { start: startC, addend: dy, addendStart: startB });
          const da = second.backward(db, keptB!, { addend: dy });
          const addend = shortcut ? shortcut.backward(dy, keptShort!) : dy;
          return first.backward(da, keptA!, { addend });
        },
      };
    });
}
