import { engine } from '../engine/engine';
import { DropZone, FileButton } from '../ui/drop-zone';
import { percent } from '../ui/percent';
import { Picture } from '../ui/picture';
import { ProblemNote } from '../ui/problem-note';
import { SampleStrip } from '../ui/sample-strip';
import { looks, type Sample } from '../ui/samples';
import { CropView } from './crop-view';
import { face } from './designed';
import { FaceDesigner } from './face-designer';
import { look, lookProblem, searched, takeLook, takeSampleLook } from './look';

/** Step 1: whose face is animated. All panels share it. */
export function LookCard() {
  const { value } = look;
  const take = (file: File) => {
    face.value = undefined;
    void takeLook(file, file.name);
  };
  const choose = (sample: Sample) => {
    face.value = undefined;
    void takeSampleLook(sample);
  };
  return (
    <section class="card" aria-labelledby="look-title">
      <DropZone what="a picture" onFile={take}>
        <div class="card-head">
          <h2 id="look-title">
            <span class="step">1</span> Look
          </h2>
          <FileButton label="Picture" accept="image/*" onFile={take} />
        </div>
        <p class="hint">The face to animate. Drop any picture of a face.</p>
        {value && (
          <div class="chosen">
            <CropView look={value} />
            <div class="chosen-result">
              {value.prepared ? (
                <Picture image={value.prepared} label={`The face of ${value.name}`} />
              ) : (
                <span class="waiting">{waiting()}</span>
              )}
            </div>
          </div>
        )}
        {value?.prepared && (
          <p class="hint">
            {value.prepared.quad ? 'Cropped to the face.' : 'Aligned already: taken as it is.'}
          </p>
        )}
        {value?.warnings
          .filter((warning) => !warning.startsWith('The look is not aligned'))
          .map((warning) => (
            <p key={warning} class="hint">
              {warning}
            </p>
          ))}
        <ProblemNote problem={lookProblem.value} />
        <div class="row row-spread">
          <SampleStrip label="Sample looks" samples={looks} chosen={value?.name} onChoose={choose} />
          <FaceDesigner />
        </div>
      </DropZone>
    </section>
  );
}

function waiting(): string {
  if (lookProblem.value) return 'No face';
  const { phase } = engine.value;
  if (phase === 'failed') return 'Waits for the engine';
  return phase === 'opening' ? 'Loading the networks…' : `Finding the face… ${percent(searched.value)}`;
}
