import { percent } from '../ui/percent';
import { Slider } from '../ui/slider';
import { type LiveSettings, livePhase, liveSettings } from './session';

/** How the look follows. */
export function LiveControls() {
  const { value } = liveSettings;
  const set = (changes: Partial<LiveSettings>) => {
    liveSettings.value = { ...value, ...changes };
  };
  return (
    <section class="card" aria-labelledby="live-motion">
      <h2 id="live-motion">
        <span class="step step-target">2</span> Motion
      </h2>
      <Slider
        label="Expression"
        tip="How much of your expression is taken over. More than 100 % exaggerates it."
        {...{ value: value.gain, min: 0, max: 2, step: 0.05, format: percent }}
        onChange={(gain) => set({ gain })}
      />
      <Slider
        label="Head pose"
        tip="100 % turns the head as you do. 0 % keeps the pose of the look."
        {...{ value: value.pose, min: 0, max: 1, step: 0.05, format: percent }}
        onChange={(pose) => set({ pose })}
      />
      <Slider
        label="Time for a frame"
        tip="As many steps as fit into it are taken, at least one. More time follows more closely, with more delay."
        {...{ value: value.budgetMs, min: 20, max: 400, step: 10, format: (ms: number) => `${ms} ms` }}
        onChange={(budgetMs) => set({ budgetMs })}
      />
      <Slider
        label="Delay for steadiness"
        tip="Waits for this many pictures before it moves, which makes the motion steadier."
        {...{ value: value.lag, min: 0, max: 5, step: 1, format: (lag: number) => `${lag} frames` }}
        onChange={(lag) => set({ lag })}
      />
      {livePhase.value === 'on' && <p class="hint">Changes take effect at the next start.</p>}
    </section>
  );
}
