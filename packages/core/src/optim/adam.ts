import { adamMoment, adamStep } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** State of {@link adam}: plain tensors, so that it can be kept, saved and resumed. */
export interface AdamState {
  /** First moments, one a parameter. */
  readonly m: readonly tf.Tensor[];
  /** Second moments, one a parameter. */
  readonly v: readonly tf.Tensor[];
}

/** Options of {@link adam}. */
export interface AdamOptions {
  /** Decay of the first moment. Default 0.9. */
  beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  epsilon?: number;
}

/**
 * What changes in the formula of Adam from update to update. Numbers, or scalars where the update is part of a
 * {@link StepFunction}.
 */
export interface AdamRates<T extends number | tf.Tensor = number | tf.Tensor> {
  /** Learning rate over the bias of the first moment: `rate / (1 - beta1^t)`. */
  readonly size: T;
  /** Root of the inverse bias of the second moment: `1 / √(1 - beta2^t)`. */
  readonly root: T;
}

/** A pure optimizer: nothing is kept inside, states are values. */
export interface Adam {
  /** The state before the first update of parameters of these shapes. */
  init(params: readonly tf.Tensor[]): AdamState;
  /** The rates of an update after `step` others. */
  rates(step: number, learningRate: number): AdamRates<number>;
  /** New parameters and the new state; inputs are left as they are and stay the caller's. */
  update(
    params: readonly tf.Tensor[],
    grads: readonly tf.Tensor[],
    state: AdamState,
    rates: AdamRates,
  ): { params: tf.Tensor[]; state: AdamState };
}

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980) with bias correction, as PyTorch computes it.
 *
 * @example
 * const { params, state } = optimizer.update(before, grads, last, optimizer.rates(step, 0.1));
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Adam {
  return {
    init: (params) => ({
      m: params.map((p) => tf.zerosLike(p)),
      v: params.map((p) => tf.zerosLike(p)),
    }),
    rates: (step, learningRate) => ({
      size: learningRate / (1 - beta1 ** (step + 1)),
      root: 1 / Math.sqrt(1 - beta2 ** (step + 1)),
    }),
    update: (params, grads, state, rates) => {
      const [size, root] = [rates.size, rates.root].map((rate) =>
        typeof rate === 'number' ? tf.scalar(rate) : rate,
      ) as [tf.Tensor, tf.Tensor];
      const m = state.m.map((moment, i) => adamMoment(moment, grads[i]!, beta1, false));
      const v = state.v.map((moment, i) => adamMoment(moment, grads[i]!, beta2, true));
      const next = params.map((param, i) => adamStep(param, { m: m[i]!, v: v[i]!, size, root, epsilon }));
      return { params: next, state: { m, v } };
    },
  };
}
