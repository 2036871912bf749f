import { FaceanimError, type ImageTensor, invalidOption, mapTree, valueAndGradients } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator, NoiseMaps } from '../contracts/generator';
import type { LatentSpace } from '../latents/latent-space';
import type { LossTerm, Memo, RunConstants, StepContext } from '../losses/loss-term';
import { tensorMemo } from './memo';

/** The loss terms and their gradients at some coordinates. */
export interface Evaluation {
  /** `[terms + 1, batch]`: the terms before weighting, in order, and their weighted sum in the last row. */
  readonly losses: tf.Tensor2D;
  /** Gradient of the weighted sum over all frames with respect to the coordinates. */
  readonly gradient: tf.Tensor;
  /** Gradients with respect to trained noise maps, in the order of `noise`. */
  readonly noiseGradients: tf.Tensor[];
  /** Whether the losses of one frame depend on another frame of the batch, as with `smooth`. */
  readonly coupled: boolean;
  /** Present if it was asked for. Not disposed by `tf.tidy`. */
  readonly drawn?: Drawn;
}

/** The images of an evaluation, and the latents that they show. */
export type Drawn = {
  /** `[batch, resolution, resolution, 3]`. */
  readonly image: ImageTensor<'signed'>;
  /** `[batch, numWs, wDim]`. */
  readonly ws: tf.Tensor;
};

/** What is evaluated: the same for all steps of a frame. */
export interface EvaluatedTerms extends Pick<RunConstants, 'look' | 'mean'> {
  readonly terms: readonly PreparedTerm[];
  readonly generator: Generator;
  readonly space: LatentSpace;
  /** Noise of synthesis if noise maps are not optimised. */
  readonly noiseMode: 'const' | 'none';
  /** Side of the images in pixels. Default: the resolution of the generator. */
  readonly resolution: number | undefined;
}

/** A loss term and what it has prepared. */
export interface PreparedTerm {
  readonly term: LossTerm;
  readonly prepared: tf.TensorContainer;
  /**
   * What the names of its tensors in {@link EvaluationInputs.frame} begin with; absent if they are the same for the whole run, and so
   * constants.
   */
  readonly name?: string;
}

/** The inputs of an evaluation besides the coordinates. */
export interface EvaluationInputs {
  /** Weights of the terms, `[terms, 1]`. */
  readonly weights: tf.Tensor2D;
  /** Which terms to compute; the others count as 0. Default: all. */
  readonly active?: readonly boolean[];
  /** The tensors of the frame: `previous`, and those that terms have prepared. */
  readonly frame: Readonly<tf.NamedTensorMap>;
  /** Noise that is added to the coordinates for synthesis only. */
  readonly latentNoise?: tf.Tensor;
  /** Noise maps by layer name, shared by the frames of a batch. */
  readonly noise?: NoiseMaps;
  /** How noise maps are used. Default `fixed`. */
  readonly noiseUse?: NoiseUse;
  /** Whether to return what was drawn. Default no. */
  readonly drawn?: boolean;
}

/**
 * How noise maps are used.
 * - `train`: by synthesis, with gradients.
 * - `fixed`: by synthesis.
 * - `count`: only by loss terms, as in the original program after its first frame.
 */
export type NoiseUse = 'train' | 'fixed' | 'count';

/**
 * Computes loss terms and gradients at coordinates `[batch, layers, dimensions]`. The caller owns the result.
 *
 * @throws {FaceanimError} `invalid-option` if a term does not return one value per frame.
 */
