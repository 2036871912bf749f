import { pause, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { imageToTensor } from '../images/image-tensors';
import { type Quad, quadToImage } from '../images/quad';
import { cropQuad } from '../images/warp';
import { decodeSubpixel } from './decode-subpixel';
import type { Landmarks } from './measures';

/** Landmarks that a network found in an image. */
export interface DetectedLandmarks {
  /** In pixels of the image. */
  readonly landmarks: Landmarks;
  /** Mean height of the heat-map peaks: 0.6 to 0.8 on a face, below 0.3 where there is none. */
  readonly score: number;
}

/** Runs a landmark network on one quad of an image. Finds landmarks, well or badly, in any picture: see `score`. */
export async function detectLandmarks(
  image: RgbImage,
  quad: Quad,
  net: LandmarkNet,
): Promise<DetectedLandmarks> {
  await pause();
  const heatmaps = tf.tidy(() => net.heatmaps(imageToTensor(cropQuad(image, quad, net.inputSize), 'unit')));
  const values = await read(heatmaps);
  const { points, scores } = decodeSubpixel(values, { points: net.points, size: net.heatmapSize });
  return {
    landmarks: quadToImage(points, quad, net.heatmapSize),
    score: scores.reduce((sum, score) => sum + score, 0) / scores.length,
  };
}
