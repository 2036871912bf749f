import { Icon } from '../../ui/icon';
import { percent } from '../../ui/percent';
import { Picture } from '../../ui/picture';
import { density, drawing, playing, seek, shownFrame, tick, ticks, togglePlaying } from '../state/player';
import { frames, total } from '../state/run';

/** The most small pictures in the strip. */
const most = () => (innerWidth < 720 ? 8 : 24);

/** Plays the frames, and goes to any of them. */
export function Transport() {
  const { value: frame } = shownFrame;
  const count = total.value ?? frames.value.length;
  return (
    <div class="transport">
      <button
        type="button"
        class="icon-button play"
        data-home
        aria-label={playing.value ? 'Pause the playback' : 'Play'}
        disabled={ticks.value < 2}
        onClick={togglePlaying}
      >
        <Icon name={playing.value ? 'pause' : 'play'} />
      </button>
      <div class="filmstrip" style={{ '--cells': Math.min(most(), count) }}>
        <Strip count={count} />
        <input
          type="range"
          class="scrubber"
          min={0}
          // While the run lasts, the strip is as long as the result will be.
          max={Math.max(0, (count - 1) * density.value)}
          step={1}
          value={tick.value}
          aria-label="Frame"
          aria-valuetext={`Frame ${(frame?.index ?? 0) + 1} of ${count}`}
          onInput={({ currentTarget }) => {
            playing.value = false;
            seek(currentTarget.valueAsNumber);
            currentTarget.valueAsNumber = tick.value;
          }}
        />
      </div>
      <output class="hint numbers">
        {(frame?.index ?? 0) + 1} / {count}
        {drawing.value !== undefined && <span> · filling in {percent(drawing.value)}</span>}
      </output>
    </div>
  );
}

function Strip({ count }: { count: number }) {
  const cells = Math.min(most(), count);
  return (
    <div class="strip-cells" aria-hidden="true">
      {Array.from({ length: cells }, (_, cell) => {
        const frame = frames.value[Math.round((cell * (count - 1)) / Math.max(1, cells - 1))];
        return (
          <span key={cell} class="strip-cell">
            {frame?.image && <Picture image={frame.image} label="" />}
          </span>
        );
      })}
    </div>
  );
}
