import { type HostTensor, type ImageTensor, type Range, shiftPixels } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** How far the movement of a point reaches, in sides of the image: standard deviation of a Gaussian. */
const reach = 0.15;
/** Variance of the noise in movements, relative to theirs. Without it, points that are close would tear the picture. */
const noise = 0.03;

/**
 * How points move, for {@link movePoints}: by Gaussian process regression (kriging), for which this solves the equations.
 *
 * @param from points `x0, y0, x1, …` in sides of the image.
 * @returns `[4, points]`: x and y of `to`, and the weights of its points in the movement along x and along y.
 */
export function movement(from: ArrayLike<number>, to: ArrayLike<number>): HostTensor {
  const count = to.length / 2;
  const nearness = (i: number, k: number) =>
    Math.exp(-((to[2 * i]! - to[2 * k]!) ** 2 + (to[2 * i + 1]! - to[2 * k + 1]!) ** 2) / (2 * reach ** 2));
  const covariance = new Matrix(count, count);
  const shifts = new Matrix(count, 2);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k <= i; k++) {
      covariance.set(i, k, nearness(i, k) + (i === k ? noise : 0));
      covariance.set(k, i, covariance.get(i, k));
    }
    shifts.setRow(i, [from[2 * i]! - to[2 * i]!, from[2 * i + 1]! - to[2 * i + 1]!]);
  }
  const weights = new CholeskyDecomposition(covariance).solve(shifts);
  const data = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    data[i] = to[2 * i]!;
    data[count + i] = to[2 * i + 1]!;
    data[2 * count + i] = weights.get(i, 0);
    data[3 * count + i] = weights.get(i, 1);
  }
  return { shape: [4, count], data };
}

/**
 * Warps a square image so that points move. What is near them moves along; far from all of them nothing moves.
 *
 * @param image `[1, side, side, 3]`
 * @param moved a {@link movement} as a tensor.
 */
export function movePoints<R extends Range>(image: ImageTensor<R>, moved: tf.Tensor2D): ImageTensor<R> {
  const [, side] = image.shape;
  const count = moved.shape[1];
  return tf.tidy(() => {
    const centres = Float32Array.from({ length: side }, (_, i) => (i + 0.5) / side);
    const [to, weights] = tf.split(tf.reshape(moved, [4, 1, count]), 2);
    // A Gaussian is one across times one down.
    const distances = tf.sub(tf.tensor3d(centres, [1, side, 1]), to!);
    const nearness = tf.exp(tf.mul(tf.square(distances), -1 / (2 * reach ** 2)));
    const [across, down] = tf.split(nearness, 2);
    const inPixels = tf.mul(weights!, side);
    return shiftPixels(image, tf.matMul(tf.mul(down!, inPixels), across!, false, true) as tf.Tensor3D);
  });
}
