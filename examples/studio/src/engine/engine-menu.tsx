import { useRef } from 'preact/hooks';
import { Icon } from '../ui/icon';
import { percent } from '../ui/percent';
import { type BackendChoice, backends, choice, chooseBackend, engine, reopen } from './engine';

const names: Record<BackendChoice, string> = {
  auto: 'Fastest that starts',
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WASM (processor)',
};

/** Says which backend runs and why, and lets the user choose another. */
export function EngineMenu() {
  const menu = useRef<HTMLDetailsElement>(null);
  const { value } = engine;
  const close = (event: FocusEvent) => {
    if (!menu.current?.contains(event.relatedTarget as Node | null)) menu.current?.removeAttribute('open');
  };
  return (
    <details
      class="menu"
      ref={menu}
      onFocusOut={close}
      onKeyDown={({ key }) => key === 'Escape' && menu.current?.removeAttribute('open')}
    >
      <summary class="chip" data-phase={value.phase}>
        <span class="dot" />
        <span class="chip-label">{shortState()}</span>
        <Icon name="chevron" />
      </summary>
      {/* Focusable, so that a click on its text does not close it. */}
      <div class="menu-body" tabIndex={-1}>
        <p class="menu-title">{longState()}</p>
        {value.phase === 'ready' &&
          value.projector.info.backend.skipped.map(({ name, reason }) => (
            <p key={name} class="hint">
              {reason}
            </p>
          ))}
        {value.phase === 'failed' && <p class="hint">{value.problem.hint}</p>}
        <fieldset class="radios">
          <legend>Compute with</legend>
          {(['auto', ...backends] as const).map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="backend"
                checked={choice.value === each}
                onChange={() => chooseBackend(each)}
              />
              {names[each]}
            </label>
          ))}
        </fieldset>
        {(value.phase === 'failed' || value.phase === 'ready') && (
          <button type="button" class="button button-small" onClick={reopen}>
            {value.phase === 'failed' ? 'Try again' : 'Start again'}
          </button>
        )}
        <p class="hint">Everything is computed on this device. Nothing is uploaded.</p>
      </div>
    </details>
  );
}

function shortState(): string {
  const { value } = engine;
  if (value.phase === 'ready') return value.projector.info.backend.description.split(' (')[0]!;
  if (value.phase === 'opening') return `Starting ${percent(value.fraction)}`;
  return value.phase === 'failed' ? 'Not started' : 'Off';
}

function longState(): string {
  const { value } = engine;
  if (value.phase === 'ready') return `Runs on ${value.projector.info.backend.description}`;
  if (value.phase === 'failed') return value.problem.message;
  return value.phase === 'opening' ? 'Loading the backend and the networks' : 'Starts when it is needed';
}
