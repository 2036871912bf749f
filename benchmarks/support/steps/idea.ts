import type { IdentityLossesOptions, LatentSpaceName, ProjectSequenceOptions } from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import type { LatentSpace } from '../../../packages/core/src/latents/latent-space';

/** Coordinates of a latent, or a gradient in them, on the host. */
export type Point = Float32Array;

/** The networks of the default losses. */
export type LossNetworks = Pick<IdentityLossesOptions, 'landmarkNet' | 'perceptual'>;

/** Makes the terms of an objective. */
export type LossTerms = (networks: LossNetworks) => LossTerm[];

/** Another form of the objective, cheaper than the default one. */
export interface Detail {
  readonly name: string;
  readonly terms: LossTerms;
  /** Whether pictures and heat maps of the landmark network have half the size. */
  readonly halfLandmarks?: boolean;
}

/** What to evaluate at a point. */
export interface Ask {
  /** Default: the full objective. */
  readonly detail?: Detail;
  /** Factors for the weights of terms, by name; a term with factor 0 is not computed. */
  readonly factors?: Readonly<Record<string, number>>;
}

/** The objective at a point, with the weights of the step. */
export interface Answer {
  readonly total: number;
  readonly gradient: Point;
  /** Values are comparable if this is equal: same form, same weights. */
  readonly objective: string;
}

/** The objective of one frame. */
export interface Problem {
  /** Index of the frame, from 0. */
  readonly frame: number;
  /** Number of evaluations allowed. */
  readonly steps: number;
  readonly space: LatentSpace;
  /** The results of the frames before. */
  readonly found: readonly Point[];
  /** Evaluates the objective; `step` counts the evaluations from 0. */
  evaluate(point: Point, step: number, ask?: Ask): Promise<Answer>;
}

/** Finds the latent of a frame. It keeps its own state from frame to frame. */
export type Minimise = (problem: Problem) => Promise<Point>;

/** What to evaluate at a step: an idea about the objective, for any optimizer. */
export type AskAt = (at: { frame: number; step: number; steps: number }) => Ask;

/** An idea that takes its steps on the host. */
export interface LabIdea {
  readonly name: string;
  readonly space?: LatentSpaceName;
  /** Starts a run. */
  open(): Minimise;
}

/** An idea that consists of options of `projectSequence`. */
export interface SequenceIdea {
  readonly name: string;
  readonly options: Partial<ProjectSequenceOptions>;
  /** Default: the default losses. */
  readonly losses?: LossTerms;
}

export type Idea = LabIdea | SequenceIdea;

/** The result of an idea for one frame. */
export interface FrameResult {
  readonly evaluations: number;
  /** Their CPU time, in evaluations of the full objective. */
  readonly cost: number;
  /** Terms of the full objective, and its `total`, at the result. */
  readonly losses: Readonly<Record<string, number>>;
  /** Distance of the result's landmarks to the driver's, by the full-size network, in outer eye distances. */
  readonly nme: number;
  /** After each evaluation, the lowest value so far of the full objective. */
  readonly curve: readonly number[];
}

/** Where to start: the mean latent, or `along` times the last motion beyond the last frame. */
export function startOf({ found, space }: Problem, along: number): Point {
  const last = found.at(-1);
  if (!last) return space.origin;
  const before = found.at(-2) ?? last;
  return last.map((x, i) => x + along * (x - before[i]!));
}
