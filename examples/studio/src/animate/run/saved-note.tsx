import { batch } from '@preact/signals';
import { face } from '../../look/designed';
import { takeLook } from '../../look/look';
import { Icon } from '../../ui/icon';
import { takeDriver } from '../state/driver';
import { clear, goOn } from '../state/run';
import { forget, found } from '../state/saved';
import { settings } from '../state/settings';

/** Offers to go on with the run of an earlier visit. */
export function SavedNote() {
  const { value: run } = found;
  if (!run) return null;
  const { finished, total, look, driver } = run;
  const complete = finished >= total && total > 0;
  const open = async () => {
    clear();
    face.value = undefined;
    await Promise.all([
      takeLook(look.source, look.name, look.prepared),
      takeDriver(driver.source, driver.name),
    ]);
    batch(() => {
      settings.value = run.settings;
      found.value = undefined;
    });
    await goOn(run.id);
  };
  return (
    <aside class="note saved-note" aria-label="Earlier animation">
      <Icon name="film" />
      <div>
        <p>
          <b>
            {complete
              ? 'Your last animation is still here'
              : `An animation stopped after ${finished} of ${total} frames`}
          </b>
        </p>
        <p class="hint">
          {look.name}, moved by {driver.name}. It was kept in this browser.
        </p>
      </div>
      <div class="row">
        <button type="button" class="button button-small" onClick={() => void forget(run.id)}>
          Discard
        </button>
        <button type="button" class="button button-small button-main" onClick={() => void open()}>
          {complete ? 'Open' : 'Go on'}
        </button>
      </div>
    </aside>
  );
}
