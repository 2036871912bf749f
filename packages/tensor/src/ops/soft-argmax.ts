import * as tf from '@tensorflow/tfjs-core';
import { type CustomOp, customOp } from '../autodiff/custom-op';
import { hasFusedKernel } from './fused-kernel';

/** Weight of the middle of the map, so that an empty map has a position. */
const floor = 1e-2;

/**
 * Soft arg-max: the positions of the peaks of heat maps `[N, H, W, points]`, as the mean over cells weighted by
 * `expm1(sharpness · relu(heat))`. Differentiable.
 *
 * An empty cell weighs exactly nothing. In a softmax, thousands of them together outweigh a peak of 0.6 and draw every
 * position to the middle. Peaks may have any height, since weights are relative to the largest.
 *
 * @returns `[N, points, 3]`: x and y in cells, and a confidence from 0 (an empty map, whose position is its middle, with
 *   gradient 0) to 1 (0.98 for a peak of 0.005). The confidence has no gradient.
 */
export function softArgmax(heatmaps: tf.Tensor4D, sharpness: number): tf.Tensor3D {
  return customOp<tf.Tensor3D>([heatmaps], () =>
    hasFusedKernel('faceanim/SoftArgmax') ? fused(heatmaps, sharpness) : plain(heatmaps, sharpness),
  );
}

function fused(x: tf.Tensor4D, sharpness: number): CustomOp<tf.Tensor3D> {
  const run = <T extends tf.Tensor>(name: string, inputs: tf.NamedTensorMap) =>
    tf.engine().runKernel(name, inputs, { sharpness, floor }) as T;
  const value = run<tf.Tensor3D>('faceanim/SoftArgmax', { x });
  return {
    value,
    saved: [x, value],
    backward: (dy, [x, found], takeAccumulated) => {
      const addend = takeAccumulated(0);
      return run('faceanim/SoftArgmaxGradient', { dy, x: x!, found: found!, ...(addend && { addend }) });
    },
  };
}

function plain(heatmaps: tf.Tensor4D, sharpness: number): CustomOp<tf.Tensor3D> {
  const [n, height, width, points] = heatmaps.shape;
  const middle = [(width - 1) / 2, (height - 1) / 2] as const;
  const grid = cellGrid(n, height, width);
  const maps = tf.relu(tf.mul<tf.Tensor4D>(heatmaps, sharpness));
  const logits = tf.reshape(maps, [n, height * width, points]);
  // expm1(x) overflows from x = 89 on. Scaling all weights by exp(-max) cancels in the mean.
  const largest = tf.reshape(peaks(maps), [n, 1, points]);
  const scaled = tf.exp(tf.sub(logits, largest));
  const one = tf.exp(tf.neg(largest));
  const none = tf.mul(tf.reshape(one, [n, points, 1]), floor);
  const sums = tf.matMul<tf.Tensor3D>(tf.sub(scaled, one), grid, true);
  const heat = tf.slice(sums, [0, 0, 2], [-1, -1, 1]);
  const total = tf.add(heat, none);
  const moments = tf.add(tf.slice(sums, [0, 0, 0], [-1, -1, 2]), tf.mul(none, [...middle]));
  const value = tf.concat([tf.div(moments, total), tf.div(heat, total)], 2) as tf.Tensor3D;
  return {
    value,
    // d position / d logit = exp(logit - max) · (cell - position) / total if the logit is above 0, else 0.
    saved: [tf.mul(scaled, tf.step(logits)), value, total, grid],
    backward: (dy, [slope, value, total, grid]) => {
      const d = tf.div(tf.slice(dy, [0, 0, 0], [-1, -1, 2]), total!);
      const constant = tf.neg(tf.sum(tf.mul(d, tf.slice(value!, [0, 0, 0], [-1, -1, 2])), 2, true));
      // The small operand is transposed here: matMul with a transposed operand is slow on WASM.
      const perCell = tf.matMul(grid!, tf.transpose(tf.concat([d, constant], 2), [0, 2, 1]));
      return tf.reshape(tf.mul(tf.mul(perCell, slope!), sharpness), heatmaps.shape);
    },
  };
}

/** The largest value of each channel, pooled down the columns, then along the rows: tf.max takes many times as long on WASM. */
function peaks(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.maxPool(tf.maxPool(x, [height, 1], 1, 'valid'), [1, width], 1, 'valid');
}

/** (x, y, 1) of every cell in row-major order, repeated for every map: `[n, height * width, 3]`. */
function cellGrid(n: number, height: number, width: number): tf.Tensor3D {
  const cells = new Float32Array(height * width * 3).fill(1);
  for (let i = 0; i < height * width; i++) cells.set([i % width, Math.floor(i / width)], 3 * i);
  const grid = tf.tensor3d(cells, [1, height * width, 3]);
  return n === 1 ? grid : tf.tile(grid, [n, 1, 1]);
}
