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
  return paintFaces(width, height, at ? [{ at, radius: width + height }] : []);
}

/** A face of several in a picture. */
export interface PaintedFace {
  readonly at: readonly [x: number, y: number];
  /** How far around `at` the picture belongs to this face; default 55, which includes all that is needed. */
  readonly radius?: number;
  /** What tells faces apart: the colour that is the same everywhere, default 255. */
  readonly blue?: number;
}

/** Paints several faces, later ones in front, on black or on a background that scenes are told apart by. */
export function paintFaces(
  width: number,
  height: number,
  faces: readonly PaintedFace[],
  background: (x: number, y: number) => readonly [number, number] = () => [0, 0],
): RgbImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const [px, py] = [x + 0.5, y + 0.5];
      const face = faces.findLast(({ at, radius = 55 }) => Math.hypot(px - at[0], py - at[1]) < radius);
      data.set(
        face
          ? [128 + px - face.at[0], 128 + py - face.at[1], face.blue ?? 255]
          : [...background(x / width, y / height), 0],
        i,
      );
    }
  }
  return { width, height, data };
}

/**
 * A landmark network for painted faces; its heat maps are empty where blue is missing.
 *
 * @param points places of the landmarks relative to the face.
 */
export function paintedFaceNet(points: readonly (readonly [number, number])[] = face): LandmarkNet {
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
          points.map((point) => point[0]),
        );
        const dy = tf.sub(
          tf.sub(y, 128),
          points.map((point) => point[1]),
        );
        const cells = tf.div(tf.add(tf.square(dx), tf.square(dy)), 60);
        return tf.mul(tf.exp(tf.neg(cells)), tf.div(blue, 255)) as tf.Tensor4D;
      }),
    [Symbol.dispose]() {},
  };
}
