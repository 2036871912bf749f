import { signal } from '@preact/signals';
import { engine } from '../engine/engine';
import { Icon } from '../ui/icon';
import { Slider } from '../ui/slider';
import { face, setFactor, surprise } from './designed';

/** The groups of factors that make a face, in words. Expression and pose come from the driver. */
const groups: Readonly<Record<string, string>> = {
  shape: 'Shape',
  skin: 'Skin',
  hair: 'Hair',
  eye: 'Eyes',
  brow: 'Brows',
  light: 'Light',
  background: 'Background',
};

const group = signal('shape');

/** A face from the generator: by chance, or by its named factors. */
export function FaceDesigner() {
  const { value } = engine;
  const factors = value.phase === 'ready' ? value.projector.info.factors : undefined;
  const columns = factors?.columns.filter((column) => column.group === group.value) ?? [];
  return (
    <div class="designer">
      {factors && (
        <details class="more">
          <summary>
            <Icon name="chevron" />
            Design a face
          </summary>
          <label class="row row-spread">
            Part
            <select value={group.value} onChange={({ currentTarget }) => (group.value = currentTarget.value)}>
              {Object.entries(groups).map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <div class="sliders designer-sliders">
            {columns.map(({ name }) => (
              <Slider
                key={name}
                label={words(name)}
                {...{ value: face.value?.factors[name] ?? 0, min: -2.5, max: 2.5, step: 0.1 }}
                format={(amount) => (face.value?.factors[name] === undefined ? 'by chance' : signed(amount))}
                onChange={(amount) => setFactor(name, amount)}
              />
            ))}
          </div>
        </details>
      )}
      <button type="button" class="button button-small" disabled={value.phase !== 'ready'} onClick={surprise}>
        <Icon name="dice" />
        Surprise me
      </button>
    </div>
  );
}

/** `nose-scale-vert` as a label. */
function words(name: string): string {
  const text = name.replaceAll('-', ' ');
  return text[0]!.toUpperCase() + text.slice(1);
}

const signed = (value: number) => `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
