import type { TensorBag, Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { equalizedDense } from '../../stylegan/equalized-dense';
import { scaled } from '../../stylegan/weight-layout';
import type { StyleGan3Config } from './config';

/**
 * The Fourier features that a StyleGAN3 synthesis starts from: w `[N, wDim]` to `[N, size, size, C]`, rotated and shifted by
 * w and by a custom transform `[3, 3]`.
 */
export type FourierInput = (w: tf.Tensor2D, transform?: readonly number[]) => tf.Tensor4D;

/** Builds the input of a StyleGAN3 synthesis network (Karras et al. 2021, arXiv 2106.12423). */
export function fourierInput(bag: TensorBag, weights: Weights, { input }: StyleGan3Config): FourierInput {
  const get = (name: string) => weightOf(weights, `synthesis.input.${name}`);
  const { size, samplingRate, bandwidth } = input;
  const channels = get('freqs').shape[0]!;
  const affine = equalizedDense(bag, weights, 'synthesis.input.affine');
  const frequencies = bag.constant<tf.Rank.R2>(get('freqs').data, [channels, 2]);
  const phases = bag.constant<tf.Rank.R3>(get('phases').data, [1, 1, channels]);
  const mixing = scaled(get('weight'), 1 / Math.sqrt(channels));
  const mix = bag.constant<tf.Rank.R2>(mixing.data, [channels, channels]);
  const grid = bag.constant<tf.Rank.R2>(pixelCentres(size, samplingRate), [size * size, 2]);
  const stored = [...get('transform').data];

  return (w, transform = stored) => {
    const count = w.shape[0];
    const moved = tf.matMul(
      movement(affine(w)),
      tf.tile(tf.tensor3d([...transform], [1, 3, 3]), [count, 1, 1]),
    );
    // [N, C, 3]: the rotated frequencies and the phase that the shift adds.
    const waves = tf.matMul(tf.tile(tf.expandDims(frequencies), [count, 1, 1]), moved);
    const turned = tf.slice(waves, [0, 0, 0], [count, channels, 2]);
    const shift = tf.reshape(tf.slice(waves, [0, 0, 2], [count, channels, 1]), [count, 1, channels]);
    const length = tf.sqrt(tf.sum(tf.square(turned), 2));
    // Fade out frequencies beyond the bandwidth.
    const amplitude = tf.clipByValue(
      tf.sub(1, tf.div(tf.sub(length, bandwidth), samplingRate / 2 - bandwidth)),
      0,
      1,
    );
    const positions = tf.tile(tf.expandDims(grid), [count, 1, 1]);
    const cycles = tf.add(tf.add(tf.matMul(positions, turned, false, true), phases), shift);
    const features = tf.mul(tf.sin(tf.mul(cycles, 2 * Math.PI)), tf.reshape(amplitude, [count, 1, channels]));
    const mixed = tf.matMul(tf.reshape(features, [count * size * size, channels]), mix, false, true);
    return tf.reshape(mixed, [count, size, size, channels]);
  };
}

/** The first two rows of rotation times translation, `[N, 2, 3]`, from (cos, sin, x, y) `[N, 4]`. */
function movement(t: tf.Tensor2D): tf.Tensor3D {
  const rotation = tf.slice(t, [0, 0], [-1, 2]);
  const normalized = tf.div(t, tf.sqrt(tf.sum(tf.square(rotation), 1, true)));
  const [cos, sin, x, y] = tf.unstack(normalized, 1) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const across = tf.sub(tf.mul(sin, y), tf.mul(cos, x));
  const down = tf.neg(tf.add(tf.mul(sin, x), tf.mul(cos, y)));
  return tf.stack([tf.stack([cos, tf.neg(sin), across], 1), tf.stack([sin, cos, down], 1)], 1) as tf.Tensor3D;
}

/** x and y of every pixel's centre; 0 is the middle of the image, and `samplingRate` pixels are 1. */
function pixelCentres(size: number, samplingRate: number): Float32Array {
  const centre = (pixel: number) => (pixel + 0.5 - size / 2) / samplingRate;
  return Float32Array.from({ length: 2 * size * size }, (_, i) => {
    const pixel = i >> 1;
    return centre(i % 2 === 0 ? pixel % size : Math.floor(pixel / size));
  });
}
