import type { Diagnosis } from './diagnose';
import { nameOf } from './findings';
import { formatMegabytes, formatMs, threeDigits } from './units';

/** Stands for what was not measured. */
export const missing = '–';

const measures: readonly (readonly [name: string, of: (found: Diagnosis) => string | undefined])[] = [
  ['step, median', ({ stepMs }) => shown(stepMs, formatMs)],
  ['step, 95th percentile', ({ stepMs95 }) => shown(stepMs95, formatMs)],
  ['tracking', ({ facesPerSecond }) => shown(facesPerSecond, (n) => `${threeDigits(n)} faces/s`)],
  ['rendering a picture', ({ pictureMs }) => shown(pictureMs, formatMs)],
  ['live session', ({ live }) => shown(live?.picturesPerSecond, (n) => `${threeDigits(n)} pictures/s`)],
  ['live latency, median', ({ live }) => shown(live?.latencyMs, formatMs)],
  ['live steps a picture', ({ live }) => shown(live?.stepsPerPicture, threeDigits)],
  ['peak memory', ({ memoryBytes }) => shown(memoryBytes, formatMegabytes)],
  ['peak memory on the GPU', ({ gpuMemoryBytes }) => shown(gpuMemoryBytes, formatMegabytes)],
  ['tensors left behind', ({ tensorsLeft }) => shown(tensorsLeft, String)],
];

/** A column for each backend that works, and a row for each measure that one of them has. */
export function measurementRows(found: readonly Diagnosis[]): string[][] {
  const working = found.filter(({ description }) => description);
  const rows = measures.map(([name, of]) => [name, ...working.map((backend) => of(backend) ?? missing)]);
  return [['', ...working.map(nameOf)], ...rows.filter(([, ...cells]) => cells.some((c) => c !== missing))];
}

function shown(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value);
}
