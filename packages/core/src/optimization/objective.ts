import { FaceanimError, type ImageTensor, invalidOption, mapTree, valueAndGradients } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Generator, NoiseMaps } from '../contracts/generator';
import type { LatentSpace } from '../latents/latent-space';
import type { FrameContext, LossTerm, StepContext } from '../losses/loss-term';
import { type TensorMemo, tensorMemo } from './memo';
import type { TermUnits } from './term-units';
import { type StepPosition, termWeights } from './term-weights';

/** The objective and its gradients at some coordinates. */
export interface Evaluation {
  /**
   * `[terms + 1, batch]`: the terms before weighting, in the order of {@link Objective.names}, and their weighted sum in
   * the last row.
   */
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

/**
 * The weighted sum of the loss terms for one frame, or for a batch of frames. Owns the tensors that terms prepared.
 *
 * All tensors of the frame that terms use are in `inputs`. `evaluate` can therefore be used for any frame of the run with the
 * same `structure`, by passing its inputs.
 */
export interface Objective extends Disposable {
  /** Names of the terms that apply to the frame, in order. */
  readonly names: readonly string[];
  /** The tensors of the frame: the previous latent, and those that terms prepared. */
  readonly inputs: Readonly<tf.NamedTensorMap>;
  /** Equal for objectives of a run that are the same function of their inputs. */
  readonly structure: string;
  /** The weights of the terms at a step. */
  weights(at: StepPosition): number[];
  /** Computes value and gradients at coordinates `[batch, layers, dimensions]`. The caller owns the result. */
  evaluate(coordinates: tf.Tensor, inputs: ObjectiveInputs): Evaluation;
}

/** The inputs of the objective besides the coordinates. */
export interface ObjectiveInputs {
  /** Weights of the terms, `[terms, 1]`. */
  weights: tf.Tensor2D;
  /** Which terms to compute; the others count as 0. Default: all. */
  active?: readonly boolean[];
  /** The tensors of the frame. Default: {@link Objective.inputs}. */
  frame?: Readonly<tf.NamedTensorMap>;
  /** Noise that is added to the coordinates for synthesis only. */
  latentNoise?: tf.Tensor;
  /** Noise maps by layer name, shared by the frames of a batch. */
  noise?: NoiseMaps;
  /** How noise maps are used. Default `fixed`. */
  noiseUse?: NoiseUse;
  /** Whether to return what was drawn. Default no. */
  drawn?: boolean;
}

/**
 * How noise maps are used.
 * - `train`: by synthesis, with gradients.
 * - `fixed`: by synthesis.
 * - `count`: only by loss terms, as in the original program after its first frame.
 */
export type NoiseUse = 'train' | 'fixed' | 'count';

/** Options of {@link createObjective}. */
export interface ObjectiveOptions {
  terms: readonly LossTerm[];
  generator: Generator;
  frame: Omit<FrameContext, 'memo'>;
  space: LatentSpace;
  /** Noise of synthesis if noise maps are not optimised. Default `const`. */
  noiseMode?: 'const' | 'none';
  /** Side of the images in pixels. Default: the resolution of the generator. */
  resolution?: number;
  /** Whether frame 0 starts at the look or at an encoder's guess, for the schedules of weights. Default no. */
  encoded?: boolean;
  /** What the weights of terms are divided by. Default: nothing. */
  units?: TermUnits;
  /** Keeps tensors that terms prepare for the whole run. The caller disposes it. Default: nothing outlives the objective. */
  runMemo?: TensorMemo;
}

/**
 * Prepares the loss terms for one frame, or for a batch of frames.
 *
 * @throws {FaceanimError} `invalid-option` if no term applies; `evaluate` throws it if a term does not return one value per
 *   frame.
 */
export function createObjective(options: ObjectiveOptions): Objective {
  const { generator, space, noiseMode = 'const', resolution, encoded = false, units } = options;
  const { index, drivers, look, mean } = options.frame;
  const driverIndex = drivers[0]!.index;
  const own = tensorMemo();
  const { runMemo = own } = options;
  const frame: FrameContext = { ...options.frame, memo: own.memo };
  const terms = options.terms.filter((term) => term.applies?.(frame) ?? true);
  if (terms.length === 0) {
    throw new FaceanimError('invalid-option', `No loss term applies to frame ${driverIndex}.`, {
      frame: driverIndex,
      hint: 'Add a term that applies to every frame, e.g. fidelity().',
    });
  }
  const forRun = ({ prepareForRun, prepare }: LossTerm) =>
    prepareForRun !== undefined && !(prepare && frame.lookFace);
  const prepare = (term: LossTerm): tf.TensorContainer => {
    const { memo } = runMemo;
    if (forRun(term)) return memo([term, 'prepared'], () => term.prepareForRun!({ look, mean, memo }));
    return own.memo([term, 'prepared'], () => term.prepare?.(frame) ?? {});
  };
  let prepared: tf.TensorContainer[];
  try {
    prepared = terms.map(prepare);
  } catch (error) {
    own[Symbol.dispose]();
    throw error;
  }
  // Tensors prepared for the run are constants of the function, all others are inputs.
  const varying = terms.map((term, i) =>
    forRun(term) ? undefined : { tree: prepared[i]!, name: `prepared/${term.name}` },
  );
  const inputs: tf.NamedTensorMap = frame.previous ? { previous: frame.previous } : {};
  for (const part of varying) {
    if (part) mapTree(part.tree, part.name, (tensor, name) => (inputs[name] = tensor));
  }
  const shapes = (tree: tf.TensorContainer) => mapTree(tree, '', ({ shape }) => shape);
  const structure = JSON.stringify([
    terms.map(({ name }) => name),
    shapes({ ...inputs }),
    varying.map((part) => part && shapes(part.tree)),
  ]);

  const evaluate: Objective['evaluate'] = (coordinates, given) =>
    tf.tidy(() => {
      const { weights, active, frame: tensors = inputs, latentNoise, noise = {}, noiseUse = 'fixed' } = given;
      const { previous } = tensors as { previous?: tf.Tensor };
      const names = noiseUse === 'train' ? Object.keys(noise) : [];
      const batch = coordinates.shape[0]!;
      let coupled = false;
      let drawn: Drawn | undefined;
      const values = (u: tf.Tensor, ...maps: tf.Tensor[]) => {
        const seen = {
          ...noise,
          ...Object.fromEntries(names.map((name, i) => [name, maps[i] as tf.Tensor2D])),
        };
        const noisy = noiseUse !== 'count' && Object.keys(seen).length > 0;
        using shared = tensorMemo();
        const { memo } = shared;
        const ws = () => memo([space, 'ws'], () => space.toWs(u));
        const before = () => {
          coupled = batch > 1 && previous !== undefined;
          return previous && memo([previous, 'latents before'], () => latentsBefore(ws(), previous));
        };
        const drawnWs = () =>
          latentNoise ? memo([space, 'drawn ws'], () => space.toWs(tf.add(u, latentNoise))) : ws();
        const draw = () =>
          generator.synthesis(drawnWs(), {
            noise: noisy ? seen : noiseMode,
            resolution,
          });
        const context: StepContext = {
          coordinates: u,
          get ws() {
            return ws();
          },
          get previous() {
            return before();
          },
          ...{ mean, look, noise: seen, memo },
          image: () => memo([generator, 'image'], draw),
        };
        const rows = terms.map((term, i) => {
          if (active && !active[i]) return tf.zeros([batch]);
          const part = varying[i];
          const constants = part ? mapTree(part.tree, part.name, (_, name) => tensors[name]) : prepared[i];
          return perFrame(term.value(context, constants as tf.TensorContainer), batch, term);
        });
        if (given.drawn) drawn = { image: keptCopy(context.image()), ws: keptCopy(drawnWs()) };
        return tf.stack(rows) as tf.Tensor2D;
      };
      // The weights are the upstream gradients of the terms.
      const params = [coordinates, ...names.map((name) => noise[name]!)];
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

  return {
    names: terms.map(({ name }) => name),
    inputs,
    structure,
    weights: (at) => termWeights(terms, { frame: index, encoded, driverIndex, units }, at),
    evaluate,
    [Symbol.dispose]: () => own[Symbol.dispose](),
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
    {
      hint: 'Return one value per frame, [batch]: take sums and means over all axes but the first.',
    },
  );
}
