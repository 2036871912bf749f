import { engine } from '../engine/engine';
import { EngineNote } from '../engine/engine-note';
import { Icon } from '../ui/icon';
import { percent } from '../ui/percent';
import { Picture } from '../ui/picture';
import { ProblemNote } from '../ui/problem-note';
import { Slider } from '../ui/slider';
import { drawingProblem, drawn } from './state/drawing';
import { meanOf, playing, setAll, shares } from './state/shares';

const shareOfB = (value: number) => `${percent(value)} B`;

/** The blend of the two faces. */
export function BlendCard() {
  const share = meanOf(shares.value);
  return (
    <section class="card stage" aria-labelledby="blend-title">
      <h2 id="blend-title" class="hidden">
        Blend
      </h2>
      <div class="blend">
        <div class="tile-picture">
          <Picture image={drawn.value.blend?.image} label={`The blend: ${shareOfB(share)}`} />
          {!drawn.value.blend && <p class="empty waiting">{waiting()}</p>}
        </div>
      </div>
      <div class="blend-bar">
        <button
          type="button"
          class="icon-button"
          aria-label={playing.value ? 'Stop' : 'Play from face to face'}
          onClick={() => {
            playing.value = !playing.value;
          }}
        >
          <Icon name={playing.value ? 'pause' : 'play'} />
        </button>
        <Slider
          label="From A to B"
          {...{ value: share, min: 0, max: 1, step: 0.01, format: shareOfB }}
          onChange={(next) => {
            playing.value = false;
            setAll(next);
          }}
        />
      </div>
      {engine.value.phase === 'failed' ? <EngineNote /> : <ProblemNote problem={drawingProblem.value} />}
    </section>
  );
}

function waiting(): string {
  const { phase } = engine.value;
  if (phase === 'failed') return 'Waits for the engine';
  return phase === 'ready' ? 'Drawing…' : 'Loading the networks…';
}
