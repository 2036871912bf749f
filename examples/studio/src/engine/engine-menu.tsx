import type { WorkerInfo } from '@faceanim/browser';
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../ui/announcer';
import { Icon } from '../ui/icon';
import { percent } from '../ui/percent';
import { Details } from '../ui/problem-note';
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
  const summary = useRef<HTMLElement>(null);
  const ready = engine.value.phase === 'ready';
  useEffect(() => {
    if (ready) announce(longState());
  }, [ready]);
  const { value } = engine;
  const close = (event: FocusEvent) => {
    if (!menu.current?.contains(event.relatedTarget as Node | null)) menu.current?.removeAttribute('open');
  };
  return (
    <details
      class="menu"
      ref={menu}
      onFocusOut={close}
      onKeyDown={({ key }) => {
        if (key !== 'Escape' || !menu.current?.open) return;
        menu.current.open = false;
        summary.current?.focus();
      }}
    >
      <summary ref={summary} class="chip" data-phase={value.phase}>
        <span class="dot" />
        <span class="chip-label">{shortState()}</span>
        <Icon name="chevron" />
      </summary>
      {/* Focusable, so that a click on its text does not close it. */}
      <div class="menu-body" tabIndex={-1}>
        <p class="menu-title">{longState()}</p>
        {value.phase === 'ready' && <Skipped of={value.projector.info.backend.skipped} />}
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
            Start again
          </button>
        )}
        <p class="hint">Everything is computed on this device. Nothing is uploaded.</p>
      </div>
    </details>
  );
}

/** Why faster backends do not run. */
function Skipped({ of }: { of: WorkerInfo['backend']['skipped'] }) {
  if (of.length === 0) return null;
  const known: Readonly<Record<string, string>> = names;
  return (
    <Details label={`Why not ${of.map(({ name }) => known[name] ?? name).join(' or ')}`}>
      {of.map(({ reason }) => reason).join('\n')}
    </Details>
  );
}

function shortState(): string {
  const { value } = engine;
  if (value.phase === 'ready') return value.projector.info.backend.description.split(' (')[0]!;
  if (value.phase === 'opening') return `Starting ${percent(value.fraction)}`;
  return value.phase === 'failed' ? 'Stopped' : 'Off';
}

function longState(): string {
  const { value } = engine;
  if (value.phase === 'ready') return `Runs on ${value.projector.info.backend.description}`;
  if (value.phase === 'failed') return value.problem.what;
  return value.phase === 'opening' ? 'Loading the backend and the networks' : 'Starts when it is needed';
}
