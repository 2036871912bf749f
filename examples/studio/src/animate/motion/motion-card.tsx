import { useSignal } from '@preact/signals';
import { face } from '../../look/designed';
import { FileButton } from '../../ui/drop-zone';
import { Icon } from '../../ui/icon';
import { percent } from '../../ui/percent';
import { type Problem, problemOf } from '../../ui/problem';
import { ProblemNote } from '../../ui/problem-note';
import { Segments } from '../../ui/segments';
import { Slider } from '../../ui/slider';
import { exportSettings } from '../state/export';
import { factor } from '../state/player';
import { active, applied, frames } from '../state/run';
import { change, defaults, type Part, parts, settings, stepsOf } from '../state/settings';
import { parseSettings } from '../state/settings-file';

const partNames: Record<Part, string> = { mouth: 'Mouth', eyes: 'Eyes', brows: 'Brows', jaw: 'Jaw' };
const times = (value: number) => `× ${value}`;

/** Step 3: how it moves. */
export function MotionCard() {
  const { value } = settings;
  const mouthOnly = value.mode === 'mouth';
  const moving = mouthOnly ? (['mouth', 'jaw'] as const) : parts;
  return (
    <section class="card" aria-labelledby="motion-title">
      <div class="card-head">
        <h2 id="motion-title">
          <span class="step step-target">3</span> Motion
        </h2>
        <button
          type="button"
          class="button button-small button-quiet"
          disabled={value === defaults}
          onClick={() => (settings.value = defaults)}
        >
          <Icon name="reset" />
          Reset
        </button>
      </div>
      <Segments
        label="What moves"
        value={value.mode}
        options={[
          ['identity', 'Whole face'],
          ['mouth', 'Mouth only'],
        ]}
        onChange={(mode) => change({ mode })}
      />
      <div class="sliders">
        {!mouthOnly && (
          <Slider
            label="Head pose"
            tip="100 % turns the head as the driver does. 0 % keeps the pose of the look."
            {...{ value: value.pose, min: 0, max: 1, step: 0.05, format: percent }}
            onChange={(pose) => change({ pose })}
          />
        )}
        {moving.map((part) => (
          <Slider
            key={part}
            label={partNames[part]}
            tip={`How much of the driver's motion is taken over. More than 100 % exaggerates it, 0 % keeps the ${partNames[part].toLowerCase()} of the look.`}
            {...{ value: value.gain[part], min: 0, max: 2, step: 0.05, format: percent }}
            onChange={(gain) => change({ gain: { ...value.gain, [part]: gain } })}
          />
        ))}
      </div>
      <details class="more">
        <summary>
          <Icon name="chevron" />
          Accuracy and weights
        </summary>
        <div class="sliders">
          <Slider
            label="Steps"
            tip="How long each frame is improved. More steps follow the driver more closely and take longer."
            {...{ value: value.effort, min: 0.1, max: 2, step: 0.1 }}
            format={() => `${stepsOf(value).next} a frame`}
            onChange={(effort) => change({ effort })}
          />
          <Segments
            label="Optimizer"
            value={value.preset}
            options={[
              ['fast', 'Fast'],
              ['thorough', 'Thorough (5 × longer)'],
            ]}
            onChange={(preset) => change({ preset })}
          />
          {parts.map((part) => (
            <Slider
              key={part}
              label={`Weight of ${partNames[part].toLowerCase()}`}
              tip="How much this part counts when not all of them can be followed at once."
              {...{ value: value.weight[part], min: 0, max: 4, step: 0.25, format: times }}
              onChange={(weight) => change({ weight: { ...value.weight, [part]: weight } })}
            />
          ))}
          <label class="check">
            <input
              type="checkbox"
              checked={value.refine}
              onChange={({ currentTarget }) => change({ refine: currentTarget.checked })}
            />
            Refine at the end: steadier, and twice as long
          </label>
        </div>
        <SettingsFiles />
      </details>
      {active.value && applied.value !== value && (
        <p class="hint">
          {applied.value?.every === value.every
            ? `Applies from frame ${frames.value.length + 1} on.`
            : 'Starts over with other frames.'}
        </p>
      )}
    </section>
  );
}

function SettingsFiles() {
  const problem = useSignal<Problem | undefined>(undefined);
  const load = async (file: File) => {
    problem.value = undefined;
    try {
      const loaded = parseSettings(await file.text());
      settings.value = loaded.settings;
      factor.value = loaded.factor;
      if (loaded.face) face.value = loaded.face;
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  return (
    <>
      <div class="row">
        <FileButton label="Load settings" accept="application/json,.json" onFile={load} />
        <button type="button" class="button button-small" onClick={exportSettings}>
          <Icon name="download" />
          Save settings
        </button>
      </div>
      <ProblemNote problem={problem.value} onClose={() => (problem.value = undefined)} />
    </>
  );
}
