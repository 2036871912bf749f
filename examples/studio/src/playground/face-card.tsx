import { look, lookProblem } from '../look/look';
import { Icon } from '../ui/icon';
import { percent } from '../ui/percent';
import { Picture } from '../ui/picture';
import { ProblemNote } from '../ui/problem-note';
import { Segments } from '../ui/segments';
import { Slider } from '../ui/slider';
import { drawn } from './state/drawing';
import { changeFace, faces, lookLatent, type Side, surprise } from './state/faces';
import { finding, findingProblem, giveUp } from './state/find-look';

/** One of the two faces: by chance, or the look. */
export function FaceCard({ side }: { side: Side }) {
  const face = faces.value[side];
  const name = `Face ${side.toUpperCase()}`;
  const searching = face.from === 'look' && !lookLatent.value;
  return (
    <section class="card" aria-labelledby={`face-${side}`}>
      <div class="card-head">
        <h2 id={`face-${side}`}>
          <span class={`step step-${side}`}>{side.toUpperCase()}</span> {name}
        </h2>
        <button type="button" class="button button-small" onClick={() => surprise(side)}>
          <Icon name="dice" />
          Surprise me
        </button>
      </div>
      <div class="face">
        <Picture image={drawn.value[side]?.image} label={name} />
        <div class="face-controls">
          <Segments
            label={`What ${name} is`}
            value={face.from}
            options={[
              ['random', 'Random'],
              ['look', 'Your look'],
            ]}
            onChange={(from) => changeFace(side, { from, psi: from === 'look' ? 1 : 0.8 })}
          />
          {searching ? (
            <Search />
          ) : (
            <Slider
              label="Truncation"
              tip="0 % is the mean of all faces. Further from it, faces are more unusual, and drawn less well."
              {...{ value: face.psi, min: 0, max: 1.5, step: 0.05, format: percent }}
              onChange={(psi) => changeFace(side, { psi })}
            />
          )}
        </div>
      </div>
      {side === 'a' && (
        <ProblemNote
          problem={findingProblem.value}
          onClose={() => {
            findingProblem.value = undefined;
          }}
        />
      )}
    </section>
  );
}

/** How far the search for the look is. */
function Search() {
  if (!look.value?.prepared && lookProblem.value) {
    return <p class="hint">Choose another look under Animate: no face was found in that one.</p>;
  }
  return (
    <div class="search">
      <p class="hint">Looking for the face that draws it</p>
      <progress max={1} value={finding.value ?? 0} aria-label="Search for the look" />
      <button type="button" class="button button-small" onClick={giveUp}>
        Cancel
      </button>
    </div>
  );
}
