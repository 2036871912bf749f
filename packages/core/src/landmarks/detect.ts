import { pause, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { imageToTensor } from '../images/image-tensors';
import { type Quad, quadToImage } from '../images/quad';
import { sampleQuad } from '../images/sample-quad';
import { cropQuad } from '../images/warp';
import type { Landmarks } from './measures';
import { decodedPeaks, subpixelPeaks } from './subpixel-peaks';

/** Landmarks that a network has found in an image. */
export interface DetectedLandmarks {
  /** The landmarks, in pixels of the image. */
  readonly landmarks: Landmarks;
  /** Mean height of the heat-map peaks: 0.5 to 0.8 on a face, usually below 0.4 without one. */
  readonly score: number;
  /** Height of the peak of each landmark, `[68]`: below 0.15 where something hides it. */
  readonly peaks: Float32Array;
}

/** A landmark network that also runs without tensors in between, which saves time where that of JavaScript counts. */
export interface RecordedNet extends LandmarkNet {
  /** Most source pixels between the samples of its crops. */
  readonly spacing: number;
  /** The peaks of the heat maps of a picture of `inputSize`: x and y in cells of the map, and height, of every landmark. */
  read(image: RgbImage): Promise<Float32Array>;
}

/** Runs a landmark network on one quad of an image. It returns landmarks for any picture; `score` tells whether to trust them. */
export async function detectLandmarks(
  image: RgbImage,
  quad: Quad,
  net: LandmarkNet | RecordedNet,
): Promise<DetectedLandmarks> {
  await pause();
  const peaks =
    'read' in net
      ? await net.read(sampleQuad(image, quad, net.inputSize, net.spacing))
      : await read(
          tf.tidy(() =>
            subpixelPeaks(net.heatmaps(imageToTensor(cropQuad(image, quad, net.inputSize), 'unit'))),
          ),
        );
  const { points, scores } = decodedPeaks(peaks);
  return {
    landmarks: quadToImage(points, quad, net.heatmapSize),
    peaks: scores,
    score: scores.reduce((sum, score) => sum + score, 0) / scores.length,
  };
}
