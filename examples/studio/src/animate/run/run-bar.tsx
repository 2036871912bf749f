import { EngineNote } from '../../engine/engine-note';
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
  start,
  unpause,
} from '../state/run';
import { busyWords, pausedWords, restingWords, stageWords } from './words';
import './announcements';

/** Starts a run, and says how far it is. */
export function RunBar() {
  const { value: now } = phase;
  return (
    <div class="run-bar" data-phase={now}>
      {now === 'failed' && <ProblemNote problem={runProblem.value} />}
      {/* If the run has failed with it, going on starts the engine again. */}
      {now !== 'failed' && <EngineNote />}
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
        <button key="cancel" type="button" class="button" onClick={cancel}>
          <Icon name="close" />
          Cancel
        </button>
        <button
          key="pause"
          type="button"
          class="button button-main"
          data-home
          onClick={now === 'paused' ? unpause : pause}
        >
          <Icon name={now === 'paused' ? 'play' : 'pause'} />
          {now === 'paused' ? 'Go on' : 'Pause'}
        </button>
      </>
    );
  const ready = look.value && driver.value;
  const unfinished = frames.value.length > 0 && now !== 'done';
  return (
    <>
      {unfinished && (
        <button key="again" type="button" class="button" onClick={() => void start()} disabled={!ready}>
          Start over
        </button>
      )}
      {/* After a run the focus is on the player: the same key again would throw the frames away. */}
      <button
        key="start"
        type="button"
        class="button button-main button-large"
        data-home={now === 'done' ? undefined : true}
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
  if (!active.value) return <p class="run-status">{restingWords()}</p>;
  const words = now === 'paused' ? pausedWords() : busyWords(event);
  const left =
    now === 'running' && event?.etaSeconds !== undefined && `about ${duration(event.etaSeconds)} left`;
  return (
    <div class="run-status">
      <div class="run-words">
        <span>{words}</span>
        {left && <span class="hint numbers">{left}</span>}
      </div>
      <progress max={1} value={event?.fraction} aria-label={stageWords(event)} />
    </div>
  );
}
