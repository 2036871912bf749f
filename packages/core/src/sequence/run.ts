import type { ImageTensor } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { FrameOrigin, Latent, ProjectedFrame } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';
import type { AlignedFrame } from '../landmarks/track';
import type { LatentSpace } from '../latents/latent-space';
import type { LookFace, TargetHeatmapShape } from '../losses/loss-term';
import type { TensorMemo } from '../optimization/memo';
import type { StepPrograms } from '../optimization/step-programs';
import type { TermUnits } from '../optimization/term-units';
import type { HostTensors } from '../optimizers/optimizer';
import type { Driver } from './driver';
import type { Guess } from './guess';
import type { ProjectSequenceOptions } from './options';
import type { progressClock } from './progress-clock';
import type { Settings } from './settings';

/** What the frames of a run share, whether they come from a clip or live. */
export interface RunBase {
  readonly options: ProjectSequenceOptions;
  readonly settings: Settings;
  readonly space: LatentSpace;
  readonly mean: tf.Tensor;
  readonly look: ImageTensor<'signed'> | undefined;
  /** Present if there are an encoder and a look. */
  readonly guess: Guess | undefined;
  /** What the weights of relative terms are divided by; computed at the first call. */
  readonly units: () => Promise<TermUnits>;
  /** Tensors that terms have prepared for the whole run. */
  readonly prepared: TensorMemo;
  readonly programs: StepPrograms;
}

/** What the frames of a clip share. */
export interface SequenceRun extends RunBase {
  /** Index of its first frame: 0, unless it is a part of a longer run. */
  readonly start: number;
  /** The origin of every frame, without its driver frame. */
  readonly origin: Omit<FrameOrigin, 'driver'>;
  readonly driver: Driver;
  /** Present if the run has a target, as is the next. */
  readonly lookFace: LookFace | undefined;
  readonly heatmapShape: TargetHeatmapShape | undefined;
  /** Where frames start; present if the look was projected. */
  readonly from?: LookStart;
  readonly clock: ReturnType<typeof progressClock>;
}

/** A run that can project its look. */
export type LookRun = RunBase & Pick<SequenceRun, 'clock'>;

/** What projecting the look has given. */
export interface ProjectedLook {
  readonly latent: Latent;
  /** What the optimizer has learnt on the way. */
  readonly carriedOver?: HostTensors;
}

/** The projected look, from which every shot of a run starts. */
export interface LookStart extends ProjectedLook {
  /** Its coordinates in the space of the run. */
  readonly coordinates: Float32Array;
  /** The look as a driver frame. */
  readonly frame: AlignedFrame;
}

/** The finished frames of a shot, as far as its next frame depends on them. */
export interface FinishedFrames {
  /** Their number. */
  readonly count: number;
  readonly last?: ProjectedFrame;
  /** The driver frame of the last one. */
  readonly driver?: TargetedFrame;
  readonly beforeLast?: ProjectedFrame;
  /** The latest optimizer state that was carried over. */
  readonly carriedOver?: HostTensors;
}

/** The start of a shot, which knows nothing of the shots before. */
export const shotStart = ({ from }: Pick<SequenceRun, 'from'>): FinishedFrames => ({
  count: 0,
  carriedOver: from?.carriedOver,
});

/** Adds a finished frame. */
export function finish(
  { count, last, carriedOver }: FinishedFrames,
  frame: ProjectedFrame,
  driver: TargetedFrame,
): FinishedFrames {
  return {
    count: count + 1,
    ...{ last: frame, driver, beforeLast: last, carriedOver: frame.carriedOver ?? carriedOver },
  };
}
