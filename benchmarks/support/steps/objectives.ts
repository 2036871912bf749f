import { type AlignedFrame, identityLosses, imageToTensor } from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import { addPrefix, fitTo, takePrefix } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { LatentSpace } from '../../../packages/core/src/latents/latent-space';
import { tensorMemo } from '../../../packages/core/src/optimization/memo';
import { createObjective, type Objective } from '../../../packages/core/src/optimization/objective';
import { stepPrograms } from '../../../packages/core/src/optimization/step-programs';
import { type TermUnits, termUnits } from '../../../packages/core/src/optimization/term-units';
import type { StepPosition } from '../../../packages/core/src/optimization/term-weights';
import type { Ask, Detail, Point } from './idea';
import type { Scene } from './scene';

/** The full objective, that of `projectSequence`. */
export const full: Detail = { name: 'full', terms: identityLosses };

/** The objective at a point. */
export interface Evaluated {
  readonly total: number;
  readonly gradient: Point;
  /** Terms before weighting, and `total`; terms that were not computed are 0. */
  readonly losses: Readonly<Record<string, number>>;
  /** What was computed: the form of the objective and its terms. */
  readonly program: string;
  readonly weights: readonly number[];
  /** The total with all terms at full weight, if the full objective was computed. */
  readonly whole: number | undefined;
  readonly cpuMs: number;
}

/** The objectives of one frame. */
export interface FrameObjectives extends Disposable {
  /** @param at the step for weights that are schedules. Default: the end, where all terms have their full weight. */
  evaluate(point: Point, at?: StepPosition, ask?: Ask): Promise<Evaluated>;
}

/** The objectives of a run in all forms that ideas ask for. Each form is a program that serves all frames. */
export function openObjectives(
  { backend, pack, halfLandmarkNet, statistics, look }: Scene,
  space: LatentSpace,
) {
  const { generator } = pack;
  const programs = stepPrograms(backend, 6);
  const scaled = new Map<Detail, { terms: readonly LossTerm[]; units: TermUnits }>();
  const prepared = tensorMemo();
  const mean = tf.tensor3d(statistics.mean, [1, 1, statistics.wDim]);
  const lookImage = tf.tidy(() => fitTo(imageToTensor(look, 'signed'), generator.resolution));

  const termsOf = async (detail: Detail) => {
    const known = scaled.get(detail);
    if (known) return known;
    const landmarkNet = detail.halfLandmarks ? halfLandmarkNet : pack.landmarkNet;
    const terms = detail.terms({ landmarkNet, perceptual: pack.perceptual });
    const units = await termUnits(terms, { generator, space, mean, look: true });
    scaled.set(detail, { terms, units });
    return { terms, units };
  };

  const ofFrame = (index: number, driver: AlignedFrame, last: Point | undefined): FrameObjectives => {
    const previous = last && tf.tidy(() => space.toWs(tf.tensor(last, [1, ...space.shape])));
    const opened = new Map<Detail, Objective>();
    const open = async (detail: Detail) => {
      const objective = createObjective({
        ...(await termsOf(detail)),
        generator,
        frame: { index, drivers: [driver], look: lookImage, previous, mean },
        space,
        runMemo: prepared,
      });
      opened.set(detail, objective);
      return objective;
    };
    return {
      async evaluate(point, at = { step: 1, steps: 1 }, { detail = full, factors = {} } = {}) {
        const objective = opened.get(detail) ?? (await open(detail));
        const { names } = objective;
        const weights = objective.weights(at).map((weight, i) => weight * (factors[names[i]!] ?? 1));
        // Terms that start later are computed too, so that they are in the curves.
        const active = names.map((name) => factors[name] !== 0);
        const key = [detail.name, ...names.filter((_, i) => active[i])].join(', ');
        const inputs = {
          coordinates: tf.tensor(point, [1, ...space.shape]),
          weights: tf.tensor2d(weights, [weights.length, 1]),
        };
        const start = process.cpuUsage();
        const program = programs.open(
          key,
          ({ coordinates, weights, ...rest }) => {
            const frame = takePrefix('frame/', rest);
            const result = objective.evaluate(coordinates!, {
              weights: weights as tf.Tensor2D,
              active,
              frame,
            });
            return { losses: result.losses, gradient: result.gradient };
          },
          { ...inputs, ...addPrefix('frame/', objective.inputs) },
        );
        tf.dispose(inputs);
        program.run();
        const values = await program.read('losses');
        const gradient = await program.read('gradient');
        const { user, system } = process.cpuUsage(start);
        const losses = Object.fromEntries([...names, 'total'].map((name, i) => [name, values[i]!]));
        const atEnd = objective.weights({ step: 1, steps: 1 });
        return {
          total: losses.total!,
          gradient,
          losses,
          program: key,
          weights,
          whole: detail === full && active.every(Boolean) ? weightedSum(atEnd, values) : undefined,
          cpuMs: (user + system) / 1000,
        };
      },
      [Symbol.dispose]: () => {
        for (const objective of opened.values()) objective[Symbol.dispose]();
        previous?.dispose();
      },
    };
  };
  return {
    ofFrame,
    [Symbol.dispose]: () => {
      programs[Symbol.dispose]();
      prepared[Symbol.dispose]();
      tf.dispose([mean, lookImage]);
    },
  };
}

const weightedSum = (weights: readonly number[], values: Float32Array) =>
  weights.reduce((sum, weight, i) => sum + weight * values[i]!, 0);
