import * as tf from '@tensorflow/tfjs-core';

/** State of {@link adam}: plain tensors, so that it can be kept, saved and resumed. */
export interface AdamState {
  /** Updates so far. */
  readonly step: number;
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

/** A pure optimizer: nothing is kept inside, states are values. */
export interface Optimizer<State> {
  /** The state before the first update of parameters of these shapes. */
  init(params: readonly tf.Tensor[]): State;
  /** New parameters and the new state; inputs are left as they are and stay the caller's. */
  update(
    params: readonly tf.Tensor[],
    grads: readonly tf.Tensor[],
    state: State,
    learningRate: number,
  ): { params: tf.Tensor[]; state: State };
}

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980) with bias correction, as PyTorch computes it.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer<AdamState> {
  return {
    init: (params) => ({
      step: 0,
      m: params.map((p) => tf.zerosLike(p)),
      v: params.map((p) => tf.zerosLike(p)),
    }),
    update: (params, grads, state, learningRate) => {
      const step = state.step + 1;
      const m = state.m.map((value, i) => tf.add(tf.mul(value, beta1), tf.mul(grads[i]!, 1 - beta1)));
      const v = state.v.map((value, i) =>
        tf.add(tf.mul(value, beta2), tf.mul(tf.square(grads[i]!), 1 - beta2)),
      );
      const size = learningRate / (1 - beta1 ** step);
      const root = 1 / Math.sqrt(1 - beta2 ** step);
      const next = params.map((param, i) =>
        tf.sub(param, tf.div(tf.mul(m[i]!, size), tf.add(tf.mul(tf.sqrt(v[i]!), root), epsilon))),
      );
      return { params: next, state: { step, m, v } };
    },
  };
}
