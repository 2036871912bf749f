import { FaceanimError, mapTree } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { FrameContext, LossTerm } from '../losses/loss-term';
import {
  type EvaluatedTerms,
  type Evaluation,
  type EvaluationInputs,
  evaluateTerms,
  type PreparedTerm,
} from './evaluation';
import { type TensorMemo, tensorMemo } from './memo';
import type { TermUnits } from './term-units';
import { type StepPosition, termWeights } from './term-weights';

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
  /**
   * Computes value and gradients at coordinates `[batch, layers, dimensions]`. The caller owns the result.
   *
   * @param inputs `frame` is by default {@link Objective.inputs}.
   * @throws {FaceanimError} `invalid-option` if a term does not return one value per frame.
   */
  evaluate(coordinates: tf.Tensor, inputs: ObjectiveInputs): Evaluation;
}

/** The inputs of an objective besides the coordinates. */
export type ObjectiveInputs = Omit<EvaluationInputs, 'frame'> & Partial<Pick<EvaluationInputs, 'frame'>>;

/** Options of {@link createObjective}. */
export interface ObjectiveOptions
  extends Pick<EvaluatedTerms, 'generator' | 'space'>,
    Partial<Pick<EvaluatedTerms, 'noiseMode' | 'resolution'>> {
  terms: readonly LossTerm[];
  frame: Omit<FrameContext, 'memo'>;
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
 * @throws {FaceanimError} `invalid-option` if no term applies, and from `weights` for what a schedule may not return.
 */
export function createObjective(options: ObjectiveOptions): Objective {
  const { generator, space, noiseMode = 'const', resolution, encoded = false, units } = options;
  const { index, drivers, look, mean } = options.frame;
  const driverIndex = drivers[0]!.index;
  const own = tensorMemo();
  const frame: FrameContext = { ...options.frame, memo: own.memo };
  let terms: PreparedTerm[];
  try {
    terms = prepareTerms(options.terms, frame, options.runMemo ?? own);
  } catch (error) {
    own[Symbol.dispose]();
    throw error;
  }
  const inputs: tf.NamedTensorMap = frame.previous ? { previous: frame.previous } : {};
  for (const { prepared, name } of terms) {
    if (name !== undefined) mapTree(prepared, name, (tensor, path) => (inputs[path] = tensor));
  }
  const shapes = (tree: tf.TensorContainer) => mapTree(tree, '', ({ shape }) => shape);
  const applied = terms.map(({ term }) => term);
  const evaluated: EvaluatedTerms = { terms, generator, space, noiseMode, resolution, look, mean };
  return {
    names: applied.map(({ name }) => name),
    inputs,
    structure: JSON.stringify([
      applied.map(({ name }) => name),
      shapes({ ...inputs }),
      terms.map(({ prepared, name }) => name !== undefined && shapes(prepared)),
    ]),
    weights: (at) => termWeights(applied, { frame: index, encoded, driverIndex, units }, at),
    evaluate: (coordinates, given) => evaluateTerms(evaluated, coordinates, { frame: inputs, ...given }),
    [Symbol.dispose]: () => own[Symbol.dispose](),
  };
}

/** Prepares the terms that apply to a frame: for the run where they can, else for the frame. */
function prepareTerms(all: readonly LossTerm[], frame: FrameContext, run: TensorMemo): PreparedTerm[] {
  const terms = all.filter((term) => term.applies?.(frame) ?? true);
  if (terms.length === 0) throw noTerm(frame.drivers[0]!.index);
  const { look, mean, lookFace } = frame;
  const { memo } = run;
  return terms.map((term): PreparedTerm => {
    if (term.prepareForRun && !(term.prepare && lookFace)) {
      return { term, prepared: memo([term, 'prepared'], () => term.prepareForRun!({ look, mean, memo })) };
    }
    const prepared = frame.memo([term, 'prepared'], () => term.prepare?.(frame) ?? {});
    return { term, prepared, name: `prepared/${term.name}` };
  });
}

function noTerm(frame: number): FaceanimError {
  return new FaceanimError('invalid-option', `No loss term applies to frame ${frame}.`, {
    frame,
    hint: 'Add a term that applies to every frame, e.g. fidelity().',
  });
}
