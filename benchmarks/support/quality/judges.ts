import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { imageToTensor, type RgbImage } from '@faceanim/core';
import type { Landmarks } from '@faceanim/core/landmarks';
import * as tf from '@tensorflow/tfjs-core';
import { requireTfjs, type Tfjs } from './require-tfjs';

/** What the judges see in an aligned picture, in its pixels. */
export interface Reading {
  /** 68 iBUG points, by face-api. */
  readonly points: Landmarks;
  /** 468 points of MediaPipe's face mesh, `x0, y0, x1, y1, …`. */
  readonly mesh: Float64Array;
  /** The 128 numbers by which face-api tells people apart. */
  readonly descriptor: Float64Array;
}

/** Reads a picture. */
export type Judge = (image: RgbImage) => Promise<Reading>;

/** A square of an aligned picture, in shares of its side: left, top, side. */
type Crop = readonly [x: number, y: number, side: number];

/** Where each network reads the pictures of the truth best, of five crops tried. */
const crops = {
  points: [0.17, 0.25, 0.66],
  mesh: [0.08, 0.15, 0.84],
  descriptor: [0.17, 0.25, 0.66],
} as const;

/** Readings are means over these shifts and scales of the crop: the networks answer a little differently to each. */
const variations: readonly Crop[] = [
  [0, 0, 0],
  [-0.015, -0.01, 0.02],
  [0.01, 0.015, -0.02],
  [0.005, -0.02, 0.01],
  [-0.01, 0.01, -0.01],
];

/** What is used of face-api. */
interface FaceApi {
  nets: {
    faceLandmark68Net: {
      loadFromDisk(folder: string): Promise<void>;
      detectLandmarks(image: tf.Tensor3D): Promise<{ positions: { x: number; y: number }[] }>;
    };
    faceRecognitionNet: {
      loadFromDisk(folder: string): Promise<void>;
      computeFaceDescriptor(image: tf.Tensor3D): Promise<Float32Array>;
    };
  };
}

const require = createRequire(import.meta.url);

/** Networks that no loss term uses, with weights from npm packages, on the active backend. */
export async function openJudge(): Promise<Judge> {
  const tfjs = requireTfjs();
  const faceApiFile = require.resolve('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const { nets } = require(faceApiFile) as FaceApi;
  const weights = join(dirname(faceApiFile), '../model');
  await nets.faceLandmark68Net.loadFromDisk(weights);
  await nets.faceRecognitionNet.loadFromDisk(weights);
  const mesh = await loadFaceMesh(tfjs);

  const readPoints = async (crop: tf.Tensor3D) => {
    const { positions } = await nets.faceLandmark68Net.detectLandmarks(crop);
    return positions.flatMap(({ x, y }) => [x / crop.shape[0], y / crop.shape[0]]);
  };
  const readMesh = async (crop: tf.Tensor3D) => {
    const output = tf.tidy(() => mesh.execute(tf.expandDims(tf.div(crop, 255)), 'Identity_2:0'));
    const values = await output.data();
    output.dispose();
    // Depth is left out.
    return Array.from(values).flatMap((value, i) => (i % 3 === 2 ? [] : [value / crop.shape[0]]));
  };

  return async (image) => {
    const pixels = imageToTensor(image, 'byte');
    const read = async (crop: Crop, size: number, net: (crop: tf.Tensor3D) => Promise<number[]>) => {
      const cut = tf.tidy(() => {
        const [x, y, side] = crop;
        return tf.squeeze<tf.Tensor3D>(
          tf.image.cropAndResize(pixels, [[y, x, y + side, x + side]], [0], [size, size]),
          [0],
        );
      });
      const values = await net(cut);
      cut.dispose();
      return values;
    };
    const points = async (crop: Crop, size: number, net: (crop: tf.Tensor3D) => Promise<number[]>) => {
      const readings: number[][] = [];
      for (const variation of variations) {
        const [x, y, side] = crop.map((value, i) => value + variation[i]!) as [number, number, number];
        const shares = await read([x, y, side], size, net);
        readings.push(shares.map((share, i) => (share * side + (i % 2 === 0 ? x : y)) * image.width));
      }
      return Float64Array.from(readings[0]!, (_, i) => mean(readings.map((reading) => reading[i]!)));
    };
    try {
      return {
        points: await points(crops.points, 224, readPoints),
        mesh: await points(crops.mesh, 192, readMesh),
        descriptor: Float64Array.from(
          await read(crops.descriptor, 150, async (crop) =>
            Array.from(await nets.faceRecognitionNet.computeFaceDescriptor(crop)),
          ),
        ),
      };
    } finally {
      pixels.dispose();
    }
  };
}

async function loadFaceMesh({ loadGraphModel }: Tfjs) {
  const file = join(dirname(require.resolve('@vladmandic/human')), '../models/facemesh');
  const model = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  const bytes = readFileSync(`${file}.bin`);
  return loadGraphModel({
    load: async () => ({
      ...model,
      weightSpecs: model.weightsManifest.flatMap(({ weights }: { weights: unknown[] }) => weights),
      weightData: new Uint8Array(bytes).buffer,
    }),
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
