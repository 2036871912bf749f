import { expect, it } from 'vitest';
import { benchReport } from '../../src/doctor/bench-report';
import { findingsTable } from '../../src/doctor/findings-table';
import type { Machine } from '../../src/doctor/machine';

const machine: Machine = {
  cpu: 'Some CPU',
  cores: 8,
  memoryBytes: 32.1e9,
  os: 'Linux 6.1 (x64)',
  node: '22.1.0',
  version: '1.2.3',
  date: '2026-11-27',
};
const gpu = { vendor: 'nvidia', architecture: '', device: 'Card | Ti', description: 'driver 550.1' };
const measured = {
  stepMs: 6.123,
  stepMs95: 7.96,
  facesPerSecond: 212.4,
  pictureMs: 0.345,
  live: { picturesPerSecond: 24.8, latencyMs: 39.4, stepsPerPicture: 4.25 },
  memoryBytes: 812.4e6,
  gpuMemoryBytes: 300e6,
  tensorsLeft: 0,
};
const backends = [
  { backend: 'cuda', problem: 'The cuda backend did not come up:\nno GPU.', fix: 'Install it.' },
  { backend: 'webgpu', description: 'WebGPU (Card | Ti)', gpu, ...measured },
  { backend: 'webgpu', matrixUnits: true, description: 'WebGPU (matrix units)', gpu, problem: 'Lost.' },
  { backend: 'wasm', description: 'WASM', stepMs: 345.6, stepMs95: 400, tensorsLeft: 2 },
];

it('shows a column for each backend that works, and says why some cells are empty', () => {
  const table = benchReport({ machine, backends });
  expect(table).toMatch(/^ +webgpu +webgpu, matrix units +wasm\nstep, median +6\.1 ms +– +346 ms\n/);
  expect(table).toMatch(/\nlive session +24\.8 pictures\/s +– +–\n/);
  expect(table).toMatch(/\ntensors left behind +0 +– +2\n–: no time was left\. Each backend has 20 s/);
});

it('writes a report in Markdown with the machine, its GPU once, and what failed', () => {
  const report = benchReport({ machine, backends }).split('paste this into an issue:\n\n')[1];
  expect(report).toBe(
    [
      '| faceanim | 1.2.3 |',
      '| --- | --- |',
      '| date | 2026-11-27 |',
      '| CPU | Some CPU, 8 cores |',
      '| memory | 32.1 GB |',
      '| GPU | Card \\| Ti, driver 550.1, nvidia |',
      '| OS | Linux 6.1 (x64) |',
      '| Node | 22.1.0 |',
      '',
      '|  | webgpu | webgpu, matrix units | wasm |',
      '| --- | --- | --- | --- |',
      '| runs on | WebGPU (Card \\| Ti) | WebGPU (matrix units) | WASM |',
      '| step, median | 6.1 ms | – | 346 ms |',
      '| step, 95th percentile | 8.0 ms | – | 400 ms |',
      '| tracking | 212 faces/s | – | – |',
      '| rendering a picture | 0.34 ms | – | – |',
      '| live session | 24.8 pictures/s | – | – |',
      '| live latency, median | 39.4 ms | – | – |',
      '| live steps a picture | 4.3 | – | – |',
      '| peak memory | 812 MB | – | – |',
      '| peak memory on the GPU | 300 MB | – | – |',
      '| tensors left behind | 0 | – | 2 |',
      '',
      '- cuda: The cuda backend did not come up: no GPU.',
      '- webgpu, matrix units: Lost.',
      '',
    ].join('\n'),
  );
});

it('tells backends that do not work from one that failed while it was measured', () => {
  const [before, after] = findingsTable(backends, {}).split('Used by default: webgpu\n');
  expect(before).toMatch(/\n\nLost\.\n\n$/);
  expect(after).toMatch(/how to get them:\nThe cuda backend did not come up:/);
  expect(after).not.toContain('Lost');
});

it('reports a machine on which nothing works', () => {
  const report = benchReport({ machine, backends: backends.slice(0, 1) });
  expect(report).toMatch(/^To report it/);
  expect(report).toMatch(/\| Node \| 22\.1\.0 \|\n\n- cuda: /);
});
