import { asImageTensor, minMaxNormalize, resize, shrinkTo } from '@faceanim/tensor';
import {
  anything,
  checkOptions,
  numberFrom,
  type OptionChecks,
  positiveNumber,
} from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type { LossTerm } from '../contracts/loss-term';
import type { Optimizer } from '../contracts/optimizer';
import { type GroupWeights, originalGroupWeights } from '../landmarks/groups';
import type { LandmarkInput } from '../landmarks/landmark-input';
import { fidelity } from '../losses/fidelity';
import { heatmaps } from '../losses/heatmaps';
import { lpips } from '../losses/lpips';
import { noise } from '../losses/noise';
import { realism } from '../losses/realism';
import { smooth } from '../losses/smooth';
import { adam } from '../optim/adam';
import type { ProjectSequenceOptions } from '../sequence/options';

/** Options of {@link referenceMode}; the defaults are those of the original's command line. */
export interface ReferenceModeOptions {
  /** λ1. Default 1; 0 is free mode. */
  lpips?: number;
  /** λ2. Default 0.1. */
  landmark?: number;
  /** λ_landmark. Default {@link originalGroupWeights}. */
  groups?: GroupWeights;
  /** λ4. Default 0.05. */
  fidelity?: number;
  /** λ3. Default 0.05. */
  smoothness?: number;
  /** Weight of the discriminator. Default 0: it is not asked. */
  discriminator?: number;
  /** Weight of the noise-map regularisation. Default 1e5. */
  noise?: number;
  /** Default 0.1. */
  learningRate?: number;
  /** Factor of w_std at step 0. Default 0.05. */
  initialNoiseFactor?: number;
}

const checks: OptionChecks<ReferenceModeOptions> = {
  lpips: numberFrom(0),
  landmark: numberFrom(0),
  // Checked with their values by landmarkWeights.
  groups: anything,
  fidelity: numberFrom(0),
  smoothness: numberFrom(0),
  discriminator: numberFrom(0),
  noise: numberFrom(0),
  learningRate: positiveNumber,
  initialNoiseFactor: numberFrom(0),
};

/**
 * Options that make {@link projectSequence} repeat the original program (`project()` of projector_video.py) step for
 * step: every layer of W+ free, Adam anew for each frame with rate 0 at its first step, the distances of the
 * program's code instead of the published formulas, min-max scaled landmark input, drawn landmarks as target, noise maps
 * optimised in frame 0, regularised ever after and yet replaced by the checkpoint's from frame 1 on.
 *
 * Random numbers of torch are not reproduced: noise maps start from our own.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...referenceMode() })
 */
export function referenceMode(
  options: ReferenceModeOptions = {},
): Pick<
  ProjectSequenceOptions,
  'tracking' | 'space' | 'losses' | 'noiseMaps' | 'earlyStopping' | 'landmarkInput' | 'target' | 'encoder'
> & { optimizer: Optimizer } {
  checkOptions('referenceMode', options, checks);
  const { learningRate = 0.1, initialNoiseFactor = 0.05 } = options;
  return {
    tracking: { align: 'none' },
    target: 'drawn-landmarks',
    space: 'w+',
    losses: referenceLosses(options),
    optimizer: adam({
      learningRate: { rate: learningRate, rampUp: 0.05, rampDown: 0.25, offset: 0 },
      beta2: 0.999,
      latentNoise: { factor: initialNoiseFactor, ramp: 0.75 },
    }),
    noiseMaps: { optimize: 'first-frame', after: 'checkpoint' },
    earlyStopping: false,
    landmarkInput: referenceLandmarkInput,
    encoder: undefined,
  };
}

/** The loss terms of the original program. */
export function referenceLosses(options: ReferenceModeOptions = {}): LossTerm[] {
  checkOptions('referenceLosses', options, checks);
  const {
    lpips: perceptual = 1,
    landmark = 0.1,
    groups,
    fidelity: typical = 0.05,
    smoothness = 0.05,
    discriminator = 0,
    noise: regularization = 1e5,
  } = options;
  const weights = { ...originalGroupWeights, ...groups };
  const terms = [
    heatmaps({ weight: landmark, groups: weights, form: 'original' }),
    fidelity({ weight: typical, norm: 'original' }),
    smooth({ weight: smoothness, norm: 'original' }),
    noise({ weight: regularization }),
  ];
  if (perceptual > 0) terms.unshift(lpips({ weight: perceptual }));
  if (discriminator > 0) terms.push(realism({ weight: discriminator }));
  return terms;
}

/**
 * The original's landmark input: a driver larger than the network's input is shrunk by area, everything else is resized
 * to the nearest pixel; then minus the smallest and divided by the largest value of the whole image, both of which
 * take part in the gradient.
 */
export const referenceLandmarkInput: LandmarkInput = (image, { inputSize }, of) => {
  const shrunk = of === 'driver' ? shrinkTo(image, inputSize) : image;
  const images = resize(shrunk, [inputSize, inputSize], 'nearest');
  const each = images.shape[0] === 1 ? [images] : tf.split(images, images.shape[0]);
  return asImageTensor(tf.concat(each.map(minMaxNormalize)), 'unit');
};
