import { DropZone, FileButton } from '../../ui/drop-zone';
import { ProblemNote } from '../../ui/problem-note';
import { SampleStrip } from '../../ui/sample-strip';
import { drivers } from '../../ui/samples';
import { Segments } from '../../ui/segments';
import { Tip } from '../../ui/tip';
import { type Driver, driver, driverProblem, takeDriver, takeSampleDriver } from '../state/driver';
import { planned, warnings } from '../state/run';
import { change, settings } from '../state/settings';
import { ClipView } from './clip-view';
import { Recorder } from './recorder';

/** Step 2: whose motion it follows. */
export function DriverCard() {
  const { value } = driver;
  const take = (file: File) => void takeDriver(file, file.name);
  return (
    <section class="card" aria-labelledby="driver-title">
      <DropZone what="a clip" onFile={take}>
        <div class="card-head">
          <h2 id="driver-title">
            <span class="step step-driver">2</span> Driver
          </h2>
          <FileButton label="Video" accept="video/*,image/gif,image/webp,image/png" onFile={take} />
        </div>
        <p class="hint">The motion that the face follows. Drop a clip, or record one.</p>
        {value && <ClipView driver={value} />}
        {value && <Frames driver={value} />}
        {warnings.value.map((warning) => (
          <p key={warning} class="hint">
            {warning}
          </p>
        ))}
        <ProblemNote problem={driverProblem.value} />
        <div class="row row-spread">
          <SampleStrip
            label="Sample drivers"
            samples={drivers}
            chosen={value?.name}
            onChoose={takeSampleDriver}
          />
          <Recorder onClip={(clip) => void takeDriver(clip, 'Recording')} />
        </div>
      </DropZone>
    </section>
  );
}

function Frames({ driver: { info } }: { driver: Driver }) {
  const rate = Math.round(info.fps * 10) / 10;
  const all = info.frames === undefined ? '' : `${info.frames} frames at `;
  return (
    <div class="frames-choice explained">
      <p class="hint numbers">
        {all}
        {rate} per second
        {planned.value !== undefined && `: ${planned.value} to compute`}
        <Tip about="frames">
          The frames that are left out are filled in afterwards, by interpolation. Fewer frames take less
          time; all of them follow fast motion best.
        </Tip>
      </p>
      <Segments
        label="Frames to compute"
        value={settings.value.every}
        options={[
          [1, 'All'],
          [2, 'Every 2nd'],
          [4, 'Every 4th'],
        ]}
        onChange={(every) => change({ every })}
      />
    </div>
  );
}
