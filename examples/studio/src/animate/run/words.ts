import type { ProgressEvent } from '@faceanim/core';
import { engine } from '../../engine/engine';
import { duration } from '../../ui/words';
import { frames, phase, seconds, total } from '../state/run';

/** What is said of a run that does not go on. */
export function restingWords(): string {
  const { value: now } = phase;
  const done = frames.value.length;
  if (now === 'done') {
    const time = seconds.value === undefined ? '' : ` in ${duration(seconds.value)}`;
    return `${done} frames${time}.`;
  }
  if (now === 'cancelled') return `Cancelled after ${done} of ${total.value ?? 'more'} frames, which stay.`;
  if (now === 'failed') return done > 0 ? `${done} finished frames stay.` : '';
  if (engine.value.phase === 'opening') return 'The networks are loading. You can start already.';
  return total.value === undefined ? '' : `${total.value} frames to compute.`;
}

/** Where a run is paused. */
export function pausedWords(): string {
  const done = frames.value.length;
  return done === 0 ? 'Paused before the first frame' : `Paused after frame ${done}`;
}

/** What a run is doing, in detail. */
export function busyWords(event: ProgressEvent | undefined): string {
  if (!event) return engine.value.phase === 'ready' ? 'Starting' : 'Loading the networks';
  const { stage, frame, position, frames: count, step, steps, kept } = event;
  const of = count === undefined ? '' : ` of ${count}`;
  switch (stage) {
    case 'track':
      return `Finding the face in frame ${frame! + 1}${of}`;
    case 'look':
      if (kept) return 'The look is known from the last run';
      return step === undefined ? 'Learning the look' : `Learning the look: step ${step + 1} of ${steps}`;
    case 'optimize':
      return `Frame ${(position ?? 0) + 1}${of}${step === undefined ? '' : ` · step ${step + 1} of ${steps}`}`;
    default:
      return stageWords(event);
  }
}

/** What a run is doing, without every step. */
export function stageWords(event: ProgressEvent | undefined): string {
  switch (event?.stage) {
    case 'statistics':
      return 'Measuring the generator';
    case 'track':
      return 'Finding the face in the driver';
    case 'look':
      return 'Learning the look';
    case 'optimize':
      return 'Animating';
    case 'refine':
      return 'Refining';
    default:
      return 'Loading';
  }
}
