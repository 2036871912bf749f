import { Consent } from '../ui/consent';
import { Icon } from '../ui/icon';
import { ProblemNote } from '../ui/problem-note';
import { drawn } from './state/drawing';
import { animate, saveLatent, savePicture, saveProblem, saveVideo, writing } from './state/save';

/** Saves the blend, or goes on with it. */
export function SaveCard() {
  const { a, b, blend } = drawn.value;
  const off = !a || !b || !blend || writing.value !== undefined;
  return (
    <section class="card result" aria-labelledby="save-title">
      <div class="card-head">
        <h2 id="save-title">Use it</h2>
      </div>
      <div class="row row-spread">
        <button type="button" class="button button-main" disabled={off} onClick={() => void animate()}>
          Animate this face
        </button>
        <div class="row">
          <button type="button" class="button" disabled={off} onClick={() => void savePicture()}>
            <Icon name="download" />
            Picture
          </button>
          <button type="button" class="button" disabled={off} onClick={() => void saveVideo()}>
            <Icon name="download" />
            Video from A to B
          </button>
          <button type="button" class="button" disabled={off} onClick={() => void saveLatent()}>
            <Icon name="download" />
            Latent
          </button>
        </div>
      </div>
      {writing.value !== undefined && (
        <progress max={1} value={writing.value} aria-label="Writing the video" />
      )}
      <Consent />
      <ProblemNote
        problem={saveProblem.value}
        onClose={() => {
          saveProblem.value = undefined;
        }}
      />
    </section>
  );
}
