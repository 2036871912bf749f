import * as tf from '@tensorflow/tfjs-core';

/**
 * The noise-map regulariser of StyleGAN2 (Karras et al. 2020, arXiv 1912.04958, appendix D; projector.py): the squared
 * autocorrelation at a shift of one pixel in x and in y, over a pyramid of 2x2 averages down to 8 pixels, summed over the
 * maps. Differentiable.
 *
 * @param maps square maps `[size, size]`.
 */
export function noiseRegularization(maps: Iterable<tf.Tensor2D>): tf.Scalar {
  return tf.tidy(() => {
    const terms: tf.Tensor[] = [];
    for (const map of maps) {
      for (let level = map; ; level = halve(level)) {
        terms.push(tf.square(autocorrelation(level, 0)), tf.square(autocorrelation(level, 1)));
        if (level.shape[0] <= 8) break;
      }
    }
    return tf.addN([tf.scalar(0), ...terms]) as tf.Scalar;
  });
}

/** Mean product of each pixel and its cyclic neighbour along an axis. */
function autocorrelation(map: tf.Tensor2D, axis: 0 | 1): tf.Tensor {
  const size = map.shape[axis];
  const [head, tail] = tf.split(map, [size - 1, 1], axis) as [tf.Tensor2D, tf.Tensor2D];
  return tf.mean(tf.mul(map, tf.concat([tail, head], axis)));
}

function halve(map: tf.Tensor2D): tf.Tensor2D {
  const [height, width] = map.shape;
  const pairs = tf.mean(tf.reshape(map, [height / 2, 2, width]), 1);
  return tf.mean(tf.reshape(pairs, [height / 2, width / 2, 2]), 2) as tf.Tensor2D;
}

/** Normalises a noise map to mean 0 and mean square 1, as the projector does after every step. */
export function normalizeNoise(map: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const centred = tf.sub(map, tf.mean(map));
    return tf.mul(centred, tf.rsqrt(tf.mean(tf.square(centred)))) as tf.Tensor2D;
  });
}
