import { asImageTensor, minMaxNormalize, resize, shrinkTo } from '@faceanim/tensor';
import {
  anything,
  checkOptions,
  numberFrom,
  type OptionChecks,
  positiveNumber,
} from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import type { Discriminator } from '../contracts/discriminator';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { PerceptualNet } from '../contracts/perceptual-net';
import { type GroupWeights, originalGroupWeights } from '../landmarks/groups';
import type { LandmarkInput } from '../landmarks/landmark-input';
import { fidelity } from '../losses/fidelity';
import { heatmaps } from '../losses/heatmaps';
import type { LossTerm } from '../losses/loss-term';
import { lpips } from '../losses/lpips';
import { noise } from '../losses/noise';
import { realism } from '../losses/realism';
import { smooth } from '../losses/smooth';
import { adam } from '../optimizers/adam';
import type { Optimizer } from '../optimizers/optimizer';
import { discriminatorCheck, landmarkNetCheck, packKeys, perceptualCheck } from '../options';
import type { ProjectSequenceOptions } from '../sequence/options';
import { refuseSpread } from './refuse-spread';

/**
 * Networks of {@link referenceMode}. A pack of networks can be passed as it is.
 *
 * @category Optimizers and presets
 */
export interface ReferenceModeNetworks {
  /** The landmark network. */
  landmarkNet: LandmarkNet;
  /** The perceptual network. Required unless `lpips` is 0. */
  perceptual?: PerceptualNet;
  /** The discriminator. Required if `realism` is above 0. */
  discriminator?: Discriminator;
}

/**
 * Options of {@link referenceMode}: weights of the loss terms and more. Defaults are those of the original command line.
 *
 * @category Optimizers and presets
 */
export interface ReferenceModeOptions {
  /** Weight of `lpips`, λ1. Default 1; 0 stands for free mode. */
  lpips?: number;
  /** Weight of `heatmaps`, λ2. Default 0.1. */
  heatmaps?: number;
  /** λ_landmark: weights of landmark groups. Default `originalGroupWeights` of `@faceanim/core/landmarks`. */
  groups?: GroupWeights;
  /** Weight of `fidelity`, λ4. Default 0.05. */
  fidelity?: number;
  /** Weight of `smooth`, λ3. Default 0.05. */
  smooth?: number;
  /** Weight of `realism`, the discriminator's loss. Default 0: not used. */
  realism?: number;
  /** Weight of `noise`, the noise-map regularisation. Default 1e5. */
  noise?: number;
  /** Peak learning rate of Adam. Default 0.1. */
  learningRate?: number;
  /** Standard deviation of latent noise at step 0, relative to that of w. Default 0.05. */
  initialNoiseFactor?: number;
}

const networkChecks: OptionChecks<ReferenceModeNetworks> = {
  landmarkNet: landmarkNetCheck,
  perceptual: perceptualCheck,
  discriminator: discriminatorCheck,
};

const checks: OptionChecks<ReferenceModeOptions> = {
  lpips: numberFrom(0),
  heatmaps: numberFrom(0),
  // landmarkWeights checks them.
  groups: anything,
  fidelity: numberFrom(0),
  smooth: numberFrom(0),
  realism: numberFrom(0),
  noise: numberFrom(0),
  learningRate: positiveNumber,
  initialNoiseFactor: numberFrom(0),
};

/**
 * A preset that makes {@link projectSequence} reproduce the original program (`project()` of projector_video.py) step by
 * step: W+ with independent layers; Adam, restarted for each frame, with learning rate 0 in its first step; the distances in
 * the program's code instead of the published formulas; min-max scaled landmark input, with drawn landmarks as target; noise
 * maps that are optimised in frame 0, then still regularised, but replaced by those of the checkpoint from frame 1 on.
 *
 * Random numbers of torch are not reproduced, so noise maps start differently. A driver that is aligned already must be aligned
 * as the original's is, by `trackFaces` with `align: 'none'`; pass `tracking: undefined` after the preset then.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...referenceMode(models) })
 *
 * @throws FaceanimError `invalid-option`, also if the network of a term with a weight is missing.
 *
 * @category Optimizers and presets
 * @function
 */
export const referenceMode = /* @__PURE__ */ refuseSpread(
  'referenceMode',
  function referenceMode(
    networks: ReferenceModeNetworks,
    options: ReferenceModeOptions = {},
  ): Pick<
    ProjectSequenceOptions,
    'tracking' | 'target' | 'space' | 'losses' | 'noiseMaps' | 'earlyStopping' | 'encoder'
  > & { optimizer: Optimizer } {
    checkOptions('referenceMode', options, checks);
    checkOptions('referenceMode', networks, networkChecks, {
      required: [
        'landmarkNet',
        ...(options.lpips === 0 ? [] : (['perceptual'] as const)),
        ...(options.realism ? (['discriminator'] as const) : []),
      ],
      ignored: packKeys,
    });
    const { learningRate = 0.1, initialNoiseFactor = 0.05 } = options;
    return {
      tracking: { align: 'none' },
      target: 'driver',
      space: 'w+',
      losses: referenceLosses(networks, options),
      optimizer: adam({
        learningRate: { rate: learningRate, rampUp: 0.05, rampDown: 0.25, offset: 0 },
        beta2: 0.999,
        latentNoise: { factor: initialNoiseFactor, ramp: 0.75 },
      }),
      noiseMaps: { optimize: 'first-frame', after: 'checkpoint' },
      earlyStopping: false,
      encoder: undefined,
    };
  },
);

function referenceLosses(
  { landmarkNet, perceptual, discriminator }: ReferenceModeNetworks,
  options: ReferenceModeOptions,
): LossTerm[] {
  const weights = {
    lpips: options.lpips ?? 1,
    heatmaps: options.heatmaps ?? 0.1,
    fidelity: options.fidelity ?? 0.05,
    smooth: options.smooth ?? 0.05,
    realism: options.realism ?? 0,
    noise: options.noise ?? 1e5,
  };
  const terms: LossTerm[] = [
    heatmaps({
      net: landmarkNet,
      weight: weights.heatmaps,
      groups: { ...originalGroupWeights, ...options.groups },
      form: 'original',
      input: referenceLandmarkInput,
      target: 'drawn-landmarks',
    }),
    fidelity({ weight: weights.fidelity, relative: false, norm: 'original' }),
    smooth({ weight: weights.smooth, relative: false, norm: 'original' }),
    noise({ weight: weights.noise }),
  ];
  if (weights.lpips > 0) terms.unshift(lpips({ net: perceptual!, weight: weights.lpips, relative: false }));
  if (weights.realism > 0) terms.push(realism({ net: discriminator!, weight: weights.realism }));
  return terms;
}

/**
 * The landmark input of the original program: a driver larger than the network's input is shrunk by area, anything else is
 * resized to the nearest pixel. Then each image is min-max normalised, with gradients through minimum and maximum.
 */
export const referenceLandmarkInput: LandmarkInput = (image, { inputSize }, of) => {
  const shrunk = of === 'driver' ? shrinkTo(image, inputSize) : image;
  const images = resize(shrunk, [inputSize, inputSize], 'nearest');
  const each = images.shape[0] === 1 ? [images] : tf.split(images, images.shape[0]);
  return asImageTensor(tf.concat(each.map(minMaxNormalize)), 'unit');
};
