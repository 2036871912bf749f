import { Consent } from '../../ui/consent';
import { Icon } from '../../ui/icon';
import { ProblemNote } from '../../ui/problem-note';
import { Segments } from '../../ui/segments';
import { Tip } from '../../ui/tip';
import { cancelExport, exporting, exportLatents, exportProblem, exportVideo } from '../state/export';
import { factor } from '../state/player';
import { active, fps, frames } from '../state/run';

/** Saves what was made. */
export function ResultCard() {
  if (frames.value.length === 0) return null;
  const { value: busy } = exporting;
  const off = active.value || busy !== undefined;
  return (
    <section class="card result" aria-labelledby="result-title">
      <div class="card-head">
        <h2 id="result-title">Save</h2>
        <span class="hint numbers">{Math.round(fps.value * factor.value * 10) / 10} frames per second</span>
      </div>
      <div class="row row-spread">
        <div class="row explained">
          <span>Smoothness</span>
          <Tip about="smoothness">
            Frames of the result for each computed one. Those in between are blends of their neighbours.
          </Tip>
          <Segments
            label="Smoothness"
            value={factor.value}
            options={[
              [1, '1 ×'],
              [2, '2 ×'],
              [4, '4 ×'],
            ]}
            onChange={(next) => (factor.value = next)}
          />
        </div>
        <div class="row explained">
          <button type="button" class="button" disabled={off} onClick={() => void exportVideo('mp4')}>
            <Icon name="download" />
            MP4
          </button>
          <button type="button" class="button" disabled={off} onClick={() => void exportVideo('webm')}>
            <Icon name="download" />
            WebM
          </button>
          <button type="button" class="button" disabled={off} onClick={() => void exportVideo('gif')}>
            <Icon name="download" />
            GIF
          </button>
          <button type="button" class="button" disabled={off} onClick={() => void exportLatents()}>
            <Icon name="download" />
            Latents
          </button>
          <Tip about="latents">
            The faces as numbers, without pictures. The command line draws them again: faceanim render.
          </Tip>
        </div>
      </div>
      {busy && (
        <div class="row row-spread">
          <progress max={1} value={busy.fraction} aria-label={`Writing ${busy.name}`} />
          <span class="hint numbers">Writing {busy.name}</span>
          <button type="button" class="button button-small" data-home onClick={cancelExport}>
            Cancel
          </button>
        </div>
      )}
      <Consent />
      <ProblemNote problem={exportProblem.value} onClose={() => (exportProblem.value = undefined)} />
    </section>
  );
}
