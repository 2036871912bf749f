import * as tf from '@tensorflow/tfjs-core';
import type { NoiseMaps } from '../contracts/generator';
import type { FrameContext, LossTerm, StepContext } from '../contracts/loss-term';
import type { LandmarkInput } from '../landmarks/landmark-input';
import { valueAndGradients } from '../tensor/value-and-gradients';
import type { LatentSpace } from './latent-space';

/** Where in the optimisation the objective is asked. */
export interface StepPosition {
  step: number;
  steps: number;
}

/** A value of the objective with its gradients. */
export interface Evaluation {
  /** The terms before weighting, in the order of {@link Objective.names}, and the weighted sum as the last element. */
  readonly losses: tf.Tensor1D;
  /** Gradient in the coordinates. */
  readonly gradient: tf.Tensor;
  /** Gradients in the noise maps that are optimised, in the order of `noise`. */
  readonly noiseGradients: tf.Tensor[];
}

/** The weighted sum of the loss terms for one frame. Owns what its terms prepared for the frame. */
export interface Objective extends Disposable {
  /** Names of the terms that take part, in order. */
  readonly names: readonly string[];
  /** Value and gradients at some coordinates, `[layers, dimensions]`. The caller owns the result. */
  evaluate(coordinates: tf.Tensor, inputs: ObjectiveInputs, position: StepPosition): Evaluation;
}

/** What besides the coordinates goes into the image. */
export interface ObjectiveInputs {
  /** Added to the coordinates before synthesis only. */
  latentNoise?: tf.Tensor;
  /** Noise maps by layer name. */
  noise?: NoiseMaps;
  /** What they are for. Default `fixed`. */
  noiseUse?: NoiseUse;
}

/**
 * - `train`: noise maps go into the image and get gradients;
 * - `fixed`: they go into the image;
 * - `count`: only loss terms see them, as in the original program after its first frame.
 */
export type NoiseUse = 'train' | 'fixed' | 'count';

/** What {@link createObjective} needs. */
export interface ObjectiveOptions {
  terms: readonly LossTerm[];
  frame: FrameContext;
  space: LatentSpace;
  landmarkInput: LandmarkInput;
  /** Noise of synthesis where noise maps are not optimised. Default `const`. */
  noiseMode?: 'const' | 'none';
  /** What terms with `preparedFor: 'run'` prepared: filled here, disposed by the run. Without it nothing is shared. */
  prepared?: Map<LossTerm, tf.TensorContainer>;
}

/** Prepares the terms for one frame. */
export function createObjective(options: ObjectiveOptions): Objective {
  const { frame, space, landmarkInput, noiseMode = 'const', prepared: shared } = options;
  const { generator, landmarkNet } = frame.networks;
  const terms = options.terms.filter((term) => term.applies?.(frame) ?? true);
  const own: tf.TensorContainer[] = [];
  const prepared = terms.map((term) => {
    const known = shared?.get(term);
    if (known !== undefined) return known;
    const fresh = term.prepare
      ? tf.tidy(() => term.prepare!(frame))
      : (null as unknown as tf.TensorContainer);
    if (shared && term.preparedFor === 'run') shared.set(term, fresh);
    else own.push(fresh);
    return fresh;
  });

  const evaluate: Objective['evaluate'] = (coordinates, inputs, { step, steps }) =>
    tf.tidy(() => {
      const { latentNoise, noise = {}, noiseUse = 'fixed' } = inputs;
      const names = noiseUse === 'train' ? Object.keys(noise) : [];
      const progress = step / steps;
      const weights = terms.map(({ weight }) =>
        typeof weight === 'number' ? weight : weight({ step, steps, progress, frame: frame.index }),
      );
      let losses!: tf.Tensor1D;
      const total = (u: tf.Tensor, ...maps: tf.Tensor[]) => {
        const seen = {
          ...noise,
          ...Object.fromEntries(names.map((name, i) => [name, maps[i] as tf.Tensor2D])),
        };
        const drawn = noiseUse !== 'count' && Object.keys(seen).length > 0;
        const image = once(() =>
          generator.synthesis(space.toWs(latentNoise ? tf.add(u, latentNoise) : u), {
            noise: drawn ? seen : noiseMode,
          }),
        );
        const context: StepContext = {
          frame,
          step,
          steps,
          progress,
          coordinates: u,
          ws: space.toWs(u),
          noise: seen,
          image,
          heatmaps: once(() => landmarkNet!.heatmaps(landmarkInput(image(), landmarkNet!, 'result'))),
        };
        // A term of weight 0 costs nothing and reads 0.
        const values = terms.map((term, i) =>
          weights[i] === 0 ? tf.scalar(0) : term.value(context, prepared[i] as tf.TensorContainer),
        );
        const sum = values
          .map((value, i) => tf.mul(value, weights[i]!))
          .reduce((a, b) => tf.add(a, b), tf.scalar(0) as tf.Tensor);
        // Kept, since the gradient tape frees what is made inside.
        losses = tf.keep(tf.stack([...values, sum].map((value) => tf.reshape(value, [])))) as tf.Tensor1D;
        return tf.reshape(sum, []) as tf.Scalar;
      };
      const params = [coordinates, ...names.map((name) => noise[name]!)];
      const { gradients } = valueAndGradients(total, params);
      return { losses, gradient: gradients[0]!, noiseGradients: gradients.slice(1) };
    });

  return {
    names: terms.map(({ name }) => name),
    evaluate,
    [Symbol.dispose]: () => tf.dispose(own),
  };
}

function once<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= compute());
}
