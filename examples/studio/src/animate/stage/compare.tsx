import { useSignal } from '@preact/signals';
import { look } from '../../look/look';
import { Picture } from '../../ui/picture';
import { shownFrame, shownImage } from '../state/player';

/** The result over the driver or the look, divided by a line that can be moved. */
export function Compare({ with: other }: { with: 'driver' | 'look' }) {
  const split = useSignal(50);
  const under = other === 'driver' ? shownFrame.value?.driver.image : look.value?.prepared;
  const name = other === 'driver' ? 'Driver' : 'Look';
  return (
    <div class="compare" style={{ '--split': `${split.value}%` }}>
      <Picture image={under} label={name} />
      <Picture class="compare-over" image={shownImage.value} label="Result" />
      <span class="compare-name">{name}</span>
      <span class="compare-name compare-name-result">Result</span>
      <input
        type="range"
        class="divider"
        min={0}
        max={100}
        step={1}
        value={split.value}
        aria-label={`Share of the ${name.toLowerCase()} that is shown`}
        aria-valuetext={`${split.value} %`}
        onInput={({ currentTarget }) => (split.value = currentTarget.valueAsNumber)}
      />
    </div>
  );
}
