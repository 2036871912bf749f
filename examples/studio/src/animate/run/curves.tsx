import { mouthOpening } from '@faceanim/core/landmarks';
import { computed } from '@preact/signals';
import { frames, losses, total } from '../state/run';
import { Chart, type Series } from './chart';

/** The terms that are drawn, in words. */
const terms: readonly (readonly [term: string, label: string, colour: string])[] = [
  ['total', 'All', 'result'],
  ['lpips', 'Likeness', 'good'],
  ['landmarks', 'Landmarks', 'target'],
  ['heatmaps', 'Heat maps', 'driver'],
];

const lossSeries = computed<readonly Series[]>(() => {
  const { points } = losses.value;
  const first = points[0]?.losses;
  return terms
    .filter(([term]) => first?.[term])
    .map(([term, label, colour]) => ({
      label,
      colour,
      x: points.map(({ at }) => at),
      y: points.map((point) => point.losses[term]! / first![term]!),
    }));
});

const mouthSeries = computed<readonly Series[]>(() => {
  const shown = frames.value.filter(Boolean);
  const x = shown.map(({ index }) => index + 1);
  const y = shown.map(({ driver }) => mouthOpening(driver.alignedLandmarks));
  const target = shown.map(({ driver }) => mouthOpening(driver.targetLandmarks ?? driver.alignedLandmarks));
  return [
    { label: 'Driver', colour: 'driver', x, y },
    { label: 'Target', colour: 'target', x, y: target },
  ];
});

/** How the run is going, as curves. */
export function Curves() {
  if (losses.value.points.length === 0 && frames.value.length === 0) return null;
  const range = [0, total.value ?? 1] as const;
  return (
    <section class="curves" aria-label="Curves">
      <Chart
        title="Losses"
        caption="relative to the first step; lower is better"
        series={lossSeries.value}
        range={range}
      />
      <Chart title="Mouth opening" caption="in eye distances" series={mouthSeries.value} range={range} />
    </section>
  );
}
