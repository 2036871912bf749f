import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../../src/contracts/image';
import type { LandmarkNet } from '../../src/contracts/landmark-net';
import type { Landmarks } from '../../src/landmarks/measures';

/** A face for tests without a network: eyes, mouth and the rest where FFHQ expects them, about (0, 0). */
const face = Array.from({ length: 68 }, (_, i): [number, number] => {
  const angle = i * 2.4;
  if (i >= 36 && i <= 41) return [-16 + 4 * Math.cos(angle), -10 + 2 * Math.sin(angle)];
  if (i >= 42 && i <= 47) return [16 + 4 * Math.cos(angle), -10 + 2 * Math.sin(angle)];
  if (i >= 48) return [12 * Math.cos(((i - 48) * Math.PI) / 6), 25 + 4 * Math.sin(((i - 48) * Math.PI) / 6)];
  return [20 * Math.cos(angle), 20 * Math.sin(angle)];
});

/** The landmarks of a face painted at (x, y). */
export function faceAt(x: number, y: number): Landmarks {
  return Float64Array.from(face.flatMap(([dx, dy]) => [x + dx, y + dy]));
}

/** Paints every pixel with its position relative to the face, from which {@link paintedFaceNet} finds the face. */
export function paintFace(
  width: number,
  height: number,
  at: readonly [number, number] | undefined,
): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, i = 0; at && y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) data.set([128 + x + 0.5 - at[0], 128 + y + 0.5 - at[1], 255], i);
  }
  return { width, height, data };
}

/** A landmark network for painted faces; its heat maps are empty where blue is missing. */
export function paintedFaceNet(): LandmarkNet {
  return {
    specificationVersion: 'v1',
    inputSize: 64,
    heatmapSize: 32,
    points: 68,
    heatmaps: (image) =>
      tf.tidy(() => {
        const places = tf.mul(tf.avgPool(image, 2, 2, 'valid'), 255);
        const [x, y, blue] = tf.split(places, 3, 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const dx = tf.sub(
          tf.sub(x, 128),
          face.map((point) => point[0]),
        );
        const dy = tf.sub(
          tf.sub(y, 128),
          face.map((point) => point[1]),
        );
        const cells = tf.div(tf.add(tf.square(dx), tf.square(dy)), 60);
        return tf.mul(tf.exp(tf.neg(cells)), tf.div(blue, 255)) as tf.Tensor4D;
      }),
    [Symbol.dispose]() {},
  };
}
