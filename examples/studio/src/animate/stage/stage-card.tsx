import { signal } from '@preact/signals';
import { Segments } from '../../ui/segments';
import { RunBar } from '../run/run-bar';
import { frames } from '../state/run';
import { Compare } from './compare';
import { Tiles } from './tiles';
import { Transport } from './transport';

type View = 'tiles' | 'driver' | 'look';

const view = signal<View>('tiles');

/** Driver, target and result in step, and the run that makes them. */
export function StageCard() {
  const has = frames.value.length > 0;
  return (
    <section class="card stage" aria-labelledby="stage-title">
      <div class="card-head">
        <h2 id="stage-title">Stage</h2>
        {has && (
          <Segments
            label="View"
            value={view.value}
            options={[
              ['tiles', 'Side by side'],
              ['driver', 'Over the driver'],
              ['look', 'Over the look'],
            ]}
            onChange={(next) => (view.value = next)}
          />
        )}
      </div>
      {view.value === 'tiles' || !has ? <Tiles /> : <Compare with={view.value} />}
      {has && <Transport />}
      <RunBar />
    </section>
  );
}
