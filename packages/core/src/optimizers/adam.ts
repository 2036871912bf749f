import { adamMoment, adamStep } from '@faceanim/tensor';
import {
  accepting,
  bagOf,
  checkOptions,
  either,
  numberFrom,
  type OptionChecks,
  positiveNumber,
} from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import { shareBelowOne } from '../options';
import type { HostTensors, Optimizer, OptimizerPosition } from './optimizer';
import {
  type LatentNoiseSchedule,
  type LearningRateSchedule,
  latentNoiseAt,
  learningRateAt,
} from './schedules';

/**
 * Options of {@link adam}.
 *
 * @category Optimizers and presets
 */
export interface AdamOptions {
  /**
   * Learning rate: a number, a schedule, or one number for the first frame and one for later frames. Default in whitened spaces
   * 0.07 and 0.045 (a larger rate makes the face flicker), else 0.1.
   */
  learningRate?: number | LearningRateSchedule | { first: number; next: number };
  /** Decay of the first moment. Default 0.9. */
  beta1?: number;
  /**
   * Decay of the second moment. Default 0.99: with 0.999 as in the paper, the large gradients of the landmarks at the start
   * slow down later steps.
   */
  beta2?: number;
  /** Added to the square root of the second moment. Default 1e-8. */
  epsilon?: number;
  /** Noise that is added to the coordinates before synthesis. Default: none. */
  latentNoise?: LatentNoiseSchedule;
}

const checks: OptionChecks<AdamOptions> = {
  learningRate: either(
    'a positive number, {rate, rampUp, rampDown, offset} or {first, next}',
    positiveNumber,
    bagOf<LearningRateSchedule>(
      {
        rate: positiveNumber,
        rampUp: numberFrom(0, 1),
        rampDown: numberFrom(0, 1),
        offset: accepting('0 or 1', (value) => value === 0 || value === 1),
      },
      'rate',
    ),
    bagOf({ first: positiveNumber, next: positiveNumber }, 'first', 'next'),
  ),
  beta1: shareBelowOne,
  beta2: shareBelowOne,
  epsilon: numberFrom(0),
  latentNoise: bagOf<LatentNoiseSchedule>({ factor: numberFrom(0), ramp: positiveNumber }, 'factor'),
};

/**
 * The Adam optimizer (Kingma and Ba 2015, arXiv 1412.6980) with bias correction, as in PyTorch. Used by the original program;
 * starts anew for each frame, works in every latent space, and can optimise noise maps.
 *
 * @example
 * projectSequence({ ...models, look, driver, optimizer: adam({ learningRate: 0.05 }) })
 *
 * @throws {FaceanimError} `invalid-option`, also for unknown options.
 *
 * @category Optimizers and presets
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions('adam', options, checks, { prefix: 'adam.' });
  const { learningRate, beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8, latentNoise } = options;
  return withKey([adam], {
    specificationVersion: 'v1',
    name: 'adam',
    settings: { learningRate, beta1, beta2, epsilon, latentNoise },
    steps: { first: 300, next: 50 },
    trainsNoise: true,
    init: ({ params }) => ({ ...zerosLike('m/', params), ...zerosLike('v/', params) }),
    inputs: (at) => {
      const rate = learningRateAt(scheduleOf(learningRate, at), at.step, at.steps);
      return {
        size: scalar(rate / (1 - beta1 ** (at.step + 1))),
        root: scalar(1 / Math.sqrt(1 - beta2 ** (at.step + 1))),
        ...(latentNoise?.factor && { latentNoise: drawNoise(latentNoise, at) }),
      };
    },
    step: ({ params, gradients, state, inputs }) => {
      const moments: Record<string, tf.Tensor> = {};
      const next: Record<string, tf.Tensor> = {};
      for (const [name, param] of Object.entries(params)) {
        const m = adamMoment(state[`m/${name}`]!, gradients[name]!, beta1, false);
        const v = adamMoment(state[`v/${name}`]!, gradients[name]!, beta2, true);
        next[name] = adamStep(param, { m, v, size: inputs.size!, root: inputs.root!, epsilon });
        moments[`m/${name}`] = m;
        moments[`v/${name}`] = v;
      }
      return { params: next, state: moments };
    },
  });
}

/** The learning-rate schedule of a frame. */
function scheduleOf(
  learningRate: AdamOptions['learningRate'],
  { frame, space }: OptimizerPosition,
): LearningRateSchedule {
  const whitened = space.name.startsWith('whitened');
  const given = learningRate ?? (whitened ? { first: 0.07, next: 0.045 } : 0.1);
  if (typeof given === 'number') return { rate: given };
  return 'rate' in given ? given : { rate: frame === 0 ? given.first : given.next };
}

/** Draws noise even if the factor is 0, so that random numbers do not depend on the schedule. */
function drawNoise(schedule: LatentNoiseSchedule, { step, steps, shape, space, random }: OptimizerPosition) {
  const scale = latentNoiseAt(schedule, step, steps) * space.std;
  const draw = random.randn(tf.util.sizeFromShape([...shape]));
  return { shape, data: Float32Array.from(draw, (x) => x * scale) };
}

function zerosLike(prefix: string, params: HostTensors): HostTensors {
  const zeros = Object.entries(params).map(([name, { shape, data }]) => [
    prefix + name,
    { shape, data: new Float32Array(data.length) },
  ]);
  return Object.fromEntries(zeros);
}

const scalar = (value: number) => ({ shape: [], data: Float32Array.of(value) });