export function evaluateTerms(
  evaluated: EvaluatedTerms,
  coordinates: tf.Tensor,
  inputs: EvaluationInputs,
): Evaluation {
  const { weights, active, frame, noise = {}, noiseUse } = inputs;
  const trained = noiseUse === 'train' ? Object.keys(noise) : [];
  const batch = coordinates.shape[0]!;
  let coupled = false;
  let drawn: Drawn | undefined;
  const values = (u: tf.Tensor, ...maps: tf.Tensor[]) => {
    const changed = Object.fromEntries(trained.map((name, i) => [name, maps[i] as tf.Tensor2D]));
    using shared = tensorMemo();
    const step = stepOf(evaluated, u, { ...inputs, noise: { ...noise, ...changed } }, shared.memo);
    const rows = evaluated.terms.map(({ term, prepared, name }, i) => {
      if (active && !active[i]) return tf.zeros([batch]);
      const constants = name === undefined ? prepared : mapTree(prepared, name, (_, path) => frame[path]);
      return perFrame(term.value(step.context, constants as tf.TensorContainer), batch, term);
    });
    coupled = step.coupled;
    if (inputs.drawn) drawn = { image: keptCopy(step.context.image()), ws: keptCopy(step.drawnWs()) };
    return tf.stack(rows) as tf.Tensor2D;
  };
  return tf.tidy(() => {
    // The weights are the upstream gradients of the terms.
    const params = [coordinates, ...trained.map((name) => noise[name]!)];
    const upstream = batch === 1 ? weights : tf.tile(weights, [1, batch]);
    const { value, gradients } = valueAndGradients(values, params, upstream);
    const total = tf.matMul<tf.Tensor2D>(weights, value, true);
    return {
      losses: tf.concat([value, total]) as tf.Tensor2D,
      gradient: gradients[0]!,
      noiseGradients: gradients.slice(1),
      coupled,
      ...(drawn && { drawn }),
    };
  });
}

/** The inputs of terms at coordinates, computed at first use. */
function stepOf(
  { generator, space, noiseMode, resolution, mean, look }: EvaluatedTerms,
  coordinates: tf.Tensor,
  { frame: { previous }, latentNoise, noise = {}, noiseUse }: EvaluationInputs,
  memo: Memo,
) {
  const batch = coordinates.shape[0]!;
  const noisy = noiseUse !== 'count' && Object.keys(noise).length > 0;
  let coupled = false;
  const ws = () => memo([space, 'ws'], () => space.toWs(coordinates));
  const drawnWs = () =>
    latentNoise ? memo([space, 'drawn ws'], () => space.toWs(tf.add(coordinates, latentNoise))) : ws();
  const draw = () => generator.synthesis(drawnWs(), { noise: noisy ? noise : noiseMode, resolution });
  const context: StepContext = {
    ...{ coordinates, mean, look, noise, memo },
    get ws() {
      return ws();
    },
    get previous() {
      coupled = batch > 1 && previous !== undefined;
      return previous && memo([previous, 'latents before'], () => latentsBefore(ws(), previous));
    },
    image: () => memo([generator, 'image'], draw),
  };
  return {
    context,
    drawnWs,
    /** Whether a term has read the latents of the frames before. */
    get coupled() {
      return coupled;
    },
  };
}

const keptCopy = <T extends tf.Tensor>(tensor: T): T => tf.keep(tf.clone(tensor));

/** The latent of the previous frame of each frame, for a batch of consecutive frames. */
function latentsBefore(ws: tf.Tensor, previous: tf.Tensor): tf.Tensor {
  const [batch, numWs, wDim] = ws.shape as [number, number, number];
  return batch === 1 ? previous : tf.concat([previous, tf.slice(ws, [0, 0, 0], [batch - 1, numWs, wDim])]);
}

function perFrame(value: tf.Tensor, batch: number, { name }: LossTerm): tf.Tensor {
  if (!(value instanceof tf.Tensor)) {
    throw invalidOption(`The value of the loss term ${name}`, value, 'a tensor with one value per frame');
  }
  if (value.shape[0] === batch && value.size === batch) return tf.reshape(value, [batch]);
  throw new FaceanimError(
    'invalid-option',
    `The loss term ${name} returned a tensor [${value.shape}] for a batch of ${batch} frames.`,
    { hint: 'Return one value per frame, [batch]: take sums and means over all axes but the first.' },
  );
}
