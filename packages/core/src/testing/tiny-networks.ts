import { asImageTensor, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Discriminator } from '../contracts/discriminator';
import type { FaceDescriptor } from '../contracts/face-descriptor';
import type { Generator } from '../contracts/generator';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { PerceptualNet } from '../contracts/perceptual-net';
import { ibug68, type LandmarkLayout } from '../landmarks/groups';

/** Sizes of the {@link tinyGenerator}. */
const zDim = 6;
const wDim = 6;
const numWs = 4;
const resolution = 16;

/**
 * A generator for tests, of 16 × 16 pixels, which runs in microseconds: its image is a smooth function of the latent and of
 * one noise map per layer.
 */
export function tinyGenerator(seed = 1): Generator {
  const random = randomState(seed);
  const matrix = (rows: number, columns: number, scale: number) =>
    tf.tensor2d(
      Float32Array.from(random.randn(rows * columns), (x) => x * scale),
      [rows, columns],
    );
  const map = matrix(zDim, wDim, 0.6);
  const draw = matrix(numWs * wDim, resolution * resolution * 3, 0.25);
  const noiseMaps = {
    'b16.conv0': matrix(resolution, resolution, 1),
    'b16.conv1': matrix(resolution, resolution, 1),
  };
  return {
    specificationVersion: 'v1',
    zDim,
    wDim,
    cDim: 0,
    numWs,
    resolution,
    wAvg: undefined,
    noiseMaps,
    mapping: (z) =>
      tf.tidy(
        () => tf.tile(tf.reshape(tf.tanh(tf.matMul(z, map)), [-1, 1, wDim]), [1, numWs, 1]) as tf.Tensor3D,
      ),
    synthesis: (ws, { noise = 'const' } = {}) =>
      tf.tidy(() => {
        const n = ws.shape[0];
        const flat = tf.reshape(ws, [n, numWs * wDim]) as tf.Tensor2D;
        const image = tf.reshape(tf.tanh(tf.matMul(flat, draw)), [n, resolution, resolution, 3]);
        if (noise === 'none') return asImageTensor(image, 'signed');
        const maps = Object.entries(noiseMaps).map(([name, own]) =>
          typeof noise === 'object' ? (noise[name] ?? own) : own,
        );
        const added = tf.mul(tf.addN(maps), 0.05);
        return asImageTensor(tf.add(image, tf.reshape(added, [1, resolution, resolution, 1])), 'signed');
      }),
    [Symbol.dispose]: () => tf.dispose([map, draw, ...Object.values(noiseMaps)]),
  };
}

/** A landmark network for tests: one convolution, input of 16 × 16 pixels, heat maps of 8 × 8 cells in 0..1. */
export function tinyLandmarkNet(seed = 2, layout: LandmarkLayout = ibug68): LandmarkNet {
  const { points } = layout;
  const values = Float32Array.from(randomState(seed).randn(4 * 4 * 3 * points), (x) => x * 0.3);
  const filter = tf.tensor4d(values, [4, 4, 3, points]);
  return {
    specificationVersion: 'v1',
    inputSize: 16,
    heatmapSize: 8,
    ...layout,
    heatmaps: (image) =>
      tf.tidy(() => tf.sigmoid(tf.conv2d(tf.mul<tf.Tensor4D>(image, 2), filter, 2, 'same'))),
    [Symbol.dispose]: () => filter.dispose(),
  };
}

/** A perceptual network for tests, of one layer: squared distance of smoothed colours. */
export function tinyPerceptualNet(): PerceptualNet {
  return {
    specificationVersion: 'v1',
    features: (image) => [tf.avgPool(image as tf.Tensor4D, 2, 2, 'valid')],
    distance: ([a], [b]) => tf.tidy(() => tf.mean(tf.squaredDifference(a!, b!), [1, 2, 3]) as tf.Tensor1D),
    [Symbol.dispose]: () => {},
  };
}

/** A discriminator for tests, which prefers bright images. */
export function tinyDiscriminator(): Discriminator {
  return {
    specificationVersion: 'v1',
    resolution,
    logits: (image) => tf.tidy(() => tf.reshape(tf.mean(tf.tanh(image), [1, 2, 3]), [-1, 1]) as tf.Tensor2D),
    [Symbol.dispose]: () => {},
  };
}

/** A face descriptor for tests: five numbers, of the middle of the picture at 6 × 6 pixels. */
export function tinyFaceDescriptor(seed = 3): FaceDescriptor {
  const inputSize = 6;
  const size = 3 * inputSize ** 2;
  const matrix = tf.tensor2d(Float32Array.from(randomState(seed).randn(5 * size)), [size, 5]);
  return {
    specificationVersion: 'v1',
    inputSize,
    crop: { x: 0.125, y: 0.125, side: 0.75 },
    embed: (image) => tf.tidy(() => tf.matMul(tf.reshape(image, [-1, size]), matrix) as tf.Tensor2D),
    [Symbol.dispose]: () => matrix.dispose(),
  };
}

/** One tiny network of each kind. */
export interface TinyNetworks extends Disposable {
  readonly generator: Generator;
  readonly landmarkNet: LandmarkNet;
  readonly perceptual: PerceptualNet;
  readonly discriminator: Discriminator;
  readonly descriptor: FaceDescriptor;
}

/** Creates one tiny network of each kind; they are disposed together. */
export function tinyNetworks(): TinyNetworks {
  const networks = {
    generator: tinyGenerator(),
    landmarkNet: tinyLandmarkNet(),
    perceptual: tinyPerceptualNet(),
    discriminator: tinyDiscriminator(),
    descriptor: tinyFaceDescriptor(),
  };
  return {
    ...networks,
    [Symbol.dispose]: () => {
      for (const network of Object.values(networks)) network[Symbol.dispose]();
    },
  };
}
