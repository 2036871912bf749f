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
  /** Whether the landmark network is given pictures, and gives heat maps, of half the size. */
  readonly halfLandmarks?: boolean;
}

/** What is asked of the objective beside a point. */
export interface Ask {
  /** Default: the objective that counts. */
  readonly detail?: Detail;
  /** Factors of the weights of terms by name; a term with 0 is not computed. */
  readonly factors?: Readonly<Record<string, number>>;
}

/** The objective at a point, with the weights of the step. */
export interface Answer {
  readonly total: number;
  readonly gradient: Point;
  /** Values are comparable where this is equal: same form, same weights. */
  readonly objective: string;
}

/** The objective of one frame. */
export interface Problem {
  /** Index of the frame, from 0. */
  readonly frame: number;
  /** Evaluations that may be asked for. */
  readonly steps: number;
  readonly space: LatentSpace;
  /** What was found for the frames before. */
  readonly found: readonly Point[];
  /** One evaluation, the `step`-th from 0. */
  evaluate(point: Point, step: number, ask?: Ask): Promise<Answer>;
}

/** Finds the latent of a frame. What it carries from frame to frame are variables of its own. */
export type Minimise = (problem: Problem) => Promise<Point>;

/** What to ask at a step: an idea about the objective, for any way of taking steps. */
export type AskAt = (at: { frame: number; step: number; steps: number }) => Ask;

/** An idea of the laboratory: steps taken on the host. */
export interface LabIdea {
  readonly name: string;
  readonly space?: LatentSpaceName;
  /** Starts a run. */
  open(): Minimise;
}

/** An idea that is options of `projectSequence`. */
export interface SequenceIdea {
  readonly name: string;
  readonly options: Partial<ProjectSequenceOptions>;
  /** Default: the default losses. */
  readonly losses?: LossTerms;
}

export type Idea = LabIdea | SequenceIdea;

/** What an idea came to in one frame. */
export interface FrameResult {
  readonly evaluations: number;
  /** Their CPU time, in evaluations of the objective that counts. */
  readonly cost: number;
  /** Terms of the objective that counts, and its `total`, at the result. */
  readonly losses: Readonly<Record<string, number>>;
  /** Of the result's landmarks against the driver's, both by the whole landmark network, in outer eye distances. */
  readonly nme: number;
  /** After each evaluation, the lowest value so far of the objective that counts. */
  readonly curve: readonly number[];
}

/** Where to start: the mean latent, or `along` times the last motion further than the last frame. */
export function startOf({ found, space }: Problem, along: number): Point {
  const last = found.at(-1);
  if (!last) return space.origin;
  const before = found.at(-2) ?? last;
  return last.map((x, i) => x + along * (x - before[i]!));
}
