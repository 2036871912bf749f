import { engine } from '../engine/engine';
import { Icon } from '../ui/icon';
import { Slider } from '../ui/slider';
import { factors, isExpression, setExpression, setFactor, sliders, values } from './state/expression';

/** Sliders for the named factors of the generator: how both faces look and where they turn. */
export function ExpressionCard() {
  if (!factors.value) return engine.value.phase === 'ready' ? <Unnamed /> : null;
  const { expressions } = factors.value;
  const untouched = Object.values(values.value).every((value) => value === 0);
  const pose = sliders.value.filter(({ group }) => group === 'pose');
  const parts = sliders.value.filter(({ group }) => group === 'expression');
  return (
    <section class="card" aria-labelledby="expression-title">
      <div class="card-head">
        <h2 id="expression-title">Expression</h2>
        <button
          type="button"
          class="button button-small button-quiet"
          disabled={untouched}
          onClick={() => {
            values.value = {};
          }}
        >
          <Icon name="reset" />
          Reset
        </button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for inputs */}
      <div class="row" role="group" aria-label="Expressions">
        {Object.keys(expressions).map((name) => (
          <button
            key={name}
            type="button"
            class="button button-small choice"
            aria-pressed={isExpression(name)}
            onClick={() => setExpression(name)}
          >
            {titled(name)}
          </button>
        ))}
      </div>
      <FactorSliders of={pose} />
      <details class="more">
        <summary>
          <Icon name="chevron" />
          Every part of the face
        </summary>
        <FactorSliders of={parts} />
      </details>
    </section>
  );
}

function FactorSliders({ of }: { of: readonly { readonly name: string }[] }) {
  return (
    <div class="sliders">
      {of.map(({ name }) => (
        <Slider
          key={name}
          label={titled(name)}
          {...{ value: values.value[name] ?? 0, min: -2.5, max: 2.5, step: 0.1, format: signed }}
          onChange={(value) => setFactor(name, value)}
        />
      ))}
    </div>
  );
}

function Unnamed() {
  return (
    <section class="card">
      <h2>Expression</h2>
      <p class="hint">This generator has no named factors. The bundled one has.</p>
    </section>
  );
}

/** `inner-brows` as `Inner brows`. */
const titled = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');

const signed = (value: number) => (value > 0 ? `+${value.toFixed(1)}` : value.toFixed(1).replace('-', '−'));
