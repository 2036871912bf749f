import type { ProgressEvent } from '@faceanim/core';
import { engine, reopen } from '../../engine/engine';
import { look } from '../../look/look';
import { Icon } from '../../ui/icon';
import { ProblemNote } from '../../ui/problem-note';
import { duration } from '../../ui/words';
import { driver } from '../state/driver';
import {
  active,
  cancel,
  frames,
  goOn,
  pause,
  phase,
  progress,
  runProblem,
  seconds,
  start,
  total,
  unpause,
} from '../state/run';

/** Starts a run, and says how far it is. */
export function RunBar() {
  const { value: now } = phase;
  return (
    <div class="run-bar" data-phase={now}>
      {now === 'failed' && <ProblemNote problem={runProblem.value} />}
      {now === 'idle' && engine.value.phase === 'failed' && <ProblemNote problem={engine.value.problem} />}
      <div class="run-row">
        <Status />
        <div class="run-buttons">
          <Buttons />
        </div>
      </div>
    </div>
  );
}

function Buttons() {
  const { value: now } = phase;
  if (active.value)
    return (
      <>
        <button type="button" class="button" onClick={cancel}>
          <Icon name="close" />
          Cancel
        </button>
        <button type="button" class="button button-main" onClick={now === 'paused' ? unpause : pause}>
          <Icon name={now === 'paused' ? 'play' : 'pause'} />
          {now === 'paused' ? 'Go on' : 'Pause'}
        </button>
      </>
    );
  if (now === 'idle' && engine.value.phase === 'failed')
    return (
      <button type="button" class="button button-main" onClick={reopen}>
        Try again
      </button>
    );
  const ready = look.value && driver.value;
  const unfinished = frames.value.length > 0 && now !== 'done';
  return (
    <>
      {unfinished && (
        <button type="button" class="button" onClick={() => void start()} disabled={!ready}>
          Start over
        </button>
      )}
      <button
        type="button"
        class="button button-main button-large"
        onClick={() => void (unfinished ? goOn() : start())}
        disabled={!ready}
      >
        <Icon name="play" />
        {unfinished ? 'Go on' : now === 'done' ? 'Animate again' : 'Animate'}
      </button>
    </>
  );
}

function Status() {
  const { value: event } = progress;
  const { value: now } = phase;
  if (!active.value)
    return (
      <p class="run-status" role="status">
        {restingWords()}
      </p>
    );
  const words = now === 'paused' ? `Paused after frame ${frames.value.length}` : busyWords(event);
  const left =
    now === 'running' && event?.etaSeconds !== undefined && `about ${duration(event.etaSeconds)} left`;
  return (
    <div class="run-status">
      <div class="run-words">
        <span>{words}</span>
        {left && <span class="hint numbers">{left}</span>}
      </div>
      <progress max={1} value={event?.fraction} aria-label={words} />
      <span class="hidden" role="status">
        {stageWords(event)}
      </span>
    </div>
  );
}

function restingWords(): string {
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

function busyWords(event: ProgressEvent | undefined): string {
  if (!event) return engine.value.phase === 'ready' ? 'Starting' : 'Loading the networks';
  const { stage, frame, position, frames: count, step, steps } = event;
  const of = count === undefined ? '' : ` of ${count}`;
  switch (stage) {
    case 'track':
      return frame === undefined ? 'Finding the face' : `Finding the face in frame ${frame + 1}${of}`;
    case 'look':
      return step === undefined ? 'Learning the look' : `Learning the look: step ${step + 1} of ${steps}`;
    case 'optimize':
      return `Frame ${(position ?? 0) + 1}${of}${step === undefined ? '' : ` · step ${step + 1} of ${steps}`}`;
    default:
      return stageWords(event);
  }
}

/** What is announced: not every step. */
function stageWords(event: ProgressEvent | undefined): string {
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
